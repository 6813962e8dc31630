#include "core/token/block.h"

#include "core/base/lane.h"

#if HR_X86
#include <immintrin.h>
#endif

/* Adds the classes of the bytes of a vector x, whose first is byte at of the block; bits: makes a word of one. */
#define ADD_CLASSES(c, x, at, bits)                                                         \
	do {                                                                                \
		(c)->upper |= bits(((x) >= 'A') & ((x) <= 'Z')) << (at);                    \
		(c)->lower |= bits(((x) >= 'a') & ((x) <= 'z')) << (at);                    \
		(c)->number |= bits(((x) >= '0') & ((x) <= '9')) << (at);                   \
		(c)->space |= bits((x) == ' ') << (at);                                     \
		(c)->blank |= bits(((x) == ' ') | (((x) >= '\t') & ((x) <= '\r'))) << (at); \
		(c)->newline |= bits(((x) == '\n') | ((x) == '\r')) << (at);                \
		(c)->wide |= bits((x) < 0) << (at);                                         \
		(c)->slash |= bits((x) == '/') << (at);                                     \
		(c)->quote |= bits((x) == '\'') << (at);                                    \
	} while (0)

#if HR_X86
typedef signed char wide_lane __attribute__((vector_size(32)));

#define WIDE_BITS(x) ((uint64_t)(uint32_t)_mm256_movemask_epi8((__m256i)(x)))

/* Half of the work, for processors that can. */
__attribute__((target("avx2"))) static struct block_classes classes_avx2(const char *p)
{
	struct block_classes c = {0};
	wide_lane x, y;

	memcpy(&x, p, sizeof x);
	memcpy(&y, p + sizeof x, sizeof y);
	ADD_CLASSES(&c, x, 0, WIDE_BITS);
	ADD_CLASSES(&c, y, 32, WIDE_BITS);
	c.blank &= ~c.newline;
	return c;
}
#endif

static inline struct block_classes classes_at(const char *p)
{
	struct block_classes c = {0};

#if HR_X86
	if (__builtin_cpu_supports("avx2"))
		return classes_avx2(p);
#endif
	for (int i = 0; i < BLOCK_N; i += LANE_N) {
		lane x = lane_load(p + i);

		ADD_CLASSES(&c, x, i, lane_bits);
	}
	c.blank &= ~c.newline;
	return c;
}

#define BEFORE(mask) ((mask) << 1) /* bit i: character i - 1 is in the mask */
#define BEHIND(mask) ((mask) >> 1) /* bit i: character i + 1 is in the mask */

/* Every third digit of a run starts a piece. */
static inline uint64_t number_starts(uint64_t number)
{
	uint64_t starts = number & ~BEFORE(number), next = starts;
	const uint64_t long_runs = number & number << 1 & number << 2 & number << 3;

	while ((next = next << 3 & long_runs))
		starts |= next;
	return starts;
}

/* Blanks behind a line end start a piece, unless another line end follows them: `\s*[\r\n]+` takes
 * all of it. Bits of those that may be followed by one: all from the first such run on. */
static inline uint64_t odd_blanks(const struct block_classes *c)
{
	uint64_t starts = c->blank & BEFORE(c->newline), behind;
	bool is_open = __builtin_add_overflow(
		c->blank, starts, &behind); /* a run to the end of the block */
	uint64_t odd = behind & ~c->blank & c->newline;

	if (!odd && !is_open)
		return 0;
	if (odd)
		starts &= (odd & -odd) - 1;
	return starts ? UINT64_MAX << (63 - __builtin_clzll(starts)) : 0;
}

/* The classes from p on, which is at most REUSE_MAX behind b->at; what is behind the block shows as blank, so that white
 * space at its end is taken for a run that goes on. */
static inline struct block_classes classes_behind(const struct block *b, unsigned n)
{
	struct block_classes c = b->classes;

	c.upper >>= n;
	c.lower >>= n;
	c.number >>= n;
	c.space >>= n;
	c.blank = ~(~c.blank >> n);
	c.newline >>= n;
	c.wide >>= n;
	c.slash >>= n;
	c.quote >>= n;
	return c;
}

uint64_t block_starts(enum token_encoding e, struct block *b, const char *p)
{
	enum { REUSE_MAX = BLOCK_N / 2 };
	const size_t passed = b->at ? (size_t)(p - b->at) : BLOCK_N;
	const unsigned n = passed <= REUSE_MAX ? (unsigned)passed : 0;
	struct block_classes c;
	uint64_t letter, white, sign, odd, sign_starts, starts;

	if (passed > REUSE_MAX) {
		b->at = p;
		b->classes = classes_at(p);
	}
	c = classes_behind(b, n);
	letter = c.upper | c.lower;
	white = c.blank | c.newline;
	sign = ~(letter | c.number | white | c.wide);

	/* A blank goes with the letters behind it, ' ' with signs, too; of a run of blanks only the
	 * last one. */
	sign_starts = sign & BEFORE(letter | c.number | c.newline | (c.blank & ~c.space));
	starts = sign_starts | number_starts(c.number);
	starts |= c.newline & BEFORE(letter | c.number);
	starts |= c.blank & (BEFORE(~c.blank) | BEHIND(~white));
	/* A sign goes with the letters behind it when it is the first of its piece. */
	starts |= letter & BEFORE(c.number | c.newline | (sign & ~(sign_starts | 1)));
	if (e == TOKEN_O200K)
		starts |= c.upper & BEFORE(c.lower);

	/* Characters that are not understood here; a blank before one, either. */
	odd = c.wide | BEHIND(c.wide) | odd_blanks(&c);
	/* Contractions; in cl100k_base they may begin a piece. */
	odd |= c.quote & BEHIND(letter) & (e == TOKEN_O200K ? BEFORE(letter) : UINT64_MAX);
	/* In o200k_base line ends and slashes behind signs go with them. */
	if (e == TOKEN_O200K)
		odd |= c.slash & BEFORE(c.newline);
	/* What is behind the last character is not known. */
	odd |= UINT64_C(1) << (BLOCK_N - 1 - n);
	return starts & ((odd & -odd) - 1) & ~UINT64_C(1);
}

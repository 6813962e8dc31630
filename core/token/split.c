#include "core/token/split.h"

#include "core/base/lane.h"
#include "core/token/block.h"
#include "core/token/unicode.h"

/* The patterns, alternatives in order, the first that matches wins:
 *
 * o200k_base
 *	[^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]* [\p{Ll}\p{Lm}\p{Lo}\p{M}]+ (contraction)?
 *	[^\r\n\p{L}\p{N}]? [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+ [\p{Ll}\p{Lm}\p{Lo}\p{M}]* (contraction)?
 *	\p{N}{1,3}
 *	' '? [^\s\p{L}\p{N}]+ [\r\n/]*
 *	\s* [\r\n]+
 *	\s+ (?!\S)
 *	\s+
 * cl100k_base
 *	contraction
 *	[^\r\n\p{L}\p{N}]? \p{L}+
 *	\p{N}{1,3}
 *	' '? [^\s\p{L}\p{N}]+ [\r\n]*
 *	\s+ $
 *	\s* [\r\n]
 *	\s+ (?!\S)
 *	\s
 * with contraction = 's|'t|'re|'ve|'m|'ll|'d in either case, ASCII letters only. */

typedef const unsigned char *at; /* a place in the text */

#define IS(class, set) ((1u << (class)) & (set))
#define SET(class)     (1u << CHAR_##class)

enum {
	SET_SPACES = SET(SPACE) | SET(NEWLINE),
	SET_SIGNS = SET(OTHER) | SET(MARK), /* [^\s\p{L}\p{N}] */
	SET_LETTERS = SET(UPPER) | SET(LOWER) | SET(LETTER),
	SET_FIRST = SET(UPPER) | SET(LETTER) | SET(MARK), /* of a word in o200k_base... */
	SET_REST = SET(LOWER) | SET(LETTER) | SET(MARK)   /* ...and what follows */
};

static inline at skip(at p, at end, unsigned set)
{
	size_t n;

	while (p < end && IS(char_class_at(p, &n), set))
		p += n;
	return p;
}

/* ---- words ----------------------------------------------------------------------------------- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Behind the ASCII letters at p: lower-case ones, or both when fold is 0x20. Eight at a time. */
static inline at skip_letters(at p, at end, unsigned fold)
{
	uint64_t x, low, others;

	for (; end - p >= 8; p += 8) {
		memcpy(&x, p, sizeof x);
		low = (x | EACH(fold)) & EACH(0x7f);
		others = ~((low + EACH(0x7f - 'a' + 1)) & ~(low + EACH(0x7f - 'z')) & ~x) &
			 EACH(0x80);
		if (others)
			return p + __builtin_ctzll(others) / 8;
	}
	while (p < end && (*p | fold) >= 'a' && (*p | fold) <= 'z')
		p++;
	return p;
}

/* Behind a contraction at p, or p. */
static at skip_contraction(at p, at end)
{
	unsigned a, b;

	if (end - p < 2)
		return p;
	a = p[1] | 0x20;
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return p + 2;
	b = end - p < 3 ? 0 : p[2] | 0x20;
	if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l'))
		return p + 3;
	return p;
}

/* Behind the word of o200k_base that starts at p (its optional first sign already passed), or NULL.
 * Both word patterns in one: the longest run of SET_FIRST, and SET_REST behind it. Where no
 * lower-case letter follows the run, the first pattern gives characters back until one that belongs
 * to both sets is the last; the second pattern takes runs that have none. */
static at any_word_o200k(at p, at end)
{
	at start = p, both = NULL; /* behind the last character of both sets */
	unsigned class = CHAR_OTHER;
	size_t n;

	for (; p < end; p += n) {
		class = char_class_at(p, &n);
		if (!IS(class, SET_FIRST))
			break;
		if (class != CHAR_UPPER)
			both = p + n;
	}
	if (p < end && class == CHAR_LOWER)
		return skip(p, end, SET_REST);
	if (both)
		return both;
	return p == start ? NULL : p;
}

static inline at word_o200k(at p, at end)
{
	at q = p, r;

	while (q < end && *q >= 'A' && *q <= 'Z')
		q++;
	r = skip_letters(q, end, 0);
	if (r < end && *r >= 0x80)
		r = any_word_o200k(p, end);
	else if (r == p)
		return NULL;
	return r && r < end && *r == '\'' ? skip_contraction(r, end) : r;
}

static inline at word_cl100k(at p, at end)
{
	at q = skip_letters(p, end, 0x20);

	if (q < end && *q >= 0x80)
		q = skip(q, end, SET_LETTERS);
	return q == p ? NULL : q;
}

/* ---- all else -------------------------------------------------------------------------------- */

static inline at number(at p, at end)
{
	size_t n;

	for (int i = 0; i < 3 && p < end && char_class_at(p, &n) == CHAR_NUMBER; i++)
		p += n;
	return p;
}

/* ' '? [^\s\p{L}\p{N}]+ and the line ends (in o200k_base also slashes) behind it, or NULL. */
static inline at signs(enum token_encoding e, at p, at end)
{
	at start = *p == ' ' ? p + 1 : p, q = skip(start, end, SET_SIGNS);

	if (q == start)
		return NULL;
	while (q < end && (*q == '\r' || *q == '\n' || (*q == '/' && e == TOKEN_O200K)))
		q++;
	return q;
}

static inline at spaces(enum token_encoding e, at p, at end)
{
	at q = p, last = p, line_end = NULL; /* behind the last line end */
	size_t n;

	while (q < end && IS(char_class_at(q, &n), SET_SPACES)) {
		last = q;
		q += n;
		if (q[-1] == '\n' || q[-1] == '\r')
			line_end = q;
	}
	if (q == end && e == TOKEN_CL100K)
		return q;
	if (line_end)
		return line_end;
	return q == end || last == p ? q : last;
}

static inline at piece(enum token_encoding e, at p, at end)
{
	size_t n;
	unsigned class = char_class_at(p, &n);
	unsigned prefixes = SET(SPACE) | SET(OTHER) | (e == TOKEN_CL100K ? SET(MARK) : 0);
	at q;

	if (e == TOKEN_CL100K && *p == '\'' && (q = skip_contraction(p, end)) != p)
		return q;
	if (class == CHAR_NUMBER)
		return number(p, end);
	if (class != CHAR_NEWLINE) {
		q = IS(class, prefixes) ? p + n : p;
		q = e == TOKEN_O200K ? word_o200k(q, end) : word_cl100k(q, end);
		if (q || (q = signs(e, p, end)))
			return q;
	}
	return spaces(e, p, end);
}

/* Room for the starts of pieces in a block. */
enum { STARTS_MAX = BLOCK_N };

static inline size_t pieces(enum token_encoding e, str text, const char **ends, size_t max)
{
	at p = (at)text.p, end = text.n ? p + text.n : p;
	/* Where the rest of a block might find no room is a good place to stop, if there is something to show. */
	const size_t full = max > 2 * STARTS_MAX ? max - STARTS_MAX : max;
	struct block block = {.at = NULL};
	size_t n = 0;

	while (p < end && n < full) {
		uint64_t starts = 0;

		if (end - p >= BLOCK_N && max - n >= STARTS_MAX)
			starts = block_starts(e, &block, (const char *)p);
		if (!starts) {
			p = piece(e, p, end);
			ends[n++] = (const char *)p;
			continue;
		}
		for (; starts; starts &= starts - 1)
			ends[n++] = (const char *)p + __builtin_ctzll(starts);
		p = (at)ends[n - 1];
	}
	return n;
}

size_t split_pieces(enum token_encoding e, str text, const char **ends, size_t n)
{
	/* Two copies of the code above, each without the other's conditions. */
	return e == TOKEN_O200K ? pieces(TOKEN_O200K, text, ends, n)
				: pieces(TOKEN_CL100K, text, ends, n);
}

/* Bit i: character i is a letter or a digit of ASCII; or what a piece that ends with one might go on with. */
static inline void look_at(lane x, uint64_t *inside, uint64_t *more)
{
	lane letter = x | 0x20, word;

	word = ((letter >= 'a') & (letter <= 'z')) | ((x >= '0') & (x <= '9'));
	*inside = lane_bits(word);
	*more = lane_bits(word | (x < 0) | (x == '\''));
}

size_t split_sure_n(str text)
{
	size_t n = 0;
	uint64_t before = 0;

	for (size_t i = 0; i + LANE_N <= text.n; i += LANE_N) {
		uint64_t inside, more;

		look_at(lane_load(text.p + i), &inside, &more);
		n += (size_t)__builtin_popcountll((inside << 1 | before) & ~more & 0xffff);
		before = inside >> (LANE_N - 1);
	}
	return n;
}

#include "core/json/index.h"

#include "core/base/check.h"
#include "core/json/index_block.h"
#include "core/json/tape.h"
#include "core/json/text.h"
#include "core/base/utf8.h"

/* ---- masks without vector instructions ---- */

/* The classes of a byte, one in each byte of a word. */
#define QUOTE     UINT64_C(1)
#define BACKSLASH (UINT64_C(1) << 8)
#define WHITE     (UINT64_C(1) << 16)
#define OP        (UINT64_C(1) << 24)
#define CONTROL   (UINT64_C(1) << 32)
#define NON_ASCII (UINT64_C(1) << 40)

static const uint64_t class_of[256] = {
	[0x00 ... 0x08] = CONTROL,
	['\t'] = CONTROL | WHITE,
	['\n'] = CONTROL | WHITE,
	[0x0B ... 0x0C] = CONTROL,
	['\r'] = CONTROL | WHITE,
	[0x0E ... 0x1F] = CONTROL,
	[' '] = WHITE,
	['"'] = QUOTE,
	['\\'] = BACKSLASH,
	['{'] = OP,
	['}'] = OP,
	['['] = OP,
	[']'] = OP,
	[':'] = OP,
	[','] = OP,
	[0x80 ... 0xFF] = NON_ASCII,
};

JSON_INLINE void classify_plain(const char *p, struct json_masks *m)
{
	*m = (struct json_masks){0};
	JSON_UNROLL
	for (unsigned i = 0; i < JSON_BLOCK; i += 8) {
		uint64_t w = 0;

		/* Each class has eight bits in w, which fill up as eight bytes are looked up. */
		JSON_UNROLL
		for (unsigned j = 0; j < 8; j++)
			w |= class_of[(unsigned char)p[i + j]] << j;
		m->quote |= (w & 0xFF) << i;
		m->backslash |= (w >> 8 & 0xFF) << i;
		m->white |= (w >> 16 & 0xFF) << i;
		m->op |= (w >> 24 & 0xFF) << i;
		m->control |= (w >> 32 & 0xFF) << i;
		m->non_ascii |= w >> 40;
	}
}

JSON_INLINE void check_escapes_plain(
	const char *p, uint64_t escaped, uint64_t *bad, uint64_t *unicode)
{
	static const bool is_legal[256] = {['"'] = 1,
		['\\'] = 1,
		['/'] = 1,
		['b'] = 1,
		['f'] = 1,
		['n'] = 1,
		['r'] = 1,
		['t'] = 1};

	for (; escaped; escaped &= escaped - 1) {
		unsigned char c = (unsigned char)p[__builtin_ctzll(escaped)];

		if (c == 'u')
			*unicode |= escaped & -escaped;
		else if (!is_legal[c])
			*bad |= escaped & -escaped;
	}
}

static void index_blocks_plain(struct json_index *x, const char *p, uint32_t n)
{
	static const struct json_kit kit = {
		classify_plain, check_escapes_plain, json_prefix_xor_plain, json_count_plain};

	json_index_blocks(x, p, n, &kit);
}

/* ---- what is wrong or doubtful ---- */

static void set_bad(struct json_index *x, uint32_t at, const char *what)
{
	x->bad = what;
	x->bad_at = at;
}

static void set_note(struct json_index *x, uint32_t at, unsigned note)
{
	if (!x->notes || at < x->note_offset)
		x->note_offset = at;
	x->notes |= note;
}

/* The \u whose 'u' is at. */
static bool check_unicode(struct json_index *x, uint32_t at)
{
	const char *p = x->doc.p + at;
	size_t left = x->doc.n - at;
	int c = left > 4 ? json_hex4(p + 1) : -1;

	if (c < 0)
		return false;
	if (c < 0xD800 || c > 0xDFFF || at == x->low_at)
		return true;
	if (c < 0xDC00 && left > 10 && p[5] == '\\' && p[6] == 'u' &&
		(json_hex4(p + 7) & ~0x3FF) == 0xDC00)
		x->low_at = at + 6;
	else
		set_note(x, at - 1, JSON_NOTE_LONE_SURROGATE);
	return true;
}

uint64_t json_index_check(
	struct json_index *x, uint32_t at, uint64_t control, uint64_t bad_escape, uint64_t unicode)
{
	uint64_t bad = control | bad_escape, first;

	if (x->doc.n - at < JSON_BLOCK) /* what fills up the last block is not to blame */
		bad &= (UINT64_C(1) << (x->doc.n - at)) - 1;
	first = bad & -bad;
	for (; unicode; unicode &= unicode - 1) {
		uint64_t bit = unicode & -unicode;
		uint32_t place = at + (uint32_t)__builtin_ctzll(bit);

		if (bad && bit > first)
			break;
		if (check_unicode(x, place))
			continue;
		set_bad(x, place - 1, "\\u without four hexadecimal digits");
		return bit - 1;
	}
	if (!bad)
		return UINT64_MAX;
	if (control & first)
		set_bad(x, at + (uint32_t)__builtin_ctzll(first), "control character in a string");
	else
		set_bad(x, at + (uint32_t)__builtin_ctzll(first) - 1, "unknown escape");
	return first - 1;
}

/* Checks the chunk that begins at from and ends at x->at. A sequence may be cut off by the end of the
 * chunk: it is then looked at with the next one. */
static void check_utf8(struct json_index *x, uint32_t from)
{
	uint32_t end = x->at;

	if (x->utf8_at == UINT32_MAX)
		return;
	if (x->carry.non_ascii || x->utf8_at < from) {
		x->utf8_at += (uint32_t)utf8_valid_n(str_sub(x->doc, x->utf8_at, end));
		if (end - x->utf8_at < 4 && end < x->doc.n)
			return;
		if (x->utf8_at < end) {
			set_note(x, x->utf8_at, JSON_NOTE_INVALID_UTF8);
			x->utf8_at = UINT32_MAX;
			return;
		}
	}
	x->utf8_at = end;
}

/* ---- chunks ---- */

enum json_simd json_simd_best(void)
{
#if HR_X86
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
		__builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
		__builtin_cpu_supports("pclmul"))
		return JSON_SIMD_AVX2;
	return JSON_SIMD_SSE2;
#else
	return JSON_SIMD_NONE;
#endif
}

void json_index_init(struct json_index *x, str doc, enum json_simd simd)
{
	memset(x, 0, offsetof(struct json_index, v));
	x->doc = doc;
	x->simd = simd;
}

void json_index_skip(struct json_index *x, uint32_t at)
{
	x->at = x->utf8_at = at;
}

static void index_blocks(struct json_index *x, const char *p, uint32_t n)
{
#if HR_X86
	if (x->simd == JSON_SIMD_AVX2) {
		json_index_blocks_avx2(x, p, n);
		return;
	}
	if (x->simd == JSON_SIMD_SSE2) {
		json_index_blocks_sse2(x, p, n);
		return;
	}
#endif
	index_blocks_plain(x, p, n);
}

bool json_index_next(struct json_index *x)
{
	uint32_t from = x->at, left = (uint32_t)x->doc.n - from;
	uint32_t n = left < JSON_INDEX_CHUNK ? left : JSON_INDEX_CHUNK, whole = n - n % JSON_BLOCK;

	x->n = 0;
	if (!left || x->bad)
		return false;
	x->carry.non_ascii = 0;
	index_blocks(x, x->doc.p + from, whole);
	x->at += whole;
	if (whole < n && !x->bad) { /* the last block of the document, filled up with spaces */
		char tail[JSON_BLOCK];

		memset(tail, ' ', sizeof tail);
		memcpy(tail, x->doc.p + x->at, n - whole);
		index_blocks(x, tail, sizeof tail);
		x->at = from + n;
	}
	check_utf8(x, from);
	return true;
}

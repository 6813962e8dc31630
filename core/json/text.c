#include "core/json/text.h"

#include "core/base/utf8.h"

#if HR_X86
#include <emmintrin.h>
#endif

int json_hex4(const char *p)
{
	enum { NONE = 256 };
	static const uint16_t value[256] = {
		[0 ... '0' - 1] = NONE,
		['0'] = 0,
		['1'] = 1,
		['2'] = 2,
		['3'] = 3,
		['4'] = 4,
		['5'] = 5,
		['6'] = 6,
		['7'] = 7,
		['8'] = 8,
		['9'] = 9,
		['9' + 1 ... 'A' - 1] = NONE,
		['A'] = 10,
		['B'] = 11,
		['C'] = 12,
		['D'] = 13,
		['E'] = 14,
		['F'] = 15,
		['F' + 1 ... 'a' - 1] = NONE,
		['a'] = 10,
		['b'] = 11,
		['c'] = 12,
		['d'] = 13,
		['e'] = 14,
		['f'] = 15,
		['f' + 1 ... 255] = NONE,
	};
	unsigned a = value[(unsigned char)p[0]], b = value[(unsigned char)p[1]];
	unsigned c = value[(unsigned char)p[2]], d = value[(unsigned char)p[3]];

	return ((a | b | c | d) & NONE) ? -1 : (int)(a << 12 | b << 8 | c << 4 | d);
}

static bool is_high(uint32_t c)
{
	return c >= 0xD800 && c < 0xDC00;
}

static bool is_low(uint32_t c)
{
	return c >= 0xDC00 && c < 0xE000;
}

static char short_escape(char c)
{
	static const char text[128] = {['"'] = '"',
		['\\'] = '\\',
		['/'] = '/',
		['b'] = '\b',
		['f'] = '\f',
		['n'] = '\n',
		['r'] = '\r',
		['t'] = '\t'};

	return text[c & 0x7F];
}

/* Reads the escape at *p (at its '\'; the scan has checked its form) into out, at most 4 bytes for a \u and 1
 * for any other; moves *p behind it, a pair of surrogates being one. Returns the bytes written; *is_lone is
 * set for a surrogate without partner. */
static unsigned read_escape(const char **p, const char *end, char *out, bool *is_lone)
{
	const char *q = *p + 2;
	uint32_t c;

	if (q[-1] != 'u') {
		out[0] = short_escape(q[-1]);
		*p = q;
		return 1;
	}
	c = (uint32_t)json_hex4(q);
	q += 4;
	if (is_high(c) && end - q >= 6 && q[0] == '\\' && q[1] == 'u' &&
		is_low((uint32_t)json_hex4(q + 2))) {
		c = 0x10000 + ((c - 0xD800) << 10) + ((uint32_t)json_hex4(q + 2) - 0xDC00);
		q += 6;
	}
	*is_lone |= is_high(c) || is_low(c);
	*p = q;
	return utf8_put(out, c);
}

/* Copies from *p up to the next '\' or the end; room for end - *p bytes at to. Returns the end of the copy. */
static char *copy_plain(const char **p, const char *end, char *to)
{
	const char *from = *p, *stop;

#if HR_X86
	/* Escapes come every few words: copying before looking is cheaper than a call to memchr for each. */
	for (; end - from >= 16; from += 16, to += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)from);
		int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));

		_mm_storeu_si128((__m128i *)(void *)to, v);
		if (mask) {
			*p = from + __builtin_ctz((unsigned)mask);
			return to + __builtin_ctz((unsigned)mask);
		}
	}
#endif
	stop = memchr(from, '\\', (size_t)(end - from));
	stop = stop ? stop : end;
	memcpy(to, from, (size_t)(stop - from));
	*p = stop;
	return to + (stop - from);
}

bool json_unescape(str literal, struct arena *a, str *out)
{
	str inside = str_sub(literal, 1, literal.n - 1);
	const char *p = inside.p, *end = inside.p + inside.n;
	bool is_lone = false;
	char *to, *start;

	if (str_find_byte(inside, '\\') == STR_NONE) {
		*out = inside;
		return utf8_valid_n(inside) == inside.n;
	}
	start = to = arena_alloc(a, inside.n, 1); /* an escape is never shorter than its text */
	for (;;) {
		to = copy_plain(&p, end, to);
		if (p == end)
			break;
		if (p[1] == 'u') {
			to += read_escape(&p, end, to, &is_lone);
			continue;
		}
		*to++ = short_escape(p[1]);
		p += 2;
	}
	*out = (str){start, (size_t)(to - start)};
	return !is_lone && utf8_valid_n(*out) == out->n;
}

/* The bytes that an inside reads as, one at a time. */
struct cursor {
	const char *p, *end;
	bool is_escaped;
	char held[4];
	unsigned held_n, held_at;
};

static int cursor_next(struct cursor *c)
{
	bool is_lone = false;

	if (c->held_at < c->held_n)
		return (unsigned char)c->held[c->held_at++];
	if (c->p == c->end)
		return -1;
	if (*c->p != '\\' || !c->is_escaped)
		return (unsigned char)*c->p++;
	c->held_n = read_escape(&c->p, c->end, c->held, &is_lone);
	c->held_at = 1;
	return (unsigned char)c->held[0];
}

int json_inside_cmp(str inside, str b, bool is_escaped)
{
	struct cursor x = {.p = inside.p, .end = inside.p + inside.n, .is_escaped = true};
	struct cursor y = {.p = b.p, .end = b.p + b.n, .is_escaped = is_escaped};
	int c, d;

	do {
		c = cursor_next(&x);
		d = cursor_next(&y);
	} while (c == d && c >= 0);
	return (c > d) - (c < d);
}

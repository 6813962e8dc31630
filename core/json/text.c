#include "core/json/text.h"

#include "core/base/utf8.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int json_hex4(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
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
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c; /* '"', '\', '/' */
	}
}

/* Reads the escape at p (at its '\'; the scan has checked its form) into out; moves *p behind it, a pair of
 * surrogates being one. Returns the bytes written; *is_lone is set for a surrogate without partner. */
static unsigned read_escape(const char **p, const char *end, char out[4], bool *is_lone)
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
	while (p < end) {
		if (*p == '\\') {
			char c[4];
			unsigned n = read_escape(&p, end, c, &is_lone);

			memcpy(to, c, n);
			to += n;
		} else {
			*to++ = *p++;
		}
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

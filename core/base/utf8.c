#include "core/base/utf8.h"

enum { CONTINUATION_MIN = 0x80, CONTINUATION_MAX = 0xBF };

/* By the first byte: length of the sequence (0: none begins so) and the range of the second byte. */
struct lead {
	unsigned char n, min, max;
};

static struct lead lead_of(unsigned char c)
{
	if (c < 0x80)
		return (struct lead){1, 0, 0};
	if (c < 0xC2 || c > 0xF4)
		return (struct lead){0, 0, 0};
	if (c < 0xE0)
		return (struct lead){2, CONTINUATION_MIN, CONTINUATION_MAX};
	if (c < 0xF0)
		return (struct lead){3, c == 0xE0 ? 0xA0 : CONTINUATION_MIN,
			c == 0xED ? 0x9F : CONTINUATION_MAX};
	return (struct lead){
		4, c == 0xF0 ? 0x90 : CONTINUATION_MIN, c == 0xF4 ? 0x8F : CONTINUATION_MAX};
}

/* How many bytes of the sequence at p are as they must be, at most as many as it needs (*need). */
static size_t good_n(const unsigned char *p, size_t n, size_t *need)
{
	struct lead lead = lead_of(*p);
	size_t i = 1;

	*need = lead.n;
	if (lead.n < 2)
		return lead.n;
	if (n < 2 || p[1] < lead.min || p[1] > lead.max)
		return 1;
	for (i = 2; i < lead.n && i < n && (p[i] & 0xC0) == 0x80; i++)
		;
	return i;
}

static size_t skip_ascii(const unsigned char *p, size_t at, size_t n)
{
	static const uint64_t high_bits = UINT64_C(0x8080808080808080);
	uint64_t eight;

	for (; n - at >= sizeof eight; at += sizeof eight) {
		memcpy(&eight, p + at, sizeof eight);
		if (eight & high_bits)
			break;
	}
	while (at < n && p[at] < 0x80)
		at++;
	return at;
}

static size_t valid_from(const unsigned char *p, size_t at, size_t n)
{
	while (at < n) {
		size_t need, good;

		if (p[at] < 0x80) {
			at = skip_ascii(p, at, n);
			continue;
		}
		good = good_n(p + at, n - at, &need);
		if (!good || good < need)
			break;
		at += good;
	}
	return at;
}

#if HR_X86
/* Where to go on behind at bytes that are well-formed but perhaps for their end: at, or the start of a last
 * sequence that is not whole (or cannot begin one, which only the byte behind it would have shown). */
static size_t go_on_at(const unsigned char *p, size_t at)
{
	for (size_t back = 1; back < 4 && back <= at; back++) {
		unsigned char c = p[at - back];

		if (c >= 0xC0)
			return lead_of(c).n == back ? at : at - back;
		if (c < CONTINUATION_MIN)
			break;
	}
	return at;
}

static size_t skip_blocks(const unsigned char *p, size_t n)
{
	if (n < UTF8_BLOCK || !__builtin_cpu_supports("avx2"))
		return 0;
	return go_on_at(p, utf8_valid_blocks_avx2((const char *)p, n));
}
#else
static size_t skip_blocks(const unsigned char *p, size_t n)
{
	(void)p;
	(void)n;
	return 0;
}
#endif

size_t utf8_valid_n(str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	return valid_from(p, skip_blocks(p, s.n), s.n);
}

size_t utf8_sanitize(str s, char *out)
{
	static const char replacement[3] = {'\xEF', '\xBF', '\xBD'}; /* U+FFFD */
	char *at = out;

	while (s.n) {
		size_t good = utf8_valid_n(s);

		if (good)
			memcpy(at, s.p, good);
		at += good;
		if (good == s.n)
			break;
		memcpy(at, replacement, sizeof replacement);
		at += sizeof replacement;
		s = str_sub(s, good, s.n);
		s = str_sub(s, utf8_bad_n(s), s.n);
	}
	return (size_t)(at - out);
}

size_t utf8_bad_n(str s)
{
	size_t need;
	size_t good = good_n((const unsigned char *)s.p, s.n, &need);

	return good ? good : 1;
}

unsigned utf8_put(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

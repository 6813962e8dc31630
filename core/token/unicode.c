#include "core/token/unicode.h"

enum { BLOCK_BITS = 7, BLOCKS_N = 0x110000 >> BLOCK_BITS };

extern const unsigned char token_table_unicode[];

enum char_class char_class_at(const unsigned char *p, size_t *n)
{
	uint32_t c = p[0];
	unsigned block;

	if (c < 0x80) {
		*n = 1;
	} else if (c < 0xe0) {
		*n = 2;
		c = (c & 0x1f) << 6 | (p[1] & 0x3f);
	} else if (c < 0xf0) {
		*n = 3;
		c = (c & 0x0f) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3f);
	} else {
		*n = 4;
		c = (c & 0x07) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3f);
	}
	block = token_table_unicode[c >> BLOCK_BITS];
	return token_table_unicode[BLOCKS_N + (block << BLOCK_BITS) +
				   (c & ((1u << BLOCK_BITS) - 1))];
}

/* Length of the character at p, or 0 when there is none; then *bad_n is the length of the bad part: the
 * bytes that could have begun a character (RFC 3629 section 4), or one. */
static size_t char_length(const unsigned char *p, const unsigned char *end, size_t *bad_n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	*bad_n = 1;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0; /* shorter forms exist */
	else if (p[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f; /* above U+10FFFF */
	for (; *bad_n < n; ++*bad_n) {
		if (p + *bad_n == end || p[*bad_n] < low || p[*bad_n] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

size_t utf8_valid_n(str s)
{
	const unsigned char *start = (const unsigned char *)s.p, *p = start, *end = p + s.n;

	while (p < end) {
		uint64_t a, b;
		size_t n, bad_n;

		if (end - p >= 16) {
			memcpy(&a, p, 8);
			memcpy(&b, p + 8, 8);
			if (!((a | b) & UINT64_C(0x8080808080808080))) {
				p += 16;
				continue;
			}
		}
		n = char_length(p, end, &bad_n);
		if (n == 0)
			break;
		p += n;
	}
	return (size_t)(p - start);
}

size_t utf8_sanitize(str s, char *out)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
	char *at = out;

	while (p < end) {
		size_t bad_n, n = char_length(p, end, &bad_n);

		if (n) {
			memcpy(at, p, n);
			at += n;
			p += n;
		} else {
			memcpy(at, "\xef\xbf\xbd", 3);
			at += 3;
			p += bad_n;
		}
	}
	return (size_t)(at - out);
}

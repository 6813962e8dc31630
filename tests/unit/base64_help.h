/* base64url without padding, written: what proxy/jwt.h reads. */
#ifndef TESTS_UNIT_BASE64_HELP_H
#define TESTS_UNIT_BASE64_HELP_H

#include "core/base/arena.h"

static inline str base64url(struct arena *a, str s)
{
	static const char DIGITS[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *p = arena_alloc(a, s.n * 4 / 3 + 4, 1);
	uint32_t bits = 0;
	unsigned bits_n = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		bits = bits << 8 | (unsigned char)s.p[i];
		for (bits_n += 8; bits_n >= 6;)
			p[n++] = DIGITS[bits >> (bits_n -= 6) & 63];
	}
	if (bits_n)
		p[n++] = DIGITS[bits << (6 - bits_n) & 63];
	return (str){p, n};
}

#endif

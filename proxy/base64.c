#include "proxy/base64.h"

static const char COMMON[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static char digit(uint32_t v, bool is_url)
{
	v &= 63;
	if (v < 62)
		return COMMON[v];
	return v == 62 ? (is_url ? '-' : '+') : (is_url ? '_' : '/');
}

str base64_encode(str s, bool is_url, struct arena *a)
{
	char *p = arena_alloc(a, s.n / 3 * 4 + 4, 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;

		if (left > 1)
			v |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
		if (left > 2)
			v |= (unsigned char)s.p[i + 2];
		p[n++] = digit(v >> 18, is_url);
		p[n++] = digit(v >> 12, is_url);
		if (left > 1)
			p[n++] = digit(v >> 6, is_url);
		else if (!is_url)
			p[n++] = '=';
		if (left > 2)
			p[n++] = digit(v, is_url);
		else if (!is_url)
			p[n++] = '=';
	}
	return (str){p, n};
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(str s, struct arena *a, str *out)
{
	char *p = arena_alloc(a, s.n / 4 * 3 + 3, 1);
	uint32_t bits = 0;
	size_t n = 0;

	for (int i = 0; i < 2 && s.n && s.p[s.n - 1] == '='; i++)
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		int v = value_of(s.p[i]);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		if (i % 4)
			p[n++] = (char)(unsigned char)(bits >> (6 - i % 4 * 2));
	}
	*out = (str){p, n};
	return s.n % 4 != 1;
}

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

static int value_of(char c, bool is_url)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (is_url ? '-' : '+'))
		return 62;
	return c == (is_url ? '_' : '/') ? 63 : -1;
}

bool base64_decode(str s, bool is_url, struct arena *a, str *out)
{
	char *p = arena_alloc(a, s.n / 4 * 3 + 3, 1);
	uint32_t bits = 0;
	unsigned bits_n = 0;
	size_t n = 0;

	for (int i = 0; !is_url && i < 2 && s.n && s.p[s.n - 1] == '='; i++)
		s.n--;
	if (s.n % 4 == 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = value_of(s.p[i], is_url);

		if (v < 0)
			return false;
		bits = (bits << 6 | (uint32_t)v) & 0xffff;
		bits_n += 6;
		if (bits_n >= 8) {
			bits_n -= 8;
			p[n++] = (char)(unsigned char)(bits >> bits_n);
		}
	}
	if (bits & ((1u << bits_n) - 1))
		return false;
	*out = (str){p, n};
	return true;
}

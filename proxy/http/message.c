#include "proxy/http/message.h"

bool http_is_token(str s)
{
	/* A bit for each byte: !#$%&'*+-.^_`|~, digits, letters. */
	static const uint64_t chars[] = {0x03ff6cfa00000000, 0x57ffffffc7fffffe, 0, 0};

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!(chars[c >> 6] >> (c & 63) & 1))
			return false;
	}
	return s.n > 0;
}

static bool is_text(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* Eight bytes at a time: one below a bound, or equal to 0, sets its highest bit, and nothing else the lowest of these. */
#define BYTES(b) (0x0101010101010101 * (uint64_t)(b))

static bool may_have_control(uint64_t x)
{
	uint64_t below = (x - BYTES(0x20)) & ~x, del = x ^ BYTES(0x7f);

	return ((below | ((del - BYTES(1)) & ~del)) & BYTES(0x80)) != 0;
}

bool http_is_text(str s)
{
	size_t i = 0;

	for (; i + sizeof(uint64_t) <= s.n; i += sizeof(uint64_t)) {
		uint64_t x;

		memcpy(&x, s.p + i, sizeof x);
		if (may_have_control(x) && !is_text(s.p + i, sizeof x))
			return false;
	}
	return is_text(s.p + i, s.n - i);
}

str http_headers_find(const struct http_header *headers, uint32_t n, str name)
{
	for (uint32_t i = 0; i < n; i++)
		if (str_eq_nocase(headers[i].name, name))
			return headers[i].value;
	return STR_NULL;
}

str http_headers_join(const struct http_header *headers, uint32_t n, str name, struct arena *a)
{
	str out = STR_NULL;

	for (uint32_t i = 0; i < n; i++) {
		if (!str_eq_nocase(headers[i].name, name))
			continue;
		out = out.n ? arena_printf(a, STR_FMT "," STR_FMT, STR_ARG(out),
				      STR_ARG(headers[i].value))
			    : headers[i].value;
	}
	return out;
}

str http_header_find(const struct http_head *h, str name)
{
	return http_headers_find(h->headers, h->headers_n, name);
}

bool http_header_has(const struct http_head *h, str name, str token)
{
	for (uint32_t i = 0; i < h->headers_n; i++) {
		str rest = h->headers[i].value, part;

		if (!str_eq_nocase(h->headers[i].name, name))
			continue;
		while (str_split(&rest, ',', &part))
			if (str_eq_nocase(str_trim(part), token))
				return true;
	}
	return false;
}

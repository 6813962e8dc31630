#include "proxy/http/message.h"

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

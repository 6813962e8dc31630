/* message: the head of an HTTP/1 request as slices of the bytes that came.
 * Owns: nothing; slices lead into the buffer that was parsed. Thread: any. */
#ifndef PROXY_HTTP_MESSAGE_H
#define PROXY_HTTP_MESSAGE_H

#include <stddef.h>

#include "core/base/arena.h"

struct http_header {
	str name, value; /* as they came; the value without white space around it */
};

struct http_head {
	str method, target; /* target: origin-form, "/path?query"; "*" for OPTIONS */
	int minor;          /* of HTTP/1.minor */
	struct http_header *headers;
	uint32_t headers_n;
};

/* A name or a method: one or more tchar of RFC 9110 5.6.2. */
bool http_is_token(str s) PURE;
/* No control characters but the tab (RFC 9110 5.5), which would end a line in another reader's eyes; bytes above 127 pass. */
bool http_is_text(str s) PURE;
/* The value of the first of n headers that has that name (ASCII case ignored); STR_NULL when there is none. */
str http_headers_find(const struct http_header *headers, uint32_t n, str name) PURE;
/* The values of all of that name, joined by commas (RFC 9110 section 5.2); in the arena where there is more than one. */
str http_headers_join(const struct http_header *headers, uint32_t n, str name, struct arena *a);
/* The first of a head's. */
str http_header_find(const struct http_head *h, str name) PURE;
/* True when the comma-separated list in any header of that name has that token (ASCII case ignored). */
bool http_header_has(const struct http_head *h, str name, str token) PURE;

#endif

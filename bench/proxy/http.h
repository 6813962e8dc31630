/* http: as much of HTTP/1.1 as the two ends of the proxy's benchmark need to understand each other and what stands
 * between them: heads, bodies by length, chunked bodies (RFC 9112, sections 2, 6 and 7). They are on the same side,
 * so that what is odd is an error and not an attack.
 * Owns: nothing; what it returns points into the bytes that it was given. Thread: any. */
#ifndef BENCH_PROXY_HTTP_H
#define BENCH_PROXY_HTTP_H

#include "core/base/str.h"

enum http_got { HTTP_MORE, HTTP_WHOLE, HTTP_BAD };

struct http_head {
	size_t n;           /* bytes of the head with its blank line */
	int status;         /* of an answer; 0 for a request */
	str method, target; /* of a request */
	uint64_t length;    /* of the body; UINT64_MAX when it ends with the connection */
	bool is_chunked, is_close, expects_continue;
};

/* The head at the beginning of bytes. HTTP_MORE: it is not whole yet. An answer that says nothing of its length
 * has one of UINT64_MAX, a request one of 0. */
enum http_got http_head_parse(str bytes, struct http_head *out);

struct http_body {
	uint64_t left; /* of the body or of the chunk */
	enum http_body_state {
		HTTP_BODY_LENGTH,
		HTTP_BODY_SIZE,
		HTTP_BODY_DATA,
		HTTP_BODY_DATA_END,
		HTTP_BODY_TRAILER,
		HTTP_BODY_DONE,
		HTTP_BODY_BAD
	} state;
	bool is_line_empty; /* of the trailer */
};

void http_body_init(struct http_body *b, const struct http_head *head);
/* Takes what it can from the front of *in and returns the next piece of payload. An empty piece: *in is used up,
 * or the state is DONE or BAD. */
str http_body_take(struct http_body *b, str *in);

#endif

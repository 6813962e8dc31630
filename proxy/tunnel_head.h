/* tunnel_head: the head of a provider's answer from bytes (RFC 9112), where libcurl does not read it: to a request for a
 * WebSocket, and over plain http:// (upstream_plain.h). As strict as
 * proxy/http/parse.h: what two readers could take differently is refused.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_TUNNEL_HEAD_H
#define PROXY_TUNNEL_HEAD_H

#include "proxy/http/parse.h"

enum tunnel_body {
	TUNNEL_BODY_NONE,    /* 204, 304 */
	TUNNEL_BODY_LENGTH,  /* so many bytes */
	TUNNEL_BODY_CHUNKED, /* proxy/http/parse.h, http_chunks_next */
	TUNNEL_BODY_END,     /* all until the connection ends */
	TUNNEL_BODY_RAW,     /* 101: no body, another protocol */
};

struct tunnel_head {
	int status; /* 100 to 599 */
	str reason;
	enum tunnel_body body;
	uint64_t length; /* TUNNEL_BODY_LENGTH */
	size_t head_n;   /* bytes of the head with its empty line */
	uint32_t headers_n;
	struct http_header headers[HTTP_HEADERS_MAX];
};

/* HTTP_BAD also when there is more than HTTP_HEAD_MAX without an end. out leads into bytes. */
enum http_parsed tunnel_head_parse(str bytes, struct tunnel_head *out) MUST_CHECK;

#endif

/* parse: strict HTTP/1.x from bytes (RFC 9112), over any cutting of the stream: the head of a request, and
 * the chunked coding of a body. What two readers could take differently (a length and chunks, two lengths, white
 * space before a colon, folded lines, a bare CR) is refused, never repaired.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_HTTP_PARSE_H
#define PROXY_HTTP_PARSE_H

#include "core/base/err.h"
#include "proxy/http/message.h"

/* The largest head: Codex sends some 6 KB with a ChatGPT login; nginx takes 32 KB, Node 16 KB. */
#define HTTP_HEAD_MAX ((size_t)64 << 10)
/* Claude Code sends 25 headers, Codex 20. */
#define HTTP_HEADERS_MAX 128u
#define HTTP_TARGET_MAX  ((size_t)16 << 10)
/* A chunk's line with its extensions, and all trailers. */
#define HTTP_CHUNK_LINE_MAX ((size_t)4 << 10)

enum http_framing { HTTP_NO_BODY, HTTP_LENGTH, HTTP_CHUNKED };

struct http_request {
	struct http_head head;
	enum http_framing framing;
	uint64_t length; /* HTTP_LENGTH */
	bool keeps_alive, expects_continue;
	size_t head_n; /* bytes of the head with its empty line */
	struct http_header headers[HTTP_HEADERS_MAX];
};

/* Why a head is refused: the status to answer with, and a text without any of its bytes. */
struct http_fault {
	int status;
	const char *text;
};

enum http_parsed { HTTP_MORE, HTTP_DONE, HTTP_BAD };

/* Empty lines before the request line are skipped (RFC 9112 2.2). *scanned: how far earlier calls have looked
 * for the end of this head; 0 at first. HTTP_BAD also as soon as there is more than HTTP_HEAD_MAX without an
 * end. req leads into bytes. */
enum http_parsed http_parse_request(
	str bytes, size_t *scanned, struct http_request *req, struct http_fault *fault) MUST_CHECK;

/* The chunked coding (RFC 9112 7.1). Zero-initialise. */
struct http_chunks {
	int state;
	uint64_t left;   /* bytes of the present chunk */
	size_t line_n;   /* bytes of the present line, or of the trailers */
	unsigned digits; /* of the present size */
};
/* Takes from *bytes; *piece becomes the next part of the body (a slice, maybe empty). HTTP_MORE: all of *bytes is
 * consumed, or *piece is not empty and there may be more: call again while *bytes is not empty.
 * HTTP_DONE: the body is complete, the rest of *bytes stays. Trailers are dropped. */
enum http_parsed http_chunks_next(struct http_chunks *c, str *bytes, str *piece) MUST_CHECK;

/* The usual words for a status; "" for one that has none. Static. */
const char *http_reason(int status) RETURNS_NONNULL;

#endif

/* backend_ask: one HTTP request to a service that gives credentials out: waits for the answer.
 * Owns: nothing. Thread: any that may wait; not a loop that serves. */
#ifndef PROXY_BACKEND_ASK_H
#define PROXY_BACKEND_ASK_H

#include <stdatomic.h>

#include "core/base/buf.h"
#include "proxy/http/message.h"

struct upstream_tls;

/* A document of credentials has some KB; tokens of large groups more. */
enum { BACKEND_ASK_MAX = 256 << 10, BACKEND_ASK_HEADERS = 8 };

struct backend_ask {
	const char *method, *url;
	struct http_header headers[BACKEND_ASK_HEADERS];
	size_t headers_n;
	str body;
	int64_t timeout_ms;
	bool is_local; /* of this machine or its hypervisor: never through an HTTP proxy */
	struct upstream_tls *tls; /* certificates and HTTP proxies; not NULL unless is_local */
	const _Atomic bool *stop; /* ends it early; NULL: nothing does */
};

/* Its URL without the query, for messages: a query may hold what is nobody else's business. */
str backend_ask_url(const struct backend_ask *ask);

/* Appends the body of the answer to out, a heap buffer, whatever its status. E_UNAVAILABLE: no answer; E_NOMEM; E_TOO_BIG. The
 * message names the URL without its query, and nothing of headers and bodies. */
enum err backend_ask(
	const struct backend_ask *ask, int *status, struct buf *out, struct errctx *cx) MUST_CHECK;

#endif

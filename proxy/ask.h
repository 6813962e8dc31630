/* ask: one HTTP request of the command line to a proxy of this machine, whatever the environment says about HTTP proxies; or to a provider.
 * Owns: nothing. Thread: any; blocks, so not on a loop that serves. */
#ifndef PROXY_ASK_H
#define PROXY_ASK_H

#include <stdint.h>

#include "core/base/buf.h"

struct ask {
	const char *url; /* http://127.0.0.1:8787/health */
	str token;       /* what the proxy may want to see; empty: none */
	str body;        /* JSON; .p NULL: GET, else POST */
	int64_t timeout_ms;
	const char *const *headers; /* more of them, "name: value" */
	size_t headers_n;
	const char *ca_file; /* of ask_server, in place of the system's; NULL: none */
};

/* Appends the body of the answer to out, a heap buffer, whatever its status. E_NOT_FOUND: nothing listens; E_TIMEOUT: no
 * answer, or not all of it; E_FAILED: an answer that is none of HTTP; E_NOMEM; E_TOO_BIG. */
enum err ask_loopback(
	const struct ask *ask, int *status, struct buf *out, struct errctx *cx) MUST_CHECK;

/* The same of a server anywhere, by https or http; by HTTP proxies of the environment for https alone. Redirects are not followed, for keys
 * are among the headers. E_UNAVAILABLE: it cannot be reached, or is not who it says. */
enum err ask_server(
	const struct ask *ask, int *status, struct buf *out, struct errctx *cx) MUST_CHECK;

/* For an answer that may not end: hands on its body piece by piece as it comes, but only of one with status 200; false ends
 * it (then E_OK). timeout_ms is for a silence. Errors as above. */
typedef bool ask_piece_fn(void *self, str piece);
enum err ask_stream(const struct ask *ask, int *status, ask_piece_fn *fn, void *self,
	struct errctx *cx) MUST_CHECK;

#endif

/* upstream: requests to providers of one worker, on its event loop: libcurl's multi handle with connections that
 * are kept, HTTP/2 over TLS where the provider has it, back-pressure both ways, cancellation. Response bytes come as
 * they are on the wire, with their content coding; nothing is retried or redirected here.
 * Owns: handles and connections. Thread: the loop's. */
#ifndef PROXY_UPSTREAM_H
#define PROXY_UPSTREAM_H

#include <event2/event.h>

#include "core/base/err.h"
#include "proxy/http/message.h"
#include "proxy/proxy.h"

struct upstreams;
struct transfer;

struct upstream_request {
	str method;
	const char *url;                   /* NUL-terminated; sent as it is, dots and all */
	const struct http_header *headers; /* without host, length and what is hop-by-hop */
	uint32_t headers_n;
	str body; /* whole; stays until done or cancel */
	bool has_body;
	/* The body comes in pieces through events.pull; length: UINT64_MAX when nobody knows. */
	bool is_pulled;
	uint64_t length;
	bool is_http1; /* never HTTP/2 */
};

/* Valid during the call. */
struct upstream_head {
	int status;
	str reason; /* empty in HTTP/2 */
	const struct http_header *headers;
	uint32_t headers_n;
	bool has_length;
	uint64_t length; /* of the body on the wire */
};

/* The value of the first header of that name; STR_NULL when there is none. */
static inline str upstream_header(const struct upstream_head *h, str name)
{
	return http_headers_find(h->headers, h->headers_n, name);
}

enum upstream_end_kind {
	UPSTREAM_COMPLETE,
	/* The request has not left, or not the whole of it, or was turned away unseen: nobody has acted on it. */
	UPSTREAM_UNREACHABLE,
	UPSTREAM_BROKEN,  /* the connection broke, before or in the middle of the answer */
	UPSTREAM_STOPPED, /* events.head or events.body said so */
	UPSTREAM_BAD_TLS, /* certificate or handshake */
	UPSTREAM_TIMEOUT, /* the connection was not made in time */
};

struct upstream_end {
	enum upstream_end_kind kind;
	const char *text; /* curl's words; valid during the call */
};

enum upstream_take {
	UPSTREAM_TAKEN,
	UPSTREAM_LATER, /* nothing was taken: the same piece again after upstream_resume */
	UPSTREAM_STOP,
};

struct upstream_events {
	/* The head of the final answer. False: the answer is not wanted; done follows with UPSTREAM_STOPPED. */
	bool (*head)(void *user, const struct upstream_head *h);
	enum upstream_take (*body)(void *user, str piece);
	/* Up to n bytes of a pulled body into p; 0 with *is_last: that was all; 0 without: later, after
	 * upstream_pull. */
	size_t (*pull)(void *user, char *p, size_t n, bool *is_last);
	/* The transfer is over and gone. */
	void (*done)(void *user, const struct upstream_end *end);
};

struct upstreams_conf {
	struct event_base *base;
	const struct proxy_conf *proxy;
	unsigned workers_n; /* that share what proxy allows */
	unsigned worker;    /* which of them this is */
	const struct upstream_events *events;
	void (*turn_over)(void *self); /* after the callbacks of each turn of the loop */
	void *self;
};

/* What conf points to must outlive it. E_CONFIG (certificates), E_NOMEM. */
enum err upstreams_new(
	const struct upstreams_conf *conf, struct upstreams **out, struct errctx *cx) MUST_CHECK;
void upstreams_free(struct upstreams *u); /* cancels without a word */
/* Gives back what is kept for further transfers. */
void upstreams_free_spare(struct upstreams *u);

/* NULL: out of memory. Callbacks come from the loop, never from within this call. */
struct transfer *upstream_start(
	struct upstreams *u, const struct upstream_request *r, void *user) MUST_CHECK;
/* Ends it at once; no callback comes any more. Not from within a callback of this transfer. */
void upstream_cancel(struct transfer *t);
/* After UPSTREAM_LATER. events.body may be called from within, and events.done, which ends the transfer. */
void upstream_resume(struct transfer *t);
void upstream_pull(struct transfer *t); /* there is more to pull */

/* Closes what has been idle for longer than connections are kept. To be called about once a second. */
void upstreams_tick(struct upstreams *u, int64_t now_ns);

struct upstream_stats {
	size_t transfers_n, connections_n;
	uint64_t connects_n, reused_n;
};
void upstream_get_stats(const struct upstreams *u, struct upstream_stats *out);

#endif

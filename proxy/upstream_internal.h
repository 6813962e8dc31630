/* upstream_internal: what the files of the connections to providers share. Not for others.
 * Thread: the loop's. */
#ifndef PROXY_UPSTREAM_INTERNAL_H
#define PROXY_UPSTREAM_INTERNAL_H

#include "core/base/arena.h"
#include "proxy/curl_loop.h"
#include "proxy/upstream.h"
#include "proxy/upstream_tls.h"

struct plain_conn;
struct plain_pool;
struct raw_conn;

struct upstreams {
	const struct proxy_conf *conf;
	const struct upstream_events *events;
	struct curl_loop *loop;
	CURLM *multi;
	struct upstream_tls *tls;
	long connections_max, idle_max; /* connections at all, and kept by this worker */
	struct transfer *running, *spare;
	struct raw_conn *raw;                    /* those of upstream_raw.c */
	struct plain_pool *plain;                /* of upstream_plain.c; NULL: none yet */
	struct transfer *waiting, *last_waiting; /* for a connection, first come first served */
	size_t running_n, spare_n, raw_n;
	long single_n;         /* of the running, those that have a connection for themselves */
	int64_t idle_since_ns; /* the end of the last transfer */
	uint64_t connects_n, reused_n;
};

/* Response headers: Anthropic sends some 25, OpenAI 30. */
enum { RESPONSE_HEADERS_MAX = 256 };

struct transfer {
	struct curl_owner owner; /* first */
	struct upstreams *u;
	struct transfer *next, **at;
	struct transfer *next_waiting;
	CURL *easy; /* NULL until it is needed */
	void *user;
	struct arena arena; /* header lines, both ways */
	/* With is_plain: where it goes, what it says, and the connection, once it has begun. */
	const char *plain_url; /* up to the authority */
	str plain_authority, plain_head, plain_body;
	struct plain_conn *plain;
	struct curl_slist *lines;
	struct http_header headers[RESPONSE_HEADERS_MAX];
	struct upstream_head head;
	bool has_final_head, is_stopped, has_response, may_be_http2, is_http2, is_waiting,
		is_single, is_slow, is_over, is_plain, is_head_method;
	bool has_goaway; /* HTTP/2: the connection takes no more than what the provider has seen */
	uint32_t stream_id,
		goaway_last; /* HTTP/2: of this request, and the last one that was seen */
	/* HTTP/2: what came while the client could not take it. */
	struct evbuffer *held;
	enum upstream_end_kind end; /* when is_over */
	char error[CURL_ERROR_SIZE];
};

/* upstream_request.c: everything of r into the handle; false when memory is short. */
bool upstream_set_request(struct transfer *t, const struct upstream_request *r) MUST_CHECK;
/* Whether upstream_plain.c can have it: plain http:// without a proxy, its body whole, and nothing in its URL that curl
 * would send in another way. */
bool upstream_is_plain(const struct upstreams *u, const struct upstream_request *r) MUST_CHECK;

/* The transfer is over, as t->end and t->error say, and all of its answer is taken: tells it and keeps t as a spare. */
void transfer_finish(struct transfer *t);

/* CURLOPT_DEBUGFUNCTION of what may be HTTP/2. */
int upstream_on_trace(CURL *easy, curl_infotype type, char *p, size_t n, void *transfer);
/* The provider has said that it has not acted on this request, nor will (RFC 9113 6.8). */
bool upstream_is_unprocessed(const struct transfer *t) PURE;

/* What an end with this code is, as far as the code alone tells. */
enum upstream_end_kind upstream_end_of(CURLcode code);
/* Settings of every handle; false when memory is short. error: CURL_ERROR_SIZE bytes. */
bool upstream_set_up(
	struct upstreams *u, CURL *easy, struct curl_owner *owner, char *error) MUST_CHECK;
/* Connections that are kept, by curl and by upstream_plain.c. */
size_t upstream_idle_n(const struct upstreams *u);
/* The number of those that run has changed: so many connections may be kept beside them. */
void upstream_set_kept(struct upstreams *u);

#endif

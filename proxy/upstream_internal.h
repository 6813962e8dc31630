/* upstream_internal: what the files of the connections to providers share. Not for others.
 * Thread: the loop's. */
#ifndef PROXY_UPSTREAM_INTERNAL_H
#define PROXY_UPSTREAM_INTERNAL_H

#include "proxy/curl_loop.h"
#include "proxy/upstream.h"
#include "proxy/upstream_tls.h"

struct raw_conn;

struct upstreams {
	const struct proxy_conf *conf;
	const struct upstream_events *events;
	struct curl_loop *loop;
	CURLM *multi;
	struct upstream_tls *tls;
	long connections_max, idle_max; /* connections at all, and kept by this worker */
	struct transfer *running, *spare;
	struct raw_conn *raw; /* those of upstream_raw.c */
	size_t running_n, spare_n, raw_n;
	int64_t idle_since_ns; /* the end of the last transfer */
	uint64_t connects_n, reused_n;
};

/* What an end with this code is, as far as the code alone tells. */
enum upstream_end_kind upstream_end_of(CURLcode code);
/* Settings of every handle; false when memory is short. error: CURL_ERROR_SIZE bytes. */
bool upstream_set_up(
	struct upstreams *u, CURL *easy, struct curl_owner *owner, char *error) MUST_CHECK;
/* The number of those that run has changed: so many connections may be kept beside them. */
void upstream_set_kept(struct upstreams *u);

#endif

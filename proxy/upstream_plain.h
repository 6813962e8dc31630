/* upstream_plain: requests to providers over plain http:// without an HTTP proxy between: servers of one's own network or
 * machine. HTTP/1.1 is spoken here, since libcurl needs several times the instructions for it; it still finds the
 * host and makes the connection (upstream_raw.h). Not for others than upstream.c.
 * Owns: connections, those in use and those that are kept. Thread: the loop's. */
#ifndef PROXY_UPSTREAM_PLAIN_H
#define PROXY_UPSTREAM_PLAIN_H

#include "proxy/upstream_internal.h"

/* A transfer with is_plain, on a kept connection or a new one; transfer_finish() tells the end. False: no memory for it. */
bool plain_begin(struct transfer *t) MUST_CHECK;
/* Ends a transfer that has begun, and its connection with it. */
void plain_cancel(struct transfer *t);
/* After UPSTREAM_LATER. */
void plain_resume(struct transfer *t);

/* Connections that are kept, and others. */
size_t plain_idle_n(const struct upstreams *u);
size_t plain_busy_n(const struct upstreams *u);
/* Closes kept connections that would leave none for those that run. */
void plain_make_room(struct upstreams *u);
/* Closes the connections that are kept since before then. INT64_MAX: all. */
void plain_close_idle(struct upstreams *u, int64_t before_ns);

#endif

/* upstream_raw: a connection to a provider on which bytes are bytes, over TLS and through an HTTP proxy where these
 * are asked for: libcurl makes the connection (CURLOPT_CONNECT_ONLY), what goes over it is the caller's. Nothing
 * here blocks, and no callback comes from within a call.
 * Owns: the connection. Thread: the loop's. */
#ifndef PROXY_UPSTREAM_RAW_H
#define PROXY_UPSTREAM_RAW_H

#include "proxy/upstream.h"

struct raw_conn;

/* A callback may close the connection. */
struct raw_events {
	void (*open)(void *user); /* it may be used now */
	/* It could not be opened; it is to be closed. end: valid during the call. */
	void (*failed)(void *user, const struct upstream_end *end);
	void (*readable)(void *user);
	void (*writable)(void *user);
};

/* url: scheme and authority count. NULL: out of memory. events must outlive it. */
struct raw_conn *raw_open(struct upstreams *u, const char *url, const struct raw_events *events,
	void *user) MUST_CHECK;
void raw_close(struct raw_conn *c); /* NULL is allowed */

enum raw_io {
	RAW_SOME,   /* *done bytes, at least one */
	RAW_LATER,  /* none now: watch for it */
	RAW_END,    /* reading: the provider has said its last */
	RAW_BROKEN, /* no more in this direction */
};
/* Up to n bytes into p. */
enum raw_io raw_read(struct raw_conn *c, char *p, size_t n, size_t *done) MUST_CHECK;
/* After RAW_LATER the same bytes, from the same place, are to be offered again: TLS has begun a record with them. */
enum raw_io raw_write(struct raw_conn *c, const char *p, size_t n, size_t *done) MUST_CHECK;

/* Whether readable and writable are wanted. Nothing is at first. */
void raw_watch_read(struct raw_conn *c, bool is_wanted);
void raw_watch_write(struct raw_conn *c, bool is_wanted);
/* readable once more in the next turn of the loop: there may be bytes that TLS has read already. */
void raw_read_again(struct raw_conn *c);
/* The socket of an open connection without TLS, for who reads and writes it directly. */
int raw_fd(const struct raw_conn *c);
/* Nothing more is sent. Over TLS only this side knows: libcurl has no way to say it. */
void raw_shut(struct raw_conn *c);

#endif

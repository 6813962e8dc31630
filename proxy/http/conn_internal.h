/* conn_internal: what the files of the HTTP server share. Not for others. */
#ifndef PROXY_HTTP_CONN_INTERNAL_H
#define PROXY_HTTP_CONN_INTERNAL_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "proxy/http/conn.h"

enum conn_state {
	CONN_HEAD,    /* waits for a request */
	CONN_BODY,    /* its body comes */
	CONN_ANSWER,  /* it is whole, or nobody wants the rest of it */
	CONN_RAW,     /* bytes are bytes */
	CONN_CLOSING, /* what is written goes out, then it closes */
	CONN_LINGER,  /* our side is shut, the client's bytes are thrown away */
};

/* What a connection watches its socket for, besides room to write. */
enum conn_watch { WATCH_READ, WATCH_CLOSED };

struct http_conn {
	struct http_server *s;
	struct http_conn *next, **at; /* list of all */
	struct http_conn *next_dirty;
	int fd;
	enum conn_state state;
	enum conn_watch watch;
	struct event ev_in, ev_out;
	bool is_dirty, is_dead, has_ev_out, is_waiting, is_out_pending, was_full;
	bool peer_is_loopback;
	unsigned busy; /* callbacks on the stack that use it: it is freed when they are through */
	uint64_t peer_hash;
	int64_t since_ms; /* of the last progress; in CONN_HEAD of the first byte */
	struct evbuffer *out;

	char *in; /* the beginning of a head, or what came behind a request */
	size_t in_n, scanned;

	/* The request. */
	void *user;
	char *block; /* its headers and the bytes of its head */
	struct http_head head;
	enum http_framing framing;
	bool has_request, keeps_alive, is_body_done, is_replying, is_reply_chunked, is_reply_raw,
		must_close, must_reset, is_broken, is_in_over;
	enum http_take take;
	uint64_t length, left; /* of the body */
	struct http_chunks chunks;
	char *body;
	size_t body_n, body_cap, body_max;
};

/* One read: half a megabyte would do for the largest socket buffers, this is where more brought nothing. */
#define HTTP_READ_BYTES ((size_t)256 << 10)
/* The first read of a request: its head and a small body, but not much of a large one, which is read into its own memory
 * as soon as its length is known. */
#define HTTP_FIRST_READ_BYTES ((size_t)16 << 10)
/* What may wait behind a request that is being answered. */
#define HTTP_AHEAD_MAX ((size_t)64 << 10)

struct http_server {
	struct http_server_conf conf;
	struct http_conn *all, *dirty;
	size_t conns_n;
	int64_t now_ms;
	struct http_request parsed;
	char scratch[HTTP_READ_BYTES];
};

/* conn.c */
void conn_touch(struct http_conn *c); /* progress: its time begins anew */
void conn_watch(struct http_conn *c, enum conn_watch what);
/* Gives the request's memory back; the connection is ready for the next one. */
void conn_end_request(struct http_conn *c);
/* Works off what came behind the request that has ended. */
void conn_go_on(struct http_conn *c);
void conn_free(struct http_conn *c);
/* The request is answered with an error, and nothing more is read. */
void conn_refuse(struct http_conn *c, int status, const char *text);

/* conn_reply.c */
void conn_mark_dirty(struct http_conn *c);
void conn_flush(struct http_conn *c);
void conn_continue(struct http_conn *c); /* 100 Continue */

#endif

/* conn: the server's side of HTTP/1.1 connections of one worker, on its event loop: accepts nothing by itself, is
 * handed sockets, reads requests one after the other, writes answers with back-pressure, and sees when the
 * client is gone.
 *
 * A request: events.head says what is wanted of the body; events.body brings it; in between or afterwards the
 * handler answers with http_reply, http_reply_body, http_reply_end. Head and whole body stay where they
 * are until the answer has ended. What is written goes out when the callback that the loop has made returns
 * (http_server_flush), in as few system calls as possible.
 *
 * Owns: connections, their sockets and memory. Thread: the loop's. */
#ifndef PROXY_HTTP_CONN_H
#define PROXY_HTTP_CONN_H

#include <event2/event.h>

#include "proxy/http/parse.h"

struct http_conn;
struct http_server;

enum http_take {
	HTTP_TAKE_WHOLE,  /* one call of events.body with all of it */
	HTTP_TAKE_PIECES, /* as it comes */
	HTTP_TAKE_NONE,   /* the request is answered without it */
};

struct http_events {
	/* A head has come (http_conn_head). *body_max: how large a whole body may become; over that the request
	 * is answered by events.fault with 413. */
	enum http_take (*head)(void *self, struct http_conn *c, size_t *body_max);
	/* body: valid until the answer has ended when it is whole, else for the call. is_last: nothing more comes; after
	 * HTTP_REPLY_RAW: the client has ended its direction. */
	void (*body)(void *self, struct http_conn *c, str body, bool is_last);
	/* The request cannot be taken: answer it (the connection closes afterwards). http_conn_user is NULL when
	 * there was no head. */
	void (*fault)(void *self, struct http_conn *c, const struct http_fault *fault);
	/* Less than HTTP_OUT_LOW bytes wait now, after http_conn_is_full was true. */
	void (*writable)(void *self, struct http_conn *c);
	/* The request that is under way has lost its client: last call for it. */
	void (*gone)(void *self, struct http_conn *c);
};

/* Waiting output above HIGH stops the source of it, below LOW lets it go on. A model's stream is some KB/s;
 * what counts is that a client that does not read costs no more than this. */
#define HTTP_OUT_HIGH ((size_t)256 << 10)
#define HTTP_OUT_LOW  ((size_t)64 << 10)

struct http_times { /* milliseconds */
	int64_t head; /* a head must be there this long after its first byte: slow senders of it are attackers */
	int64_t body;   /* between two reads of a body, and two writes of an answer */
	int64_t idle;   /* a connection without a request */
	int64_t linger; /* reading on after an answer that came before the end of its request */
};

struct http_server_conf {
	struct event_base *base;
	const struct http_events *events;
	void *self;
	struct http_times times; /* 0: the defaults */
	bool *is_draining;       /* true: no connection is kept after its answer */
};

struct http_server *http_server_new(
	const struct http_server_conf *conf) MUST_CHECK; /* NULL: memory */
void http_server_free(struct http_server *s);            /* closes everything without a word */
/* Takes an accepted, non-blocking socket; closes it when memory is short. */
void http_server_take(struct http_server *s, int fd, const void *peer_address);
/* Writes what the callbacks of this turn have left. To be called at the end of every callback of the loop. */
void http_server_flush(struct http_server *s);
/* Looks for connections whose time is over. To be called about once a second. */
void http_server_tick(struct http_server *s, int64_t now_ms);
/* Closes the connections that have no request. */
void http_server_close_idle(struct http_server *s);
size_t http_server_conns_n(const struct http_server *s);

const struct http_head *http_conn_head(const struct http_conn *c) RETURNS_NONNULL;
bool http_conn_has_body(const struct http_conn *c);
/* The Content-Length of the request; UINT64_MAX when it is chunked. */
uint64_t http_conn_body_length(const struct http_conn *c);
bool http_conn_peer_is_loopback(const struct http_conn *c);
uint64_t http_conn_peer_hash(const struct http_conn *c); /* of the address without the port */
void http_conn_set_user(struct http_conn *c, void *user);
void *http_conn_user(const struct http_conn *c);

enum http_reply_body {
	HTTP_REPLY_LENGTH, /* so many bytes */
	HTTP_REPLY_STREAM, /* chunked, or until the connection closes for HTTP/1.0 */
	HTTP_REPLY_NONE,   /* there is none: 204, 304, an answer to HEAD */
	HTTP_REPLY_RAW,    /* 101: from now on bytes are bytes, both ways; http_reply_end closes */
};

/* Takes the memory of head and whole body out of the connection's care: both then stay until the caller
 * frees them with mem_free, even when the connection is gone. */
struct http_kept {
	void *head, *body;
};
struct http_kept http_conn_keep(struct http_conn *c);

struct http_reply {
	int status;
	str reason;                        /* empty: the usual one */
	const struct http_header *headers; /* without those of framing and connection */
	uint32_t headers_n;
	enum http_reply_body body;
	uint64_t length;
	bool closes; /* the connection, after this answer */
};

/* The head of the answer. Once per request. */
void http_reply(struct http_conn *c, const struct http_reply *r);
void http_reply_body(struct http_conn *c, str bytes);
/* The answer is complete. The connection goes on to its next request, or closes; c may be gone afterwards. */
void http_reply_end(struct http_conn *c);
/* The answer cannot be completed: the connection breaks off, so that the client sees it. c is gone afterwards. */
void http_reply_abort(struct http_conn *c);

/* Something that was written waits for the client. */
bool http_conn_waits(const struct http_conn *c);
/* More than HTTP_OUT_HIGH waits; events.writable will say when that is over. */
bool http_conn_is_full(struct http_conn *c);
/* Stops and restarts reading of a body that is taken in pieces. */
void http_conn_pause(struct http_conn *c, bool is_paused);

#endif

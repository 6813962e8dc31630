/* worker: one thread with one event loop: its listener, its clients' connections, its connections to providers,
 * its exchanges.
 * Owns: all of these. Thread: its own, but for worker_post, worker_drain and worker_count. */
#ifndef PROXY_WORKER_H
#define PROXY_WORKER_H

#include <event2/event.h>

#include "proxy/http/conn.h"
#include "proxy/server.h"
#include "proxy/upstream.h"

struct exchange;

/* Something that comes back from another thread. Zero-initialise. */
struct worker_mail {
	struct worker_mail *next;
	void (*open)(struct worker_mail *m); /* on the worker's thread */
};

struct worker {
	struct server *server;
	unsigned index;
	pthread_t thread;
	bool has_thread;
	struct event_base *base;
	int listen_fd;
	struct event *listener, *tick, *wake, *accept_again;
	struct event *beat; /* dashboard/feed.h; NULL: nobody ever listened */
	size_t listeners_n;
	int wake_fd;
	pthread_mutex_t lock; /* guards mail and drain */
	struct worker_mail *mail;
	int drain;      /* 0: no; 1: let requests end; 2: at once */
	bool has_ended; /* opens no more mail; under lock */
	bool is_draining, is_stopping;
	struct http_server *http;
	struct upstreams *upstreams;
	struct exchange *exchanges; /* all that are under way */
	struct exchange *spare;     /* with their arenas */
	size_t exchanges_n, spare_n;
	int64_t busy_ms; /* when there was work last; 0: memory was given back since */
	_Atomic uint64_t served_n;
	_Atomic size_t conns_n; /* as of the last tick, for other threads */
	/* Random bytes for ids, fetched many at a time: a system call less for each request. */
	struct clock id_clock;
	unsigned char random[512];
	size_t random_left;
};

/* listen_fd: bound, listening, non-blocking; the worker's from now on. Runs until drained. */
enum err worker_new(struct server *s, unsigned index, int listen_fd, struct worker **out,
	struct errctx *cx) MUST_CHECK;
enum err worker_start(struct worker *w, struct errctx *cx) MUST_CHECK;
void worker_join(struct worker *w);
void worker_free(struct worker *w);

/* Any thread: opens m on the worker's thread. */
void worker_post(struct worker *w, struct worker_mail *m);
/* The same for a worker that may have ended, because nothing of m is under way there: false then, and m is not taken. */
bool worker_offer(struct worker *w, struct worker_mail *m) MUST_CHECK;
/* Any thread: no new connections, and the end when nothing is under way; is_now: whatever is. */
void worker_drain(struct worker *w, bool is_now);

#endif

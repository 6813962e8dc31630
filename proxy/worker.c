#include "proxy/worker.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/thread.h"
#include "proxy/dashboard/feed.h"

enum {
	ACCEPT_AT_ONCE = 64,   /* then others have a turn */
	ACCEPT_AGAIN_MS = 100, /* after the system has run out of descriptors */
	TICK_MS = 1000,
	TRIM_PIECE = 128 << 10,
	IDLE_MS = 5000, /* without work: what malloc keeps goes back to the system */
};

/* ---- clients ----------------------------------------------------------------------------------------- */

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval later = {.tv_usec = ACCEPT_AGAIN_MS * 1000};
	struct worker *w = arg;

	(void)what;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage peer;
		socklen_t n = sizeof peer;
		int on = 1;
		int client =
			accept4(fd, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
					  errno == ENOMEM)) {
			(void)event_del(w->listener);
			(void)event_add(w->accept_again, &later);
		}
		if (client < 0)
			return;
		(void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		http_server_take(w->http, client, &peer);
	}
}

static void on_accept_again(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;

	(void)fd;
	(void)what;
	if (w->listen_fd >= 0)
		(void)event_add(w->listener, NULL);
}

/* ---- the turn of the loop ---------------------------------------------------------------------------- */

static void turn_over(void *self)
{
	struct worker *w = self;

	http_server_flush(w->http);
}

static void look_for_end(struct worker *w)
{
	if (!w->is_draining)
		return;
	http_server_close_idle(w->http);
	if (!w->exchanges_n && (w->is_stopping || !http_server_conns_n(w->http)))
		(void)event_base_loopbreak(w->base);
}

/* malloc_trim leaves the end of all arenas but the first: it goes when something large is freed there, and more is free
 * than the threshold says. */
static void trim_arena(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_PIECE);
	mem_free(mem_alloc(TRIM_PIECE));
	(void)malloc_trim(0);
	(void)mallopt(M_TRIM_THRESHOLD, SERVER_TRIM_BYTES);
}

static void give_memory_back(struct worker *w, int64_t now_ms)
{
	if (w->exchanges_n > w->listeners_n) {
		w->busy_ms = now_ms;
		return;
	}
	if (!w->busy_ms || now_ms - w->busy_ms < IDLE_MS)
		return;
	w->busy_ms = 0;
	exchange_free_spare(w);
	upstreams_free_spare(w->upstreams);
	trim_arena();
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	int64_t now_ns = clock_monotonic_ns(NULL);

	(void)fd;
	(void)what;
	exchanges_tick(w, now_ns);
	http_server_tick(w->http, now_ns / 1000000);
	atomic_store_explicit(&w->conns_n, http_server_conns_n(w->http), memory_order_relaxed);
	upstreams_tick(w->upstreams, now_ns);
	give_memory_back(w, now_ns / 1000000);
	look_for_end(w);
}

/* ---- from other threads ------------------------------------------------------------------------------ */

static void ring(struct worker *w)
{
	uint64_t one = 1;

	while (write(w->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

bool worker_offer(struct worker *w, struct worker_mail *m)
{
	bool is_first, is_taken;

	(void)pthread_mutex_lock(&w->lock);
	is_taken = !w->has_ended;
	is_first = is_taken && !w->mail;
	if (is_taken) {
		m->next = w->mail;
		w->mail = m;
	}
	if (is_first)
		ring(w); /* under the lock: once m can be taken, w may end and be freed */
	(void)pthread_mutex_unlock(&w->lock);
	return is_taken;
}

void worker_post(struct worker *w, struct worker_mail *m)
{
	ASSERT(worker_offer(w, m)); /* a worker does not end before its exchanges do */
}

void worker_drain(struct worker *w, bool is_now)
{
	(void)pthread_mutex_lock(&w->lock);
	w->drain = is_now ? 2 : 1;
	(void)pthread_mutex_unlock(&w->lock);
	ring(w);
}

static void begin_drain(struct worker *w)
{
	if (w->is_draining)
		return;
	w->is_draining = true;
	(void)event_del(w->listener);
	(void)close(w->listen_fd);
	w->listen_fd = -1;
	feed_end(w);
}

/* Breaks off what is under way; what the pool has comes back first. */
static void drop_all(struct worker *w)
{
	for (struct exchange *x = w->exchanges, *next; x; x = next) {
		next = x->next;
		if (!x->is_in_pool)
			exchange_break(x, STR("the proxy was stopped"));
	}
	http_server_flush(w->http);
}

static void open_mail(struct worker_mail *mail)
{
	struct worker_mail *in_order = NULL;

	while (mail) {
		struct worker_mail *m = mail;

		mail = m->next;
		m->next = in_order;
		in_order = m;
	}
	while (in_order) {
		struct worker_mail *m = in_order;

		in_order = m->next;
		m->open(m);
	}
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct worker_mail *mail;
	uint64_t rung;
	int drain;

	(void)what;
	(void)!read(fd, &rung, sizeof rung);
	(void)pthread_mutex_lock(&w->lock);
	mail = w->mail;
	w->mail = NULL;
	drain = w->drain;
	(void)pthread_mutex_unlock(&w->lock);
	open_mail(mail);
	if (drain)
		begin_drain(w);
	w->is_stopping = drain == 2;
	if (w->is_stopping)
		drop_all(w);
	http_server_flush(w->http);
	look_for_end(w);
}

/* ---- ids --------------------------------------------------------------------------------------------- */

static int64_t id_wall_ms(void *self)
{
	const struct worker *w = self;

	return clock_wall_ms(w->server->clock);
}

static void id_random(void *self, void *out, size_t n)
{
	struct worker *w = self;

	if (w->random_left < n) {
		if (getrandom(w->random, sizeof w->random, 0) != (ssize_t)sizeof w->random)
			UNREACHABLE("the system has no random bytes");
		w->random_left = sizeof w->random;
	}
	w->random_left -= n;
	memcpy(out, w->random + w->random_left, n);
}

/* ---- the thread -------------------------------------------------------------------------------------- */

static void *work(void *arg)
{
	struct worker *w = arg;
	struct worker_mail *mail;

	(void)event_base_dispatch(w->base);
	(void)pthread_mutex_lock(&w->lock);
	w->has_ended = true;
	mail = w->mail;
	w->mail = NULL;
	(void)pthread_mutex_unlock(&w->lock);
	open_mail(mail);
	server_worker_ended(w->server);
	return NULL;
}

static bool add_events(struct worker *w)
{
	static const struct timeval second = {.tv_sec = TICK_MS / 1000};

	w->listener = event_new(w->base, w->listen_fd, EV_READ | EV_PERSIST, on_accept, w);
	w->wake = event_new(w->base, w->wake_fd, EV_READ | EV_PERSIST, on_wake, w);
	w->tick = event_new(w->base, -1, EV_PERSIST, on_tick, w);
	w->accept_again = evtimer_new(w->base, on_accept_again, w);
	return w->listener && w->wake && w->tick && w->accept_again &&
	       !event_add(w->listener, NULL) && !event_add(w->wake, NULL) &&
	       !event_add(w->tick, &second);
}

/* A socket whose interest changes and changes back within one turn costs no system call; none is ever dup'ed,
 * which the list of changes could not stand. */
static struct event_base *new_base(void)
{
	struct event_config *conf = event_config_new();
	struct event_base *base = NULL;

	if (conf && !event_config_set_flag(conf, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST))
		base = event_base_new_with_config(conf);
	if (conf)
		event_config_free(conf);
	return base;
}

static enum err set_up(struct worker *w, struct errctx *cx)
{
	struct server *s = w->server;
	struct http_server_conf http = {
		.events = &exchange_http_events, .self = w, .is_draining = &w->is_draining};
	struct upstreams_conf upstreams = {.proxy = s->conf,
		.workers_n = s->workers_n,
		.worker = w->index,
		.events = &exchange_upstream_events,
		.turn_over = turn_over,
		.self = w};

	w->base = new_base();
	w->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!w->base || w->wake_fd < 0 || !add_events(w))
		FAIL(cx, E_UNAVAILABLE, "no event loop: out of memory or of file descriptors");
	http.base = w->base;
	w->http = http_server_new(&http);
	if (!w->http)
		FAIL(cx, E_NOMEM, "no memory for a worker");
	upstreams.base = w->base;
	return upstreams_new(&upstreams, &w->upstreams, cx);
}

enum err worker_new(
	struct server *s, unsigned index, int listen_fd, struct worker **out, struct errctx *cx)
{
	struct worker *w = mem_zalloc(sizeof *w);
	enum err err;

	*out = w;
	if (!w) {
		(void)close(listen_fd);
		FAIL(cx, E_NOMEM, "no memory for a worker");
	}
	w->server = s;
	w->index = index;
	w->listen_fd = listen_fd;
	w->wake_fd = -1;
	w->id_clock = (struct clock){.wall_ms = id_wall_ms, .random = id_random, .self = w};
	if (s->clock && s->clock->random)
		w->id_clock = *s->clock;
	(void)pthread_mutex_init(&w->lock, NULL);
	err = set_up(w, cx);
	if (err) {
		worker_free(w);
		*out = NULL;
	}
	return err;
}

enum err worker_start(struct worker *w, struct errctx *cx)
{
	if (!thread_start(&w->thread, work, w, NULL))
		FAIL(cx, E_UNAVAILABLE, "no thread for a worker");
	w->has_thread = true;
	return E_OK;
}

void worker_join(struct worker *w)
{
	if (w->has_thread)
		(void)pthread_join(w->thread, NULL);
	w->has_thread = false;
}

static void free_event(struct event *ev)
{
	if (ev)
		event_free(ev);
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	if (w->http)
		http_server_free(w->http);
	upstreams_free(w->upstreams);
	exchange_free_spare(w);
	free_event(w->listener);
	free_event(w->wake);
	free_event(w->tick);
	free_event(w->accept_again);
	free_event(w->beat);
	if (w->listen_fd >= 0)
		(void)close(w->listen_fd);
	if (w->wake_fd >= 0)
		(void)close(w->wake_fd);
	if (w->base)
		event_base_free(w->base);
	(void)pthread_mutex_destroy(&w->lock);
	mem_free(w);
}

#include "proxy/proxy.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "proxy/lease.h"
#include "proxy/listen.h"
#include "proxy/notify.h"
#include "proxy/pages.h"
#include "proxy/server.h"
#include "proxy/worker.h"

enum {
	SYNC_MS = 10 * 1000, /* how old what other processes have spent may be */
	TOKENS_SYNC_MS =
		60 * 1000, /* the same for tokens: a walk through the ledger for all of them */
	TOKENS_MS = 1000,  /* until a change of the file of tokens is seen */
};

struct run {
	const struct proxy_conf *conf;
	struct server server;
	sigset_t signals, old_signals;
	int signal_fd;
	struct leases *leases;
	struct idle idle;
	bool is_draining;
	int64_t drain_end_ms;
	int64_t sync_ms, tokens_ms; /* when the budget is to be synchronised, and those of tokens */
};

/* ---- workers ----------------------------------------------------------------------------------------- */

static enum err start_workers(struct run *r, struct listeners *l, struct errctx *cx)
{
	struct server *s = &r->server;

	s->workers_n = l->n;
	memcpy(s->url, l->url, sizeof s->url);
	s->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->workers = mem_zalloc(s->workers_n * sizeof(struct worker *));
	if (!s->workers || s->ended_fd < 0)
		FAIL(cx, E_NOMEM, "no memory for the workers");
	s->workers_left = s->workers_n;
	for (unsigned i = 0; i < s->workers_n; i++)
		TRY(worker_new(s, i, listeners_take(l, i), &s->workers[i], cx));
	for (unsigned i = 0; i < s->workers_n; i++)
		TRY(worker_start(s->workers[i], cx));
	return E_OK;
}

static void drain_workers(struct server *s, bool is_now)
{
	for (unsigned i = 0; s->workers && i < s->workers_n; i++)
		if (s->workers[i])
			worker_drain(s->workers[i], is_now);
}

static void stop_workers(struct run *r)
{
	struct server *s = &r->server;

	drain_workers(s, true);
	for (unsigned i = 0; s->workers && i < s->workers_n; i++)
		if (s->workers[i])
			worker_join(s->workers[i]);
	for (unsigned i = 0; s->workers && i < s->workers_n; i++)
		worker_free(s->workers[i]);
	mem_free(s->workers);
	s->workers = NULL;
}

/* ---- the service manager ----------------------------------------------------------------------------- */

/* What it cannot be told is no reason to stop. */
static void check_notified(struct server *s, enum err err, const struct errctx *cx)
{
	if (err)
		LOG(s->log, LOG_LEVEL_WARN, "notify_failed", log_s("why", str_from(cx->text)));
}

static void say_ready(struct server *s)
{
	struct errctx cx = {0};

	check_notified(s, notify_ready(s->conf->notify_socket, s->url, &cx), &cx);
}

static void say_stopping(struct server *s)
{
	struct errctx cx = {0};

	check_notified(s, notify_stopping(s->conf->notify_socket, "draining", &cx), &cx);
}

static void say_reloading(struct server *s)
{
	struct errctx cx = {0};

	check_notified(s,
		notify_reloading(s->conf->notify_socket, clock_monotonic_ns(NULL) / 1000, &cx),
		&cx);
}

/* ---- signals ----------------------------------------------------------------------------------------- */

static void begin_drain(struct run *r)
{
	struct server *s = &r->server;
	bool is_second = r->is_draining;

	LOG(s->log, LOG_LEVEL_INFO, is_second ? "stopping_now" : "draining",
		log_i("active", atomic_load(&s->active_n)));
	say_stopping(s);
	leases_withdraw(
		r->leases); /* while the port is ours: the next one there has files of the same name */
	atomic_store(&s->is_draining, true);
	drain_workers(s, is_second);
	r->is_draining = true;
	r->drain_end_ms = clock_monotonic_ns(s->clock) / 1000000 + s->conf->drain_ms;
}

static void reload(struct run *r)
{
	struct server *s = &r->server;
	struct errctx cx = {0};

	say_reloading(s);
	if (server_reload(s, &cx))
		LOG(s->log, LOG_LEVEL_ERROR, "reload_failed", log_s("why", str_from(cx.text)));
	else
		LOG(s->log, LOG_LEVEL_INFO, "reloaded", log_b("limits", true));
	server_reload_tenants(s);
	say_ready(s);
}

static void on_signal(struct run *r)
{
	struct signalfd_siginfo info;

	if (read(r->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo == SIGHUP)
		reload(r);
	else
		begin_drain(r);
}

static uint64_t served_n(const struct server *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < s->workers_n; i++)
		n += atomic_load_explicit(&s->workers[i]->served_n, memory_order_relaxed);
	return n;
}

/* Milliseconds until something is to be looked at again. Begins to drain when nobody needs this proxy any more. */
static int64_t time_left(struct run *r)
{
	struct server *s = &r->server;
	int64_t now_ms = clock_monotonic_ns(s->clock) / 1000000, left;

	if (r->is_draining)
		return r->drain_end_ms - now_ms;
	left = idle_check(
		&r->idle, now_ms, leases_n(r->leases), atomic_load(&s->active_n), served_n(s));
	if (left == 0)
		(void)leases_serve(r->leases); /* who is at the door already stays */
	if (left == 0 && !leases_n(r->leases)) {
		LOG(s->log, LOG_LEVEL_INFO, "idle_exit", log_i("idle_ms", r->idle.limit_ms));
		begin_drain(r);
		return s->conf->drain_ms;
	}
	if (s->tenants && (left <= 0 || left > TOKENS_MS))
		left = TOKENS_MS;
	return left <= 0 || left > SYNC_MS ? SYNC_MS : left;
}

/* What the loop does from time to time, with nobody at the door. */
static void tick(struct run *r)
{
	struct server *s = &r->server;
	int64_t now_ms = clock_monotonic_ns(s->clock) / 1000000;

	if (s->tenants && tenants_is_changed(s->tenants))
		server_reload_tenants(s);
	if (s->tenants && now_ms >= r->tokens_ms) {
		r->tokens_ms = now_ms + TOKENS_SYNC_MS;
		tenants_sync(s->tenants, s->store);
	}
	if (s->conf->limits.has_budget && now_ms >= r->sync_ms) {
		r->sync_ms = now_ms + SYNC_MS;
		server_sync_budget(s);
	}
}

static void wait_for_end(struct run *r)
{
	struct server *s = &r->server;
	struct pollfd fds[3] = {{.fd = r->signal_fd, .events = POLLIN},
		{.fd = s->ended_fd, .events = POLLIN},
		{.fd = leases_fd(r->leases), .events = POLLIN}};

	while (!(fds[1].revents & POLLIN)) {
		int64_t left = time_left(r);

		if (poll(fds, ARRAY_N(fds), left > 0 ? (int)left : 0) < 0 && errno != EINTR)
			return;
		if (fds[0].revents & POLLIN)
			on_signal(r);
		else if (r->is_draining && left <= 0)
			return;
		else
			tick(r);
		if (fds[2].revents & POLLIN && leases_serve(r->leases) && !r->is_draining)
			begin_drain(r);
	}
}

/* ---- the run ----------------------------------------------------------------------------------------- */

/* A connection is a descriptor, two with the one to the provider. */
static void raise_file_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &l);
	}
}

static void tell_ready(struct run *r)
{
	const struct proxy_conf *c = r->server.conf;

	if (c->listening)
		c->listening(c->listening_self, r->server.url);
	say_ready(&r->server);
	pages_give_back();
	if (c->ready_fd < 0)
		return;
	if (dprintf(c->ready_fd, "%s\n", r->server.url) < 0)
		LOG(c->log, LOG_LEVEL_WARN, "ready_fd_unwritable", log_i("fd", c->ready_fd));
	(void)close(c->ready_fd);
}

static enum err block_signals(struct run *r, struct errctx *cx)
{
	(void)sigemptyset(&r->signals);
	(void)sigaddset(&r->signals, SIGTERM);
	(void)sigaddset(&r->signals, SIGINT);
	(void)sigaddset(&r->signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &r->signals, &r->old_signals);
	(void)signal(SIGPIPE, SIG_IGN);
	r->signal_fd = signalfd(-1, &r->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signal_fd < 0)
		FAIL(cx, E_UNAVAILABLE, "no descriptor for signals");
	return E_OK;
}

static enum err serve(struct run *r, struct listeners *l, struct errctx *cx)
{
	struct server *s = &r->server;
	enum err err;

	r->idle.limit_ms = s->conf->idle_exit_ms;
	TRY(start_workers(r, l, cx));
	err = leases_open(s->conf, s->url, s->nonce, &r->leases, cx);
	if (!err) {
		tell_ready(r);
		wait_for_end(r);
	}
	leases_close(r->leases);
	return err;
}

static enum err run(struct run *r, struct listeners *l, struct errctx *cx)
{
	enum err err;

	TRY(block_signals(r, cx));
	TRY(server_open(&r->server, r->conf, cx));
	err = l->n ? E_OK : listeners_open(r->conf, l, cx);
	if (!err)
		err = serve(r, l, cx);
	stop_workers(r);
	server_close(&r->server);
	return err;
}

enum err proxy_run(const struct proxy_conf *conf, struct errctx *cx)
{
	struct run r = {.conf = conf, .signal_fd = -1};
	struct listeners own;
	enum err err;

	listeners_init(&own);
	raise_file_limit();
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		FAIL(cx, E_UNAVAILABLE, "libcurl cannot be used here");
	err = run(&r, conf->listeners ? conf->listeners : &own, cx);
	listeners_close(&own);
	if (r.signal_fd >= 0)
		(void)close(r.signal_fd);
	curl_global_cleanup();
	return err;
}

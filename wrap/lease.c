#include "wrap/lease.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/lease/meet.h"
#include "core/lease/port_owner.h"
#include "wrap/lease_spawn.h"

enum {
	ANSWER_MS = 2000,
	STARTS_MAX = 5, /* in a minute, for one that dies again and again */
	MINUTE_MS = 60000,
	BACKOFF_MIN_MS = 50,
	BACKOFF_MAX_MS = 2000,
	LOOKS = 6, /* at a headroom that has its port, but no control socket yet or any more */
	LOOK_AGAIN_MS = 50,
	URL_MAX = 128, /* of a loopback address */
	NOTICE_MAX = LIMIT_ERR_TEXT + 64,
};

struct lease {
	struct lease_request request;
	struct arena arena;       /* of want */
	struct arena scratch;     /* of one take or revive, and of have */
	struct buf text;          /* what headroom says; reused */
	struct lease_record want; /* what our options come to */
	struct lease_record have; /* who is at fd */
	struct run_dir dir;
	int fd, lock_fd;
	uint16_t port;
	bool is_new, has_dir;
	char notice[NOTICE_MAX], url[URL_MAX];
	/* Of revivals. */
	int64_t started_ms[STARTS_MAX];
	size_t started_n; /* all ever */
	int64_t next_try_ms, backoff_ms;
};

static int64_t now_ms(void)
{
	return clock_monotonic_ns(NULL) / 1000000;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* ---- looking ------------------------------------------------------------------------------------ */

enum found {
	FOUND_NONE,  /* no proxy of ours */
	FOUND_GOOD,  /* l->fd is a lease on it */
	FOUND_OTHER, /* one that cannot be shared, because of *why */
};

/* On FOUND_GOOD and FOUND_OTHER, l->have is who is there, and l->fd a lease on it, where it is one of us. */
static enum found look(struct lease *l, uint16_t port, const char **why)
{
	enum err err = E_NOT_FOUND;
	str setting;

	*why = "";
	if (l->has_dir)
		err = lease_meet(&l->dir, port, &l->text, &l->scratch, &l->fd, &l->have);
	if (err == E_NOT_FOUND)
		return FOUND_NONE;
	if (err) {
		*why = err == E_TIMEOUT ? "does not answer" : "is not who it says";
		return FOUND_OTHER;
	}
	if (lease_record_suits(&l->have, &l->want, &setting))
		return FOUND_GOOD;
	*why = "sends requests elsewhere, or is of another version";
	if (setting.n)
		*why = arena_printf(&l->scratch, "has another --" STR_FMT, STR_ARG(setting)).p;
	return FOUND_OTHER;
}

/* Whether a proxy could listen there, found out without a word to who may. */
static bool is_free(uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	bool is_bound;

	if (fd < 0)
		return true; /* starting it will tell */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	is_bound = bind(fd, (const struct sockaddr *)&sa, sizeof sa) == 0;
	(void)close(fd);
	return is_bound;
}

/* The same; a headroom that begins has the port before its files, and one that ends after them: a moment later it is one
 * thing or the other. */
static enum found look_well(struct lease *l, uint16_t port, const char **why)
{
	for (int i = 1;; i++) {
		enum found found = look(l, port, why);
		struct port_owner owner;

		if (found != FOUND_NONE || i == LOOKS || is_free(port) ||
			!port_owner_find(port, 0, &owner) || strcmp(owner.name, "headroom") != 0)
			return found;
		(void)poll(NULL, 0, LOOK_AGAIN_MS);
	}
}

static enum err describe_owner(uint16_t port, struct errctx *cx)
{
	struct port_owner owner;

	if (!port_owner_find(port, 0, &owner))
		FAIL(cx, E_UNAVAILABLE, "port %u is taken by a program of another user", port);
	if (strcmp(owner.name, "headroom") == 0)
		FAIL(cx, E_UNAVAILABLE,
			"port %u is taken by a headroom (pid %lld) that nobody can share: with "
			"--stateless, or of another workspace",
			port, (long long)owner.pid);
	FAIL(cx, E_UNAVAILABLE, "port %u is taken by %s (pid %lld)", port, owner.name,
		(long long)owner.pid);
}

/* ---- starting ----------------------------------------------------------------------------------- */

static struct lease_spawn spawn_of(struct lease *l, uint16_t port)
{
	return (struct lease_spawn){.request = &l->request,
		.arena = &l->scratch,
		.port = port,
		.is_stateless = !l->has_dir};
}

static void settle(struct lease *l, bool is_new)
{
	l->port = lease_record_port(&l->have);
	l->is_new = is_new;
	(void)snprintf(l->url, sizeof l->url, STR_FMT, STR_ARG(l->have.url));
}

static enum err start(struct lease *l, uint16_t port, struct errctx *cx)
{
	struct lease_spawn s = spawn_of(l, port);

	l->started_ms[l->started_n++ % STARTS_MAX] = now_ms();
	TRY(lease_spawn_proxy(&s, &l->fd, &l->text, cx));
	TRY(lease_record_parse(buf_str(&l->text), &l->scratch, &l->have, cx));
	settle(l, true);
	LOG(l->request.log, LOG_LEVEL_INFO, "proxy_started", log_s("url", l->have.url),
		log_i("pid", l->have.pid));
	return E_OK;
}

static enum err joined(struct lease *l)
{
	settle(l, false);
	LOG(l->request.log, LOG_LEVEL_INFO, "proxy_joined", log_s("url", l->have.url),
		log_i("pid", l->have.pid), log_i("leases", l->have.leases));
	return E_OK;
}

/* One at another port, because of what text says. */
static enum err start_elsewhere(struct lease *l, const char *text, struct errctx *cx)
{
	char why[LIMIT_ERR_TEXT];

	(void)snprintf(why, sizeof why, "%s", text);
	close_fd(&l->lock_fd);
	TRY(start(l, 0, cx));
	(void)snprintf(l->notice, sizeof l->notice, "%s; this one is at port %u", why, l->port);
	return E_OK;
}

/* ---- taking ------------------------------------------------------------------------------------- */

/* Asks the proxy at l->fd to end, and sees it end. */
static enum err make_way(struct lease *l, struct errctx *cx)
{
	str stop = STR(LEASE_STOP);
	enum err err;

	buf_reset(&l->text);
	if (send(l->fd, stop.p, stop.n, MSG_NOSIGNAL) != (ssize_t)stop.n)
		return E_OK; /* it has ended */
	err = lease_hear(l->fd, ANSWER_MS, &l->text, cx);
	if (!err && str_eq(buf_str(&l->text), STR(LEASE_SHARED)))
		FAIL(cx, E_BUSY, "others use the proxy at port %u: it cannot be replaced now",
			lease_record_port(&l->have));
	buf_reset(&l->text);
	if (!err)
		err = lease_hear(l->fd, l->request.start_ms, &l->text, cx);
	if (err != E_NOT_FOUND)
		FAIL(cx, E_BUSY, "the proxy at port %u still works on requests",
			lease_record_port(&l->have));
	return E_OK;
}

static enum err take_besides(struct lease *l, const char *why, struct errctx *cx)
{
	const struct lease_request *r = &l->request;
	struct errctx text = {0};
	enum err err;

	(void)err_set(&text, E_UNAVAILABLE, "the proxy at port %u (pid %lld) %s", r->port,
		(long long)l->have.pid, why);
	if (r->replaces && !r->must_exist && l->fd >= 0) {
		err = make_way(l, cx);
		close_fd(&l->fd);
		return err ? err : start(l, r->port, cx);
	}
	close_fd(&l->fd);
	if (r->must_exist || r->replaces)
		FAIL(cx, E_UNAVAILABLE, "%s", text.text);
	return start_elsewhere(l, text.text, cx);
}

static enum err take_free(struct lease *l, struct errctx *cx)
{
	if (l->request.must_exist)
		FAIL(cx, E_UNAVAILABLE, "no proxy listens at port %u", l->request.port);
	return start(l, l->request.port, cx);
}

static enum err take_from_foreign(struct lease *l, struct errctx *cx)
{
	struct errctx text = {0};

	(void)describe_owner(l->request.port, &text);
	if (l->request.must_exist || l->request.is_port_given)
		FAIL(cx, E_UNAVAILABLE, "%s", text.text);
	return start_elsewhere(l, text.text, cx);
}

static enum err take_at_port(struct lease *l, struct errctx *cx)
{
	uint16_t port = l->request.port;
	const char *why;
	enum err err = E_OK;

	/* Again when somebody who asks nobody has come between. */
	for (int i = 0; i < 2; i++) {
		switch (look_well(l, port, &why)) {
		case FOUND_GOOD:
			return joined(l);
		case FOUND_OTHER:
			return take_besides(l, why, cx);
		case FOUND_NONE:
			break;
		}
		if (l->has_dir)
			run_dir_clean(&l->dir, port);
		if (!is_free(port))
			return take_from_foreign(l, cx);
		err = take_free(l, cx);
		if (!err || is_free(port))
			break;
	}
	return err;
}

static enum err ask_config(struct lease *l, struct errctx *cx)
{
	struct lease_spawn s = spawn_of(l, l->request.is_private ? 0 : l->request.port);

	TRY(lease_spawn_config(&s, &l->text, cx));
	if (lease_record_parse(buf_str(&l->text), &l->arena, &l->want, cx))
		FAIL(cx, E_UNAVAILABLE, "%s is no headroom of this version", l->request.exe);
	return E_OK;
}

static enum err take(struct lease *l, struct errctx *cx)
{
	const struct lease_request *r = &l->request;
	struct errctx why = {0};
	enum err err;

	l->has_dir = run_dir_open(r->workspace, &l->dir, &why) == E_OK;
	TRY(ask_config(l, cx));
	if (!l->has_dir && !r->must_exist && (r->is_private || !r->is_port_given)) {
		TRY(start(l, 0, cx));
	} else if (r->is_private) {
		return start(l, 0, cx);
	} else {
		if (l->has_dir)
			TRY(run_dir_lock(&l->dir, r->port, true, &l->lock_fd, cx));
		err = take_at_port(l, cx);
		close_fd(&l->lock_fd);
		TRY(err);
	}
	if (!l->has_dir)
		(void)snprintf(l->notice, sizeof l->notice,
			"%s; the proxy is private and writes no files", why.text);
	return E_OK;
}

enum err lease_take(const struct lease_request *r, struct lease **out, struct errctx *cx)
{
	struct lease *l = mem_zalloc(sizeof *l);
	enum err err;

	*out = NULL;
	if (!l)
		FAIL(cx, E_NOMEM, "out of memory");
	l->request = *r;
	l->fd = l->lock_fd = -1;
	arena_init(&l->arena);
	arena_init(&l->scratch);
	buf_init(&l->text, LEASE_RECORD_MAX);
	if (arena_recover(&l->arena) || arena_recover(&l->scratch))
		err = err_set(cx, E_NOMEM, "out of memory");
	else
		err = take(l, cx);
	arena_end_recover(&l->arena);
	arena_end_recover(&l->scratch);
	close_fd(&l->lock_fd);
	if (err) {
		lease_release(l);
		return err;
	}
	l->started_n = 0; /* the first one was no revival */
	*out = l;
	return E_OK;
}

void lease_release(struct lease *l)
{
	if (!l)
		return;
	close_fd(&l->fd);
	close_fd(&l->lock_fd);
	buf_release(&l->text);
	arena_release(&l->arena);
	arena_release(&l->scratch);
	mem_free(l);
}

/* ---- asking ------------------------------------------------------------------------------------- */

const char *lease_url(const struct lease *l)
{
	return l->url;
}

uint16_t lease_port(const struct lease *l)
{
	return l->port;
}

bool lease_is_new(const struct lease *l)
{
	return l->is_new;
}

const char *lease_notice(const struct lease *l)
{
	return *l->notice ? l->notice : NULL;
}

int lease_fd(const struct lease *l)
{
	return l->fd;
}

/* ---- reviving ----------------------------------------------------------------------------------- */

int64_t lease_next_try_ms(const struct lease *l)
{
	int64_t left = l->next_try_ms - now_ms();

	return left > 0 ? left : 0;
}

/* Milliseconds until one more may be started. */
static int64_t start_allowed_in(const struct lease *l)
{
	int64_t oldest =
		l->started_n < STARTS_MAX ? -MINUTE_MS : l->started_ms[l->started_n % STARTS_MAX];
	int64_t left = oldest + MINUTE_MS - now_ms();

	return l->started_n < STARTS_MAX || left < 0 ? 0 : left;
}

static enum err start_again(struct lease *l, struct errctx *cx)
{
	int64_t left = start_allowed_in(l);

	if (l->request.must_exist)
		FAIL(cx, E_UNAVAILABLE, "the proxy at port %u is gone", l->port);
	if (left) {
		l->next_try_ms = now_ms() + left;
		FAIL(cx, E_BUSY, "the proxy at port %u ended %d times in a minute", l->port,
			STARTS_MAX);
	}
	return start(l, l->port, cx);
}

static enum err revive(struct lease *l, struct errctx *cx)
{
	uint16_t port = l->port;
	const char *why;

	if (l->has_dir)
		TRY(run_dir_lock(&l->dir, port, false, &l->lock_fd, cx));
	switch (look(l, port, &why)) {
	case FOUND_GOOD:
		return joined(l);
	case FOUND_OTHER:
		close_fd(&l->fd);
		FAIL(cx, E_UNAVAILABLE, "the proxy that now is at port %u %s", port, why);
	case FOUND_NONE:
		break;
	}
	if (l->has_dir)
		run_dir_clean(&l->dir, port);
	if (!is_free(port))
		return describe_owner(port, cx);
	return start_again(l, cx);
}

enum err lease_revive(struct lease *l, struct errctx *cx)
{
	enum err err;

	if (lease_next_try_ms(l))
		FAIL(cx, E_BUSY, "too early");
	close_fd(&l->fd);
	arena_reset(&l->scratch);
	if (arena_recover(&l->scratch))
		err = err_set(cx, E_NOMEM, "out of memory");
	else
		err = revive(l, cx);
	arena_end_recover(&l->scratch);
	close_fd(&l->lock_fd);
	l->backoff_ms = err ? 2 * l->backoff_ms : 0;
	if (!err)
		return E_OK;
	close_fd(&l->fd);
	if (l->backoff_ms < BACKOFF_MIN_MS)
		l->backoff_ms = BACKOFF_MIN_MS;
	if (l->backoff_ms > BACKOFF_MAX_MS)
		l->backoff_ms = BACKOFF_MAX_MS;
	if (!lease_next_try_ms(l))
		l->next_try_ms = now_ms() + l->backoff_ms;
	return err;
}

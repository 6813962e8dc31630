#include "proxy/lease.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/lease/process.h"
#include "core/lease/run_dir.h"

enum { EVENTS = 64 }; /* at once; the rest comes with the next call */

struct holder {
	struct holder *next, *prev;
	int fd;
	bool asks_stop;
	size_t line_n;
	char line[sizeof LEASE_STOP]; /* what came of its line */
};

struct leases {
	const struct proxy_conf *conf;
	struct lease_record record;
	struct run_dir dir;
	uint16_t port;
	char url[128], nonce[LEASE_NONCE_LEN + 1], digest[LEASE_DIGEST_LEN + 1];
	char socket[PATH_MAX];
	int epoll_fd, listen_fd;
	struct holder *holders;
	size_t n;
};

/* ---- what it says of itself --------------------------------------------------------------------- */

static void add_part(struct buf *b, const char *name, str value)
{
	buf_printf(b, "%s %zu ", name, value.n);
	buf_add(b, value);
	buf_add_byte(b, '\n');
}

/* Whatever decides where requests and credentials go belongs here, and whatever decides who may come. Another version
 * is another program. */
void lease_digest(const struct proxy_conf *conf, char out[LEASE_DIGEST_LEN + 1])
{
	const struct {
		const char *name, *value;
	} files[] = {{"ca_file", conf->ca_file}, {"ca_extra", conf->ca_extra},
		{"http_proxy", conf->http_proxy}, {"https_proxy", conf->https_proxy},
		{"no_proxy", conf->no_proxy}};
	char once[LEASE_NONCE_LEN + 1];
	struct buf b;

	buf_init(&b, LEASE_RECORD_MAX);
	add_part(&b, "version", str_from(conf->version));
	add_part(&b, "token", conf->token);
	for (size_t i = 0; i < PROXY_UPSTREAMS; i++)
		add_part(&b, "upstream", conf->upstreams[i]);
	add_part(&b, "key", conf->backend.key);
	add_part(&b, "profile", conf->backend.profile);
	add_part(&b, "project", conf->backend.project);
	for (size_t i = 0; i < ARRAY_N(files); i++)
		add_part(&b, files[i].name, str_from(files[i].value));
	/* One that fits nothing is better than one that leaves something out. */
	lease_make_nonce(conf->clock, once);
	sha256_hex(b.err ? str_from(once) : buf_str(&b), out);
	buf_release(&b);
}

void lease_make_nonce(const struct clock *clock, char out[LEASE_NONCE_LEN + 1])
{
	char ids[2][CLOCK_ID_LEN + 1], digest[SHA256_HEX + 1];

	clock_id(clock, ids[0]);
	clock_id(clock, ids[1]);
	sha256_hex((str){ids[0], sizeof ids}, digest);
	(void)snprintf(out, LEASE_NONCE_LEN + 1, "%.*s", LEASE_NONCE_LEN, digest);
}

static struct lease_record config_record(const struct proxy_conf *conf, const char *digest)
{
	return (struct lease_record){.version = str_from(conf->version),
		.digest = str_from(digest),
		.settings = conf->settings,
		.settings_n = conf->settings_n};
}

void lease_write_config(const struct proxy_conf *conf, struct buf *out)
{
	char digest[LEASE_DIGEST_LEN + 1];
	struct lease_record r;

	lease_digest(conf, digest);
	r = config_record(conf, digest);
	lease_record_write(&r, out);
}

static void fill_record(struct leases *l)
{
	l->record = config_record(l->conf, l->digest);
	l->record.pid = getpid();
	l->record.start_time = process_start_time(getpid());
	l->record.uid = geteuid();
	l->record.network = process_network();
	l->record.nonce = str_from(l->nonce);
	l->record.url = str_from(l->url);
	l->record.socket = str_from(l->socket);
	l->record.idle_exit_ms = l->conf->idle_exit_ms;
	l->port = lease_record_port(&l->record);
}

/* ---- holders ------------------------------------------------------------------------------------ */

static void drop(struct leases *l, struct holder *h)
{
	if (h->prev)
		h->prev->next = h->next;
	else
		l->holders = h->next;
	if (h->next)
		h->next->prev = h->prev;
	l->n--;
	(void)close(h->fd);
	mem_free(h);
}

/* The first word to a new holder. It fits into the buffer of a fresh socket, or the holder does without us. */
static bool say_hello(struct leases *l, int fd)
{
	struct buf b;
	bool is_said;

	l->record.leases = (int64_t)l->n;
	buf_init(&b, LEASE_RECORD_MAX);
	lease_record_write(&l->record, &b);
	is_said = !b.err && send(fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)b.n;
	buf_release(&b);
	return is_said;
}

/* fd is taken in any case. */
static bool take(struct leases *l, int fd)
{
	struct holder *h = l->n < LEASES_MAX ? mem_zalloc(sizeof *h) : NULL;
	struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = h};

	if (!h || epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0) {
		mem_free(h);
		(void)close(fd);
		return false;
	}
	h->fd = fd;
	h->next = l->holders;
	if (l->holders)
		l->holders->prev = h;
	l->holders = h;
	l->n++;
	if (say_hello(l, fd))
		return true;
	drop(l, h);
	return false;
}

static bool is_same_user(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static void accept_all(struct leases *l)
{
	for (;;) {
		int fd = accept4(l->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		if (is_same_user(fd))
			(void)take(l, fd);
		else
			(void)close(fd);
	}
}

static void hear(struct leases *l, struct holder *h)
{
	ssize_t n = recv(h->fd, h->line + h->line_n, sizeof h->line - h->line_n, MSG_DONTWAIT);
	str line;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	h->line_n += n > 0 ? (size_t)n : 0;
	line = (str){h->line, h->line_n};
	h->asks_stop = n > 0 && str_eq(line, STR(LEASE_STOP));
	if (n <= 0 || (!h->asks_stop && !str_starts(STR(LEASE_STOP), line)))
		drop(l, h);
}

/* True when the only holder asks for the end. One of several is told that it is not alone, and let go. */
static bool judge_stops(struct leases *l)
{
	for (struct holder *h = l->holders, *next; h; h = next) {
		str answer = l->n == 1 ? STR(LEASE_STOPPING) : STR(LEASE_SHARED);

		next = h->next;
		if (!h->asks_stop)
			continue;
		(void)send(h->fd, answer.p, answer.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (l->n == 1)
			return true;
		drop(l, h);
	}
	return false;
}

bool leases_serve(struct leases *l)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(l->epoll_fd, events, EVENTS, 0);

	for (int i = 0; i < n; i++)
		if (events[i].data.ptr)
			hear(l, events[i].data.ptr);
	/* Before it is judged: who comes now keeps us from going. */
	if (l->listen_fd >= 0)
		accept_all(l);
	return judge_stops(l);
}

int leases_fd(const struct leases *l)
{
	return l->epoll_fd;
}

size_t leases_n(const struct leases *l)
{
	return l->n;
}

/* ---- opening and closing ------------------------------------------------------------------------ */

static enum err publish(struct leases *l, struct errctx *cx)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct buf line;
	enum err err;

	TRY(run_dir_open(l->conf->workspace, &l->dir, cx));
	run_dir_file(&l->dir, l->port, RUN_SOCK, l->socket);
	l->record.socket = str_from(l->socket);
	buf_init(&line, LEASE_RECORD_MAX);
	lease_record_write(&l->record, &line);
	err = line.err ? err_set(cx, line.err, "the options are too long")
		       : run_dir_publish(&l->dir, l->port, buf_str(&line), &l->listen_fd, cx);
	buf_release(&line);
	TRY(err);
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->listen_fd, &ev) != 0)
		FAIL(cx, E_UNAVAILABLE, "no descriptor for a control socket");
	return E_OK;
}

enum err leases_open(const struct proxy_conf *conf, const char *url, const char *nonce,
	struct leases **out, struct errctx *cx)
{
	struct leases *l = mem_zalloc(sizeof *l);
	struct errctx why = {0};

	*out = l;
	if (!l)
		FAIL(cx, E_NOMEM, "no memory for leases");
	l->conf = conf;
	l->listen_fd = -1;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	(void)snprintf(l->url, sizeof l->url, "%s", url);
	(void)snprintf(l->nonce, sizeof l->nonce, "%s", nonce);
	lease_digest(conf, l->digest);
	fill_record(l);
	if (l->epoll_fd < 0)
		FAIL(cx, E_UNAVAILABLE, "no descriptor for leases");
	if (conf->workspace && publish(l, &why))
		LOG(conf->log, LOG_LEVEL_WARN, "no_control_socket",
			log_s("why", str_from(why.text)),
			log_s("advice", STR("'headroom wrap' cannot share this proxy")));
	if (conf->control_fd >= 0 && !take(l, conf->control_fd))
		FAIL(cx, E_UNAVAILABLE, "who started this proxy is gone");
	return E_OK;
}

void leases_withdraw(struct leases *l)
{
	if (l->listen_fd >= 0) {
		run_dir_withdraw(&l->dir, l->port);
		(void)close(l->listen_fd);
		l->listen_fd = -1;
	}
	for (struct holder *h = l->holders, *next; h; h = next) {
		next = h->next;
		if (!h->asks_stop) /* who asked for the end sees it come */
			drop(l, h);
	}
}

void leases_close(struct leases *l)
{
	if (!l)
		return;
	leases_withdraw(l);
	while (l->holders)
		drop(l, l->holders);
	if (l->epoll_fd >= 0)
		(void)close(l->epoll_fd);
	mem_free(l);
}

/* ---- the end of quiet --------------------------------------------------------------------------- */

int64_t idle_check(
	struct idle *i, int64_t now_ms, size_t leases_n, int64_t active_n, uint64_t served_n)
{
	bool is_quiet = !leases_n && active_n <= 0 && served_n == i->served_n;

	i->served_n = served_n;
	if (!i->limit_ms)
		return -1;
	if (leases_n) {
		i->since_ms = 0;
		return -1; /* the end of a lease is an event */
	}
	if (!is_quiet || !i->since_ms)
		i->since_ms = now_ms;
	return i->since_ms + i->limit_ms > now_ms ? i->since_ms + i->limit_ms - now_ms : 0;
}

#include "proxy/curl_loop.h"

#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/attr.h"
#include "core/base/mem.h"

/* One socket that curl has. */
struct sock {
	struct event ev;
	short events; /* what ev is registered for; 0: not registered */
	short wanted; /* what curl wants to know of; 0: the connection is idle */
	/* curl has it from opensocket and will close it by closesocket: only then may it stay registered while
	 * it is idle, for the number of a socket that curl closes by itself comes back as another file. */
	bool is_ours;
};

struct curl_loop {
	struct curl_loop_conf conf;
	CURLM *multi;
	struct event timer;
	struct sock **socks; /* by descriptor */
	size_t socks_cap, socks_n;
};

static struct sock *sock_of(struct curl_loop *l, curl_socket_t fd)
{
	size_t at = (size_t)fd;

	if (at >= l->socks_cap) {
		size_t cap = l->socks_cap ? l->socks_cap : 64;
		struct sock **socks;

		while (cap <= at)
			cap *= 2;
		socks = mem_realloc(l->socks, cap * sizeof *socks);
		if (!socks)
			return NULL;
		memset(socks + l->socks_cap, 0, (cap - l->socks_cap) * sizeof *socks);
		l->socks = socks;
		l->socks_cap = cap;
	}
	if (!l->socks[at])
		l->socks[at] = mem_zalloc(sizeof **l->socks);
	return l->socks[at];
}

static void report_done(struct curl_loop *l)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(l->multi, &left))) {
		struct curl_owner *owner = NULL;
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&owner);
		owner->done(owner, code);
	}
}

static void act(struct curl_loop *l, curl_socket_t fd, int what)
{
	int running;

	(void)curl_multi_socket_action(l->multi, fd, what, &running);
	report_done(l);
	l->conf.turn_over(l->conf.self);
}

static void sock_unregister(struct sock *s)
{
	if (s->events)
		(void)event_del(&s->ev);
	s->events = 0;
}

static void on_sock(evutil_socket_t fd, short what, void *arg)
{
	struct curl_loop *l = arg;
	struct sock *s = l->socks[fd];

	if (!s->wanted) { /* the peer has closed an idle connection; curl finds out when it looks */
		sock_unregister(s);
		return;
	}
	act(l, fd,
		(what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void sock_register(struct curl_loop *l, struct sock *s, curl_socket_t fd, short events)
{
	if (s->events == events)
		return;
	sock_unregister(s);
	(void)event_assign(&s->ev, l->conf.base, fd, (short)(events | EV_PERSIST), on_sock, l);
	if (event_add(&s->ev, NULL) == 0)
		s->events = events;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *per_socket)
{
	struct curl_loop *l = self;
	struct sock *s = sock_of(l, fd);

	(void)easy;
	(void)per_socket;
	if (!s)
		return 0; /* one of curl's own: -1 would end all transfers for good, without it curl's timer wakes */
	s->wanted = (short)((what & CURL_POLL_IN ? EV_READ : 0) |
			    (what & CURL_POLL_OUT ? EV_WRITE : 0));
	if (what == CURL_POLL_REMOVE || !s->wanted) {
		s->wanted = 0;
		if (!s->is_ours || s->events != EV_READ)
			sock_unregister(s);
		return 0;
	}
	sock_register(l, s, fd, s->wanted);
	return 0;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int on_curl_timer(CURLM *multi, long ms, void *self)
{
	struct curl_loop *l = self;
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	(void)multi;
	if (ms < 0)
		(void)event_del(&l->timer);
	else
		(void)event_add(&l->timer, &tv);
	return 0;
}

static curl_socket_t on_open(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct curl_loop *l = self;
	int on = 1;
	curl_socket_t fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		address->protocol);
	struct sock *s = fd >= 0 ? sock_of(l, fd) : NULL;

	(void)purpose;
	if (!s) {
		if (fd >= 0)
			(void)close(fd);
		return CURL_SOCKET_BAD;
	}
	if (address->socktype == SOCK_STREAM) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		s->is_ours = true;
		l->socks_n++;
	}
	return fd;
}

static int on_close(void *self, curl_socket_t fd)
{
	struct curl_loop *l = self;
	struct sock *s = (size_t)fd < l->socks_cap ? l->socks[fd] : NULL;

	if (s) {
		sock_unregister(s);
		l->socks_n -= s->is_ours;
		s->is_ours = false;
		s->wanted = 0;
	}
	return close(fd);
}

void curl_loop_adopt(struct curl_loop *l, CURL *easy, struct curl_owner *owner)
{
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, owner);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, l);
	(void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	(void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, l);
}

CURLM *curl_loop_multi(struct curl_loop *l)
{
	return l->multi;
}

struct event_base *curl_loop_base(struct curl_loop *l)
{
	return l->conf.base;
}

void curl_loop_turn_over(struct curl_loop *l)
{
	l->conf.turn_over(l->conf.self);
}

void curl_loop_hand_over(struct curl_loop *l, curl_socket_t fd)
{
	if (fd >= 0 && (size_t)fd < l->socks_cap && l->socks[fd])
		sock_unregister(l->socks[fd]);
}

size_t curl_loop_sockets_n(const struct curl_loop *l)
{
	return l->socks_n;
}

static CURLM *new_multi(struct curl_loop *l)
{
	CURLM *m = curl_multi_init();

	if (!m)
		return NULL;
	(void)curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	(void)curl_multi_setopt(m, CURLMOPT_SOCKETDATA, l);
	(void)curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	(void)curl_multi_setopt(m, CURLMOPT_TIMERDATA, l);
	return m;
}

bool curl_loop_renew(struct curl_loop *l)
{
	CURLM *m = new_multi(l);

	if (!m)
		return false;
	(void)curl_multi_cleanup(l->multi); /* closes the connections by on_close */
	(void)event_del(&l->timer);
	l->multi = m;
	return true;
}

enum err curl_loop_new(const struct curl_loop_conf *conf, struct curl_loop **out, struct errctx *cx)
{
	struct curl_loop *l = mem_zalloc(sizeof *l);

	*out = NULL;
	if (l)
		l->multi = new_multi(l);
	if (!l || !l->multi) {
		mem_free(l);
		FAIL(cx, E_NOMEM, "no memory for the upstream connections");
	}
	l->conf = *conf;
	(void)event_assign(&l->timer, conf->base, -1, 0, on_timer, l);
	*out = l;
	return E_OK;
}

void curl_loop_free(struct curl_loop *l)
{
	if (!l)
		return;
	(void)curl_multi_cleanup(l->multi); /* closes the idle connections by on_close */
	(void)event_del(&l->timer);
	for (size_t i = 0; i < l->socks_cap; i++) {
		if (l->socks[i])
			sock_unregister(l->socks[i]);
		mem_free(l->socks[i]);
	}
	mem_free(l->socks);
	mem_free(l);
}

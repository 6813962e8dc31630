#include "proxy/upstream_raw.h"

#include <event2/event_struct.h>
#include <sys/socket.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "proxy/upstream_internal.h"

struct raw_conn {
	struct curl_owner owner; /* first */
	struct upstreams *u;
	struct raw_conn *next, **at;
	CURL *easy;
	const struct raw_events *events;
	void *user;
	struct event ev_in, ev_out;
	curl_socket_t fd; /* while it is open; else CURL_SOCKET_BAD */
	bool watches_read, watches_write, is_in_multi, is_tls;
	char error[CURL_ERROR_SIZE];
};

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct raw_conn *c = arg;
	struct curl_loop *loop = c->u->loop;

	(void)fd;
	if (what & EV_READ)
		c->events->readable(c->user);
	else
		c->events->writable(c->user);
	curl_loop_turn_over(loop);
}

/* The connection is made, or cannot be. */
static void on_done(struct curl_owner *o, CURLcode code)
{
	struct raw_conn *c = (struct raw_conn *)o;
	struct event_base *base = curl_loop_base(c->u->loop);
	struct upstream_end end = {.kind = upstream_end_of(code)};

	if (code == CURLE_OK)
		code = curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &c->fd);
	if (code == CURLE_OK && c->fd != CURL_SOCKET_BAD) {
		curl_loop_hand_over(c->u->loop, c->fd);
		(void)event_assign(&c->ev_in, base, c->fd, EV_READ | EV_PERSIST, on_socket, c);
		(void)event_assign(&c->ev_out, base, c->fd, EV_WRITE | EV_PERSIST, on_socket, c);
		c->events->open(c->user);
		return;
	}
	end.text = c->error[0] ? c->error : curl_easy_strerror(code);
	c->events->failed(c->user, &end);
}

static bool set_up(struct raw_conn *c, const char *url)
{
	CURL *e = c->easy;
	CURLcode bad = CURLE_OK;

	if (!upstream_set_up(c->u, e, &c->owner, c->error))
		return false;
	bad |= curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_HTTPPROXYTUNNEL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(e, CURLOPT_URL, url);
	return bad == CURLE_OK && upstream_tls_route(c->u->tls, e, url);
}

struct raw_conn *raw_open(
	struct upstreams *u, const char *url, const struct raw_events *events, void *user)
{
	struct raw_conn *c = mem_zalloc(sizeof *c);

	if (!c)
		return NULL;
	c->owner.done = on_done;
	c->u = u;
	c->events = events;
	c->user = user;
	c->fd = CURL_SOCKET_BAD;
	c->is_tls = str_starts(str_from(url), STR("https:"));
	c->next = u->raw;
	c->at = &u->raw;
	if (c->next)
		c->next->at = &c->next;
	u->raw = c;
	u->raw_n++;
	upstream_set_kept(u);
	c->easy = curl_easy_init();
	c->is_in_multi =
		c->easy && set_up(c, url) && curl_multi_add_handle(u->multi, c->easy) == CURLM_OK;
	if (c->is_in_multi)
		return c;
	raw_close(c);
	return NULL;
}

void raw_close(struct raw_conn *c)
{
	if (!c)
		return;
	raw_watch_read(c, false);
	raw_watch_write(c, false);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	c->u->raw_n--;
	upstream_set_kept(c->u);
	if (c->is_in_multi)
		(void)curl_multi_remove_handle(c->u->multi, c->easy); /* closes it, too */
	curl_easy_cleanup(c->easy);
	mem_free(c);
}

/* From the first call on the handle holds the connection, so that curl does not look through it in search of an idle
 * one: the opener writes or reads at once. */
enum raw_io raw_read(struct raw_conn *c, char *p, size_t n, size_t *done)
{
	CURLcode code = curl_easy_recv(c->easy, p, n, done);

	if (code == CURLE_AGAIN)
		return RAW_LATER;
	if (code != CURLE_OK)
		return RAW_BROKEN;
	return *done ? RAW_SOME : RAW_END;
}

enum raw_io raw_write(struct raw_conn *c, const char *p, size_t n, size_t *done)
{
	CURLcode code = curl_easy_send(c->easy, p, n, done);

	if (code == CURLE_AGAIN || (code == CURLE_OK && !*done))
		return RAW_LATER;
	return code == CURLE_OK ? RAW_SOME : RAW_BROKEN;
}

static void watch(struct event *ev, bool *is_watched, bool is_wanted)
{
	if (*is_watched == is_wanted)
		return;
	*is_watched = is_wanted && event_add(ev, NULL) == 0;
	if (!is_wanted)
		(void)event_del(ev);
}

void raw_watch_read(struct raw_conn *c, bool is_wanted)
{
	watch(&c->ev_in, &c->watches_read, is_wanted);
}

void raw_watch_write(struct raw_conn *c, bool is_wanted)
{
	watch(&c->ev_out, &c->watches_write, is_wanted);
}

void raw_read_again(struct raw_conn *c)
{
	raw_watch_read(c, true);
	event_active(&c->ev_in, EV_READ, 0);
}

int raw_fd(const struct raw_conn *c)
{
	ASSERT(!c->is_tls && c->fd != CURL_SOCKET_BAD);
	return c->fd;
}

void raw_shut(struct raw_conn *c)
{
	if (c->fd != CURL_SOCKET_BAD && !c->is_tls)
		(void)shutdown(c->fd, SHUT_WR);
}

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "proxy/http/conn_internal.h"

void conn_mark_dirty(struct http_conn *c)
{
	if (c->is_dirty)
		return;
	c->is_dirty = true;
	c->next_dirty = c->s->dirty;
	c->s->dirty = c;
}

/* Memory that runs out while an answer is written leaves it incomplete: break it off. */
static void add(struct http_conn *c, str s)
{
	if (s.n && evbuffer_add(c->out, s.p, s.n) < 0)
		c->must_close = c->is_broken = true;
	conn_mark_dirty(c);
}

void conn_continue(struct http_conn *c)
{
	add(c, STR("HTTP/1.1 100 Continue\r\n\r\n"));
}

enum { NUMBER_MAX = 20 }; /* digits of the largest */

static str number(char digits[NUMBER_MAX], uint64_t v)
{
	size_t at = NUMBER_MAX;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return (str){digits + at, NUMBER_MAX - at};
}

/* How the client finds the end of the body (RFC 9112 6.3), and whether the connection lives on: at most two headers. */
static uint32_t framing_of(
	struct http_conn *c, const struct http_reply *r, str length, struct http_header out[2])
{
	uint32_t n = 0;

	if (r->body == HTTP_REPLY_LENGTH) {
		out[n++] = (struct http_header){STR("content-length"), length};
	} else if (r->body == HTTP_REPLY_STREAM && c->head.minor > 0 && c->has_request) {
		c->is_reply_chunked = true;
		out[n++] = (struct http_header){STR("transfer-encoding"), STR("chunked")};
	} else if (r->body == HTTP_REPLY_STREAM) {
		c->must_close = true;
		c->must_reset = true; /* when it breaks off: nothing else tells the client */
	}
	if (r->body == HTTP_REPLY_RAW)
		return n;
	if (c->must_close)
		out[n++] = (struct http_header){STR("connection"), STR("close")};
	else if (c->head.minor == 0)
		out[n++] = (struct http_header){STR("connection"), STR("keep-alive")};
	return n;
}

static void put(char **at, str s)
{
	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
}

static size_t headers_bytes(const struct http_header *h, uint32_t n)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < n; i++)
		bytes += h[i].name.n + h[i].value.n + strlen(": \r\n");
	return bytes;
}

static void put_headers(char **at, const struct http_header *h, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		put(at, h[i].name);
		put(at, STR(": "));
		put(at, h[i].value);
		put(at, STR("\r\n"));
	}
}

/* In one piece: an evbuffer_add for each part shows in the profile of small requests. */
static void add_head(struct http_conn *c, const struct http_reply *r)
{
	str reason = r->reason.n ? r->reason : str_from(http_reason(r->status));
	char status[NUMBER_MAX], length[NUMBER_MAX];
	str status_text = number(status, (uint64_t)r->status);
	struct http_header framing[2];
	uint32_t framing_n = framing_of(c, r, number(length, r->length), framing);
	struct evbuffer_iovec v;
	size_t n = strlen("HTTP/1.1  \r\n\r\n") + status_text.n + reason.n +
		   headers_bytes(r->headers, r->headers_n) + headers_bytes(framing, framing_n);
	char *at;

	conn_mark_dirty(c);
	if (evbuffer_reserve_space(c->out, (ev_ssize_t)n, &v, 1) < 1) {
		c->must_close = c->is_broken = true;
		return;
	}
	at = v.iov_base;
	put(&at, STR("HTTP/1.1 "));
	put(&at, status_text);
	put(&at, STR(" "));
	put(&at, reason);
	put(&at, STR("\r\n"));
	put_headers(&at, r->headers, r->headers_n);
	put_headers(&at, framing, framing_n);
	put(&at, STR("\r\n"));
	v.iov_len = (size_t)(at - (char *)v.iov_base);
	if (evbuffer_commit_space(c->out, &v, 1) < 0)
		c->must_close = c->is_broken = true;
}

void http_reply(struct http_conn *c, const struct http_reply *r)
{
	ASSERT(!c->is_replying);
	c->is_replying = true;
	c->must_reset = false;
	c->must_close |= r->closes || !c->has_request || !c->keeps_alive ||
			 (c->s->conf.is_draining && *c->s->conf.is_draining) || !c->is_body_done;
	add_head(c, r);
	if (r->body == HTTP_REPLY_RAW) {
		c->is_reply_raw = true;
		c->state = CONN_RAW;
		conn_go_on(c);
	}
}

void http_reply_body(struct http_conn *c, str bytes)
{
	char size[24];

	if (!bytes.n)
		return;
	if (c->is_reply_chunked) {
		(void)snprintf(size, sizeof size, "%zx\r\n", bytes.n);
		add(c, str_from(size));
	}
	add(c, bytes);
	if (c->is_reply_chunked)
		add(c, STR("\r\n"));
}

/* Nothing more is said. What waits goes out first. */
static void begin_closing(struct http_conn *c)
{
	bool is_unread = c->has_request ? !c->is_body_done || c->is_reply_raw : true;

	is_unread &= !c->is_in_over;
	conn_end_request(c);
	c->state = is_unread ? CONN_LINGER : CONN_CLOSING;
	if (is_unread)
		conn_watch(c, WATCH_READ);
	c->is_out_pending = true;
	conn_touch(c);
	conn_mark_dirty(c);
}

void http_reply_end(struct http_conn *c)
{
	if (c->is_reply_chunked)
		add(c, STR("0\r\n\r\n"));
	if (c->is_broken) {
		http_reply_abort(c);
		return;
	}
	c->must_reset = false;
	if (c->must_close || c->is_reply_raw || !c->is_body_done) {
		begin_closing(c);
		return;
	}
	conn_end_request(c);
	conn_touch(c);
	conn_mark_dirty(c);
	conn_go_on(c);
}

void http_reply_abort(struct http_conn *c)
{
	bool must_reset = c->must_reset || !c->is_replying;

	begin_closing(c);
	c->state = CONN_CLOSING;
	c->must_reset = must_reset;
}

bool http_conn_waits(const struct http_conn *c)
{
	return evbuffer_get_length(c->out) > 0;
}

bool http_conn_is_full(struct http_conn *c)
{
	bool is_full = evbuffer_get_length(c->out) > HTTP_OUT_HIGH;

	c->was_full |= is_full;
	return is_full;
}

/* ---- out to the socket ------------------------------------------------------------------------------- */

static void on_room(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn *c = arg;
	struct http_server *s = c->s;

	(void)fd;
	(void)what;
	s->now_ms = clock_monotonic_ns(NULL) / 1000000;
	conn_mark_dirty(c);
	http_server_flush(s);
}

static void wait_for_room(struct http_conn *c)
{
	if (!c->has_ev_out)
		(void)event_assign(&c->ev_out, c->s->conf.base, c->fd, EV_WRITE, on_room, c);
	c->has_ev_out = true;
	(void)event_add(&c->ev_out, NULL);
	if (!c->is_waiting)
		conn_touch(c);
	c->is_waiting = true;
}

/* Everything is out. */
static void all_written(struct http_conn *c)
{
	c->is_waiting = false;
	if (c->state == CONN_CLOSING) {
		struct linger off = {.l_onoff = 1};

		if (c->must_reset)
			(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &off, sizeof off);
		conn_free(c);
	} else if (c->state == CONN_LINGER && c->is_out_pending) {
		c->is_out_pending = false;
		(void)shutdown(c->fd, SHUT_WR);
	}
}

void conn_flush(struct http_conn *c)
{
	size_t n = evbuffer_get_length(c->out);

	if (n) {
		int sent = evbuffer_write(c->out, c->fd);

		if (sent < 0 && errno != EAGAIN && errno != EINTR) {
			(void)evbuffer_drain(c->out, n);
			c->busy++;
			if (c->user)
				c->s->conf.events->gone(c->s->conf.self, c);
			c->user = NULL;
			c->busy--;
			conn_free(c);
			return;
		}
		if (sent > 0)
			conn_touch(c);
		n = evbuffer_get_length(c->out);
	}
	if (n)
		wait_for_room(c);
	else
		all_written(c);
	if (c->was_full && n < HTTP_OUT_LOW && c->user && !c->is_dead) {
		c->was_full = false;
		c->s->conf.events->writable(c->s->conf.self, c);
	}
}

static void bury(struct http_conn *c)
{
	mem_free(c->in);
	mem_free(c->block);
	mem_free(c->body);
	evbuffer_free(c->out);
	mem_free(c);
}

void http_server_flush(struct http_server *s)
{
	while (s->dirty) {
		struct http_conn *c = s->dirty;

		s->dirty = c->next_dirty;
		c->is_dirty = false;
		if (!c->is_dead)
			conn_flush(c);
		if (c->is_dead && !c->is_dirty)
			bury(c);
	}
}

/* ---- time -------------------------------------------------------------------------------------------- */

static void time_is_over(struct http_conn *c)
{
	switch (c->state) {
	case CONN_BODY:
	case CONN_HEAD:
		if (c->state == CONN_BODY || c->in_n) {
			conn_refuse(c, 408, "the request took too long to arrive");
			return;
		}
		break;
	case CONN_ANSWER:
	case CONN_RAW:
		if (c->user)
			c->s->conf.events->gone(c->s->conf.self, c);
		c->user = NULL;
		break;
	case CONN_CLOSING:
	case CONN_LINGER:
		break;
	}
	conn_free(c);
}

static int64_t time_limit(const struct http_conn *c)
{
	const struct http_times *t = &c->s->conf.times;

	switch (c->state) {
	case CONN_HEAD:
		return c->in_n ? t->head : t->idle;
	case CONN_BODY:
		return c->watch == WATCH_READ ? t->body : INT64_MAX;
	case CONN_LINGER:
		return t->linger;
	case CONN_ANSWER: /* of the answer only when it waits for the client */
	case CONN_RAW:
	case CONN_CLOSING:
		break;
	}
	return evbuffer_get_length(c->out) ? t->body : INT64_MAX;
}

void http_server_tick(struct http_server *s, int64_t now_ms)
{
	s->now_ms = now_ms;
	for (struct http_conn *c = s->all, *next; c; c = next) {
		next = c->next;
		if (now_ms - c->since_ms > time_limit(c))
			time_is_over(c);
	}
	http_server_flush(s);
}

void http_server_close_idle(struct http_server *s)
{
	for (struct http_conn *c = s->all, *next; c; c = next) {
		next = c->next;
		if (c->state == CONN_HEAD && !c->in_n && !evbuffer_get_length(c->out))
			conn_free(c);
	}
	http_server_flush(s);
}

size_t http_server_conns_n(const struct http_server *s)
{
	return s->conns_n;
}

/* nginx: 60 s for a head, 60 s between reads, 75 s idle; a local client needs milliseconds for a head. */
static const struct http_times default_times = {
	.head = 20000, .body = 60000, .idle = 75000, .linger = 5000};

struct http_server *http_server_new(const struct http_server_conf *conf)
{
	struct http_server *s =
		mem_alloc(sizeof *s); /* not cleared: most of it is the scratch buffer */

	if (!s)
		return NULL;
	memset(s, 0, offsetof(struct http_server, parsed));
	s->conf = *conf;
	if (!s->conf.times.head)
		s->conf.times = default_times;
	return s;
}

void http_server_free(struct http_server *s)
{
	if (!s)
		return;
	while (s->all) {
		s->all->user = NULL;
		conn_free(s->all);
	}
	http_server_flush(s);
	mem_free(s);
}

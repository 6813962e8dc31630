#include "proxy/upstream_plain.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/base/check.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "proxy/tunnel_head.h"
#include "proxy/upstream_raw.h"

/* One read; what libcurl is given, too. */
#define PLAIN_READ_BYTES ((size_t)64 << 10)

struct plain_conn {
	struct upstreams *u;
	struct plain_conn *next, **at; /* of those that are kept, the last used first */
	struct transfer *t;            /* whose answer it carries; NULL: kept, or to be closed */
	struct raw_conn *raw;
	int fd;
	size_t sent_n; /* of the request's head and body */
	/* What has come and is not used up: half a head, or what the client cannot take yet. */
	char *rest;
	size_t rest_n;
	enum tunnel_body body;
	uint64_t left; /* of a body of known length */
	struct http_chunks chunks;
	bool is_reused, has_head, must_close, cannot_send;
	int64_t idle_since_ns;
	size_t authority_n;
	char authority[];
};

struct plain_pool {
	struct plain_conn *idle;
	size_t idle_n, conns_n;
	struct tunnel_head head; /* of the answer that is being read */
	char scratch[PLAIN_READ_BYTES];
};

/* ---- connections ------------------------------------------------------------------------------------- */

static void unlink_idle(struct plain_conn *c)
{
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	c->u->plain->idle_n--;
}

static void close_conn(struct plain_conn *c)
{
	c->u->plain->conns_n--;
	raw_close(c->raw);
	mem_free(c->rest);
	mem_free(c);
}

static void close_idle(struct plain_conn *c)
{
	unlink_idle(c);
	close_conn(c);
}

static struct plain_conn *take_idle(const struct upstreams *u, str authority)
{
	struct plain_conn *c = u->plain->idle;

	while (c && !str_eq((str){c->authority, c->authority_n}, authority))
		c = c->next;
	if (c)
		unlink_idle(c);
	return c;
}

static bool is_worth_keeping(const struct plain_conn *c, const struct transfer *t)
{
	return !c->must_close && !c->rest_n && c->sent_n == t->plain_head.n + t->plain_body.n &&
	       upstream_idle_n(c->u) < (size_t)c->u->idle_max;
}

static void keep_conn(struct plain_conn *c)
{
	struct plain_pool *p = c->u->plain;

	raw_watch_read(c->raw, true); /* to see when the provider closes it */
	c->has_head = false;
	c->sent_n = 0;
	c->idle_since_ns = clock_monotonic_ns(NULL);
	c->next = p->idle;
	c->at = &p->idle;
	if (c->next)
		c->next->at = &c->next;
	p->idle = c;
	p->idle_n++;
}

/* The transfer is over, and c gone or kept. */
static void finish(struct plain_conn *c, enum upstream_end_kind end, const char *text)
{
	struct transfer *t = c->t;

	if (end != UPSTREAM_COMPLETE)
		(void)snprintf(t->error, sizeof t->error, "%s", text);
	c->t = NULL;
	t->plain = NULL;
	if (end == UPSTREAM_COMPLETE && is_worth_keeping(c, t))
		keep_conn(c);
	else
		close_conn(c);
	t->end = end;
	transfer_finish(t);
}

/* ---- the request ------------------------------------------------------------------------------------- */

/* What is left to be sent. */
static int unsent(const struct plain_conn *c, struct iovec v[2])
{
	const str parts[] = {c->t->plain_head, c->t->plain_body};
	size_t at = c->sent_n;
	int n = 0;

	for (size_t i = 0; i < ARRAY_N(parts); i++) {
		if (at < parts[i].n)
			v[n++] = (struct iovec){
				(void *)(uintptr_t)(parts[i].p + at), parts[i].n - at};
		at = at > parts[i].n ? at - parts[i].n : 0;
	}
	return n;
}

/* One that cannot be sent to may still have an answer, or says by a read that it has ended. */
static void send_some(struct plain_conn *c)
{
	struct iovec v[2];
	struct msghdr m = {.msg_iov = v};

	while (!c->cannot_send && (m.msg_iovlen = (size_t)unsent(c, v)) > 0) {
		ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);

		if (n >= 0)
			c->sent_n += (size_t)n;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			c->cannot_send = true;
	}
	raw_watch_write(c->raw, m.msg_iovlen > 0 && !c->cannot_send);
}

/* The first bytes through curl, which takes a connection that its handle has not used for an idle one. */
static void on_open(void *user)
{
	struct plain_conn *c = user;
	size_t n = 0;

	c->fd = raw_fd(c->raw);
	c->cannot_send =
		raw_write(c->raw, c->t->plain_head.p, c->t->plain_head.n, &n) == RAW_BROKEN;
	c->sent_n = n;
	raw_watch_read(c->raw, true);
	send_some(c);
}

static void on_failed(void *user, const struct upstream_end *end)
{
	finish(user, end->kind, end->text);
}

static void on_writable(void *user)
{
	send_some(user);
}

static void on_readable(void *user);

static const struct raw_events events = {
	.open = on_open, .failed = on_failed, .readable = on_readable, .writable = on_writable};

static bool connect_new(struct transfer *t)
{
	struct upstreams *u = t->u;
	str authority = t->plain_authority;
	struct plain_conn *c = mem_zalloc(sizeof *c + authority.n);

	if (!c)
		return false;
	plain_make_room(u);
	c->u = u;
	memcpy(c->authority, authority.p, authority.n);
	c->authority_n = authority.n;
	c->raw = raw_open(u, t->plain_url, &events, c);
	if (!c->raw) {
		mem_free(c);
		return false;
	}
	u->plain->conns_n++;
	u->connects_n++;
	c->t = t;
	t->plain = c;
	return true;
}

bool plain_begin(struct transfer *t)
{
	struct upstreams *u = t->u;
	struct plain_conn *c;

	if (!u->plain)
		u->plain = mem_zalloc(sizeof *u->plain);
	if (!u->plain)
		return false;
	c = take_idle(u, t->plain_authority);
	if (!c)
		return connect_new(t);
	u->reused_n++;
	c->is_reused = true;
	c->t = t;
	t->plain = c;
	send_some(c);
	return true;
}

/* ---- the answer -------------------------------------------------------------------------------------- */

enum step {
	STEP_MORE,  /* all bytes are used, or half a head is left */
	STEP_LATER, /* the client cannot take them */
	STEP_OVER,  /* finish() has been called */
};

static enum step broken(struct plain_conn *c, const char *text)
{
	finish(c, UPSTREAM_BROKEN, text);
	return STEP_OVER;
}

static enum step stopped(struct plain_conn *c)
{
	c->t->is_stopped = true;
	finish(c, UPSTREAM_STOPPED, "not wanted");
	return STEP_OVER;
}

static enum step tell_head(struct plain_conn *c, const struct tunnel_head *h, bool is_http10)
{
	const struct http_head headers = {
		.headers = (struct http_header *)(uintptr_t)h->headers, .headers_n = h->headers_n};
	struct transfer *t = c->t;

	c->has_head = t->has_final_head = true;
	c->body = t->is_head_method ? TUNNEL_BODY_NONE : h->body;
	c->left = h->length;
	c->chunks = (struct http_chunks){0};
	c->must_close =
		c->body == TUNNEL_BODY_END ||
		http_header_has(&headers, STR("connection"), STR("close")) ||
		(is_http10 && !http_header_has(&headers, STR("connection"), STR("keep-alive")));
	t->head = (struct upstream_head){.status = h->status,
		.reason = h->reason,
		.headers = h->headers,
		.headers_n = h->headers_n,
		.has_length = h->body == TUNNEL_BODY_LENGTH,
		.length = h->length};
	return c->u->events->head(t->user, &t->head) ? STEP_MORE : stopped(c);
}

/* The head of the final answer, behind those of 1xx. */
static enum step take_head(struct plain_conn *c, str *bytes)
{
	struct tunnel_head *h = &c->u->plain->head;

	while (!c->has_head) {
		bool is_http10 = str_starts(*bytes, STR("HTTP/1.0"));
		enum step step;

		switch (tunnel_head_parse(*bytes, h)) {
		case HTTP_MORE:
			return STEP_MORE;
		case HTTP_BAD:
			return broken(c, "the answer is not HTTP/1.1");
		case HTTP_DONE:
			break;
		}
		c->t->has_response = true;
		*bytes = str_sub(*bytes, h->head_n, bytes->n);
		if (h->status == 101)
			return broken(c, "the provider changes the protocol unasked");
		step = h->status < 200 ? STEP_MORE : tell_head(c, h, is_http10);
		if (step != STEP_MORE)
			return step;
	}
	return STEP_MORE;
}

/* HTTP_DONE: the body ends with piece. */
static enum http_parsed next_piece(struct plain_conn *c, str *bytes, str *piece)
{
	size_t n = bytes->n;

	if (c->body == TUNNEL_BODY_CHUNKED)
		return http_chunks_next(&c->chunks, bytes, piece);
	if (c->body == TUNNEL_BODY_NONE)
		n = 0;
	else if (c->body == TUNNEL_BODY_LENGTH && c->left < n)
		n = (size_t)c->left;
	*piece = str_sub(*bytes, 0, n);
	*bytes = str_sub(*bytes, n, bytes->n);
	if (c->body == TUNNEL_BODY_LENGTH)
		c->left -= n;
	return c->body == TUNNEL_BODY_NONE || (c->body == TUNNEL_BODY_LENGTH && !c->left)
		       ? HTTP_DONE
		       : HTTP_MORE;
}

static enum step take_body(struct plain_conn *c, str *bytes)
{
	for (;;) {
		const struct http_chunks chunks = c->chunks;
		const uint64_t left = c->left;
		const str before = *bytes;
		str piece;
		enum http_parsed parsed = next_piece(c, bytes, &piece);

		if (parsed == HTTP_BAD)
			return broken(c, "the answer's chunks are malformed");
		switch (piece.n ? c->u->events->body(c->t->user, piece) : UPSTREAM_TAKEN) {
		case UPSTREAM_TAKEN:
			break;
		case UPSTREAM_LATER:
			c->chunks = chunks;
			c->left = left;
			*bytes = before;
			return STEP_LATER;
		case UPSTREAM_STOP:
			return stopped(c);
		}
		if (parsed == HTTP_DONE) {
			c->must_close |= bytes->n > 0; /* nobody has asked for that */
			finish(c, UPSTREAM_COMPLETE, "");
			return STEP_OVER;
		}
		if (!bytes->n)
			return STEP_MORE;
	}
}

/* held: memory that bytes lie in and that is no longer needed; or NULL. */
static void take_bytes(struct plain_conn *c, str bytes, char *held)
{
	enum step step = take_head(c, &bytes);

	if (step == STEP_MORE && c->has_head)
		step = take_body(c, &bytes);
	if (step != STEP_OVER && bytes.n) {
		c->rest = mem_alloc(bytes.n);
		if (c->rest) {
			memcpy(c->rest, bytes.p, bytes.n);
			c->rest_n = bytes.n;
		} else {
			step = broken(c, "out of memory");
		}
	}
	if (step != STEP_OVER)
		raw_watch_read(c->raw, step == STEP_MORE);
	mem_free(held);
}

/* Once more on a new connection: the provider has closed a kept one while the request came
 * (docs/decisions/0009-what-is-forwarded.md). */
static void begin_again(struct plain_conn *c)
{
	struct transfer *t = c->t;
	struct upstreams *u = c->u;

	c->t = NULL;
	t->plain = NULL;
	close_conn(c);
	u->reused_n--;
	if (connect_new(t))
		return;
	(void)snprintf(t->error, sizeof t->error, "out of memory");
	t->end = UPSTREAM_UNREACHABLE;
	transfer_finish(t);
}

/* error: 0, or an errno. */
static void on_ended(struct plain_conn *c, int error)
{
	char text[128], why[64];

	if (!c->has_head && !c->rest_n && !c->t->has_response && c->is_reused) {
		begin_again(c);
		return;
	}
	if (c->has_head && c->body == TUNNEL_BODY_END && !error) {
		finish(c, UPSTREAM_COMPLETE, "");
		return;
	}
	(void)snprintf(text, sizeof text, "the connection ended %s%s%s",
		c->has_head ? "within the answer" : "before the answer", error ? ": " : "",
		error ? strerror_r(error, why, sizeof why) : "");
	(void)broken(c, text);
}

static void on_readable(void *user)
{
	struct plain_conn *c = user;
	char *scratch = c->u->plain->scratch, *held;
	ssize_t n;

	if (!c->t) { /* it was kept, and the provider has closed it, or speaks unasked */
		close_idle(c);
		return;
	}
	n = recv(c->fd, scratch, PLAIN_READ_BYTES, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		on_ended(c, n < 0 ? errno : 0);
		return;
	}
	if (!c->rest_n) {
		take_bytes(c, (str){scratch, (size_t)n}, NULL);
		return;
	}
	held = mem_realloc(c->rest, c->rest_n + (size_t)n);
	if (!held) {
		(void)broken(c, "out of memory");
		return;
	}
	memcpy(held + c->rest_n, scratch, (size_t)n);
	c->rest = NULL;
	n += (ssize_t)c->rest_n;
	c->rest_n = 0;
	take_bytes(c, (str){held, (size_t)n}, held);
}

void plain_resume(struct transfer *t)
{
	struct plain_conn *c = t->plain;
	str rest;

	if (!c || !c->has_head)
		return;
	rest = (str){c->rest, c->rest_n};
	c->rest = NULL;
	c->rest_n = 0;
	take_bytes(c, rest, (char *)(uintptr_t)rest.p);
}

void plain_cancel(struct transfer *t)
{
	close_conn(t->plain);
	t->plain = NULL;
}

size_t plain_idle_n(const struct upstreams *u)
{
	return u->plain ? u->plain->idle_n : 0;
}

size_t plain_busy_n(const struct upstreams *u)
{
	return u->plain ? u->plain->conns_n - u->plain->idle_n : 0;
}

/* ---- those that are kept ------------------------------------------------------------------------------ */

static struct plain_conn *oldest_idle(const struct plain_pool *p)
{
	struct plain_conn *c = p->idle;

	while (c && c->next)
		c = c->next;
	return c;
}

void plain_make_room(struct upstreams *u)
{
	struct plain_pool *p = u->plain;

	/* Those of others in raw_n are WebSockets. */
	while (p && p->idle &&
		u->running_n + p->idle_n + u->raw_n - p->conns_n > (size_t)u->connections_max)
		close_idle(oldest_idle(p));
}

void plain_close_idle(struct upstreams *u, int64_t before_ns)
{
	struct plain_conn *c = u->plain ? u->plain->idle : NULL;

	for (struct plain_conn *next; c; c = next) {
		next = c->next;
		if (c->idle_since_ns < before_ns)
			close_idle(c);
	}
}

#include "bench/proxy/client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/proxy/answer.h"
#include "bench/proxy/net.h"
#include "core/base/mem.h"

enum { ANSWER_MAX = 64 << 20, FIRST_SAMPLES = 1 << 16 };

bool request_text_init(struct request_text *r, const char *path, str host, str fields, str body)
{
	size_t at = str_find(body, STR(CLIENT_CONVERSATION));

	buf_init(&r->head, ANSWER_MAX);
	buf_printf(&r->head,
		"POST %s HTTP/1.1\r\nhost: " STR_FMT "\r\ncontent-type: application/json\r\n"
		"content-length: %zu\r\n" STR_FMT "\r\n",
		path, STR_ARG(host), body.n, STR_ARG(fields));
	if (at == STR_NONE || at + strlen(CLIENT_CONVERSATION) + CLIENT_DIGITS > body.n)
		return false;
	at += strlen(CLIENT_CONVERSATION);
	r->before = str_sub(body, 0, at);
	r->after = str_sub(body, at + CLIENT_DIGITS, body.n);
	return true;
}

void client_init(struct client *c)
{
	*c = (struct client){.fd = -1};
	buf_init(&c->bytes, ANSWER_MAX);
}

static void disconnect(struct client *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
	c->is_watching_out = false;
}

void client_release(struct client *c)
{
	disconnect(c);
	buf_release(&c->bytes);
}

static void add_sample(struct samples *s, int64_t ns)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : FIRST_SAMPLES;
		float *more = mem_realloc(s->us, cap * sizeof *s->us);

		if (!more)
			net_die("memory");
		s->us = more;
		s->cap = cap;
	}
	s->us[s->n++] = (float)((double)ns / 1e3);
}

static enum client_did fail(struct client_conf *conf, struct client *c, const char *why)
{
	struct tally *t = &conf->tally;

	if (!t->errors++)
		(void)snprintf(t->error, sizeof t->error, "%s (status %d)", why, c->head.status);
	disconnect(c);
	c->state = CLIENT_IDLE;
	c->is_opening = false;
	return CLIENT_FAILED;
}

/* ---- sending -------------------------------------------------------------------------------------- */

static void set_part(struct client *c, size_t i, str s)
{
	c->parts[i] = (struct iovec){.iov_base = (void *)(uintptr_t)s.p, .iov_len = s.n};
}

/* Takes n sent bytes off the parts. */
static void advance(struct client *c, size_t n)
{
	while (c->part_at < ARRAY_N(c->parts)) {
		struct iovec *part = &c->parts[c->part_at];

		if (n < part->iov_len) {
			part->iov_base = (char *)part->iov_base + n;
			part->iov_len -= n;
			return;
		}
		n -= part->iov_len;
		c->part_at++;
	}
}

static void watch(struct client_conf *conf, struct client *c, bool for_writing)
{
	if (c->is_watching_out == for_writing)
		return;
	net_watch(conf->epoll, c->fd, c, false, for_writing);
	c->is_watching_out = for_writing;
}

/* False when the connection is broken. */
static bool send_parts(struct client_conf *conf, struct client *c)
{
	while (c->part_at < ARRAY_N(c->parts)) {
		struct msghdr message = {.msg_iov = c->parts + c->part_at,
			.msg_iovlen = ARRAY_N(c->parts) - c->part_at};
		ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN) {
			watch(conf, c, true);
			return true;
		}
		if (sent < 0)
			return false;
		advance(c, (size_t)sent);
	}
	watch(conf, c, false);
	c->state = CLIENT_HEAD;
	return true;
}

/* What the next request is: the opening of a conversation, its second turn, or all at once. */
static const struct request_text *choose_text(struct client_conf *conf, struct client *c)
{
	bool has_opening = conf->opening.head.n;

	if (!c->is_opening && (has_opening || conf->is_fresh || !c->digits[0]))
		(void)snprintf(c->digits, sizeof c->digits, "%0*llu", CLIENT_DIGITS,
			(unsigned long long)(conf->is_fresh || has_opening ? conf->conversation++
									   : 0) %
				10000000000ULL);
	c->is_opening = has_opening && !c->is_opening;
	return c->is_opening ? &conf->opening : &conf->request;
}

void client_begin(struct client_conf *conf, struct client *c)
{
	const struct request_text *r = choose_text(conf, c);
	bool is_new = c->fd < 0;

	set_part(c, 0, buf_str(&r->head));
	set_part(c, 1, r->before);
	set_part(c, 2, (str){c->digits, CLIENT_DIGITS});
	set_part(c, 3, r->after);
	c->part_at = 0;
	c->state = CLIENT_SENDING;
	c->seq = 0;
	c->mark_n = 0;
	c->head = (struct http_head){0};
	buf_reset(&c->bytes);
	c->begun_ns = net_now_ns();
	if (conf->is_counting && !c->is_opening)
		conf->tally.begun++;
	if (is_new) {
		c->fd = net_connect(&conf->to);
		net_watch(conf->epoll, c->fd, c, true, true);
		c->is_watching_out = true;
	} else {
		(void)send_parts(conf, c); /* a broken one is told by epoll */
	}
}

/* ---- reading -------------------------------------------------------------------------------------- */

/* One whole mark: is it the next one of this stream, and how old is it? */
static bool take_mark(struct client_conf *conf, struct client *c, int64_t now_ns)
{
	struct answer_mark m;
	uint64_t owner;

	if (!answer_mark_read(c->mark, &m) || m.seq != c->seq ||
		!str_u64(str_from(c->digits), &owner) || owner != m.owner)
		return false;
	c->seq++;
	if (conf->is_counting)
		add_sample(&conf->tally.samples, now_ns - m.ns);
	return true;
}

static bool scan_events(struct client_conf *conf, struct client *c, str piece, int64_t now_ns)
{
	while (piece.n) {
		size_t n;

		if (!c->mark_n) {
			size_t at = str_find_byte(piece, '@');

			if (at == STR_NONE)
				return true;
			piece = str_sub(piece, at, piece.n);
		}
		n = ANSWER_MARK_LEN - c->mark_n;
		n = n < piece.n ? n : piece.n;
		memcpy(c->mark + c->mark_n, piece.p, n);
		c->mark_n += n;
		piece = str_sub(piece, n, piece.n);
		if (c->mark_n < ANSWER_MARK_LEN)
			return true;
		c->mark_n = 0;
		if (!take_mark(conf, c, now_ns))
			return false;
	}
	return true;
}

static enum client_did finish(struct client_conf *conf, struct client *c, int64_t now_ns)
{
	struct tally *t = &conf->tally;
	str answer = buf_str(&c->bytes);

	if (conf->stream_events && c->seq != conf->stream_events)
		return fail(conf, c, "a stream with too few events");
	if (!conf->stream_events && (str_find(answer, STR(ANSWER_FIRST)) == STR_NONE ||
					    str_find(answer, STR(ANSWER_LAST)) == STR_NONE))
		return fail(conf, c, "an answer that is not the origin's");
	if (conf->is_counting && !c->is_opening) {
		t->requests++;
		if (!conf->stream_events)
			add_sample(&t->samples, now_ns - c->begun_ns);
	}
	if (c->is_close) {
		disconnect(c);
		t->reconnects++;
	}
	c->state = CLIENT_IDLE;
	return CLIENT_ANSWERED;
}

/* Takes the head from *in; false when it is not whole yet, or bad (then the state is not CLIENT_HEAD any more). */
static bool read_head(struct client *c, str *in)
{
	size_t before = c->bytes.n;
	str bytes = *in;
	enum http_got got;

	if (before) {
		buf_add(&c->bytes, *in);
		bytes = buf_str(&c->bytes);
	}
	got = http_head_parse(bytes, &c->head);
	if (got == HTTP_MORE && !before)
		buf_add(&c->bytes, *in);
	if (got == HTTP_BAD)
		c->state = CLIENT_IDLE;
	if (got != HTTP_WHOLE)
		return false;
	*in = str_sub(*in, c->head.n - before, in->n);
	buf_reset(&c->bytes);
	http_body_init(&c->body, &c->head);
	c->is_close = c->head.is_close || (c->head.length == UINT64_MAX && !c->head.is_chunked);
	c->state = CLIENT_BODY;
	return true;
}

static enum client_did take_bytes(struct client_conf *conf, struct client *c, str in)
{
	int64_t now_ns = net_now_ns();
	str piece;

	conf->tally.bytes_down += conf->is_counting ? in.n : 0;
	if (c->state == CLIENT_HEAD && !read_head(c, &in))
		return c->state == CLIENT_HEAD ? CLIENT_WAITS : fail(conf, c, "a bad head");
	if (c->state != CLIENT_BODY)
		return fail(conf, c, "bytes that nobody has asked for");
	if (c->head.status != 200)
		return fail(conf, c, "not 200");
	while ((piece = http_body_take(&c->body, &in)).n) {
		if (!conf->stream_events)
			buf_add(&c->bytes, piece);
		else if (!scan_events(conf, c, piece, now_ns))
			return fail(conf, c, "an event that is not the next one");
	}
	if (c->body.state == HTTP_BODY_BAD)
		return fail(conf, c, "bad chunks");
	return c->body.state == HTTP_BODY_DONE ? finish(conf, c, now_ns) : CLIENT_WAITS;
}

enum client_did client_step(struct client_conf *conf, struct client *c, uint32_t events)
{
	enum client_did did = CLIENT_WAITS;
	long n = NET_READ;

	if (c->state == CLIENT_SENDING && events & EPOLLOUT && !send_parts(conf, c))
		return fail(conf, c, "cannot send");
	while (n == NET_READ && did == CLIENT_WAITS) {
		n = net_read(c->fd, conf->read, NET_READ);
		if (n > 0)
			did = take_bytes(conf, c, (str){conf->read, (size_t)n});
	}
	if (did != CLIENT_WAITS || n == -1 || n > 0)
		return did;
	if (c->state == CLIENT_IDLE) { /* closed between two requests */
		disconnect(c);
		conf->tally.reconnects++;
		return CLIENT_WAITS;
	}
	return fail(conf, c, n == 0 ? "closed before the end" : "reset");
}

/* origin: the provider of the proxy's benchmark, on loopback, one thread, with a script instead of a model. Made to
 * cost less than anything that stands before it: one epoll_wait, one read and one write per small request.
 *
 *	origin [--answer BYTES] [--events N] [--gap-us N] [--size BYTES]
 *
 * Prints "http://127.0.0.1:PORT" and serves until it is killed. A request whose path ends in /messages, or in
 * /chat/completions, gets a complete answer of that many bytes, or, if the beginning of its body asks for a stream, so
 * many events of that size with that gap; "events=N" and "gap_us=N" there, in the text of a message, ask for others.
 * GET /bench/stats says what came in until now; all else gets {}. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/proxy/answer.h"
#include "bench/proxy/http.h"
#include "bench/proxy/net.h"
#include "core/base/mem.h"

enum {
	HEAD_MAX = 64 << 10,
	OUT_MAX = 64 << 20,
	/* So much of a body is looked at for "stream":true. */
	PEEK = 4096,
	STREAMS_MAX = 1 << 16,
	WAITING = 1 << 20, /* written and not taken by the client: a stream waits */
};

struct conn {
	int fd;
	enum conn_state { CONN_HEAD, CONN_BODY, CONN_STREAM } state;
	enum answer_dialect dialect;
	bool is_known; /* a path with an answer of its own */
	bool is_stats, is_close, is_gone, is_watching_out;
	struct http_body body;
	char peek[PEEK];
	size_t peek_n;
	struct buf head; /* of a head that came in pieces */
	struct buf out;  /* not taken by the socket */
	size_t out_at;
	uint32_t seq, events; /* number of the next event, and how many there will be */
	uint64_t owner;       /* of them: the conversation of the request */
	int64_t due_ns, gap_ns;
	struct conn *next_gone;
};

struct origin {
	int epoll, listener;
	size_t answer_n, event_n;
	uint32_t events;
	uint64_t gap_us;
	struct buf whole[ANSWER_DIALECT_N], event[ANSWER_DIALECT_N];
	size_t mark[ANSWER_DIALECT_N];
	struct conn *heap[STREAMS_MAX]; /* streams, the one that is due next first */
	size_t heap_n;
	struct conn *gone; /* closed in this round of events, to be freed after it */
	uint64_t requests, connections, body_bytes, cancelled;
	char read[NET_READ];
};

/* ---- streams by the time of their next event: a binary heap --------------------------------------- */

static void heap_swap(struct origin *o, size_t a, size_t b)
{
	struct conn *c = o->heap[a];

	o->heap[a] = o->heap[b];
	o->heap[b] = c;
}

static void heap_push(struct origin *o, struct conn *c)
{
	size_t i = o->heap_n++;

	o->heap[i] = c;
	for (; i && o->heap[i]->due_ns < o->heap[(i - 1) / 2]->due_ns; i = (i - 1) / 2)
		heap_swap(o, i, (i - 1) / 2);
}

static void heap_sink(struct origin *o, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < o->heap_n; k++)
			if (o->heap[k]->due_ns < o->heap[least]->due_ns)
				least = k;
		if (least == i)
			return;
		heap_swap(o, i, least);
		i = least;
	}
}

static struct conn *heap_pop(struct origin *o)
{
	struct conn *c = o->heap[0];

	o->heap[0] = o->heap[--o->heap_n];
	heap_sink(o, 0);
	return c;
}

/* ---- connections ------------------------------------------------------------------------------------- */

/* The connection is closed; while a stream of it is in the heap, that frees it. */
static void conn_close(struct origin *o, struct conn *c)
{
	if (c->is_gone)
		return;
	c->is_gone = true;
	(void)close(c->fd);
	if (c->state == CONN_STREAM) {
		o->cancelled++;
		return;
	}
	c->next_gone = o->gone;
	o->gone = c;
}

static void free_gone(struct origin *o)
{
	while (o->gone) {
		struct conn *c = o->gone;

		o->gone = c->next_gone;
		buf_release(&c->head);
		buf_release(&c->out);
		mem_free(c);
	}
}

static void conn_flush(struct origin *o, struct conn *c)
{
	while (c->out_at < c->out.n) {
		ssize_t sent =
			send(c->fd, c->out.p + c->out_at, c->out.n - c->out_at, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN) {
			if (!c->is_watching_out)
				net_watch(o->epoll, c->fd, c, false, true);
			c->is_watching_out = true;
			return;
		}
		if (sent < 0) {
			conn_close(o, c);
			return;
		}
		c->out_at += (size_t)sent;
	}
	buf_reset(&c->out);
	c->out_at = 0;
}

static void conn_send(struct origin *o, struct conn *c, str bytes)
{
	ssize_t sent = 0;

	if (c->is_gone)
		return;
	if (!c->out.n)
		sent = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN) {
		conn_close(o, c);
		return;
	}
	if (sent < 0)
		sent = 0;
	if ((size_t)sent == bytes.n)
		return;
	buf_add(&c->out, str_sub(bytes, (size_t)sent, bytes.n));
	conn_flush(o, c);
}

/* ---- answers ----------------------------------------------------------------------------------------- */

static void send_stats(struct origin *o, struct conn *c)
{
	char body[256], head[128];
	int n = snprintf(body, sizeof body,
		"{\"requests\":%llu,\"connections\":%llu,\"body_bytes\":%llu,\"cancelled\":%llu}\n",
		(unsigned long long)o->requests, (unsigned long long)o->connections,
		(unsigned long long)o->body_bytes, (unsigned long long)o->cancelled);
	int head_n = snprintf(head, sizeof head,
		"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n",
		n);

	conn_send(o, c, (str){head, (size_t)head_n});
	conn_send(o, c, (str){body, (size_t)n});
}

static bool is_stream_asked(const struct conn *c)
{
	str peek = {c->peek, c->peek_n};

	return str_find(peek, STR("\"stream\":true")) != STR_NONE ||
	       str_find(peek, STR("\"stream\": true")) != STR_NONE;
}

/* The number behind name in the beginning of the body, which a client has written there. */
static uint64_t asked(const struct conn *c, str name, uint64_t max, uint64_t otherwise)
{
	str peek = {c->peek, c->peek_n};
	size_t at = str_find(peek, name), end;
	uint64_t v;

	if (at == STR_NONE)
		return otherwise;
	at += name.n;
	for (end = at; end < peek.n && peek.p[end] >= '0' && peek.p[end] <= '9';)
		end++;
	return str_u64(str_sub(peek, at, end), &v) && v <= max ? v : otherwise;
}

static void begin_stream(struct origin *o, struct conn *c)
{
	struct buf b;

	buf_init(&b, OUT_MAX);
	answer_stream_begin(&b, c->dialect);
	conn_send(o, c, buf_str(&b));
	buf_release(&b);
	if (c->is_gone)
		return;
	c->state = CONN_STREAM;
	c->seq = 0;
	c->events = (uint32_t)asked(c, STR("events="), UINT32_MAX, o->events);
	c->gap_ns = (int64_t)asked(c, STR("gap_us="), UINT32_MAX, o->gap_us) * 1000;
	c->owner = asked(c, STR("conversation "), UINT64_MAX, 0);
	c->due_ns = net_now_ns() + c->gap_ns;
	heap_push(o, c);
}

static void answer(struct origin *o, struct conn *c)
{
	o->requests++;
	c->state = CONN_HEAD;
	if (c->is_stats)
		send_stats(o, c);
	else if (!c->is_known)
		conn_send(o, c,
			STR("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
			    "content-length: 2\r\n\r\n{}"));
	else if (is_stream_asked(c) && o->heap_n < STREAMS_MAX)
		begin_stream(o, c);
	else
		conn_send(o, c, buf_str(&o->whole[c->dialect]));
	if (c->is_close && c->state == CONN_HEAD)
		conn_close(o, c);
}

/* ---- requests ---------------------------------------------------------------------------------------- */

static void take_head(struct origin *o, struct conn *c, const struct http_head *head)
{
	str rest = head->target, path = STR("");

	(void)str_split(&rest, '?', &path);
	c->is_stats = str_eq(path, STR("/bench/stats"));
	c->dialect = str_ends(path, STR("/messages")) ? ANSWER_ANTHROPIC : ANSWER_CHAT;
	c->is_known = c->dialect == ANSWER_ANTHROPIC || str_ends(path, STR("/chat/completions"));
	c->is_close = head->is_close;
	c->peek_n = 0;
	http_body_init(&c->body, head);
	c->state = CONN_BODY;
	if (head->expects_continue)
		conn_send(o, c, STR("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* Takes from *in what belongs to the head; false when it is not whole yet. */
static bool read_head(struct origin *o, struct conn *c, str *in)
{
	struct http_head head = {0};
	size_t before = c->head.n;
	str bytes = *in;
	enum http_got got;

	if (before) {
		buf_add(&c->head, *in);
		bytes = buf_str(&c->head);
	}
	got = http_head_parse(bytes, &head);
	if (got == HTTP_MORE && !before)
		buf_add(&c->head, *in);
	if (got == HTTP_BAD || c->head.err != E_OK)
		conn_close(o, c);
	if (got != HTTP_WHOLE)
		return false;
	take_head(o, c, &head);
	*in = str_sub(*in, head.n - before, in->n);
	buf_reset(&c->head);
	return true;
}

static void read_body(struct origin *o, struct conn *c, str *in)
{
	str piece;

	while ((piece = http_body_take(&c->body, in)).n) {
		size_t room = PEEK - c->peek_n, n = piece.n < room ? piece.n : room;

		memcpy(c->peek + c->peek_n, piece.p, n);
		c->peek_n += n;
		o->body_bytes += piece.n;
	}
	if (c->body.state == HTTP_BODY_BAD)
		conn_close(o, c);
	else if (c->body.state == HTTP_BODY_DONE)
		answer(o, c);
}

static void take_bytes(struct origin *o, struct conn *c, str in)
{
	while (!c->is_gone && c->state != CONN_STREAM && (in.n || c->state == CONN_BODY)) {
		size_t before = in.n;

		if (c->state == CONN_HEAD && !read_head(o, c, &in))
			return;
		if (!c->is_gone && c->state == CONN_BODY)
			read_body(o, c, &in);
		if (c->state == CONN_BODY && in.n == before)
			return;
	}
}

/* Edge-triggered: a short read tells that there is no more for now. While a stream runs, nothing is read, so
 * that only its end is seen; no client here sends a second request before that. */
static void on_readable(struct origin *o, struct conn *c, bool is_hung_up)
{
	long n = NET_READ;

	while (n == NET_READ && !c->is_gone && c->state != CONN_STREAM) {
		n = net_read(c->fd, o->read, NET_READ);
		if (n == 0 || n == -2)
			conn_close(o, c);
		else if (n > 0)
			take_bytes(o, c, (str){o->read, (size_t)n});
	}
	if (is_hung_up)
		conn_close(o, c);
}

/* ---- the loop -------------------------------------------------------------------------------------------- */

static void accept_all(struct origin *o)
{
	int fd;

	while ((fd = net_accept(o->listener)) >= 0) {
		struct conn *c = mem_zalloc(sizeof *c);

		if (!c)
			net_die("memory");
		c->fd = fd;
		buf_init(&c->head, HEAD_MAX);
		buf_init(&c->out, OUT_MAX);
		o->connections++;
		net_watch(o->epoll, fd, c, true, false);
	}
}

static void send_event(struct origin *o, struct conn *c)
{
	struct buf *event = &o->event[c->dialect];

	answer_mark_write(event->p + o->mark[c->dialect],
		&(struct answer_mark){.seq = c->seq++, .ns = net_now_ns(), .owner = c->owner});
	conn_send(o, c, buf_str(event));
}

static void end_stream(struct origin *o, struct conn *c)
{
	struct buf b;

	c->state = CONN_HEAD;
	buf_init(&b, OUT_MAX);
	answer_stream_end(&b, c->dialect);
	conn_send(o, c, buf_str(&b));
	buf_release(&b);
	if (c->is_close)
		conn_close(o, c);
}

/* What is due now, and not what becomes due meanwhile: where the machine is too slow for all streams, that never ends, and
 * nobody else is accepted or read. */
static void send_due_events(struct origin *o)
{
	int64_t now_ns = net_now_ns();

	while (o->heap_n && o->heap[0]->due_ns <= now_ns) {
		struct conn *c = heap_pop(o);

		if (!c->is_gone && c->out.n < WAITING && c->seq < c->events)
			send_event(o, c);
		if (c->is_gone) { /* closed before, or while writing */
			c->next_gone = o->gone;
			o->gone = c;
		} else if (c->seq == c->events) {
			end_stream(o, c);
		} else {
			c->due_ns += c->gap_ns;
			heap_push(o, c);
		}
	}
	free_gone(o);
}

static void run(struct origin *o)
{
	for (;;) {
		struct epoll_event events[512];
		struct timespec wait = {0};
		int64_t left = o->heap_n ? o->heap[0]->due_ns - net_now_ns() : 0;
		int n;

		if (left > 0)
			wait = (struct timespec){left / 1000000000, left % 1000000000};
		n = epoll_pwait2(o->epoll, events, ARRAY_N(events), o->heap_n ? &wait : NULL, NULL);
		if (n < 0 && errno != EINTR)
			net_die("epoll_pwait2"); /* Linux 5.11 */
		for (int i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;

			if (!c) {
				accept_all(o);
				continue;
			}
			if (!c->is_gone && events[i].events & EPOLLOUT)
				conn_flush(o, c);
			if (!c->is_gone)
				on_readable(o, c,
					events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
		}
		free_gone(o);
		send_due_events(o);
	}
}

static int usage(void)
{
	fprintf(stderr,
		"usage: origin [--answer BYTES] [--events N] [--gap-us N] [--size BYTES]\n");
	return 2;
}

static bool parse_options(int argc, char **argv, struct origin *o)
{
	static const struct option table[] = {
		{"answer", required_argument, NULL, 'a'},
		{"events", required_argument, NULL, 'e'},
		{"gap-us", required_argument, NULL, 'g'},
		{"size", required_argument, NULL, 's'},
		{NULL, 0, NULL, 0},
	};
	uint64_t v;
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == '?' || !str_u64(str_from(optarg), &v) || v > OUT_MAX / 2)
			return false;
		if (c == 'a')
			o->answer_n = v;
		else if (c == 'e')
			o->events = (uint32_t)v;
		else if (c == 'g')
			o->gap_us = v;
		else
			o->event_n = v;
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct origin *o = mem_zalloc(sizeof *o);
	uint16_t port;

	if (!o)
		return 1;
	o->answer_n = 1024;
	o->event_n = 200;
	o->events = 1000;
	o->gap_us = 1000;
	if (!parse_options(argc, argv, o)) {
		mem_free(o);
		return usage();
	}
	for (int d = 0; d < ANSWER_DIALECT_N; d++) {
		buf_init(&o->whole[d], OUT_MAX);
		buf_init(&o->event[d], OUT_MAX);
		answer_whole(&o->whole[d], (enum answer_dialect)d, o->answer_n);
		o->mark[d] = answer_stream_event(&o->event[d], (enum answer_dialect)d, o->event_n);
	}
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
	o->epoll = epoll_create1(EPOLL_CLOEXEC);
	o->listener = net_listen(&port);
	net_watch(o->epoll, o->listener, NULL, true, false);
	printf("http://127.0.0.1:%u\n", (unsigned)port);
	(void)fflush(stdout);
	run(o);
}

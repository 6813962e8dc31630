#include "proxy/http/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "proxy/http/conn_internal.h"

void conn_touch(struct http_conn *c)
{
	c->since_ms = c->s->now_ms;
}

/* ---- watching the socket ----------------------------------------------------------------------------- */

static void on_socket(evutil_socket_t fd, short what, void *arg);

void conn_watch(struct http_conn *c, enum conn_watch what)
{
	if (c->watch == what || c->is_in_over)
		return;
	c->watch = what;
	(void)event_del(&c->ev_in);
	(void)event_assign(&c->ev_in, c->s->conf.base, c->fd,
		(short)((what == WATCH_READ ? EV_READ : EV_CLOSED) | EV_PERSIST), on_socket, c);
	(void)event_add(&c->ev_in, NULL);
}

void conn_free(struct http_conn *c)
{
	if (c->is_dead)
		return;
	c->is_dead = true;
	(void)event_del(&c->ev_in);
	if (c->has_ev_out)
		(void)event_del(&c->ev_out);
	(void)close(c->fd);
	c->fd = -1;
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	c->s->conns_n--;
	conn_mark_dirty(c); /* the flush buries it, when nobody has it in hand any more */
}

/* The client is not there any more, or not able to go on. */
static void lose(struct http_conn *c)
{
	if (c->has_request && c->user)
		c->s->conf.events->gone(c->s->conf.self, c);
	c->user = NULL;
	conn_free(c);
}

/* ---- a request comes in ------------------------------------------------------------------------------ */

void conn_end_request(struct http_conn *c)
{
	mem_free(c->block);
	mem_free(c->body);
	c->block = c->body = NULL;
	c->body_n = c->body_cap = 0;
	c->user = NULL;
	c->has_request = c->is_replying = c->is_reply_chunked = c->was_full = c->is_broken = false;
	c->scanned = 0;
	c->state = CONN_HEAD;
}

void conn_refuse(struct http_conn *c, int status, const char *text)
{
	struct http_fault fault = {status, text};

	if (!c->has_request)
		c->head = (struct http_head){.minor = 1};
	c->must_close = true;
	c->state = CONN_ANSWER;
	c->s->conf.events->fault(c->s->conf.self, c, &fault);
}

static str moved(str s, const char *from, const char *to)
{
	return (str){to + (s.p - from), s.n};
}

/* The head into memory of its own, in one piece with its headers. */
static bool keep_head(struct http_conn *c, const char *bytes, const struct http_request *r)
{
	size_t table = r->head.headers_n * sizeof(struct http_header);
	char *text;

	c->block = mem_alloc(table + r->head_n);
	if (!c->block)
		return false;
	text = c->block + table;
	memcpy(text, bytes, r->head_n);
	c->head = r->head;
	c->head.headers = (struct http_header *)(void *)c->block;
	c->head.method = moved(r->head.method, bytes, text);
	c->head.target = r->head.target.p >= bytes && r->head.target.p < bytes + r->head_n
				 ? moved(r->head.target, bytes, text)
				 : r->head.target; /* the "/" of a bare authority */
	for (uint32_t i = 0; i < r->head.headers_n; i++)
		c->head.headers[i] = (struct http_header){moved(r->headers[i].name, bytes, text),
			moved(r->headers[i].value, bytes, text)};
	c->framing = r->framing;
	c->length = c->left = r->length;
	c->keeps_alive = r->keeps_alive;
	return true;
}

/* Says how much room a whole body needs; false when it was refused. */
static bool prepare_whole(struct http_conn *c)
{
	if (c->framing != HTTP_LENGTH)
		return true;
	if (c->length > c->body_max) {
		conn_refuse(c, 413, "request body too large");
		return false;
	}
	c->body = mem_alloc((size_t)c->length);
	c->body_cap = (size_t)c->length;
	if (!c->body)
		conn_refuse(c, 503, "out of memory");
	return c->body != NULL;
}

static void body_is_whole(struct http_conn *c)
{
	str whole = c->take == HTTP_TAKE_WHOLE ? (str){c->body, c->body_n} : STR("");

	c->is_body_done = true;
	c->state = CONN_ANSWER;
	c->s->conf.events->body(c->s->conf.self, c, whole, true);
}

static void begin_body(struct http_conn *c, bool expects_continue, bool has_come)
{
	c->is_body_done = c->framing == HTTP_NO_BODY;
	c->state = CONN_ANSWER;
	c->take = c->s->conf.events->head(c->s->conf.self, c, &c->body_max);
	if (c->is_dead || !c->has_request || c->take == HTTP_TAKE_NONE)
		return;
	if (c->framing == HTTP_NO_BODY) {
		body_is_whole(c);
		return;
	}
	if (c->take == HTTP_TAKE_WHOLE && !prepare_whole(c))
		return;
	c->chunks = (struct http_chunks){0};
	c->state = CONN_BODY;
	if (expects_continue && !has_come)
		conn_continue(c);
}

/* False when more bytes are needed. */
static bool take_head(struct http_conn *c, str *bytes)
{
	struct http_request *r = &c->s->parsed;
	struct http_fault fault = {0};
	const char *start = bytes->p;

	switch (http_parse_request(*bytes, &c->scanned, r, &fault)) {
	case HTTP_MORE:
		return false;
	case HTTP_BAD:
		bytes->n = 0;
		conn_refuse(c, fault.status, fault.text);
		return true;
	case HTTP_DONE:
		break;
	}
	c->scanned = 0;
	*bytes = str_sub(*bytes, r->head_n, bytes->n);
	c->has_request = true;
	if (!keep_head(c, start, r))
		conn_refuse(c, 503, "out of memory");
	else
		begin_body(c, r->expects_continue, bytes->n > 0);
	return true;
}

/* Appends to a whole body whose length nobody has told. */
static bool grow_body(struct http_conn *c, str piece)
{
	size_t cap = c->body_cap ? c->body_cap : 4096;
	char *p;

	if (piece.n > c->body_max - c->body_n) {
		conn_refuse(c, 413, "request body too large");
		return false;
	}
	while (cap < c->body_n + piece.n)
		cap *= 2;
	p = cap == c->body_cap ? c->body : mem_realloc(c->body, cap);
	if (!p) {
		conn_refuse(c, 503, "out of memory");
		return false;
	}
	c->body = p;
	c->body_cap = cap;
	memcpy(c->body + c->body_n, piece.p, piece.n);
	c->body_n += piece.n;
	return true;
}

static void add_piece(struct http_conn *c, str piece)
{
	if (!piece.n)
		return;
	if (c->take == HTTP_TAKE_PIECES)
		c->s->conf.events->body(c->s->conf.self, c, piece, false);
	else
		(void)grow_body(c, piece);
}

static void take_chunks(struct http_conn *c, str *bytes)
{
	str piece;

	switch (http_chunks_next(&c->chunks, bytes, &piece)) {
	case HTTP_MORE:
		add_piece(c, piece);
		break;
	case HTTP_DONE:
		body_is_whole(c);
		break;
	case HTTP_BAD:
		conn_refuse(c, 400, "malformed chunk");
		break;
	}
}

static void take_body(struct http_conn *c, str *bytes)
{
	size_t n;

	if (c->framing == HTTP_CHUNKED) {
		take_chunks(c, bytes);
		return;
	}
	n = c->left < bytes->n ? (size_t)c->left : bytes->n;
	c->left -= n;
	if (c->take == HTTP_TAKE_WHOLE) {
		memcpy(c->body + c->body_n, bytes->p, n);
		c->body_n += n;
	} else {
		add_piece(c, str_sub(*bytes, 0, n));
	}
	*bytes = str_sub(*bytes, n, bytes->n);
	if (!c->left && c->state == CONN_BODY)
		body_is_whole(c);
}

/* One step forward; false when the bytes have to wait. */
static bool step(struct http_conn *c, str *bytes)
{
	switch (c->state) {
	case CONN_HEAD:
		return take_head(c, bytes);
	case CONN_BODY:
		take_body(c, bytes);
		return true;
	case CONN_RAW:
		c->s->conf.events->body(c->s->conf.self, c, *bytes, false);
		bytes->n = 0;
		return true;
	case CONN_LINGER:
	case CONN_CLOSING:
		bytes->n = 0;
		return true;
	case CONN_ANSWER:
		break;
	}
	return false;
}

/* What cannot be worked off now, for later. */
static void keep_rest(struct http_conn *c, str rest)
{
	char *p = rest.n ? mem_alloc(rest.n) : NULL;

	if (rest.n && !p) {
		lose(c);
		return;
	}
	if (rest.n)
		memcpy(p, rest.p, rest.n);
	c->in = p;
	c->in_n = rest.n;
	if (c->state == CONN_ANSWER && rest.n >= HTTP_AHEAD_MAX)
		conn_watch(c, WATCH_CLOSED);
}

static void take_bytes(struct http_conn *c, str bytes)
{
	char *held = NULL;

	c->busy++;
	if (c->in_n) {
		held = mem_realloc(c->in, c->in_n + bytes.n);
		if (!held) {
			lose(c);
			c->busy--;
			return;
		}
		if (bytes.n)
			memcpy(held + c->in_n, bytes.p, bytes.n);
		bytes = (str){held, c->in_n + bytes.n};
		c->in = NULL;
		c->in_n = 0;
	}
	while (bytes.n && !c->is_dead && step(c, &bytes))
		;
	if (!c->is_dead)
		keep_rest(c, bytes);
	mem_free(held);
	c->busy--;
}

void conn_go_on(struct http_conn *c)
{
	if (c->busy || c->is_dead)
		return; /* the loop in take_bytes goes on by itself */
	conn_watch(c, WATCH_READ);
	if (c->in_n)
		take_bytes(c, STR(""));
}

/* ---- events ------------------------------------------------------------------------------------------ */

/* Straight into the body where its length is known: no copy. */
static bool reads_into_body(const struct http_conn *c)
{
	return c->state == CONN_BODY && c->framing == HTTP_LENGTH && c->take == HTTP_TAKE_WHOLE &&
	       c->left >= HTTP_FIRST_READ_BYTES;
}

/* In a protocol of its own a client may end its direction alone. Nothing is watched from now on: what is left to
 * see is seen when something is written. */
static void client_is_done(struct http_conn *c)
{
	c->is_in_over = true;
	(void)event_del(&c->ev_in);
	c->s->conf.events->body(c->s->conf.self, c, STR(""), true);
}

/* Reads once; what has come, or 0 when that was nothing, or the connection's end. */
static size_t receive(struct http_conn *c, char *p, size_t max)
{
	ssize_t n = recv(c->fd, p, max, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n == 0 && c->state == CONN_RAW)
		client_is_done(c);
	else if (n <= 0)
		lose(c);
	else if (c->state != CONN_HEAD || !c->in_n)
		conn_touch(c);
	return n > 0 ? (size_t)n : 0;
}

static void read_body(struct http_conn *c)
{
	size_t n = receive(c, c->body + c->body_n, (size_t)c->left);

	c->body_n += n;
	c->left -= n;
	if (n && !c->left)
		body_is_whole(c);
}

static void read_some(struct http_conn *c)
{
	size_t max = c->state == CONN_HEAD ? HTTP_FIRST_READ_BYTES : sizeof c->s->scratch, n;

	if (reads_into_body(c)) {
		read_body(c);
		return;
	}
	n = receive(c, c->s->scratch, max);
	if (n)
		take_bytes(c, (str){c->s->scratch, n});
	if (n == HTTP_FIRST_READ_BYTES && !c->is_dead && reads_into_body(c))
		read_body(c); /* the rest of it is there, most likely */
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn *c = arg;
	struct http_server *s = c->s;

	(void)fd;
	s->now_ms = clock_monotonic_ns(NULL) / 1000000;
	if (what & EV_CLOSED)
		lose(c);
	else
		read_some(c);
	http_server_flush(s);
}

static void read_peer(struct http_conn *c, const void *address)
{
	const struct sockaddr *sa = address;
	const struct sockaddr_in6 *in6 = address;
	const unsigned char *b;

	c->peer_is_loopback = true; /* a socket of the Unix domain */
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in4 = address;

		b = (const unsigned char *)&in4->sin_addr;
		c->peer_is_loopback = b[0] == 127;
		c->peer_hash = hash64((str){(const char *)b, 4});
	} else if (sa->sa_family == AF_INET6) {
		b = (const unsigned char *)&in6->sin6_addr;
		c->peer_is_loopback = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
				      (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) && b[12] == 127);
		c->peer_hash = hash64((str){(const char *)b, 16});
	}
}

void http_server_take(struct http_server *s, int fd, const void *peer_address)
{
	struct http_conn *c = mem_zalloc(sizeof *c);

	if (c)
		c->out = evbuffer_new();
	if (!c || !c->out) {
		mem_free(c);
		(void)close(fd);
		return;
	}
	c->s = s;
	c->fd = fd;
	c->watch = WATCH_CLOSED; /* so that the call below changes it */
	read_peer(c, peer_address);
	s->now_ms = clock_monotonic_ns(NULL) / 1000000;
	conn_touch(c);
	(void)event_assign(&c->ev_in, s->conf.base, fd, EV_READ | EV_PERSIST, on_socket, c);
	c->watch = WATCH_READ;
	if (event_add(&c->ev_in, NULL) < 0) {
		evbuffer_free(c->out);
		mem_free(c);
		(void)close(fd);
		return;
	}
	c->next = s->all;
	c->at = &s->all;
	if (c->next)
		c->next->at = &c->next;
	s->all = c;
	s->conns_n++;
}

/* ---- what the handler asks --------------------------------------------------------------------------- */

const struct http_head *http_conn_head(const struct http_conn *c)
{
	return &c->head;
}

bool http_conn_has_body(const struct http_conn *c)
{
	return c->framing != HTTP_NO_BODY;
}

uint64_t http_conn_body_length(const struct http_conn *c)
{
	return c->framing == HTTP_CHUNKED ? UINT64_MAX : c->length;
}

bool http_conn_peer_is_loopback(const struct http_conn *c)
{
	return c->peer_is_loopback;
}

uint64_t http_conn_peer_hash(const struct http_conn *c)
{
	return c->peer_hash;
}

void http_conn_set_user(struct http_conn *c, void *user)
{
	c->user = user;
}

void *http_conn_user(const struct http_conn *c)
{
	return c->user;
}

struct http_kept http_conn_keep(struct http_conn *c)
{
	struct http_kept kept = {c->block, c->body};

	c->block = c->body = NULL;
	return kept;
}

void http_conn_pause(struct http_conn *c, bool is_paused)
{
	if (c->state == CONN_BODY || c->state == CONN_RAW)
		conn_watch(c, is_paused ? WATCH_CLOSED : WATCH_READ);
}

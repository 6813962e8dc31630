#include "proxy/tunnel.h"

#include <event2/buffer.h>

#include "core/base/mem.h"
#include "proxy/tunnel_head.h"
#include "proxy/upstream_raw.h"

enum {
	BLOCK_BYTES = 16 << 10, /* one record of TLS */
	/* Read at a time, then other connections have a turn. */
	TURN_BYTES = 256 << 10,
	/* Waiting for the provider: as HTTP_OUT_HIGH and HTTP_OUT_LOW the other way. */
	WAITING_HIGH = 256 << 10,
	WAITING_LOW = 64 << 10,
};
#define LAST_WORDS_NS ((int64_t)1000000000)
/* Without a byte for so long while the proxy drains: between two turns. */
#define DRAIN_QUIET_NS ((int64_t)2000000000)

struct tunnel {
	struct raw_conn *raw;
	enum {
		TUNNEL_CONNECT, /* the connection is being made */
		TUNNEL_HEAD,    /* the request is out, the head of the answer comes */
		TUNNEL_ANSWER,  /* it is not 101: its body comes */
		TUNNEL_OPEN,
	} state;
	bool is_full;           /* the client is not read from */
	bool is_deaf;           /* the provider takes nothing more */
	bool is_client_done;    /* the client says nothing more... */
	int64_t client_done_ns; /* ...since then all of it has been sent; 0: not yet */

	struct evbuffer *waiting; /* for the provider */
	/* What is being sent. It stays in its place until all of it is out: raw_write. */
	char block[BLOCK_BYTES];
	size_t block_n, block_at;

	struct buf head_bytes;
	struct tunnel_head head;
	struct http_chunks chunks;
	uint64_t left; /* of a body with a length */
};

static int64_t now_ns(const struct exchange *x)
{
	return clock_monotonic_ns(x->server->clock);
}

void tunnel_free(struct tunnel *t)
{
	if (!t)
		return;
	raw_close(t->raw);
	if (t->waiting)
		evbuffer_free(t->waiting);
	buf_release(&t->head_bytes);
	mem_free(t);
}

/* ---- the end ----------------------------------------------------------------------------------------- */

/* All is said. */
static void end(struct exchange *x)
{
	struct http_conn *c = x->conn;

	x->is_complete = true;
	exchange_end(x);
	if (c)
		http_reply_end(c);
}

/* The connection to the provider is of no use any more. */
static void fail(struct exchange *x, enum upstream_end_kind kind, const char *why)
{
	str base = x->server->conf->upstreams[x->route.upstream];

	LOG(x->server->log, LOG_LEVEL_WARN, "upstream_failed", log_s("id", str_from(x->id)),
		log_s("upstream", base), log_s("why", str_from(why)));
	x->is_complete = false;
	if (x->state == EXCHANGE_RELAY) {
		exchange_break(x, STR("the provider's connection broke"));
		return;
	}
	x->reason = "upstream_failed";
	exchange_refuse(x, kind == UPSTREAM_TIMEOUT ? 504 : 502,
		STR("the provider cannot be reached for a WebSocket"), -1);
}

/* ---- to the provider --------------------------------------------------------------------------------- */

static bool next_block(struct tunnel *t)
{
	int n;

	if (t->block_at < t->block_n)
		return true;
	n = evbuffer_remove(t->waiting, t->block, sizeof t->block);
	t->block_at = 0;
	t->block_n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static void stop_sending(struct tunnel *t)
{
	t->is_deaf = true;
	t->block_n = t->block_at = 0;
	(void)evbuffer_drain(t->waiting, evbuffer_get_length(t->waiting));
}

/* Sends what can be sent. A provider that takes nothing more may still have something to say, and its end is seen where
 * that is read. */
static void push(struct exchange *x)
{
	struct tunnel *t = x->tunnel;
	enum raw_io io = RAW_SOME;

	while (io == RAW_SOME && next_block(t)) {
		size_t n = 0;

		io = raw_write(t->raw, t->block + t->block_at, t->block_n - t->block_at, &n);
		if (io == RAW_SOME) {
			t->block_at += n;
			x->progress_ns = now_ns(x);
		}
	}
	raw_watch_write(t->raw, io == RAW_LATER);
	if (io == RAW_BROKEN || io == RAW_END)
		stop_sending(t);
	if (t->is_full && evbuffer_get_length(t->waiting) < WAITING_LOW) {
		t->is_full = false;
		http_conn_pause(x->conn, false);
	}
	if (io != RAW_LATER && t->is_client_done && !t->client_done_ns) {
		raw_shut(t->raw);
		t->client_done_ns = now_ns(x);
	}
}

void tunnel_from_client(struct exchange *x, str bytes, bool is_last)
{
	struct tunnel *t = x->tunnel;

	x->raw_n += bytes.n;
	t->is_client_done |= is_last;
	if (!t->is_deaf && evbuffer_add(t->waiting, bytes.p, bytes.n) < 0) {
		x->is_complete = false;
		exchange_break(x, STR("out of memory"));
		return;
	}
	push(x);
	if (evbuffer_get_length(t->waiting) > WAITING_HIGH && !t->is_full && !is_last) {
		t->is_full = true;
		http_conn_pause(x->conn, true);
	}
}

static bool add_line(struct evbuffer *out, str name, str value)
{
	return evbuffer_add_printf(
		       out, STR_FMT ": " STR_FMT "\r\n", STR_ARG(name), STR_ARG(value)) >= 0;
}

/* Scheme and authority are in front of the path. */
static str authority_of(str base)
{
	size_t at = str_find(base, STR("://"));

	base = str_sub(base, at == STR_NONE ? 0 : at + 3, base.n);
	at = str_find_byte(base, '/');
	return at == STR_NONE ? base : str_sub(base, 0, at);
}

/* The request as it came, but for what is ours and for what names the host. False: out of memory. */
static bool write_request(struct exchange *x)
{
	const struct header_rule rule = {.token_in_authorization = x->token_in_authorization,
		.chatgpt_account = x->route.chatgpt_account};
	str base = x->server->conf->upstreams[x->route.upstream];
	str authority = authority_of(base);
	str prefix = str_sub(base, (size_t)(authority.p + authority.n - base.p), base.n);
	struct evbuffer *out = x->tunnel->waiting;
	bool is_good;

	headers_to_upstream(x->head, &rule, &x->arena, &x->headers, &x->headers_n);
	is_good = evbuffer_add_printf(out, "GET " STR_FMT STR_FMT " HTTP/1.1\r\n", STR_ARG(prefix),
			  STR_ARG(x->route.path)) >= 0 &&
		  add_line(out, STR("Host"), authority) &&
		  add_line(out, STR("Connection"), STR("Upgrade")) &&
		  add_line(out, STR("Upgrade"), http_header_find(x->head, STR("upgrade")));
	for (uint32_t i = 0; i < x->headers_n && is_good; i++)
		is_good = add_line(out, x->headers[i].name, x->headers[i].value);
	return is_good && evbuffer_add(out, "\r\n", 2) == 0;
}

/* ---- to the client ----------------------------------------------------------------------------------- */

static void relay(struct exchange *x, str bytes)
{
	x->bytes_out += bytes.n;
	http_reply_body(x->conn, bytes);
}

/* Bytes of a body with framing of its own. False: x is gone. */
static bool relay_answer(struct exchange *x, str bytes)
{
	struct tunnel *t = x->tunnel;
	enum http_parsed more = HTTP_MORE;
	size_t n = t->left < bytes.n ? (size_t)t->left : bytes.n;
	str piece;

	switch (t->head.body) {
	case TUNNEL_BODY_CHUNKED:
		while (bytes.n && more == HTTP_MORE) {
			more = http_chunks_next(&t->chunks, &bytes, &piece);
			relay(x, piece);
		}
		break;
	case TUNNEL_BODY_LENGTH:
		relay(x, str_sub(bytes, 0, n));
		t->left -= n;
		more = t->left ? HTTP_MORE : HTTP_DONE;
		break;
	case TUNNEL_BODY_END:
		relay(x, bytes);
		break;
	case TUNNEL_BODY_NONE:
	case TUNNEL_BODY_RAW:
		more = HTTP_DONE;
		break;
	}
	if (more == HTTP_DONE)
		end(x);
	else if (more == HTTP_BAD)
		fail(x, UPSTREAM_BROKEN, "malformed chunk");
	return more == HTTP_MORE;
}

/* The headers of the answer that travel; Upgrade does here, and Connection where it agrees to it. */
static bool is_relayed(const struct tunnel_head *h, str name, str connection)
{
	if (str_eq_nocase(name, STR("upgrade")))
		return true;
	if (str_eq_nocase(name, STR("connection")))
		return h->body == TUNNEL_BODY_RAW;
	return header_goes_to_client(name, connection);
}

static void reply_head(struct exchange *x, const struct tunnel_head *h)
{
	static const enum http_reply_body bodies[] = {[TUNNEL_BODY_NONE] = HTTP_REPLY_NONE,
		[TUNNEL_BODY_LENGTH] = HTTP_REPLY_LENGTH,
		[TUNNEL_BODY_CHUNKED] = HTTP_REPLY_STREAM,
		[TUNNEL_BODY_END] = HTTP_REPLY_STREAM,
		[TUNNEL_BODY_RAW] = HTTP_REPLY_RAW};
	struct http_header headers[HTTP_HEADERS_MAX + EXCHANGE_OWN_HEADERS];
	str connection = STR("");
	uint32_t n = 0;

	for (uint32_t i = 0; i < h->headers_n; i++)
		if (str_eq_nocase(h->headers[i].name, STR("connection")))
			connection = h->headers[i].value;
	for (uint32_t i = 0; i < h->headers_n; i++)
		if (is_relayed(h, h->headers[i].name, connection))
			headers[n++] = h->headers[i];
	exchange_own_headers(x, headers, &n);
	http_reply(x->conn, &(struct http_reply){.status = h->status,
				    .reason = h->reason,
				    .headers = headers,
				    .headers_n = n,
				    .body = bodies[h->body],
				    .length = h->length});
}

/* The head is whole, rest came behind it. False: x is gone. */
static bool relay_head(struct exchange *x, str rest)
{
	struct tunnel *t = x->tunnel;
	struct http_conn *c = x->conn;

	x->state = EXCHANGE_RELAY;
	x->status = t->head.status;
	x->first_byte_ns = now_ns(x);
	t->left = t->head.length;
	t->state = t->head.body == TUNNEL_BODY_RAW ? TUNNEL_OPEN : TUNNEL_ANSWER;
	if (t->state == TUNNEL_OPEN) {
		x->reason = "tunneled";
		/* It has no end of its own: whoever ends it in good order has had all. */
		x->is_complete = true;
	}
	reply_head(x, &t->head); /* brings what the client has said meanwhile */
	if (http_conn_user(c) != x)
		return false;
	if (t->state == TUNNEL_ANSWER)
		return relay_answer(x, rest);
	relay(x, rest);
	return true;
}

/* False: x is gone. */
static bool take_head(struct exchange *x, str bytes)
{
	struct tunnel *t = x->tunnel;
	struct buf held;
	bool is_here;

	buf_add(&t->head_bytes, bytes);
	for (;;) {
		enum http_parsed parsed = tunnel_head_parse(buf_str(&t->head_bytes), &t->head);
		str rest;

		if (parsed == HTTP_MORE && !t->head_bytes.err)
			return true;
		if (parsed != HTTP_DONE) {
			fail(x, UPSTREAM_BROKEN, "its answer is no HTTP");
			return false;
		}
		if (t->head.status >= 200 || t->head.status == 101)
			break;
		rest = str_sub(buf_str(&t->head_bytes), t->head.head_n, t->head_bytes.n);
		memmove(t->head_bytes.p, rest.p, rest.n);
		t->head_bytes.n = rest.n;
	}
	held = t->head_bytes; /* outlives x */
	buf_init(&t->head_bytes, 0);
	is_here = relay_head(x, str_sub(buf_str(&held), t->head.head_n, held.n));
	buf_release(&held);
	return is_here;
}

/* False: x is gone. */
static bool take(struct exchange *x, str bytes)
{
	x->progress_ns = now_ns(x);
	switch (x->tunnel->state) {
	case TUNNEL_CONNECT:
	case TUNNEL_HEAD:
		return take_head(x, bytes);
	case TUNNEL_ANSWER:
		return relay_answer(x, bytes);
	case TUNNEL_OPEN:
		relay(x, bytes);
		break;
	}
	return true;
}

/* The provider says nothing more. */
static void provider_is_done(struct exchange *x, enum raw_io io)
{
	const struct tunnel *t = x->tunnel;

	if (io == RAW_END && (t->state == TUNNEL_OPEN || (t->state == TUNNEL_ANSWER &&
								 t->head.body == TUNNEL_BODY_END)))
		end(x);
	else
		fail(x, UPSTREAM_BROKEN, "the connection broke");
}

static void on_readable(void *user)
{
	struct exchange *x = user;
	struct raw_conn *raw = x->tunnel->raw;
	size_t total = 0;

	while (total < TURN_BYTES) {
		char piece[BLOCK_BYTES];
		size_t n = 0;
		enum raw_io io;

		if (http_conn_is_full(x->conn)) {
			raw_watch_read(raw, false); /* until tunnel_resume */
			return;
		}
		io = raw_read(raw, piece, sizeof piece, &n);
		total += n;
		if (io == RAW_LATER)
			return;
		if (io != RAW_SOME) {
			provider_is_done(x, io);
			return;
		}
		if (!take(x, (str){piece, n}))
			return;
	}
	raw_read_again(raw);
}

void tunnel_resume(struct exchange *x)
{
	if (x->tunnel->state != TUNNEL_CONNECT)
		raw_read_again(x->tunnel->raw);
}

static void on_writable(void *user)
{
	push(user);
}

/* ---- the beginning ----------------------------------------------------------------------------------- */

static void on_open(void *user)
{
	struct exchange *x = user;

	x->tunnel->state = TUNNEL_HEAD;
	x->progress_ns = now_ns(x);
	push(x);
	raw_watch_read(x->tunnel->raw, true);
}

static void on_failed(void *user, const struct upstream_end *e)
{
	fail(user, e->kind, e->text);
}

static const struct raw_events events = {
	.open = on_open,
	.failed = on_failed,
	.readable = on_readable,
	.writable = on_writable,
};

/* False: out of memory. */
static bool start(struct exchange *x)
{
	struct arena *a = &x->arena;
	struct tunnel *t = x->tunnel = mem_zalloc(sizeof *t);

	if (!t)
		return false;
	buf_init(&t->head_bytes, HTTP_HEAD_MAX + BLOCK_BYTES);
	t->waiting = evbuffer_new();
	if (!t->waiting || arena_recover(a)) {
		arena_end_recover(a);
		return false;
	}
	x->url = arena_cstr(a, x->server->conf->upstreams[x->route.upstream]);
	if (write_request(x))
		t->raw = raw_open(x->w->upstreams, x->url, &events, x);
	arena_end_recover(a);
	return t->raw != NULL;
}

void tunnel_begin(struct exchange *x)
{
	if (x->server->conf->websocket == WEBSOCKET_REFUSE || x->route.kind == ROUTE_OWN) {
		x->reason = "upgrade_refused";
		exchange_refuse(x, 426, STR("WebSocket is not spoken here: use HTTP"), -1);
		return;
	}
	/* RFC 6455 4.1: the handshake is a GET. A body in front of the frames would be one more thing to read
	 * differently. */
	if (!str_eq(x->head->method, STR("GET")) || http_conn_has_body(x->conn)) {
		x->reason = "malformed_request";
		exchange_refuse(
			x, 400, STR("a WebSocket is asked for by a GET without a body"), -1);
		return;
	}
	x->state = EXCHANGE_PREPARE;
	exchange_prepare(x);
}

void tunnel_open(struct exchange *x)
{
	x->state = EXCHANGE_SENT;
	x->attempts = 1;
	x->sent_ns = x->progress_ns = now_ns(x);
	if (!start(x))
		exchange_refuse(x, 503, STR("out of memory"), 1);
}

/* ---- time -------------------------------------------------------------------------------------------- */

void tunnel_tick(struct exchange *x, int64_t now)
{
	const struct tunnel *t = x->tunnel;
	int64_t quiet_ns = now - x->progress_ns;
	bool has_heard = t->client_done_ns && now - t->client_done_ns > LAST_WORDS_NS;
	bool is_drained = x->w->is_draining && t->state == TUNNEL_OPEN && quiet_ns > DRAIN_QUIET_NS;

	if (has_heard || is_drained) {
		end(x);
	} else if (quiet_ns > x->server->conf->request_timeout_ms * 1000000 &&
		   !http_conn_is_full(x->conn)) {
		LOG(x->server->log, LOG_LEVEL_INFO, "tunnel_idle", log_s("id", str_from(x->id)));
		if (t->state == TUNNEL_OPEN)
			end(x);
		else
			fail(x, UPSTREAM_TIMEOUT, "no answer in time");
	}
}

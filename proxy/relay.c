#include <stdio.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "proxy/backend_answer.h"
#include "proxy/backend_frame.h"
#include "proxy/exchange.h"
#include "proxy/shared.h"
#include "proxy/shared_answers.h"

/* For --log-messages: more of an answer is not kept; the last byte tells whether it was cut within a character. */
#define LOG_ANSWER_MAX (LOG_RESPONSE_MAX + 1)
/* More than this is not unpacked to read along: no model says as much, and the loop has others to serve. */
#define UNPACKED_MAX (64 << 20)

enum { NUMBER_MAX = 24 };

/* ---- our own headers --------------------------------------------------------------------------------- */

static uint64_t scaled(const struct exchange *x, uint64_t tokens)
{
	return (uint64_t)((double)tokens * x->scale + 0.5);
}

static void add_own(struct http_header *out, uint32_t *n, str name, str value)
{
	out[(*n)++] = (struct http_header){name, value};
}

static void add_own_count(
	struct exchange *x, struct http_header *out, uint32_t *n, str name, int64_t v)
{
	struct buf b;

	buf_init_arena(&b, &x->arena, NUMBER_MAX);
	if (v < 0)
		buf_add_byte(&b, '-');
	buf_add_u64(&b, v < 0 ? -(uint64_t)v : (uint64_t)v);
	add_own(out, n, name, buf_str(&b));
}

/* A header's value from a body: what would break the head becomes '?'. */
static str printable(struct exchange *x, str s)
{
	char *p = arena_cstr(&x->arena, s.n > 128 ? str_sub(s, 0, 128) : s);

	for (char *c = p; *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
	return str_from(p);
}

/* "gutter*3,reference*2" */
static str comma_separated(struct exchange *x, str s)
{
	char *p = arena_cstr(&x->arena, s);

	for (char *c = p; *c; c++)
		if (*c == ' ')
			*c = ',';
	return str_from(p);
}

static void add_all_own(struct exchange *x, struct http_header *out, uint32_t *n)
{
	int64_t before = (int64_t)scaled(x, x->counted_before);
	int64_t after = (int64_t)scaled(x, x->counted_after);

	add_own(out, n, STR("x-headroom-request-id"), str_from(x->id));
	if (x->cached) {
		add_own(out, n, STR("x-headroom-cached"), STR("true"));
		add_own_count(x, out, n, STR("age"), x->cached_age_ms / 1000);
	}
	if (x->route.kind != ROUTE_LLM && x->route.kind != ROUTE_BATCH)
		return;
	add_own_count(x, out, n, STR("x-headroom-tokens-before"), before);
	add_own_count(x, out, n, STR("x-headroom-tokens-after"), after);
	add_own_count(x, out, n, STR("x-headroom-tokens-saved"), before - after);
	if (x->model_name.n)
		add_own(out, n, STR("x-headroom-model"), printable(x, x->model_name));
	if (x->transforms.n)
		add_own(out, n, STR("x-headroom-transforms"), comma_separated(x, x->transforms));
	add_own(out, n, STR("x-headroom-reason"), translation_reason(x, x->reason));
	if (x->broke.cause)
		add_own(out, n, STR("x-headroom-cache-break"),
			printable(x, arena_printf(&x->arena, "%s at %s",
					     trail_cause_name(x->broke.cause), x->broke.path)));
}

void exchange_own_headers(struct exchange *x, struct http_header *out, uint32_t *n)
{
	uint32_t start = *n;

	if (arena_recover(&x->arena))
		*n = start;
	else
		add_all_own(x, out, n);
	arena_end_recover(&x->arena);
}

/* ---- the head ---------------------------------------------------------------------------------------- */

/* From here on nobody knows what the answer says. */
static void stop_reading(struct exchange *x)
{
	x->is_read_along = false;
	usage_reader_free(x->usage_reader);
	x->usage_reader = NULL;
}

/* What reads along: usage for the ledger, the response cache, a log of messages. Each may fail by itself. */
static void begin_taps(struct exchange *x, const struct upstream_head *h)
{
	str type = upstream_header(h, STR("content-type"));
	str encoding = upstream_header(h, STR("content-encoding"));
	enum coding c = coding_parse(encoding);
	enum answer_form form = x->tap_answer ? ANSWER_SSE : answer_form_of(type, x->is_stream);
	bool wants_text;

	buf_init(&x->log_answer, LOG_ANSWER_MAX);
	/* Rounds read usage themselves, and what they have made of an answer is for this client alone. */
	if (x->rounds) {
		x->is_read_along = x->server->conf->logs_messages;
		return;
	}
	if (h->status == 200 && x->has_cache_key)
		x->builder = response_cache_begin(
			x->server->cache, &x->cache_key, h->status, type, encoding);
	if (!x->route.is_counted || x->is_head_method)
		return;
	if (form != ANSWER_OTHER && x->route.is_rate_limited)
		x->usage_reader = usage_reader_new(x->route.format, form);
	wants_text = x->usage_reader || x->server->conf->logs_messages;
	if (wants_text && c != CODING_IDENTITY && c != CODING_UNKNOWN)
		x->decoder = decoder_new(c);
	x->is_read_along = wants_text;
	if (c != CODING_IDENTITY && !x->decoder)
		stop_reading(x);
}

static bool has_body(const struct exchange *x, int status)
{
	return !x->is_head_method && status != 204 && status != 304;
}

static void reply_head(struct exchange *x, const struct upstream_head *h)
{
	struct http_reply r = {.status = h->status, .reason = h->reason};
	struct http_header *headers =
		arena_array(&x->arena, struct http_header, h->headers_n + EXCHANGE_OWN_HEADERS + 1);
	str connection = http_headers_join(h->headers, h->headers_n, STR("connection"), &x->arena);
	uint32_t n = 0;

	for (uint32_t i = 0; i < h->headers_n; i++)
		if (header_goes_to_client(h->headers[i].name, connection) &&
			!(x->rounds && str_eq_nocase(h->headers[i].name, STR("content-encoding"))))
			headers[n++] = h->headers[i];
	r.body = HTTP_REPLY_STREAM;
	if (!has_body(x, h->status)) {
		r.body = HTTP_REPLY_NONE;
		if (h->has_length && x->is_head_method)
			add_own_count(x, headers, &n, STR("content-length"), (int64_t)h->length);
	} else if (h->has_length && !x->rounds) {
		r.body = HTTP_REPLY_LENGTH;
		r.length = h->length;
	}
	for (uint32_t i = 0; x->frame && i < n; i++)
		if (str_eq_nocase(headers[i].name, STR("content-type")))
			headers[i].value = STR("application/vnd.amazon.eventstream");
	add_all_own(x, headers, &n);
	r.headers = headers;
	r.headers_n = n;
	http_reply(x->conn, &r);
}

bool exchange_relay_head(struct exchange *x, const struct upstream_head *h)
{
	x->state = EXCHANGE_RELAY;
	x->status = h->status;
	x->first_byte_ns = clock_monotonic_ns(x->server->clock);
	if (x->own && !rounds_begin(x, h))
		return false;
	begin_taps(x, h);
	if (arena_recover(&x->arena)) {
		arena_end_recover(&x->arena);
		return false; /* exchange_relay_end breaks it off */
	}
	reply_head(x, h);
	arena_end_recover(&x->arena);
	return true;
}

/* ---- the body ---------------------------------------------------------------------------------------- */

static enum err read_text(void *self, str piece, struct errctx *cx)
{
	struct exchange *x = self;

	x->answer_n += piece.n;
	if (x->usage_reader)
		usage_reader_feed(x->usage_reader, piece);
	if (x->server->conf->logs_messages)
		buf_add(&x->log_answer,
			piece.n < LOG_ANSWER_MAX - x->log_answer.n
				? piece
				: str_sub(piece, 0, LOG_ANSWER_MAX - x->log_answer.n));
	if (x->decoder && x->answer_n > UNPACKED_MAX)
		FAIL(cx, E_TOO_BIG, "the answer is too large once its content-encoding is undone");
	return E_OK;
}

static void feed_taps(struct exchange *x, str piece)
{
	bool is_read;

	cached_builder_add(x->builder, piece);
	if (!x->is_read_along)
		return;
	is_read = !x->tap_answer || backend_answer_feed(x->tap_answer, piece, &piece, NULL) == E_OK;
	if (is_read && x->decoder)
		is_read = decoder_feed(x->decoder, piece, read_text, x, NULL) == E_OK;
	else if (is_read)
		(void)read_text(x, piece, NULL);
	if (!is_read)
		stop_reading(x); /* what the provider sent is the client's affair */
}

void exchange_relay_text(struct exchange *x, str text)
{
	str sent = text;

	if (x->frame && backend_frame_feed(x->frame, text, &sent) != E_OK) {
		x->is_frame_lost = true;
		return;
	}
	x->bytes_out += sent.n;
	http_reply_body(x->conn, sent);
	feed_taps(x, text);
}

static enum upstream_take pass_on(struct exchange *x, str piece)
{
	if (!piece.n)
		return UPSTREAM_TAKEN;
	if (x->translation)
		return translation_on_body(x, piece);
	if (x->rounds)
		return rounds_on_body(x, piece);
	exchange_relay_text(x, piece);
	return UPSTREAM_TAKEN;
}

enum upstream_take exchange_on_body(void *user, str piece)
{
	struct exchange *x = user;
	enum upstream_take take;
	enum err err = E_OK;

	if (!x->conn)
		return UPSTREAM_STOP;
	if (http_conn_is_full(x->conn))
		return UPSTREAM_LATER;
	x->progress_ns = clock_monotonic_ns(x->server->clock);
	if (x->backend_answer)
		err = backend_answer_feed(x->backend_answer, piece, &piece, NULL);
	take = pass_on(x, piece);
	return err || x->is_frame_lost ? UPSTREAM_STOP : take;
}

/* ---- the end ----------------------------------------------------------------------------------------- */

bool exchange_end_backend(struct exchange *x, bool is_complete)
{
	str rest;

	if (!x->backend_answer)
		return is_complete;
	is_complete &= backend_answer_finish(x->backend_answer, &rest);
	(void)pass_on(x, rest);
	return is_complete;
}

static void commit_cached(struct exchange *x)
{
	struct server *s = x->server;
	bool is_kept = x->builder != NULL;

	cached_builder_commit(x->builder);
	if (is_kept && s->shared)
		shared_answer_put(shared_link(s->shared), s->cache, &x->cache_key, s->clock);
}

void exchange_relay_end(struct exchange *x, bool is_complete)
{
	struct http_conn *c = x->conn;
	bool is_whole;

	if (x->rounds) {
		rounds_on_end(x, is_complete);
		return;
	}
	x->is_complete = is_complete;
	if (x->usage_reader)
		x->usage = usage_reader_finish(x->usage_reader);
	/* The backend's own figures, of which the client may not have asked for any. */
	if (x->translation && translation_usage(x->translation))
		x->usage = translation_usage(x->translation);
	is_whole = is_complete && x->status == 200 &&
		   (!x->usage || (x->usage->is_complete && !x->usage->is_error));
	if (is_whole)
		commit_cached(x);
	else
		cached_builder_abort(x->builder);
	x->builder = NULL;
	if (!is_complete) {
		exchange_break(x, STR("the provider's answer broke off"));
		return;
	}
	exchange_end(x);
	if (c)
		http_reply_end(c);
}

/* A log of messages has the text, whatever the coding that the answer is kept in. */
static void log_cached(struct exchange *x, const struct cached_response *r)
{
	enum coding c = coding_parse(r->content_encoding);

	if (!x->server->conf->logs_messages)
		return;
	buf_init(&x->log_answer, LOG_ANSWER_MAX);
	if (c != CODING_IDENTITY && c != CODING_UNKNOWN)
		x->decoder = decoder_new(c);
	x->is_read_along = c == CODING_IDENTITY || x->decoder;
	feed_taps(x, r->body);
}

/* A stream goes out in the pieces that it came in. */
static void send_cached_body(struct exchange *x, const struct cached_response *r)
{
	size_t at = 0;

	for (uint32_t i = 0; i < r->ends_n; i++) {
		http_reply_body(x->conn, str_sub(r->body, at, r->ends[i]));
		at = r->ends[i];
	}
	http_reply_body(x->conn, str_sub(r->body, at, r->body.n));
}

void exchange_send_cached(struct exchange *x)
{
	const struct cached_response *r = x->cached;
	struct http_header headers[EXCHANGE_OWN_HEADERS + 2];
	struct http_conn *c = x->conn;
	uint32_t n = 0;

	if (r->content_type.n)
		add_own(headers, &n, STR("content-type"), r->content_type);
	if (r->content_encoding.n)
		add_own(headers, &n, STR("content-encoding"), r->content_encoding);
	exchange_own_headers(x, headers, &n);
	x->status = r->status;
	x->is_complete = true;
	x->bytes_out = r->body.n;
	x->first_byte_ns = clock_monotonic_ns(x->server->clock);
	http_reply(c, &(struct http_reply){.status = r->status,
			      .headers = headers,
			      .headers_n = n,
			      .body = x->is_stream ? HTTP_REPLY_STREAM : HTTP_REPLY_LENGTH,
			      .length = r->body.n});
	send_cached_body(x, r);
	log_cached(x, r);
	exchange_end(x);
	http_reply_end(c);
}

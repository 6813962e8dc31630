#include "proxy/exchange.h"

#include <event2/buffer.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "proxy/answer.h"
#include "proxy/backend.h"
#include "proxy/backend_answer.h"
#include "proxy/backend_frame.h"
#include "proxy/dashboard/feed.h"
#include "proxy/own/own.h"
#include "proxy/tunnel.h"

enum {
	SPARE_EXCHANGES = 1024, /* --limit-concurrency, by default; until nothing is to be done */
	/* A body that nobody has to read is held whole up to here, so that it can be sent again; a longer one is
	 * passed on in pieces. */
	PASS_WHOLE_MAX = 1 << 20,
};

/* ---- making and unmaking ----------------------------------------------------------------------------- */

static struct exchange *exchange_new(struct worker *w, struct http_conn *c)
{
	struct exchange *x = w->spare;

	if (x) {
		w->spare = x->next;
		w->spare_n--;
	} else {
		x = mem_zalloc(sizeof *x);
		if (!x)
			return NULL;
		arena_init(&x->arena);
	}
	x->w = w;
	x->server = w->server;
	x->conn = c;
	x->start_ns = x->progress_ns = clock_monotonic_ns(x->server->clock);
	x->at_ms = clock_wall_ms(x->server->clock);
	x->answer_retry_after_s = x->retry_after_ms = -1;
	x->scale = 1;
	x->reason = "passed_through";
	clock_id(&w->id_clock, x->id);
	x->next = w->exchanges;
	x->at = &w->exchanges;
	if (x->next)
		x->next->at = &x->next;
	w->exchanges = x;
	w->exchanges_n++;
	http_conn_set_user(c, x);
	return x;
}

static void exchange_free(struct exchange *x)
{
	struct worker *w = x->w;
	struct arena arena;

	*x->at = x->next;
	if (x->next)
		x->next->at = x->at;
	w->exchanges_n--;
	if (x->listener)
		feed_leave(x);
	if (x->is_counted_active)
		(void)atomic_fetch_sub(&x->server->active_n, 1);
	if (x->retry)
		event_free(x->retry);
	if (x->upload)
		evbuffer_free(x->upload);
	rounds_free(x->rounds);
	translation_free(x->translation);
	usage_reader_free(x->usage_reader);
	decoder_free(x->decoder);
	cached_builder_abort(x->builder);
	cached_response_release(x->cached);
	buf_release(&x->log_answer);
	mem_free(x->decoded);
	mem_free(x->changed);
	mem_free(x->sent);
	backend_answer_free(x->backend_answer);
	backend_answer_free(x->tap_answer);
	backend_frame_free(x->frame);
	mem_free(x->kept.head);
	mem_free(x->kept.body);
	arena_reset(&x->arena);
	arena = x->arena;
	memset(x, 0, sizeof *x);
	x->arena = arena;
	if (w->spare_n == SPARE_EXCHANGES) {
		arena_release(&x->arena);
		mem_free(x);
		return;
	}
	x->next = w->spare;
	w->spare = x;
	w->spare_n++;
}

void exchange_free_spare(struct worker *w)
{
	while (w->spare) {
		struct exchange *x = w->spare;

		w->spare = x->next;
		arena_release(&x->arena);
		mem_free(x);
	}
	w->spare_n = 0;
}

void exchange_end(struct exchange *x)
{
	ASSERT(!x->is_in_pool);
	if (x->transfer)
		upstream_cancel(x->transfer);
	x->transfer = NULL;
	tunnel_free(x->tunnel);
	x->tunnel = NULL;
	x->state = EXCHANGE_END;
	if (x->conn)
		http_conn_set_user(x->conn, NULL);
	exchange_account(x);
	exchange_free(x);
}

void exchange_break(struct exchange *x, str error)
{
	struct http_conn *c = x->conn;

	x->error = error;
	exchange_end(x);
	if (c)
		http_reply_abort(c);
}

/* ---- answers of our own ------------------------------------------------------------------------------ */

/* Room for the body of an error: the longest messages name a URL. */
enum { ERROR_BODY_MAX = 4096, ERROR_HEADERS = EXCHANGE_OWN_HEADERS + 4 };

/* False: no memory for it. */
static bool send_error(struct http_conn *c, struct exchange *x, enum error_shape shape, int status,
	str message, int64_t retry_after_s)
{
	struct http_header headers[ERROR_HEADERS];
	struct arena a = ARENA_INIT;
	struct buf body;
	uint32_t n = 0;

	if (arena_recover(&a)) {
		arena_release(&a);
		return false;
	}
	buf_init_arena(&body, &a, ERROR_BODY_MAX);
	answer_error(&body, shape, status, message);
	headers[n++] = (struct http_header){STR("content-type"), STR("application/json")};
	if (retry_after_s >= 0)
		headers[n++] = (struct http_header){
			STR("retry-after"), arena_printf(&a, "%lld", (long long)retry_after_s)};
	if (status == 426)
		headers[n++] = (struct http_header){STR("upgrade"), STR("websocket")};
	if (status == 405 && x && x->route.own_allow)
		headers[n++] = (struct http_header){STR("allow"), str_from(x->route.own_allow)};
	if (x)
		exchange_own_headers(x, headers, &n);
	http_reply(c, &(struct http_reply){.status = status,
			      .headers = headers,
			      .headers_n = n,
			      .body = x && x->is_head_method ? HTTP_REPLY_NONE : HTTP_REPLY_LENGTH,
			      .length = body.n});
	if (!x || !x->is_head_method)
		http_reply_body(c, buf_str(&body));
	arena_release(&a);
	return true;
}

/* After send_error: the end of an answer, or a connection that breaks because there was no memory for one. */
static void end_error(struct http_conn *c, bool is_sent)
{
	if (is_sent)
		http_reply_end(c);
	else
		http_reply_abort(c);
}

void exchange_refuse(struct exchange *x, int status, str message, int64_t retry_after_s)
{
	struct http_conn *c = x->conn;
	bool is_sent = false;

	if (rounds_is_open(x)) {
		rounds_fail(x, message);
		return;
	}
	if (c) {
		if (!x->error.n)
			x->error = message;
		is_sent = send_error(c, x, x->route.shape, status, message, retry_after_s);
		x->status = is_sent ? status : 0;
		x->is_complete = is_sent;
	}
	exchange_end(x);
	if (c)
		end_error(c, is_sent);
}

/* ---- a head comes ------------------------------------------------------------------------------------ */

static const struct {
	enum guard_verdict verdict;
	const char *text;
} guard_texts[] = {
	{GUARD_NO_TOKEN, "this proxy wants its token: send it as x-headroom-proxy-token, or as "
			 "Authorization: Bearer"},
	{GUARD_BAD_TOKEN, "the token of this proxy is another one"},
	{GUARD_BAD_HOST,
		"this name is not allowed as Host: use a loopback address, or --allowed-hosts"},
	{GUARD_BAD_ORIGIN, "pages of this origin are not allowed here: see --cors-origins"},
	{GUARD_NOT_YOURS,
		"this is for the operator of this proxy: the token that was sent is another one"},
	{GUARD_HIDDEN, "Not Found"},
};

static bool is_guarded(struct exchange *x)
{
	enum guard_verdict v = x->guarded;

	if (v == GUARD_OK)
		return false;
	/* Browsers show nothing with it, and it tells nothing. */
	if ((v == GUARD_NO_TOKEN || v == GUARD_BAD_TOKEN) && own_is_preflight(x))
		return false;
	x->is_unknown = true;
	x->reason = guard_verdict_name(v);
	if (v != GUARD_HIDDEN)
		LOG(x->server->log, LOG_LEVEL_WARN, "request_refused", log_s("id", str_from(x->id)),
			log_s("why", str_from(guard_verdict_name(v))));
	for (size_t i = 0; i < ARRAY_N(guard_texts); i++)
		if (guard_texts[i].verdict == v)
			exchange_refuse(
				x, guard_verdict_status(v), str_from(guard_texts[i].text), -1);
	return true;
}

/* Too much at a time? The first time, the log says which option to change. */
static bool is_crowded(struct exchange *x)
{
	struct server *s = x->server;
	int64_t max = atomic_load(&s->concurrency_max);

	if (x->route.is_open)
		return false;
	x->is_counted_active = true;
	if (atomic_fetch_add(&s->active_n, 1) < max)
		return false;
	if (!atomic_exchange(&s->said_concurrency, true))
		LOG(s->log, LOG_LEVEL_WARN, "concurrency_limit", log_i("limit", max),
			log_s("change", STR("--limit-concurrency, HEADROOM_LIMIT_CONCURRENCY")));
	x->reason = "concurrency_limit";
	exchange_refuse(x, 503, STR("too many requests at a time: see --limit-concurrency"), 1);
	return true;
}

static void understand_head(struct exchange *x)
{
	struct http_head *h = arena_new(&x->arena, struct http_head);
	struct guard_who who;
	size_t q;

	*h = *http_conn_head(x->conn);
	x->head = h;
	x->is_head_method = str_eq(h->method, STR("HEAD"));
	route_request(h, &x->arena, &x->route);
	backend_take(x->server->conf, &x->route);
	q = str_find_byte(x->route.path, '?');
	request_info_read(h,
		q == STR_NONE ? STR("") : str_sub(x->route.path, q + 1, x->route.path.n), &x->info);
	x->guarded = guard_check(&x->server->guard, h, &x->route,
		http_conn_peer_is_loopback(x->conn), &x->arena, &who);
	x->token_in_authorization = who.token_in_authorization;
	x->tenant = who.tenant;
	x->is_operator = who.is_operator;
	if (!x->info.project.n)
		x->info.project = x->route.project.n ? x->route.project : who.project;
}

/* False: out of memory. */
static bool read_head(struct exchange *x)
{
	struct arena *a = &x->arena;

	if (arena_recover(a)) {
		arena_end_recover(a);
		return false;
	}
	understand_head(x);
	arena_end_recover(a);
	return true;
}

/* How the body is to come. */
static enum http_take take_of(const struct exchange *x, size_t *body_max)
{
	uint64_t n = http_conn_body_length(x->conn);

	*body_max = x->server->conf->body_max;
	if (x->route.kind == ROUTE_PASS && http_conn_has_body(x->conn) && n > PASS_WHOLE_MAX)
		return HTTP_TAKE_PIECES;
	return HTTP_TAKE_WHOLE;
}

/* Nowhere to go with it? */
static bool is_refused(struct exchange *x)
{
	const char *why = backend_refusal(
		x->server->conf, &x->route, http_header_find(x->head, STR("authorization")));

	if (why) {
		x->reason = "not_of_this_backend";
		exchange_refuse(x, x->route.is_upgrade ? 426 : 501, str_from(why), -1);
	}
	return why != NULL;
}

static enum http_take admit(struct exchange *x, size_t *body_max)
{
	if (is_guarded(x) || is_crowded(x))
		return HTTP_TAKE_NONE;
	if (own_is_preflight(x)) {
		own_preflight(x);
		return HTTP_TAKE_NONE;
	}
	if (x->route.kind == ROUTE_OWN && !x->route.own_methods_ok) {
		exchange_refuse(x, 405, STR("method not allowed"), -1);
		return HTTP_TAKE_NONE;
	}
	if (is_refused(x))
		return HTTP_TAKE_NONE;
	if (x->route.is_upgrade) {
		tunnel_begin(x);
		return HTTP_TAKE_NONE;
	}
	return take_of(x, body_max);
}

static enum http_take on_head(void *self, struct http_conn *c, size_t *body_max)
{
	struct worker *w = self;
	struct exchange *x = exchange_new(w, c);
	enum http_take take;

	(void)atomic_fetch_add_explicit(&w->served_n, 1, memory_order_relaxed);
	if (!x || !read_head(x)) {
		if (x)
			exchange_end(x);
		http_reply_abort(c);
		return HTTP_TAKE_NONE;
	}
	take = admit(x, body_max);
	if (take == HTTP_TAKE_PIECES) {
		x->is_pulled = true;
		x->state = EXCHANGE_PREPARE;
		exchange_forward(x);
	}
	return take;
}

/* ---- its body ---------------------------------------------------------------------------------------- */

static void on_body(void *self, struct http_conn *c, str body, bool is_last)
{
	struct exchange *x = http_conn_user(c);

	(void)self;
	if (!x)
		return;
	x->progress_ns = clock_monotonic_ns(x->server->clock);
	if (x->tunnel) {
		tunnel_from_client(x, body, is_last);
		return;
	}
	x->raw_n += body.n;
	if (x->is_pulled) {
		exchange_upload(x, body, is_last);
		return;
	}
	x->raw = body;
	x->kept = http_conn_keep(c);
	if (x->route.kind == ROUTE_OWN) {
		own_answer(x, body);
		return;
	}
	x->state = EXCHANGE_PREPARE;
	exchange_prepare(x);
}

static void on_fault(void *self, struct http_conn *c, const struct http_fault *fault)
{
	struct exchange *x = http_conn_user(c);

	(void)self;
	if (x && x->state == EXCHANGE_RELAY) {
		exchange_break(x, str_from(fault->text));
		return;
	}
	if (x) {
		x->reason = "malformed_request";
		exchange_refuse(x, fault->status, str_from(fault->text), -1);
		return;
	}
	end_error(c, send_error(c, NULL, SHAPE_OWN, fault->status, str_from(fault->text), -1));
}

static void on_gone(void *self, struct http_conn *c)
{
	struct exchange *x = http_conn_user(c);

	(void)self;
	http_conn_set_user(c, NULL);
	x->conn = NULL;
	x->is_client_gone = true;
	if (!x->is_in_pool) /* else when it comes back */
		exchange_end(x);
}

static void on_writable(void *self, struct http_conn *c)
{
	struct exchange *x = http_conn_user(c);

	(void)self;
	if (x->transfer)
		upstream_resume(x->transfer);
	else if (x->tunnel)
		tunnel_resume(x);
}

const struct http_events exchange_http_events = {
	.head = on_head,
	.body = on_body,
	.fault = on_fault,
	.writable = on_writable,
	.gone = on_gone,
};

const struct upstream_events exchange_upstream_events = {
	.head = exchange_on_head,
	.body = exchange_on_body,
	.pull = exchange_on_pull,
	.done = exchange_on_done,
};

const char *exchange_provider(const struct exchange *x)
{
	if (x->route.upstream == UPSTREAM_BACKEND)
		return x->server->conf->backend.provider->name;
	return upstream_name(x->route.upstream);
}

/* ---- time -------------------------------------------------------------------------------------------- */

/* No bytes from the provider for too long. One that waits for its client is the HTTP server's affair. */
static void time_is_over(struct exchange *x)
{
	LOG(x->server->log, LOG_LEVEL_WARN, "upstream_idle", log_s("id", str_from(x->id)),
		log_s("upstream", str_from(exchange_provider(x))),
		log_i("limit_ms", x->server->conf->request_timeout_ms));
	if (rounds_is_open(x))
		rounds_fail(x, STR("the provider sent nothing for too long"));
	else if (x->state == EXCHANGE_RELAY)
		exchange_break(x, STR("the provider sent nothing for too long"));
	else
		exchange_refuse(x, 504,
			STR("the provider sent nothing for too long: see "
			    "--request-timeout-seconds"),
			-1);
}

void exchanges_tick(struct worker *w, int64_t now_ns)
{
	int64_t limit_ns = w->server->conf->request_timeout_ms * 1000000;

	for (struct exchange *x = w->exchanges, *next; x; x = next) {
		next = x->next;
		rounds_tick(x, now_ns);
		if (x->tunnel)
			tunnel_tick(x, now_ns);
		else if (x->transfer && (x->state == EXCHANGE_SENT || x->state == EXCHANGE_RELAY) &&
			 now_ns - x->progress_ns > limit_ns &&
			 !(x->conn && http_conn_is_full(x->conn)))
			time_is_over(x);
	}
}

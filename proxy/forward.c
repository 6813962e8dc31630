#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "proxy/backend_answer.h"
#include "proxy/backend_frame.h"
#include "proxy/backend_keys.h"
#include "proxy/backend_send.h"
#include "proxy/exchange.h"

enum {
	/* An answer that asks to wait longer than this is handed to the client, who may have better things to
	 * do: agents show it, SDKs have retry policies of their own. */
	RETRY_WAIT_MAX_MS = 5000,
	/* Between attempts where the provider has not said how long: doubled each time, half of it random. */
	RETRY_FIRST_MS = 500,
	RETRY_MAX_MS = 8000,
	/* Pieces of a passed-on body that wait for the upstream. */
	UPLOAD_HIGH = 256 << 10,
	UPLOAD_LOW = 64 << 10,
};

/* ---- the request that is sent ------------------------------------------------------------------------ */

static str sent_body(const struct exchange *x)
{
	if (x->translation)
		return translation_body(x->translation);
	return x->changed ? (str){x->changed, x->changed_n} : x->raw;
}

static const char *joined(struct arena *a, str head, str tail)
{
	char *p = arena_alloc(a, head.n + tail.n + 1, 1);

	if (head.n)
		memcpy(p, head.p, head.n);
	if (tail.n)
		memcpy(p + head.n, tail.p, tail.n);
	p[head.n + tail.n] = '\0';
	return p;
}

static void build_request(struct exchange *x)
{
	const struct header_rule rule = {.drops_encoding = x->changed && x->decoded,
		.token_in_authorization = x->token_in_authorization,
		.wants_identity = x->own != 0,
		.beta = x->changed && x->has_efforts ? STR(ENGINE_EFFORT_BETA) : STR_NULL,
		.chatgpt_account = x->route.chatgpt_account};
	const struct proxy_conf *conf = x->server->conf;

	if (backend_sends(x))
		return; /* anew for each attempt */
	headers_to_upstream(x->head, &rule, &x->arena, &x->headers, &x->headers_n);
	x->url = joined(&x->arena, conf->upstreams[x->route.upstream], x->route.path);
}

/* Methods for which a length of 0 is said, too (RFC 9110 8.6). */
static bool wants_body(str method)
{
	return str_eq(method, STR("POST")) || str_eq(method, STR("PUT")) ||
	       str_eq(method, STR("PATCH"));
}

/* The edge of ChatGPT turns away clients that speak HTTP/2 as curl does. What passes through may be a file of any
 * length, which a slow client must be able to stop without stopping others: see upstream.c. */
static bool wants_http1(const struct exchange *x)
{
	return x->route.upstream == UPSTREAM_CHATGPT || x->route.kind == ROUTE_PASS;
}

/* False: there is no memory, or x->start_error says why. */
static bool ask_backend(struct exchange *x, str *body)
{
	struct errctx cx = {0};
	enum err err;

	if (arena_recover(&x->arena)) {
		arena_end_recover(&x->arena);
		return false;
	}
	err = backend_send(x, body, &cx);
	if (err && err != E_NOMEM) {
		x->start_error = arena_cstr(&x->arena, str_from(cx.text));
		x->start_status = err_http(err);
	}
	arena_end_recover(&x->arena);
	return err == E_OK;
}

static void refuse_start(struct exchange *x)
{
	if (!x->start_error) {
		exchange_refuse(x, 503, STR("out of memory"), 1);
		return;
	}
	x->reason = x->start_status == 503 ? "no_credentials" : "malformed_request";
	exchange_refuse(
		x, x->start_status, str_from(x->start_error), x->start_status == 503 ? 1 : -1);
}

static bool start(struct exchange *x)
{
	str body = sent_body(x);
	struct upstream_request r = {.method = x->head->method,
		.has_body = x->raw.n || http_conn_has_body(x->conn) || wants_body(x->head->method),
		.is_pulled = x->is_pulled,
		.length = http_conn_body_length(x->conn),
		.is_http1 = wants_http1(x)};

	if (backend_sends(x) && !ask_backend(x, &body))
		return false;
	r.url = x->url;
	r.headers = x->headers;
	r.headers_n = x->headers_n;
	r.body = body;
	x->attempts++;
	x->state = EXCHANGE_SENT;
	x->wants_retry = false;
	x->sent_ns = x->progress_ns = clock_monotonic_ns(x->server->clock);
	x->transfer = upstream_start(x->w->upstreams, &r, x);
	return x->transfer != NULL;
}

/* False: out of memory. */
static bool build_and_start(struct exchange *x)
{
	struct arena *a = &x->arena;

	if (arena_recover(a)) {
		arena_end_recover(a);
		return false;
	}
	build_request(x);
	arena_end_recover(a);
	return start(x);
}

void exchange_forward(struct exchange *x)
{
	bool is_started = translation_list(x) && build_and_start(x);

	/* What came as it came is not needed any more; a log of messages keeps it. */
	if (x->changed && !x->server->conf->logs_messages) {
		mem_free(x->decoded);
		mem_free(x->kept.body);
		x->decoded = NULL;
		x->kept.body = NULL;
		x->raw = STR("");
	}
	if (!is_started)
		refuse_start(x);
}

void exchange_send_again(struct exchange *x, struct buf *body)
{
	x->sent_before += x->changed_n;
	x->attempts_before = x->attempts;
	mem_free(x->changed);
	x->changed = body->p;
	x->changed_n = body->n;
	buf_init(body, body->max);
	if (!translation_again(x) || !start(x))
		refuse_start(x);
}

/* ---- a body in pieces -------------------------------------------------------------------------------- */

void exchange_upload(struct exchange *x, str piece, bool is_last)
{
	if (!x->upload)
		x->upload = evbuffer_new();
	if (!x->upload || evbuffer_add(x->upload, piece.p, piece.n) < 0) {
		exchange_break(x, STR("out of memory"));
		return;
	}
	x->is_upload_done = is_last;
	if (evbuffer_get_length(x->upload) > UPLOAD_HIGH && !x->is_upload_full) {
		x->is_upload_full = true;
		http_conn_pause(x->conn, true);
	}
	if (x->is_pull_waiting && x->transfer) {
		x->is_pull_waiting = false;
		upstream_pull(x->transfer);
	}
}

size_t exchange_on_pull(void *user, char *p, size_t n, bool *is_last)
{
	struct exchange *x = user;
	int got = x->upload ? evbuffer_remove(x->upload, p, n) : 0;

	x->progress_ns = clock_monotonic_ns(x->server->clock);
	*is_last = got <= 0 && x->is_upload_done;
	x->is_pull_waiting = got <= 0 && !x->is_upload_done;
	if (x->is_upload_full && evbuffer_get_length(x->upload) < UPLOAD_LOW && x->conn) {
		x->is_upload_full = false;
		http_conn_pause(x->conn, false);
	}
	return got > 0 ? (size_t)got : 0;
}

/* ---- again? ------------------------------------------------------------------------------------------ */

/* Of this round. */
static unsigned attempts(const struct exchange *x)
{
	return x->attempts - x->attempts_before;
}

static bool has_attempts_left(const struct exchange *x)
{
	return (int)attempts(x) < x->server->conf->retry_max_attempts && !x->is_pulled &&
	       !x->server->is_draining;
}

/* Retry-After in milliseconds; -1 when there is none, or no number of seconds. */
static int64_t read_retry_after(const struct upstream_head *h)
{
	for (uint32_t i = 0; i < h->headers_n; i++) {
		uint64_t s;

		if (str_eq_nocase(h->headers[i].name, STR("retry-after")))
			return str_u64(h->headers[i].value, &s) && s < 100000 ? (int64_t)s * 1000
									      : -1;
	}
	return -1;
}

static bool says_no_retry(const struct upstream_head *h)
{
	for (uint32_t i = 0; i < h->headers_n; i++)
		if (str_eq_nocase(h->headers[i].name, STR("x-should-retry")))
			return str_eq_nocase(h->headers[i].value, STR("false"));
	return false;
}

/* Nothing of the answer has gone to the client. 429 and 529 say that nothing was done, and when to come back: that
 * is waited for when it is short. After a 5xx nobody knows whether the provider has worked: a client that
 * streams is told at once (Codex tries thirty times by itself), one that waits for a whole answer gets it. */
static bool is_retried(struct exchange *x, const struct upstream_head *h)
{
	if (!has_attempts_left(x) || x->route.kind == ROUTE_PASS || says_no_retry(h))
		return false;
	x->retry_after_ms = read_retry_after(h);
	if (h->status == 429 || h->status == 529)
		return x->retry_after_ms >= 0 && x->retry_after_ms <= RETRY_WAIT_MAX_MS;
	if (h->status == 500 || h->status == 502 || h->status == 503 || h->status == 504)
		return !x->is_stream && x->retry_after_ms <= RETRY_WAIT_MAX_MS;
	return false;
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *x = arg;
	struct worker *w = x->w;

	(void)fd;
	(void)what;
	if (!start(x))
		refuse_start(x);
	http_server_flush(w->http);
}

static int64_t backoff_ms(struct exchange *x)
{
	int64_t ms = RETRY_FIRST_MS;
	/* The id is random enough to keep those apart that failed together. */
	uint64_t random = hash64_seed(str_from(x->id), x->attempts) & 0xffff;

	for (unsigned i = 1; i < attempts(x) && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	ms = ms / 2 + ms * (int64_t)random / 2 / 0xffff;
	return x->retry_after_ms > ms ? x->retry_after_ms : ms;
}

/* False when there is no memory for the timer. */
static bool retry_later(struct exchange *x, const char *why)
{
	int64_t ms = backoff_ms(x);
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	LOG(x->server->log, LOG_LEVEL_INFO, "retry", log_s("id", str_from(x->id)),
		log_s("why", str_from(why)), log_u("attempt", x->attempts), log_i("wait_ms", ms));
	x->state = EXCHANGE_WAIT;
	if (!x->retry)
		x->retry = evtimer_new(x->w->base, on_retry, x);
	return x->retry && event_add(x->retry, &tv) == 0;
}

/* ---- what comes back --------------------------------------------------------------------------------- */

/* A client of Bedrock's gets the bytes as they are, unless they are changed on their way; what reads along gets them as
 * Anthropic's. */
static enum err open_own_answer(
	struct exchange *x, const struct upstream_head *h, struct upstream_head *shown)
{
	*shown = *h;
	if (!backend_answer_is_stream(h))
		return E_OK;
	if (!x->own) {
		struct upstream_head unused;

		backend_answer_free(x->tap_answer);
		return backend_answer_new(h, &x->arena, &x->tap_answer, &unused);
	}
	if (!x->frame)
		x->frame = backend_frame_new();
	return x->frame ? backend_answer_new(h, &x->arena, &x->backend_answer, shown) : E_NOMEM;
}

/* From here on it is an answer as Anthropic's API would give it; *shown is its head. False: out of memory. */
static bool open_backend_answer(
	struct exchange *x, const struct upstream_head *h, struct upstream_head *shown)
{
	enum err err;

	if ((h->status == 401 || h->status == 403) && x->server->backend_keys)
		backend_keys_refuse(x->server->backend_keys);
	backend_answer_free(x->backend_answer);
	x->backend_answer = NULL;
	if (arena_recover(&x->arena)) {
		arena_end_recover(&x->arena);
		return false;
	}
	if (x->route.upstream == UPSTREAM_BEDROCK)
		err = open_own_answer(x, h, shown);
	else
		err = backend_answer_new(h, &x->arena, &x->backend_answer, shown);
	arena_end_recover(&x->arena);
	return err == E_OK;
}

bool exchange_on_head(void *user, const struct upstream_head *h)
{
	struct exchange *x = user;
	struct upstream_head shown;

	x->progress_ns = clock_monotonic_ns(x->server->clock);
	server_note_reach(x->server, (int)x->route.upstream, true);
	x->wants_retry = is_retried(x, h);
	if (x->wants_retry)
		return false;
	if (backend_is_bedrock(x)) {
		if (!open_backend_answer(x, h, &shown))
			return false;
		h = &shown;
	}
	if (x->translation)
		return translation_on_head(x, h);
	return rounds_is_open(x) ? rounds_on_head(x, h) : exchange_relay_head(x, h);
}

static void fail(struct exchange *x, const struct upstream_end *end)
{
	str base = x->server->conf->upstreams[x->route.upstream];
	int status = end->kind == UPSTREAM_TIMEOUT ? 504 : 502;
	str text = STR("the provider cannot be reached");

	if (!arena_recover(&x->arena))
		text = arena_printf(
			&x->arena, "no answer from " STR_FMT ": %s", STR_ARG(base), end->text);
	arena_end_recover(&x->arena);
	LOG(x->server->log, LOG_LEVEL_WARN, "upstream_failed", log_s("id", str_from(x->id)),
		log_s("upstream", base), log_s("why", str_from(end->text)),
		log_u("attempts", x->attempts));
	x->reason = "upstream_failed";
	exchange_refuse(x, status, text, -1);
}

void exchange_on_done(void *user, const struct upstream_end *end)
{
	struct exchange *x = user;

	x->transfer = NULL;
	if (x->state == EXCHANGE_RELAY) {
		bool is_complete = exchange_end_backend(x, end->kind == UPSTREAM_COMPLETE);

		if (x->translation)
			translation_on_end(x, is_complete);
		else
			exchange_relay_end(x, is_complete);
		return;
	}
	if (x->wants_retry) {
		if (!retry_later(x, "status"))
			refuse_start(x);
		return;
	}
	if (end->kind == UPSTREAM_STOPPED && rounds_is_open(x)) {
		rounds_fail(x, STR("the provider's answer is none"));
		return;
	}
	server_note_reach(x->server, (int)x->route.upstream, false);
	/* The request has not left: safe to do again. */
	if ((end->kind == UPSTREAM_UNREACHABLE || end->kind == UPSTREAM_TIMEOUT) &&
		has_attempts_left(x) && retry_later(x, end->text))
		return;
	fail(x, end);
}

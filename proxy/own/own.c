#include "proxy/own/own.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/json/scan.h"
#include "proxy/answer.h"
#include "proxy/dashboard/feed.h"
#include "proxy/metrics.h"
#include "proxy/own/lifetime.h"
#include "proxy/own/trials.h"
#include "proxy/own/snapshot.h"
#include "proxy/path.h"

#define JSON_TYPE "application/json"

enum { RETRY_S = 10 }; /* of a page that found no place */

enum where {
	ON_LOOP,
	ON_POOL,
	TRAVELS, /* posts itself home when it is done */
	STREAMS, /* as ON_POOL; then the answer stays open, and proxy/dashboard/feed.h has it */
};

struct row {
	own_fn *answer;
	enum where where;
	bool is_audited; /* changes something, or shows how the proxy is set up */
};

static const struct row ROWS[OWN_ENDPOINT_N] = {
	[OWN_LIVEZ] = {own_livez, ON_LOOP, false},
	[OWN_READYZ] = {own_readyz, ON_LOOP, false},
	[OWN_HEALTH] = {own_health, ON_LOOP, false},
	[OWN_STATS] = {own_stats, ON_POOL, false},
	[OWN_STATS_HISTORY] = {own_stats_history, ON_POOL, false},
	[OWN_STATS_RESET] = {own_stats_reset, ON_LOOP, true},
	[OWN_METRICS] = {own_metrics, ON_LOOP, false},
	[OWN_COMPRESS] = {own_compress, ON_POOL, false},
	[OWN_RETRIEVE] = {own_retrieve, ON_POOL, false},
	[OWN_RETRIEVE_STATS] = {own_retrieve_stats, ON_POOL, false},
	[OWN_RETRIEVE_TOOL_CALL] = {own_retrieve_tool_call, ON_POOL, false},
	[OWN_FEEDBACK] = {own_feedback, ON_POOL, true},
	[OWN_DASHBOARD] = {own_dashboard, ON_LOOP, false},
	[OWN_DASHBOARD_STATE] = {own_dashboard_state, ON_POOL, false},
	[OWN_DASHBOARD_EVENTS] = {own_dashboard_events, STREAMS, false},
	[OWN_DASHBOARD_REQUEST] = {own_dashboard_request, ON_POOL, true},
	[OWN_CACHE_CLEAR] = {own_cache_clear, ON_POOL, true},
	[OWN_ADMIN_UPSTREAM] = {own_admin_upstream, ON_LOOP, true},
	[OWN_DEBUG_MEMORY] = {own_debug_memory, ON_POOL, false},
	[OWN_DEBUG_EXCHANGES] = {own_debug_exchanges, TRAVELS, false},
	[OWN_TRANSFORMATIONS_FEED] = {own_transformations_feed, ON_POOL, false},
	[OWN_COUNT_TOKENS] = {own_count_tokens, ON_POOL, false},
};

/* ---- what stays --------------------------------------------------------------------------------------- */

struct own {
	struct snapshots *snapshots;
	struct lifetime *lifetime;
	struct trials *trials;
	struct feed *feed;
};

static void take_before(void *self, str key, const struct ledger_sum *sum)
{
	struct server *s = self;

	(void)key;
	proxy_metrics_set_before(s->metrics, sum);
}

/* What the ledger had before this process, for /metrics, which may not read it on the loop. Not there until it is
 * read, and not at all when it cannot be. */
static void read_before(void *arg, bool is_cancelled)
{
	struct server *s = arg;
	struct ledger_query q = {.to_ms = s->started_ms, .group = LEDGER_ALL};

	if (!is_cancelled)
		(void)!ledger_sums(s->store, &q, take_before, s, NULL);
}

enum err own_new(struct server *s, struct own **out, struct errctx *cx)
{
	struct own *o = mem_zalloc(sizeof *o);

	*out = o;
	if (o) {
		o->snapshots = snapshots_new();
		o->lifetime = lifetime_new(s->store, s->clock);
		o->trials = trials_new(s->store, s->clock, s->conf->compress.holdout);
		o->feed = feed_new();
	}
	if (!o || !o->snapshots || !o->lifetime || !o->trials || !o->feed)
		FAIL(cx, E_NOMEM, "no memory for the proxy's own endpoints");
	return pool_submit(s->pool, read_before, s);
}

void own_free(struct own *o)
{
	if (!o)
		return;
	snapshots_free(o->snapshots);
	lifetime_free(o->lifetime);
	trials_free(o->trials);
	feed_free(o->feed);
	mem_free(o);
}

struct snapshots *own_snapshots(struct own *o)
{
	return o->snapshots;
}

struct lifetime *own_lifetime(struct own *o)
{
	return o->lifetime;
}

struct trials *own_trials(struct own *o)
{
	return o->trials;
}

struct feed *own_feed(struct own *o)
{
	return o->feed;
}

/* ---- sending ----------------------------------------------------------------------------------------- */

enum { SEND_HEADERS = EXCHANGE_OWN_HEADERS + 12 };

static void add(struct http_header *headers, uint32_t *n, str name, str value)
{
	headers[(*n)++] = (struct http_header){name, value};
}

/* Pages of other origins may read an answer only when the configuration names them. */
static str listed_origin(const struct exchange *x)
{
	str origin = http_header_find(x->head, STR("origin"));

	return origin.n && origin_is_listed(&x->server->guard, origin) ? origin : STR_NULL;
}

static void add_cors(const struct exchange *x, struct http_header *headers, uint32_t *n)
{
	str origin = listed_origin(x);

	if (!x->server->guard.origins_n)
		return;
	add(headers, n, STR("vary"), STR("origin"));
	if (origin.n)
		add(headers, n, STR("access-control-allow-origin"), origin);
}

/* But for the dashboard, nothing of what we answer is a page that loads, runs or frames anything. */
static void add_safety(const struct own_call *c, struct http_header *headers, uint32_t *n)
{
	add(headers, n, STR("cache-control"), STR("no-store"));
	add(headers, n, STR("x-content-type-options"), STR("nosniff"));
	add(headers, n, STR("referrer-policy"), STR("no-referrer"));
	add(headers, n, STR("content-security-policy"),
		c->policy ? str_from(c->policy)
			  : STR("default-src 'none'; base-uri 'none'; form-action 'none'; "
				"frame-ancestors 'none'"));
}

static void send_answer(struct own_call *c, enum http_reply_body body)
{
	struct http_header headers[SEND_HEADERS];
	struct exchange *x = c->x;
	char attachment[128];
	uint32_t n = 0;

	add(headers, &n, STR("content-type"), str_from(c->type));
	add_safety(c, headers, &n);
	if (c->coding) {
		add(headers, &n, STR("content-encoding"), str_from(c->coding));
		add(headers, &n, STR("vary"), STR("accept-encoding"));
	}
	add_cors(x, headers, &n);
	if (c->attachment) {
		(void)snprintf(attachment, sizeof attachment, "attachment; filename=\"%s\"",
			c->attachment);
		add(headers, &n, STR("content-disposition"), str_from(attachment));
	}
	exchange_own_headers(x, headers, &n);
	x->status = c->status;
	x->is_complete = body == HTTP_REPLY_LENGTH;
	http_reply(x->conn, &(struct http_reply){.status = c->status,
				    .headers = headers,
				    .headers_n = n,
				    .body = body,
				    .length = c->out.n});
	if (!x->is_head_method)
		http_reply_body(x->conn, buf_str(&c->out));
}

/* The path of an own endpoint, and of its query nothing: it may be somebody's key. */
static str audited_path(const struct own_call *c)
{
	str target = c->x->head->target;
	size_t q = str_find_byte(target, '?');

	return q == STR_NONE ? target : str_sub(target, 0, q);
}

static void audit(const struct own_call *c)
{
	const struct exchange *x = c->x;

	LOG(x->server->log, LOG_LEVEL_INFO, "admin_audit",
		log_s("action", str_from(x->route.endpoint)), log_s("id", str_from(x->id)),
		log_s("method", x->head->method), log_s("path", audited_path(c)),
		log_s("peer", c->is_local ? STR("loopback") : STR("remote")),
		log_i("status", c->status));
}

static void finish(struct own_call *c)
{
	struct exchange *x = c->x;
	struct http_conn *conn = x->conn;
	struct buf out;

	if (ROWS[x->route.own].is_audited)
		audit(c);
	if (c->out.err)
		own_fail_err(c, c->out.err, NULL);
	if (conn && c->out.err) { /* not even that */
		buf_release(&c->out);
		exchange_break(x, STR("out of memory"));
		return;
	}
	out = c->out; /* the call goes with its exchange */
	if (conn && ROWS[x->route.own].where == STREAMS && c->status == 200) {
		send_answer(c, HTTP_REPLY_STREAM);
		feed_listen(x, c->is_local);
		buf_release(&out);
		return;
	}
	if (conn)
		send_answer(c, HTTP_REPLY_LENGTH);
	exchange_end(x);
	if (conn)
		http_reply_end(conn);
	buf_release(&out);
}

/* ---- preflight --------------------------------------------------------------------------------------- */

bool own_is_preflight(const struct exchange *x)
{
	return x->route.kind == ROUTE_OWN && str_eq(x->head->method, STR("OPTIONS")) &&
	       http_header_find(x->head, STR("access-control-request-method")).n &&
	       listed_origin(x).n;
}

void own_preflight(struct exchange *x)
{
	struct http_header headers[SEND_HEADERS];
	struct http_conn *conn = x->conn;
	uint32_t n = 0;

	if (x->route.is_loopback_only &&
		!request_is_local(x->head, http_conn_peer_is_loopback(conn))) {
		exchange_refuse(x, 404, STR("Not Found"), -1);
		return;
	}
	add_cors(x, headers, &n);
	add(headers, &n, STR("access-control-allow-methods"), str_from(x->route.own_allow));
	add(headers, &n, STR("access-control-allow-headers"),
		STR("authorization, content-type, x-headroom-bypass, x-headroom-proxy-token"));
	add(headers, &n, STR("access-control-max-age"), STR("600"));
	exchange_own_headers(x, headers, &n);
	x->status = 204;
	x->is_complete = true;
	http_reply(conn, &(struct http_reply){.status = 204,
				 .headers = headers,
				 .headers_n = n,
				 .body = HTTP_REPLY_NONE});
	exchange_end(x);
	http_reply_end(conn);
}

/* ---- answering --------------------------------------------------------------------------------------- */

static void make_answer(struct own_call *c)
{
	struct arena *a = &c->x->arena;

	if (arena_recover(a)) {
		arena_end_recover(a);
		own_fail(c, 503, "out of memory");
		return;
	}
	ROWS[c->x->route.own].answer(c);
	arena_end_recover(a);
}

void own_open(struct worker_mail *m)
{
	struct own_call *c = (struct own_call *)(void *)m;

	c->x->is_in_pool = false;
	finish(c);
}

static void run_in_pool(void *arg, bool is_cancelled)
{
	struct own_call *c = arg;

	if (is_cancelled)
		own_fail(c, 503, "the proxy is shutting down");
	else
		make_answer(c);
	worker_post(c->x->w, &c->mail);
}

static struct own_call *new_call(struct exchange *x, str body)
{
	struct arena *a = &x->arena;
	struct own_call *c;
	size_t q;

	if (arena_recover(a)) {
		arena_end_recover(a);
		return NULL;
	}
	c = arena_new(a, struct own_call);
	arena_end_recover(a);
	c->mail.open = own_open;
	c->x = x;
	c->server = x->server;
	c->body = body;
	q = str_find_byte(x->head->target, '?');
	c->query = q == STR_NONE ? STR("") : str_sub(x->head->target, q + 1, x->head->target.n);
	c->is_local = request_is_local(x->head, http_conn_peer_is_loopback(x->conn));
	c->status = 200;
	c->type = JSON_TYPE;
	buf_init(&c->out, OWN_ANSWER_MAX);
	return c;
}

void own_answer(struct exchange *x, str body)
{
	const struct row *row = &ROWS[x->route.own];
	struct own_call *c = new_call(x, body);

	if (!c) {
		exchange_refuse(x, 503, STR("out of memory"), 1);
		return;
	}
	if (row->where == ON_LOOP) {
		make_answer(c);
		finish(c);
		return;
	}
	if (row->where == STREAMS && !feed_enter(x)) {
		exchange_refuse(x, 503, STR("too many dashboards are open"), RETRY_S);
		return;
	}
	x->state = EXCHANGE_PREPARE;
	x->is_in_pool = true; /* somebody else's, until it is posted back */
	if (row->where == TRAVELS) {
		row->answer(c);
	} else if (pool_submit(x->server->pool, run_in_pool, c) != E_OK) {
		x->is_in_pool = false;
		exchange_refuse(x, 503, STR("busy, try again"), 1);
	}
}

/* ---- for the families of endpoints ------------------------------------------------------------------- */

void own_fail(struct own_call *c, int status, const char *fmt, ...)
{
	char text[LIMIT_ERR_TEXT];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	buf_release(&c->out);
	buf_init(&c->out, OWN_ANSWER_MAX);
	c->status = status;
	c->type = JSON_TYPE;
	c->attachment = c->coding = c->policy = NULL;
	answer_error(&c->out, SHAPE_OWN, status, str_from(text));
}

void own_fail_err(struct own_call *c, enum err err, const struct errctx *cx)
{
	own_fail(c, err_http(err), "%s", cx && *cx->text ? cx->text : err_text(err));
}

bool own_scan(struct own_call *c, struct json_tape *out)
{
	struct errctx cx = {0};
	enum err err = json_scan(&c->x->arena, c->body, out, &cx);

	if (err)
		own_fail(c, err == E_MALFORMED ? 400 : err_http(err),
			err == E_MALFORMED ? "Invalid JSON in request body. (%s)" : "%s", cx.text);
	return !err;
}

str own_param(struct own_call *c, const char *name)
{
	str value = query_find(c->query, str_from(name));

	return value.p ? percent_decode(value, &c->x->arena) : STR_NULL;
}

bool own_param_u64(
	struct own_call *c, const char *name, uint64_t fallback, uint64_t max, uint64_t *out)
{
	str value = own_param(c, name);

	*out = fallback;
	if (!value.p)
		return true;
	if (str_u64(value, out) && *out <= max)
		return true;
	own_fail(c, 422, "%s: expected a number from 0 to %llu", name, (unsigned long long)max);
	return false;
}

void own_begin(struct own_call *c, struct json_writer *w)
{
	json_write_init(w, &c->out, false);
	json_write_object(w, NULL);
}

void own_end(struct own_call *c, struct json_writer *w)
{
	json_write_end(w);
	buf_add_byte(&c->out, '\n');
}

void own_write_time(struct json_writer *w, const char *key, int64_t wall_ms)
{
	char text[CLOCK_TIME_LEN + 1];

	clock_format(wall_ms, text);
	json_write_c(w, key, text);
}

void own_write_usd(struct json_writer *w, const char *key, int64_t nano)
{
	json_write_f64(w, key, (double)nano / 1e9);
}

void own_write_budget(struct json_writer *w, struct budget *b, bool has_limit)
{
	struct budget_verdict v = budget_check(b);

	if (!has_limit) {
		json_write_null(w, "budget");
		return;
	}
	json_write_object(w, "budget");
	own_write_usd(w, "limit_usd", v.limit_nano);
	json_write_c(w, "period", budget_period_name(v.period));
	own_write_usd(w, "spent_usd", v.spent_nano);
	own_write_usd(w, "reserved_usd", v.reserved_nano);
	json_write_bool(w, "is_over", v.is_over);
	json_write_end(w);
}

double own_uptime_s(const struct server *s)
{
	return (double)(clock_monotonic_ns(s->clock) - s->started_ns) / 1e9;
}

/* proc(5): the second figure of statm is the resident set in pages. */
uint64_t own_resident_bytes(void)
{
	char text[128];
	size_t first, second;
	uint64_t pages;
	ssize_t n;
	str s;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof text);
	(void)close(fd);
	s = (str){text, n > 0 ? (size_t)n : 0};
	first = str_find_byte(s, ' ');
	s = str_sub(s, first == STR_NONE ? s.n : first + 1, s.n);
	second = str_find_byte(s, ' ');
	if (second == STR_NONE || !str_u64(str_sub(s, 0, second), &pages))
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t own_served(const struct server *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < s->workers_n; i++)
		n += atomic_load_explicit(&s->workers[i]->served_n, memory_order_relaxed);
	return n;
}

size_t own_connections(const struct server *s)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->workers_n; i++)
		n += atomic_load_explicit(&s->workers[i]->conns_n, memory_order_relaxed);
	return n;
}

/* "user:password@" of a URL is nobody's affair. */
void own_write_url(struct json_writer *w, const char *key, str url)
{
	char text[2048];
	size_t scheme = str_find(url, STR("://")), end, user;

	scheme = scheme == STR_NONE ? 0 : scheme + 3;
	end = str_find_byte(str_sub(url, scheme, url.n), '/');
	end = end == STR_NONE ? url.n : scheme + end;
	user = str_rfind_byte(str_sub(url, scheme, end), '@');
	if (user == STR_NONE) {
		json_write_str(w, key, url);
		return;
	}
	(void)snprintf(text, sizeof text, STR_FMT STR_FMT, STR_ARG(str_sub(url, 0, scheme)),
		STR_ARG(str_sub(url, scheme + user + 1, url.n)));
	json_write_c(w, key, text);
}

void own_write_upstreams(struct json_writer *w, const struct server *s)
{
	for (size_t i = 0; i < UPSTREAM_N; i++) {
		str url = s->conf->upstreams[i];

		if (!url.n && !*upstream_base((enum upstream)i))
			continue;
		own_write_url(w, upstream_name((enum upstream)i),
			url.n ? url : str_from(upstream_base((enum upstream)i)));
	}
}

/* health: is the process there (/livez), should it get requests (/readyz), how is it and how is it set up (/health).
 * The names are the reference product's, as `headroom wrap` and `headroom proxy status` read them. No provider is asked
 * for any of it: what counts is how the last requests of clients fared. */
#include <unistd.h>

#include "core/provider/provider.h"
#include "proxy/metrics.h"
#include "proxy/own/own.h"

static void write_who(struct own_call *c, struct json_writer *w, bool is_healthy)
{
	const struct server *s = c->server;

	json_write_c(w, "service", "headroom-proxy");
	json_write_c(w, "status", is_healthy ? "healthy" : "unhealthy");
	/* What is unpatched is not told to everybody. */
	if (c->is_local)
		json_write_c(w, "version", s->conf->version);
	own_write_time(w, "timestamp", clock_wall_ms(s->clock));
	json_write_fixed(w, "uptime_seconds", own_uptime_s(s), 3);
}

void own_livez(struct own_call *c)
{
	struct json_writer w;

	own_begin(c, &w);
	write_who(c, &w, true);
	json_write_bool(&w, "alive", true);
	own_end(c, &w);
}

/* ---- checks ------------------------------------------------------------------------------------------ */

struct health {
	bool is_draining, is_store_ok, is_ready;
	bool is_reached[UPSTREAM_N];
};

static void look(struct server *s, struct health *h)
{
	h->is_draining = atomic_load(&s->is_draining);
	h->is_store_ok = store_is_writable(s->store);
	h->is_ready = !h->is_draining && h->is_store_ok;
	for (int i = 0; i < UPSTREAM_N; i++) {
		h->is_reached[i] = server_is_reached(s, i);
		h->is_ready &= h->is_reached[i];
	}
}

static void write_check(struct json_writer *w, const char *name, bool is_enabled, bool is_ok)
{
	json_write_object(w, name);
	json_write_bool(w, "enabled", is_enabled);
	json_write_bool(w, "ready", !is_enabled || is_ok);
	json_write_c(w, "status", !is_enabled ? "disabled" : is_ok ? "healthy" : "unhealthy");
	json_write_end(w);
}

/* Only providers that were asked for something since the start, by name; no URL and no text of an error. */
static void write_checks(struct own_call *c, struct json_writer *w, const struct health *h)
{
	struct server *s = c->server;

	json_write_object(w, "checks");
	write_check(w, "startup", true, true);
	write_check(w, "draining", h->is_draining, false);
	write_check(w, "store", true, h->is_store_ok);
	write_check(w, "cache", s->cache != NULL, true);
	write_check(w, "rate_limiter", s->conf->limits.rpm || s->conf->limits.tpm, true);
	json_write_object(w, "upstreams");
	for (int i = 0; i < UPSTREAM_N; i++) {
		if (atomic_load(&s->reach[i].is_used))
			write_check(w, upstream_name((enum upstream)i), true, h->is_reached[i]);
	}
	json_write_end(w);
	json_write_end(w);
}

/* ---- how it runs and how it is set up ------------------------------------------------------------------ */

static void write_runtime(struct own_call *c, struct json_writer *w)
{
	struct server *s = c->server;

	json_write_object(w, "runtime");
	json_write_u64(w, "rss_bytes", own_resident_bytes());
	json_write_i64(w, "in_flight", atomic_load(&s->active_n));
	json_write_u64(w, "connections", own_connections(s));
	json_write_u64(w, "workers", s->workers_n);
	json_write_end(w);
}

/* In memory, of the same rows as the ledger's: the answer must not wait for the store. */
static void write_figures(struct own_call *c, struct json_writer *w)
{
	struct proxy_metrics *m = c->server->metrics;

	json_write_object(w, "stats");
	json_write_i64(w, "requests", proxy_metrics_get(m, METRIC_REQUESTS));
	json_write_i64(w, "tokens_saved", proxy_metrics_saved(m));
	json_write_end(w);
}

static void write_limits(struct json_writer *w, struct server *s)
{
	struct limit_stats limit;
	struct budget_verdict budget = budget_check(s->budget);

	limit_get_stats(s->limit, &limit);
	json_write_object(w, "limits");
	json_write_u64(w, "requests_per_minute", limit.conf.rpm);
	json_write_u64(w, "tokens_per_minute", limit.conf.tpm);
	json_write_i64(w, "concurrency", atomic_load(&s->concurrency_max));
	json_write_u64(w, "body_bytes", s->conf->body_max);
	if (budget.limit_nano >= 0 && s->conf->limits.has_budget) {
		own_write_usd(w, "budget_usd", budget.limit_nano);
		json_write_c(w, "budget_period", budget_period_name(budget.period));
	}
	json_write_end(w);
}

/* Overrides only: null is the provider's own address. */
static void write_overrides(struct json_writer *w, const struct server *s)
{
	static const struct {
		enum upstream upstream;
		const char *key;
	} rows[] = {
		{UPSTREAM_ANTHROPIC, "anthropic_api_url"},
		{UPSTREAM_OPENAI, "openai_api_url"},
		{UPSTREAM_GEMINI, "gemini_api_url"},
		{UPSTREAM_CLOUDCODE, "cloudcode_api_url"},
		{UPSTREAM_CHATGPT, "chatgpt_api_url"},
		{UPSTREAM_VERTEX, "vertex_api_url"},
		{UPSTREAM_BEDROCK, "bedrock_api_url"},
		{UPSTREAM_BACKEND, "backend_url"},
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		str url = s->conf->upstreams[rows[i].upstream];

		if (!url.n || str_eq_c(url, upstream_base(rows[i].upstream)))
			json_write_null(w, rows[i].key);
		else
			own_write_url(w, rows[i].key, url);
	}
}

void own_write_config(struct json_writer *w, struct server *s)
{
	const struct proxy_conf *conf = s->conf;
	struct limit_stats limit;

	limit_get_stats(s->limit, &limit);
	json_write_object(w, "config");
	json_write_i64(w, "pid", getpid());
	json_write_c(w, "nonce", s->nonce);
	json_write_c(w, "version", conf->version);
	json_write_c(w, "mode", conf->compress.mode == COMPRESS_CACHE ? "cache" : "token");
	json_write_bool(w, "optimize", conf->is_optimizing);
	json_write_bool(w, "lossless", conf->compress.is_lossless);
	json_write_f64(w, "target_ratio", conf->compress.target_ratio);
	json_write_u64(w, "protect_recent", conf->compress.protect_recent);
	json_write_bool(w, "cache", conf->has_response_cache);
	json_write_bool(w, "rate_limit", limit.conf.rpm || limit.conf.tpm);
	json_write_bool(w, "stateless", conf->is_stateless);
	json_write_bool(w, "telemetry", conf->has_telemetry);
	json_write_bool(w, "log_messages", conf->logs_messages);
	json_write_c(w, "websocket", conf->websocket == WEBSOCKET_TUNNEL ? "tunnel" : "refuse");
	json_write_u64(w, "workers", s->workers_n);
	json_write_c(
		w, "backend", conf->backend.provider ? conf->backend.provider->name : "anthropic");
	write_limits(w, s);
	write_overrides(w, s);
	json_write_end(w);
}

/* ---- answers ----------------------------------------------------------------------------------------- */

static void write_members(struct own_call *c, struct json_writer *w, const struct health *h)
{
	write_who(c, w, h->is_ready);
	json_write_bool(w, "ready", h->is_ready);
	write_checks(c, w, h);
	write_runtime(c, w);
}

void own_write_health(struct own_call *c, struct json_writer *w, const char *key)
{
	struct health h;

	look(c->server, &h);
	json_write_object(w, key);
	write_members(c, w, &h);
	json_write_end(w);
}

static void write_health(
	struct own_call *c, struct json_writer *w, const struct health *h, bool has_config)
{
	own_begin(c, w);
	write_members(c, w, h);
	if (c->is_local)
		write_figures(c, w);
	if (has_config)
		own_write_config(w, c->server);
	own_end(c, w);
}

void own_readyz(struct own_call *c)
{
	struct json_writer w;
	struct health h;

	look(c->server, &h);
	c->status = h.is_ready ? 200 : 503;
	write_health(c, &w, &h, false);
}

void own_health(struct own_call *c)
{
	struct json_writer w;
	struct health h;

	look(c->server, &h);
	write_health(c, &w, &h, c->is_local);
}

#include "proxy/metrics.h"
#include "proxy/own/stats.h"

enum { NAMES_MAX = 100 }; /* of models, projects, clients in one answer */

int64_t stats_saved(const struct ledger_sum *s)
{
	return (int64_t)s->tokens_before - (int64_t)s->tokens_after;
}

uint64_t stats_input(const struct ledger_sum *s)
{
	return s->input + s->cache_read + s->cache_write_5m + s->cache_write_1h;
}

double stats_percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static void write_percent(struct json_writer *w, const char *key, double part, double whole)
{
	json_write_fixed(w, key, stats_percent(part, whole), 2);
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static void take_sum(void *self, str key, const struct ledger_sum *sum)
{
	struct ledger_sum *to = self;

	(void)key;
	*to = *sum;
}

static void take_name(void *self, str key, const struct ledger_sum *sum)
{
	struct stats *st = self;
	size_t n = key.n < LEDGER_TEXT_MAX ? key.n : LEDGER_TEXT_MAX;

	(void)sum;
	if (n && !*st->primary_model)
		memcpy(st->primary_model, key.p, n);
}

static bool is_limit(str reason)
{
	return str_starts(reason, STR("rate_limited")) || str_eq_c(reason, "over_budget");
}

static void take_limited(void *self, str key, const struct ledger_sum *sum)
{
	struct stats *st = self;

	if (is_limit(key))
		st->limited += sum->requests;
}

static enum err of_run(struct stats *st, enum ledger_group group, size_t limit, ledger_sum_fn *fn,
	void *self, struct errctx *cx)
{
	struct ledger_query q = {
		.from_ms = st->from_ms, .proxy_run = st->proxy_run, .group = group, .limit = limit};

	return ledger_sums(st->c->server->store, &q, fn, self, cx);
}

enum err stats_read(struct stats *st, struct errctx *cx)
{
	TRY(of_run(st, LEDGER_ALL, 0, take_sum, &st->run, cx));
	TRY(lifetime_read(own_lifetime(st->c->server->own), &st->all, cx));
	TRY(of_run(st, LEDGER_BY_MODEL, 2, take_name, st, cx)); /* two: one may have no name */
	return of_run(st, LEDGER_BY_REASON, 0, take_limited, st, cx);
}

/* ---- groups ------------------------------------------------------------------------------------------ */

/* Names of clients' making: no NUL, so that the key of the member is whole. */
static void write_key(struct json_writer *w, str key)
{
	json_write_key(w, key.n ? key : STR("unknown"));
}

static void write_count(void *self, str key, const struct ledger_sum *sum)
{
	struct json_writer *w = self;

	write_key(w, key);
	json_write_u64(w, NULL, sum->requests);
}

static void write_unchanged(void *self, str key, const struct ledger_sum *sum)
{
	if (!str_eq_c(key, "changed") && !is_limit(key))
		write_count(self, key, sum);
}

static void write_project(void *self, str key, const struct ledger_sum *sum)
{
	struct json_writer *w = self;

	write_key(w, key);
	json_write_object(w, NULL);
	json_write_u64(w, "requests", sum->requests);
	json_write_i64(w, "tokens_saved", stats_saved(sum));
	own_write_usd(w, "compression_savings_usd", sum->saved_nano);
	json_write_u64(w, "total_input_tokens", stats_input(sum));
	own_write_usd(w, "total_cost_usd", sum->cost_nano);
	write_percent(w, "savings_percent", (double)stats_saved(sum), (double)sum->tokens_before);
	json_write_end(w);
}

static void write_model(void *self, str key, const struct ledger_sum *sum)
{
	struct json_writer *w = self;

	write_key(w, key);
	json_write_object(w, NULL);
	json_write_u64(w, "requests", sum->requests);
	json_write_i64(w, "tokens_saved", stats_saved(sum));
	json_write_u64(w, "tokens_sent", sum->tokens_after);
	json_write_u64(w, "cache_write_5m_tokens", sum->cache_write_5m);
	json_write_u64(w, "cache_write_1h_tokens", sum->cache_write_1h);
	write_percent(w, "reduction_pct", (double)stats_saved(sum), (double)sum->tokens_before);
	own_write_usd(w, "cost_usd", sum->cost_nano);
	own_write_usd(w, "compression_savings_usd", sum->saved_nano);
	json_write_end(w);
}

static enum err group(struct stats *st, const char *key, enum ledger_group by, size_t limit,
	ledger_sum_fn *fn, struct errctx *cx)
{
	enum err err;

	json_write_object(st->w, key);
	err = of_run(st, by, limit, fn, st->w, cx);
	json_write_end(st->w);
	return err;
}

/* ---- requests, tokens, times ------------------------------------------------------------------------- */

enum err stats_write_requests(struct stats *st, struct errctx *cx)
{
	struct json_writer *w = st->w;

	json_write_object(w, "requests");
	json_write_u64(w, "total", st->run.requests);
	json_write_u64(w, "cached", st->run.cached);
	json_write_u64(w, "rate_limited", st->limited);
	json_write_u64(w, "failed", st->run.failed);
	json_write_u64(w, "changed", st->run.changed);
	json_write_u64(w, "client_gone", st->run.gone);
	TRY(group(st, "by_provider", LEDGER_BY_UPSTREAM, NAMES_MAX, write_count, cx));
	TRY(group(st, "by_model", LEDGER_BY_MODEL, NAMES_MAX, write_count, cx));
	TRY(group(st, "by_endpoint", LEDGER_BY_ENDPOINT, NAMES_MAX, write_count, cx));
	TRY(group(st, "by_status", LEDGER_BY_STATUS, NAMES_MAX, write_count, cx));
	TRY(group(st, "by_reason", LEDGER_BY_REASON, NAMES_MAX, write_count, cx));
	json_write_end(w);
	return E_OK;
}

void stats_write_tokens(struct stats *st)
{
	const struct ledger_sum *s = &st->run;
	struct json_writer *w = st->w;

	json_write_object(w, "tokens");
	json_write_u64(w, "input", stats_input(s));
	json_write_u64(w, "output", s->output);
	json_write_u64(w, "reasoning", s->reasoning);
	json_write_i64(w, "saved", stats_saved(s));
	json_write_i64(w, "proxy_compression_saved", stats_saved(s));
	json_write_u64(w, "total_before_compression", s->tokens_before);
	json_write_u64(w, "proxy_total_before_compression", s->tokens_before);
	json_write_u64(w, "total_after_compression", s->tokens_after);
	write_percent(w, "savings_percent", (double)stats_saved(s), (double)s->tokens_before);
	write_percent(w, "proxy_savings_percent", (double)stats_saved(s), (double)s->tokens_before);
	json_write_end(w);
	json_write_object(w, "prefix_cache");
	json_write_u64(w, "read_tokens", s->cache_read);
	json_write_u64(w, "write_5m_tokens", s->cache_write_5m);
	json_write_u64(w, "write_1h_tokens", s->cache_write_1h);
	json_write_u64(w, "uncached_tokens", s->input);
	json_write_fixed(w, "hit_rate",
		stats_percent((double)s->cache_read, (double)stats_input(s)) / 100, 4);
	json_write_end(w);
}

static void write_one_break(void *self, str key, const struct ledger_sum *sum)
{
	struct json_writer *w = self;

	if (!key.n)
		return;
	json_write_key(w, key);
	json_write_object(w, NULL);
	json_write_u64(w, "requests", sum->breaks);
	json_write_u64(w, "tokens", sum->break_tokens);
	own_write_usd(w, "cost_usd", sum->break_nano);
	json_write_end(w);
}

enum err stats_write_breaks(struct stats *st, struct errctx *cx)
{
	struct json_writer *w = st->w;

	json_write_object(w, "cache_breaks");
	json_write_u64(w, "requests", st->run.breaks);
	json_write_u64(w, "tokens", st->run.break_tokens);
	own_write_usd(w, "cost_usd", st->run.break_nano);
	TRY(group(st, "by", LEDGER_BY_BREAK, 0, write_one_break, cx));
	json_write_end(w);
	return E_OK;
}

static void write_time(
	struct json_writer *w, const char *key, int64_t sum_us, int64_t max_us, uint64_t n)
{
	json_write_object(w, key);
	json_write_fixed(w, "average_ms", n ? (double)sum_us / 1e3 / (double)n : 0, 3);
	json_write_fixed(w, "max_ms", (double)max_us / 1e3, 3);
	json_write_u64(w, "total_requests", n);
	json_write_end(w);
}

void stats_write_times(struct stats *st)
{
	const struct ledger_sum *s = &st->run;

	write_time(st->w, "latency", s->latency_us_sum, s->latency_us_max, s->requests);
	write_time(st->w, "overhead", s->overhead_us_sum, s->overhead_us_max, s->requests);
	write_time(st->w, "ttfb", s->ttfb_us_sum, s->ttfb_us_max, s->ttfb_n);
}

/* ---- money ------------------------------------------------------------------------------------------- */

static void write_cost(struct json_writer *w, const struct ledger_sum *s)
{
	json_write_object(w, "cost");
	own_write_usd(w, "without_headroom_usd", s->cost_nano + s->saved_nano);
	own_write_usd(w, "with_headroom_usd", s->cost_nano);
	own_write_usd(w, "total_saved_usd", s->saved_nano);
	write_percent(w, "savings_pct", (double)s->saved_nano,
		(double)s->cost_nano + (double)s->saved_nano);
	json_write_u64(w, "requests_without_price", s->cost_unknown_n);
	json_write_end(w);
}

enum err stats_write_summary(struct stats *st, struct errctx *cx)
{
	const struct proxy_conf *conf = st->c->server->conf;
	const struct ledger_sum *s = &st->run;
	struct json_writer *w = st->w;

	json_write_object(w, "summary");
	json_write_c(w, "mode",
		!conf->is_optimizing                    ? "off"
		: conf->compress.mode == COMPRESS_CACHE ? "cache"
							: "token");
	json_write_u64(w, "api_requests", s->requests);
	json_write_c(w, "primary_model", *st->primary_model ? st->primary_model : NULL);
	json_write_object(w, "compression");
	json_write_u64(w, "requests_compressed", s->changed);
	write_percent(w, "avg_compression_pct", (double)stats_saved(s), (double)s->tokens_before);
	json_write_i64(w, "total_tokens_removed", stats_saved(s));
	json_write_end(w);
	TRY(group(st, "uncompressed_requests", LEDGER_BY_REASON, NAMES_MAX, write_unchanged, cx));
	write_cost(w, s);
	json_write_end(w);
	return E_OK;
}

/* The two that the reference product keeps in a file: since ever, and this run. */
static void write_persistent(struct json_writer *w, const char *key, const struct figures *s)
{
	json_write_object(w, key);
	json_write_u64(w, "requests", s->requests);
	json_write_i64(w, "tokens_saved", s->saved);
	own_write_usd(w, "compression_savings_usd", s->saved_nano);
	json_write_u64(w, "total_input_tokens", s->input);
	own_write_usd(w, "total_cost_usd", s->cost_nano);
	write_percent(w, "savings_percent", (double)s->saved, (double)s->tokens_before);
	json_write_end(w);
}

static void write_part(void *self, const struct ledger_part *part)
{
	struct json_writer *w = self;

	write_key(w, part->name);
	json_write_object(w, NULL);
	json_write_u64(w, "results", part->results);
	json_write_i64(w, "tokens_saved", part->saved);
	json_write_end(w);
}

static enum err parts(
	struct stats *st, const char *key, enum ledger_part_kind kind, struct errctx *cx)
{
	struct ledger_query q = {
		.from_ms = st->from_ms, .proxy_run = st->proxy_run, .limit = NAMES_MAX};
	enum err err;

	json_write_object(st->w, key);
	err = ledger_parts(st->c->server->store, &q, kind, write_part, st->w, cx);
	json_write_end(st->w);
	return err;
}

static enum err write_savings(struct stats *st, struct errctx *cx)
{
	struct json_writer *w = st->w;

	json_write_object(w, "savings");
	json_write_i64(w, "total_tokens", stats_saved(&st->run));
	own_write_usd(w, "total_usd", st->run.saved_nano);
	json_write_object(w, "by_layer");
	json_write_object(w, "compression");
	json_write_i64(w, "tokens", stats_saved(&st->run));
	own_write_usd(w, "usd", st->run.saved_nano);
	json_write_end(w);
	json_write_end(w);
	TRY(parts(st, "by_encoder", LEDGER_PART_ENCODER, cx));
	/* Which tools somebody has, and a project's name, which is a directory's, are nobody else's affair. */
	if (st->c->is_local) {
		TRY(parts(st, "by_tool", LEDGER_PART_TOOL, cx));
		TRY(group(st, "per_project", LEDGER_BY_PROJECT, NAMES_MAX, write_project, cx));
	}
	json_write_end(w);
	return E_OK;
}

enum err stats_write_savings(struct stats *st, struct errctx *cx)
{
	const struct ledger_sum *s = &st->run;
	struct budget_verdict budget = budget_check(st->c->server->budget);
	bool has_budget = st->c->server->conf->limits.has_budget;
	struct figures run = figures_of(s);
	struct json_writer *w = st->w;

	TRY(write_savings(st, cx));
	json_write_object(w, "persistent_savings");
	write_persistent(w, "lifetime", &st->all);
	write_persistent(w, "display_session", &run);
	json_write_end(w);
	json_write_object(w, "cost");
	TRY(group(st, "per_model", LEDGER_BY_MODEL, NAMES_MAX, write_model, cx));
	json_write_i64(w, "total_tokens_saved", stats_saved(s));
	json_write_u64(w, "total_input_tokens", stats_input(s));
	own_write_usd(w, "cost_with_headroom_usd", s->cost_nano);
	own_write_usd(w, "savings_usd", s->saved_nano);
	own_write_usd(w, "compression_savings_usd", s->saved_nano);
	if (has_budget)
		own_write_usd(w, "budget_limit_usd", budget.limit_nano);
	else
		json_write_null(w, "budget_limit_usd");
	json_write_c(w, "budget_period", has_budget ? budget_period_name(budget.period) : NULL);
	json_write_end(w);
	return E_OK;
}

/* ---- telemetry --------------------------------------------------------------------------------------- */

static void write_client(void *self, str key, const struct ledger_sum *sum)
{
	struct json_writer *w = self;

	write_key(w, key);
	json_write_object(w, NULL);
	json_write_u64(w, "requests", sum->requests);
	json_write_u64(w, "tokens_before", sum->tokens_before);
	json_write_u64(w, "tokens_after", sum->tokens_after);
	json_write_i64(w, "tokens_saved", stats_saved(sum));
	json_write_u64(w, "output_tokens", sum->output);
	json_write_end(w);
}

static void write_content(
	void *self, const char *content, uint64_t results, uint64_t before, uint64_t after)
{
	struct json_writer *w = self;

	json_write_object(w, content);
	json_write_u64(w, "results", results);
	json_write_u64(w, "tokens_before", before);
	json_write_u64(w, "tokens_after", after);
	json_write_end(w);
}

enum err stats_write_clients(struct stats *st, const char *key, struct errctx *cx)
{
	return group(st, key, LEDGER_BY_CLIENT, NAMES_MAX, write_client, cx);
}

/* Stays on this machine: there is nothing that would send it. by_content counts since the start of the process. */
enum err stats_write_telemetry(struct stats *st, struct errctx *cx)
{
	if (!st->c->server->conf->has_telemetry)
		return E_OK;
	json_write_object(st->w, "telemetry");
	TRY(stats_write_clients(st, "by_client", cx));
	json_write_object(st->w, "by_content");
	proxy_metrics_contents(st->c->server->metrics, write_content, st->w);
	json_write_end(st->w);
	json_write_end(st->w);
	return E_OK;
}

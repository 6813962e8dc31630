/* stats: /stats, /stats/reset and /transformations/feed. */
#include "proxy/own/stats.h"

#include "proxy/metrics.h"
#include "proxy/own/snapshot.h"
#include "proxy/own/trials.h"
#include "proxy/shared.h"

enum {
	RECENT_ROWS = 10,
	FEED_ROWS = 20,
	FEED_ROWS_MAX = 100,
	SNAPSHOT_MS = 5000, /* how old an answer to ?cached=1 may be */
};

/* Rows of a run have a time from its beginning on, but for requests that were under way then, and for a clock that is
 * set back: a day covers both, and the ledger's index spares the walk over all that is older. */
int64_t stats_from_ms(struct server *s)
{
	int64_t day_ms = 86400000, ms = atomic_load(&s->run_started_ms);

	return ms > day_ms ? ms - day_ms : 0;
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static void write_transforms(struct json_writer *w, str transforms)
{
	str part;

	json_write_array(w, "transforms_applied");
	while (transforms.n && str_split(&transforms, ' ', &part))
		json_write_str(w, NULL, part);
	json_write_end(w);
}

static void write_row(void *self, const struct ledger_row *r)
{
	struct json_writer *w = self;
	int64_t saved = (int64_t)r->tokens_before - (int64_t)r->tokens_after;

	json_write_object(w, NULL);
	json_write_c(w, "request_id", r->id);
	own_write_time(w, "timestamp", r->at_ms);
	json_write_c(w, "provider", r->upstream);
	json_write_c(w, "endpoint", r->endpoint);
	json_write_str(w, "model", r->model);
	json_write_c(w, "client", r->client);
	json_write_i64(w, "status", r->status);
	json_write_u64(w, "input_tokens_original", r->tokens_before);
	json_write_u64(w, "input_tokens_optimized", r->tokens_after);
	json_write_i64(w, "tokens_saved", saved);
	json_write_fixed(
		w, "savings_percent", stats_percent((double)saved, (double)r->tokens_before), 2);
	write_transforms(w, r->transforms);
	json_write_c(w, "reason", r->reason);
	json_write_bool(w, "cached", r->is_cached);
	if (*r->break_cause) {
		json_write_c(w, "cache_break", r->break_cause);
		json_write_str(w, "cache_break_at", r->break_path);
	}
	if (r->has_usage)
		json_write_u64(w, "output_tokens", r->output);
	if (r->cost_nano >= 0)
		own_write_usd(w, "cost_usd", r->cost_nano);
	if (r->has_saved)
		own_write_usd(w, "savings_usd", r->saved_nano);
	json_write_fixed(w, "latency_ms", (double)r->latency_us / 1e3, 3);
	json_write_fixed(w, "overhead_ms", (double)r->overhead_us / 1e3, 3);
	if (r->error.n)
		json_write_str(w, "error", r->error);
	json_write_end(w);
}

static enum err write_rows(
	struct own_call *c, struct json_writer *w, const char *key, size_t limit, struct errctx *cx)
{
	struct ledger_query q = {.from_ms = stats_from_ms(c->server),
		.proxy_run = atomic_load(&c->server->run),
		.limit = limit};
	enum err err = E_OK;

	json_write_array(w, key);
	if (limit) /* to the ledger, 0 is its own idea of how many */
		err = ledger_recent(c->server->store, &q, write_row, w, cx);
	json_write_end(w);
	return err;
}

/* ---- what is not in the ledger ----------------------------------------------------------------------- */

static void write_cache(struct json_writer *w, struct server *s)
{
	struct response_cache_stats st;

	if (!s->cache) {
		json_write_null(w, "cache");
		return;
	}
	response_cache_get_stats(s->cache, &st);
	json_write_object(w, "cache");
	json_write_u64(w, "entries", st.entries_n);
	json_write_u64(w, "bytes", st.bytes);
	json_write_u64(w, "max_bytes", st.conf.bytes_max);
	json_write_u64(w, "total_hits", st.hits_n);
	json_write_u64(w, "total_misses", st.misses_n);
	json_write_u64(w, "evictions", st.evicted_n);
	json_write_i64(w, "ttl_seconds", st.conf.ttl_ms / 1000);
	json_write_end(w);
}

static void write_limiter(struct json_writer *w, struct server *s)
{
	struct limit_stats st;

	limit_get_stats(s->limit, &st);
	if (!st.conf.rpm && !st.conf.tpm) {
		json_write_null(w, "rate_limiter");
		return;
	}
	json_write_object(w, "rate_limiter");
	json_write_u64(w, "requests_per_minute", st.conf.rpm);
	json_write_u64(w, "tokens_per_minute", st.conf.tpm);
	json_write_u64(w, "active_keys", st.keys_n);
	json_write_u64(w, "refused_rpm", st.refused_rpm_n);
	json_write_u64(w, "refused_tpm", st.refused_tpm_n);
	json_write_end(w);
}

static void write_embedder(struct json_writer *w, struct server *s)
{
	struct proxy_embedder_counts n;

	if (!s->embedder) {
		json_write_null(w, "memory_embedder");
		return;
	}
	n = proxy_embedder_counts(s->embedder);
	json_write_object(w, "memory_embedder");
	json_write_str(w, "name", proxy_embedder_of(s->embedder)->name);
	json_write_u64(w, "requests", n.asked);
	json_write_u64(w, "failed", n.failed);
	json_write_end(w);
}

static void write_store(struct json_writer *w, struct server *s)
{
	struct store_stats st;

	store_get_stats(s->store, &st);
	json_write_object(w, "compression");
	json_write_u64(w, "ccr_entries", st.originals_n);
	json_write_i64(w, "ccr_retrievals", proxy_metrics_get(s->metrics, METRIC_RETRIEVALS));
	json_write_i64(w, "ccr_rounds", proxy_metrics_get(s->metrics, METRIC_ROUNDS));
	json_write_end(w);
	json_write_object(w, "store");
	json_write_u64(w, "originals", st.originals_n);
	json_write_u64(w, "original_bytes", st.original_bytes);
	json_write_u64(w, "renderings", st.renderings_n);
	json_write_u64(w, "rendering_bytes", st.rendering_bytes);
	json_write_u64(w, "ledger_rows", st.ledger_n);
	json_write_u64(w, "cache_hits", st.cache_hits);
	json_write_u64(w, "cache_misses", st.cache_misses);
	json_write_u64(w, "evicted", st.evicted_n);
	json_write_u64(w, "write_errors", st.write_errors);
	json_write_u64(w, "queued", st.queued_n);
	json_write_end(w);
}

static void write_inbound(struct json_writer *w, struct server *s)
{
	json_write_object(w, "proxy_inbound");
	json_write_u64(w, "total", own_served(s));
	json_write_i64(w, "active", atomic_load(&s->active_n));
	json_write_end(w);
}

/* ---- /stats ------------------------------------------------------------------------------------------ */

/* Of all runs: a share of conversations that is held out says something after weeks. */
static enum err write_trials(struct stats *st, struct errctx *cx)
{
	struct buf text;
	enum err err;

	buf_init(&text, OWN_ANSWER_MAX);
	err = trials_write(own_trials(st->c->server->own), &text, cx);
	if (!err)
		json_write_raw(st->w, "trial", buf_str(&text));
	buf_release(&text);
	return err;
}

static enum err write_ledger_parts(struct stats *st, struct errctx *cx)
{
	TRY(stats_read(st, cx));
	TRY(stats_write_summary(st, cx));
	TRY(stats_write_requests(st, cx));
	stats_write_tokens(st);
	TRY(stats_write_breaks(st, cx));
	stats_write_times(st);
	TRY(stats_write_savings(st, cx));
	TRY(write_trials(st, cx));
	return stats_write_telemetry(st, cx);
}

enum err stats_write(
	struct own_call *c, struct json_writer *w, uint64_t run, size_t recent_n, struct errctx *cx)
{
	struct server *s = c->server;
	struct stats st = {.c = c, .w = w, .proxy_run = run, .from_ms = stats_from_ms(s)};

	own_write_time(w, "timestamp", clock_wall_ms(s->clock));
	own_write_time(w, "since", atomic_load(&s->run_started_ms));
	json_write_fixed(w, "uptime_seconds", own_uptime_s(s), 3);
	TRY(write_ledger_parts(&st, cx));
	write_inbound(w, s);
	write_cache(w, s);
	write_limiter(w, s);
	own_write_budget(w, s->budget, s->conf->limits.has_budget);
	write_embedder(w, s);
	own_write_tokens(w, s);
	write_store(w, s);
	shared_write(s->shared, w);
	json_write_bool(w, "log_full_messages", s->conf->logs_messages);
	if (c->is_local) {
		TRY(write_rows(c, w, "recent_requests", recent_n, cx));
		own_write_config(w, s);
	}
	return E_OK;
}

static enum err write_stats(struct own_call *c, uint64_t run, struct errctx *cx)
{
	struct json_writer w;

	own_begin(c, &w);
	TRY(stats_write(c, &w, run, RECENT_ROWS, cx));
	own_end(c, &w);
	return E_OK;
}

void own_stats(struct own_call *c)
{
	struct snapshots *snapshots = own_snapshots(c->server->own);
	str cached = own_param(c, "cached");
	uint64_t run = atomic_load(&c->server->run);
	struct errctx cx = {0};
	enum err err;

	if (!c->x->is_operator) {
		own_tenant_stats(c);
		return;
	}
	if (str_eq_c(cached, "1") &&
		snapshot_get(snapshots, c->is_local, clock_monotonic_ns(c->server->clock), &c->out))
		return;
	/* What cannot be written now is missing from the figures; /readyz says so. */
	(void)!store_flush(c->server->store, NULL);
	err = write_stats(c, run, &cx);
	if (err)
		own_fail_err(c, err, &cx);
	else if (!c->out.err && run == atomic_load(&c->server->run))
		snapshot_put(snapshots, c->is_local, clock_monotonic_ns(c->server->clock),
			(int64_t)SNAPSHOT_MS * 1000000, buf_str(&c->out));
}

void own_stats_reset(struct own_call *c)
{
	struct json_writer w;

	server_new_run(c->server);
	snapshots_forget(own_snapshots(c->server->own));
	own_begin(c, &w);
	json_write_c(&w, "status", "reset");
	own_end(c, &w);
}

void own_transformations_feed(struct own_call *c)
{
	struct json_writer w;
	struct errctx cx = {0};
	uint64_t limit;
	enum err err;

	if (!own_param_u64(c, "limit", FEED_ROWS, FEED_ROWS_MAX, &limit))
		return;
	(void)!store_flush(c->server->store, NULL);
	own_begin(c, &w);
	err = write_rows(c, &w, "transformations", limit, &cx);
	if (err) {
		own_fail_err(c, err, &cx);
		return;
	}
	json_write_bool(&w, "log_full_messages", c->server->conf->logs_messages);
	own_end(c, &w);
}

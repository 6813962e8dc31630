/* prometheus: /metrics, the text format 0.0.4. From memory alone, so that scraping costs the same whatever the ledger
 * holds, and goes on when the store does not answer. */
#include "proxy/embedder.h"
#include "proxy/metrics.h"
#include "proxy/own/own.h"
#include "proxy/shared.h"

static void set_gauges(struct server *s)
{
	struct proxy_metrics *m = s->metrics;
	struct budget_verdict budget = budget_check(s->budget);
	struct response_cache_stats cache = {0};
	struct store_stats store;
	struct limit_stats limit;

	store_get_stats(s->store, &store);
	limit_get_stats(s->limit, &limit);
	if (s->cache)
		response_cache_get_stats(s->cache, &cache);
	proxy_metrics_set(m, METRIC_INBOUND_ACTIVE, atomic_load(&s->active_n));
	proxy_metrics_set(m, METRIC_CONNECTIONS, (int64_t)own_connections(s));
	proxy_metrics_set(m, METRIC_RESIDENT, (int64_t)own_resident_bytes());
	proxy_metrics_set(
		m, METRIC_STORE_BYTES, (int64_t)(store.original_bytes + store.rendering_bytes));
	proxy_metrics_set(m, METRIC_STORE_QUEUE, (int64_t)store.queued_n);
	proxy_metrics_set(m, METRIC_CACHE_BYTES, (int64_t)cache.bytes);
	proxy_metrics_set(m, METRIC_CACHE_ENTRIES, (int64_t)cache.entries_n);
	proxy_metrics_set(m, METRIC_RATE_KEYS, limit.keys_n);
	proxy_metrics_set(m, METRIC_BUDGET_SPENT, budget.spent_nano);
	proxy_metrics_set(m, METRIC_BUDGET_LIMIT,
		s->conf->limits.has_budget ? budget.limit_nano : -1000000000);
}

/* Kept by the workers, so that they do not share a counter. */
static void write_inbound(const struct server *s, struct buf *out)
{
	uint64_t served = own_served(s), active = (uint64_t)atomic_load(&s->active_n);

	buf_printf(out,
		"# HELP headroom_inbound_requests_total Requests of every kind whose head came, "
		"those "
		"to the proxy itself too.\n"
		"# TYPE headroom_inbound_requests_total counter\n"
		"headroom_inbound_requests_total %llu\n"
		"# HELP headroom_inbound_requests_completed_total Those of them that are over.\n"
		"# TYPE headroom_inbound_requests_completed_total counter\n"
		"headroom_inbound_requests_completed_total %llu\n",
		(unsigned long long)served,
		(unsigned long long)(served > active ? served - active : 0));
}

/* Of --memory-embedder, where there is one: it keeps them itself. */
static void write_embedder(const struct server *s, struct buf *out)
{
	struct proxy_embedder_counts n;

	if (!s->embedder)
		return;
	n = proxy_embedder_counts(s->embedder);
	buf_printf(out,
		"# HELP headroom_memory_embedder_requests_total Requests to the endpoint that "
		"makes vectors of memories.\n"
		"# TYPE headroom_memory_embedder_requests_total counter\n"
		"headroom_memory_embedder_requests_total %llu\n"
		"# HELP headroom_memory_embedder_failed_total Those of them that were in vain.\n"
		"# TYPE headroom_memory_embedder_failed_total counter\n"
		"headroom_memory_embedder_failed_total %llu\n",
		(unsigned long long)n.asked, (unsigned long long)n.failed);
}

void own_metrics(struct own_call *c)
{
	c->type = "text/plain; version=0.0.4; charset=utf-8";
	set_gauges(c->server);
	proxy_metrics_write(c->server->metrics, &c->out);
	write_inbound(c->server, &c->out);
	write_embedder(c->server, &c->out);
	own_metrics_tokens(c->server, &c->out);
	shared_write_metrics(c->server->shared, &c->out);
}

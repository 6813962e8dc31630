/* metrics: what this process counts in memory for /metrics and /health, fed with the same rows that go to the ledger.
 * Labels have bounded sets of values: the names that our own tables have, and the first METRICS_NAMES_MAX models and
 * the like; what comes later is counted as "other".
 * Owns: the counts. Thread: any. */
#ifndef PROXY_METRICS_H
#define PROXY_METRICS_H

#include "core/base/metric.h"
#include "core/store/ledger.h"

/* Single figures; the table with their names is in metrics.c. */
enum proxy_metric {
	METRIC_REQUESTS,
	METRIC_REQUESTS_CACHED,
	METRIC_REQUESTS_RATE_LIMITED,
	METRIC_REQUESTS_FAILED,
	METRIC_TOKENS_INPUT,
	METRIC_TOKENS_OUTPUT,
	METRIC_TOKENS_SAVED,
	METRIC_RETRIES,
	METRIC_CLIENT_GONE,
	METRIC_RETRIEVALS,
	METRIC_ROUNDS,
	METRIC_LATENCY,
	METRIC_OVERHEAD,
	METRIC_TTFB,
	METRIC_BODY,
	METRIC_SAVED,
	/* Gauges: set by whoever asks for the text. */
	METRIC_INBOUND_ACTIVE,
	METRIC_CONNECTIONS,
	METRIC_RESIDENT,
	METRIC_STORE_BYTES,
	METRIC_STORE_QUEUE,
	METRIC_CACHE_BYTES,
	METRIC_CACHE_ENTRIES,
	METRIC_RATE_KEYS,
	METRIC_BUDGET_SPENT,
	METRIC_BUDGET_LIMIT,
	PROXY_METRICS_N
};

enum {
	METRICS_NAMES_MAX = 64, /* values of a label; agents use a handful of models */
	METRICS_NAME_MAX = 64,  /* bytes of one; cut */
};

struct proxy_metrics;

enum err proxy_metrics_new(struct proxy_metrics **out, struct errctx *cx) MUST_CHECK;
void proxy_metrics_free(struct proxy_metrics *m); /* NULL is allowed */

/* A request is over. */
void proxy_metrics_request(struct proxy_metrics *m, const struct ledger_row *row);
/* A tool result was seen for the first time (--telemetry). content: static, of a bounded set. */
void proxy_metrics_result(struct proxy_metrics *m, const char *content, uint64_t tokens_before,
	uint64_t tokens_after);
void proxy_metrics_add(struct proxy_metrics *m, enum proxy_metric which, uint64_t n);
void proxy_metrics_set(struct proxy_metrics *m, enum proxy_metric which, int64_t value);
int64_t proxy_metrics_get(const struct proxy_metrics *m, enum proxy_metric which);
/* Since the start of the process: what was sent less, net: it may be less than nothing. */
int64_t proxy_metrics_saved(struct proxy_metrics *m);

/* What all processes before this one have left in the ledger, for the figures called persistent. */
void proxy_metrics_set_before(struct proxy_metrics *m, const struct ledger_sum *sum);

/* By kind of content; calls of fn come under a lock. */
typedef void proxy_metrics_content_fn(void *self, const char *content, uint64_t results,
	uint64_t tokens_before, uint64_t tokens_after);
void proxy_metrics_contents(struct proxy_metrics *m, proxy_metrics_content_fn *fn, void *self);

/* Appends all of them in the Prometheus text format 0.0.4. */
void proxy_metrics_write(struct proxy_metrics *m, struct buf *out);

#endif

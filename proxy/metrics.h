/* metrics: the table of what /metrics exports, and its rows' names in the program. Thread: any. */
#ifndef PROXY_METRICS_H
#define PROXY_METRICS_H

#include "core/base/metric.h"

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
	METRIC_LATENCY,
	METRIC_OVERHEAD,
	METRIC_TTFB,
	PROXY_METRICS_N
};

enum err proxy_metrics_new(struct metrics **out, struct errctx *cx) MUST_CHECK;

#endif

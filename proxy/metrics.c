#include "proxy/metrics.h"

/* Microseconds; the exported unit is seconds. */
static const uint64_t latency_us[] = {1000, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000};
static const uint64_t overhead_us[] = {
	50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000};

#define COUNTER(row, exported, text) \
	[METRIC_##row] = {.name = (exported), .help = (text), .kind = METRIC_COUNTER}
#define HISTOGRAM(row, exported, text, upper)                \
	[METRIC_##row] = {.name = (exported),                \
		.help = (text),                              \
		.kind = METRIC_HISTOGRAM,                    \
		.bounds = (upper),                           \
		.bounds_n = sizeof(upper) / sizeof *(upper), \
		.scale = 1e-6}

static const struct metric_def defs[PROXY_METRICS_N] = {
	COUNTER(REQUESTS, "headroom_requests_total", "Requests that were taken in."),
	COUNTER(REQUESTS_CACHED, "headroom_requests_cached_total",
		"Requests answered from the response cache."),
	COUNTER(REQUESTS_RATE_LIMITED, "headroom_requests_rate_limited_total",
		"Requests refused by a limit or the budget of this proxy."),
	COUNTER(REQUESTS_FAILED, "headroom_requests_failed_total",
		"Requests that ended with a status of 500 and above, or not at all."),
	COUNTER(TOKENS_INPUT, "headroom_tokens_input_total",
		"Input tokens that providers reported, cached ones too."),
	COUNTER(TOKENS_OUTPUT, "headroom_tokens_output_total",
		"Output tokens that providers reported."),
	COUNTER(TOKENS_SAVED, "headroom_tokens_saved_total",
		"Input tokens that were not sent, by our calibrated count."),
	COUNTER(RETRIES, "headroom_retries_total", "Requests sent to a provider once more."),
	COUNTER(CLIENT_GONE, "headroom_client_gone_total",
		"Clients that closed before their answer was complete."),
	HISTOGRAM(LATENCY, "headroom_latency_seconds",
		"From the head of a request to the end of its answer.", latency_us),
	HISTOGRAM(OVERHEAD, "headroom_overhead_seconds",
		"From the head of a request to its sending: ours.", overhead_us),
	HISTOGRAM(TTFB, "headroom_ttfb_seconds",
		"From the head of a request to the first byte of the answer.", latency_us),
};

enum err proxy_metrics_new(struct metrics **out, struct errctx *cx)
{
	return metrics_new(defs, PROXY_METRICS_N, out, cx);
}

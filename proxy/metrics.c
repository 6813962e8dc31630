#include "proxy/metrics.h"

#include <inttypes.h>
#include <pthread.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

/* Microseconds; the exported unit is seconds. */
static const uint64_t latency_us[] = {1000, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000};
static const uint64_t overhead_us[] = {
	50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000};
static const uint64_t body_bytes[] = {
	1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20};
static const uint64_t saved_tokens[] = {
	0, 100, 300, 1000, 3000, 10000, 30000, 100000, 300000, 1000000};

#define COUNTER(row, exported, text) \
	[METRIC_##row] = {.name = (exported), .help = (text), .kind = METRIC_COUNTER}
#define GAUGE(row, exported, text) \
	[METRIC_##row] = {.name = (exported), .help = (text), .kind = METRIC_GAUGE}
#define USD(row, exported, text) \
	[METRIC_##row] = {.name = (exported), .help = (text), .kind = METRIC_GAUGE, .scale = 1e-9}
#define HISTOGRAM(row, exported, text, upper, unit)          \
	[METRIC_##row] = {.name = (exported),                \
		.help = (text),                              \
		.kind = METRIC_HISTOGRAM,                    \
		.bounds = (upper),                           \
		.bounds_n = sizeof(upper) / sizeof *(upper), \
		.scale = (unit)}

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
	COUNTER(RETRIEVALS, "headroom_retrievals_total",
		"Originals that were asked for and given by this proxy."),
	COUNTER(ROUNDS, "headroom_rounds_total",
		"Requests sent to go on with an answer in which the model asked for originals."),
	HISTOGRAM(LATENCY, "headroom_latency_seconds",
		"From the head of a request to the end of its answer.", latency_us, 1e-6),
	HISTOGRAM(OVERHEAD, "headroom_overhead_seconds",
		"From the head of a request to its sending: ours.", overhead_us, 1e-6),
	HISTOGRAM(TTFB, "headroom_ttfb_seconds",
		"From the head of a request to the first byte of the answer.", latency_us, 1e-6),
	HISTOGRAM(BODY, "headroom_request_body_bytes", "Bodies of requests as they came.",
		body_bytes, 1),
	HISTOGRAM(SAVED, "headroom_request_tokens_saved",
		"Input tokens that were not sent, per request (0 where none were saved).",
		saved_tokens, 1),
	GAUGE(INBOUND_ACTIVE, "headroom_inbound_requests_active", "Requests under way."),
	GAUGE(CONNECTIONS, "headroom_connections",
		"Connections of clients, as of the last second."),
	GAUGE(RESIDENT, "headroom_resident_memory_bytes", "Resident memory of the process."),
	GAUGE(STORE_BYTES, "headroom_store_bytes", "Originals and renderings in the store."),
	GAUGE(STORE_QUEUE, "headroom_store_queue_writes", "Writes that wait for the store."),
	GAUGE(CACHE_BYTES, "headroom_response_cache_bytes", "Answers in the response cache."),
	GAUGE(CACHE_ENTRIES, "headroom_response_cache_entries", "Answers in the response cache."),
	GAUGE(RATE_KEYS, "headroom_rate_limiter_keys", "Callers that the rate limiter remembers."),
	USD(BUDGET_SPENT, "headroom_budget_spent_usd", "Spent in the period of the budget."),
	USD(BUDGET_LIMIT, "headroom_budget_limit_usd", "The budget of a period; -1: none is set."),
};

/* ---- figures by the value of a label ----------------------------------------------------------------- */

enum table_id {
	TABLE_PROVIDER,
	TABLE_MODEL,
	TABLE_CLIENT,
	TABLE_ENDPOINT,
	TABLE_STATUS,
	TABLE_REASON,
	TABLE_CONTENT,
	TABLE_BREAK,
	TABLES_N
};

/* Columns; each table uses some of them. */
enum value_id {
	VALUE_REQUESTS,
	VALUE_UNCACHED,
	VALUE_READ,
	VALUE_WRITE,
	VALUE_WRITE_5M,
	VALUE_WRITE_1H,
	VALUE_USAGES,
	VALUE_HITS,
	VALUE_BEFORE,
	VALUE_AFTER,
	VALUES_N
};

struct entry {
	uint64_t hash;
	char name[METRICS_NAME_MAX + 1];
	uint64_t v[VALUES_N];
};

struct table {
	size_t n;
	struct entry entries[METRICS_NAMES_MAX + 1]; /* the last is that of all others */
};

struct series {
	const char *name, *help;
	enum table_id table;
	enum value_id value;
	const char *label, *more; /* more: a constant label behind it, or "" */
};

static const struct series SERIES[] = {
	{"headroom_requests_by_provider", "Requests, by provider.", TABLE_PROVIDER, VALUE_REQUESTS,
		"provider", ""},
	{"headroom_uncached_input_tokens_total",
		"Input neither read from a cache nor written to one.", TABLE_PROVIDER,
		VALUE_UNCACHED, "provider", ""},
	{"headroom_cache_read_tokens_total", "Input that the provider read from its cache.",
		TABLE_PROVIDER, VALUE_READ, "provider", ""},
	{"headroom_cache_write_tokens_total", "Input that the provider wrote to its cache.",
		TABLE_PROVIDER, VALUE_WRITE, "provider", ""},
	{"headroom_cache_write_ttl_tokens_total",
		"Input that the provider wrote to its cache, by how long it is kept.",
		TABLE_PROVIDER, VALUE_WRITE_5M, "provider", ",ttl=\"5m\""},
	{"headroom_cache_write_ttl_tokens_total",
		"Input that the provider wrote to its cache, by how long it is kept.",
		TABLE_PROVIDER, VALUE_WRITE_1H, "provider", ",ttl=\"1h\""},
	{"headroom_provider_cache_requests_total", "Requests whose cost the provider reported.",
		TABLE_PROVIDER, VALUE_USAGES, "provider", ""},
	{"headroom_provider_cache_hit_requests_total",
		"Requests of which the provider read something from its cache.", TABLE_PROVIDER,
		VALUE_HITS, "provider", ""},
	{"headroom_requests_by_model", "Requests, by model.", TABLE_MODEL, VALUE_REQUESTS, "model",
		""},
	{"headroom_requests_by_client", "Requests, by client.", TABLE_CLIENT, VALUE_REQUESTS,
		"client", ""},
	{"headroom_requests_by_endpoint", "Requests, by endpoint.", TABLE_ENDPOINT, VALUE_REQUESTS,
		"endpoint", ""},
	{"headroom_requests_by_status_class", "Requests, by class of status.", TABLE_STATUS,
		VALUE_REQUESTS, "status", ""},
	{"headroom_requests_by_reason", "Requests, by what was done to them or why nothing was.",
		TABLE_REASON, VALUE_REQUESTS, "reason", ""},
	{"headroom_results_by_content", "Tool results, each counted when it was new.",
		TABLE_CONTENT, VALUE_REQUESTS, "content", ""},
	{"headroom_result_tokens_before_total", "Tokens of new tool results as they came.",
		TABLE_CONTENT, VALUE_BEFORE, "content", ""},
	{"headroom_result_tokens_after_total", "Tokens of new tool results as they were sent.",
		TABLE_CONTENT, VALUE_AFTER, "content", ""},
	{"headroom_cache_breaks_total",
		"Requests that broke the provider's prompt cache, by what was changed.",
		TABLE_BREAK, VALUE_REQUESTS, "by", ""},
	{"headroom_cache_break_tokens_total", "Tokens that had to be written again by that.",
		TABLE_BREAK, VALUE_WRITE, "by", ""},
};

/* The reference product's figures of a time: sums, counts and extremes in milliseconds. */
enum time_id { TIME_LATENCY, TIME_OVERHEAD, TIME_TTFB, TIMES_N };
static const char *const TIME_NAMES[TIMES_N] = {"latency", "overhead", "ttfb"};

struct time_sum {
	uint64_t n;
	int64_t sum_us, min_us, max_us;
};

struct proxy_metrics {
	struct metrics *single;
	pthread_mutex_t lock; /* guards all that follow */
	struct table tables[TABLES_N];
	struct time_sum times[TIMES_N];
	int64_t saved;         /* net */
	struct ledger_sum sum; /* of this process, for the persistent figures */
	struct ledger_sum before;
	bool has_before;
};

/* ---- making ------------------------------------------------------------------------------------------ */

enum err proxy_metrics_new(struct proxy_metrics **out, struct errctx *cx)
{
	struct proxy_metrics *m = mem_zalloc(sizeof *m);
	enum err err;

	*out = NULL;
	if (!m)
		FAIL(cx, E_NOMEM, "no memory for metrics");
	err = metrics_new(defs, PROXY_METRICS_N, &m->single, cx);
	if (err) {
		mem_free(m);
		return err;
	}
	(void)pthread_mutex_init(&m->lock, NULL);
	*out = m;
	return E_OK;
}

void proxy_metrics_free(struct proxy_metrics *m)
{
	if (!m)
		return;
	(void)pthread_mutex_destroy(&m->lock);
	metrics_free(m->single);
	mem_free(m);
}

/* ---- counting ---------------------------------------------------------------------------------------- */

/* Under the lock. */
static struct entry *entry_of(struct proxy_metrics *m, enum table_id id, str name)
{
	struct table *t = &m->tables[id];
	struct entry *e;
	uint64_t hash;

	if (name.n > METRICS_NAME_MAX)
		name.n = utf8_valid_n(str_sub(name, 0, METRICS_NAME_MAX));
	hash = hash64(name);
	for (size_t i = 0; i < t->n; i++) {
		if (t->entries[i].hash == hash && str_eq_c(name, t->entries[i].name))
			return &t->entries[i];
	}
	if (t->n == METRICS_NAMES_MAX) {
		e = &t->entries[METRICS_NAMES_MAX];
		memcpy(e->name, "other", sizeof "other");
		return e;
	}
	e = &t->entries[t->n++];
	e->hash = hash;
	if (name.n)
		memcpy(e->name, name.p, name.n);
	return e;
}

static void count_request(struct proxy_metrics *m, enum table_id id, str name)
{
	if (name.n)
		entry_of(m, id, name)->v[VALUE_REQUESTS]++;
}

static const char *status_class(int status)
{
	static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

	return classes[status >= 100 && status < 600 ? status / 100 : 0];
}

static void count_provider(struct proxy_metrics *m, const struct ledger_row *r)
{
	struct entry *e = entry_of(m, TABLE_PROVIDER, str_from(r->upstream));

	e->v[VALUE_REQUESTS]++;
	if (!r->has_usage)
		return;
	e->v[VALUE_UNCACHED] += r->input;
	e->v[VALUE_READ] += r->cache_read;
	e->v[VALUE_WRITE] += r->cache_write_5m + r->cache_write_1h;
	e->v[VALUE_WRITE_5M] += r->cache_write_5m;
	e->v[VALUE_WRITE_1H] += r->cache_write_1h;
	e->v[VALUE_USAGES]++;
	e->v[VALUE_HITS] += r->cache_read > 0;
}

static void count_break(struct proxy_metrics *m, const struct ledger_row *r)
{
	struct entry *e;

	if (!r->break_cause || !*r->break_cause)
		return;
	e = entry_of(m, TABLE_BREAK, str_from(r->break_cause));
	e->v[VALUE_REQUESTS]++;
	e->v[VALUE_WRITE] += r->break_tokens;
}

/* A name with control characters in it, or one that is no text, is nobody's model. */
static bool is_name(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	}
	return utf8_valid_n(s) == s.n;
}

static void add_time(struct time_sum *t, int64_t us)
{
	if (!t->n || us < t->min_us)
		t->min_us = us;
	if (us > t->max_us)
		t->max_us = us;
	t->sum_us += us;
	t->n++;
}

static uint64_t reported_input(const struct ledger_row *r)
{
	return r->has_usage ? r->input + r->cache_read + r->cache_write_5m + r->cache_write_1h : 0;
}

static void count_labelled(struct proxy_metrics *m, const struct ledger_row *r)
{
	(void)pthread_mutex_lock(&m->lock);
	count_provider(m, r);
	count_break(m, r);
	count_request(m, TABLE_MODEL, is_name(r->model) ? r->model : STR("other"));
	count_request(m, TABLE_CLIENT, str_from(r->client));
	count_request(m, TABLE_ENDPOINT, str_from(r->endpoint));
	count_request(m, TABLE_STATUS, str_from(status_class(r->status)));
	count_request(m, TABLE_REASON, str_from(r->reason));
	add_time(&m->times[TIME_LATENCY], r->latency_us);
	if (r->attempts)
		add_time(&m->times[TIME_OVERHEAD], r->overhead_us);
	if (r->ttfb_us)
		add_time(&m->times[TIME_TTFB], r->ttfb_us);
	m->saved += (int64_t)r->tokens_before - (int64_t)r->tokens_after;
	m->sum.requests++;
	m->sum.tokens_before += r->tokens_before;
	m->sum.tokens_after += r->tokens_after;
	m->sum.input += reported_input(r);
	m->sum.cost_nano += r->cost_nano > 0 ? r->cost_nano : 0;
	m->sum.saved_nano += r->has_saved ? r->saved_nano : 0;
	(void)pthread_mutex_unlock(&m->lock);
}

void proxy_metrics_request(struct proxy_metrics *m, const struct ledger_row *r)
{
	struct metrics *s = m->single;
	uint64_t saved =
		r->tokens_before > r->tokens_after ? r->tokens_before - r->tokens_after : 0;
	bool is_limited = strncmp(r->reason, "rate_limited", 12) == 0 ||
			  strcmp(r->reason, "over_budget") == 0;

	metric_add(s, METRIC_REQUESTS, 1);
	metric_add(s, METRIC_REQUESTS_CACHED, r->is_cached);
	metric_add(s, METRIC_REQUESTS_RATE_LIMITED, is_limited);
	metric_add(s, METRIC_REQUESTS_FAILED,
		r->status >= 500 || (!r->is_complete && !r->is_client_gone));
	metric_add(s, METRIC_TOKENS_INPUT, reported_input(r));
	metric_add(s, METRIC_TOKENS_OUTPUT, r->output);
	metric_add(s, METRIC_TOKENS_SAVED, saved);
	metric_add(s, METRIC_RETRIES, r->attempts > 1 ? r->attempts - 1 : 0);
	metric_add(s, METRIC_CLIENT_GONE, r->is_client_gone);
	metric_observe(s, METRIC_LATENCY, (uint64_t)r->latency_us);
	metric_observe(s, METRIC_BODY, r->bytes_in);
	metric_observe(s, METRIC_SAVED, saved);
	if (r->attempts)
		metric_observe(s, METRIC_OVERHEAD, (uint64_t)r->overhead_us);
	if (r->ttfb_us)
		metric_observe(s, METRIC_TTFB, (uint64_t)r->ttfb_us);
	count_labelled(m, r);
}

void proxy_metrics_result(
	struct proxy_metrics *m, const char *content, uint64_t tokens_before, uint64_t tokens_after)
{
	struct entry *e;

	(void)pthread_mutex_lock(&m->lock);
	e = entry_of(m, TABLE_CONTENT, str_from(content));
	e->v[VALUE_REQUESTS]++;
	e->v[VALUE_BEFORE] += tokens_before;
	e->v[VALUE_AFTER] += tokens_after;
	(void)pthread_mutex_unlock(&m->lock);
}

void proxy_metrics_add(struct proxy_metrics *m, enum proxy_metric which, uint64_t n)
{
	metric_add(m->single, which, n);
}

void proxy_metrics_set(struct proxy_metrics *m, enum proxy_metric which, int64_t value)
{
	metric_set(m->single, which, value);
}

int64_t proxy_metrics_get(const struct proxy_metrics *m, enum proxy_metric which)
{
	return metric_get(m->single, which);
}

int64_t proxy_metrics_saved(struct proxy_metrics *m)
{
	int64_t saved;

	(void)pthread_mutex_lock(&m->lock);
	saved = m->saved;
	(void)pthread_mutex_unlock(&m->lock);
	return saved;
}

void proxy_metrics_set_before(struct proxy_metrics *m, const struct ledger_sum *sum)
{
	(void)pthread_mutex_lock(&m->lock);
	m->before = *sum;
	m->has_before = true;
	(void)pthread_mutex_unlock(&m->lock);
}

void proxy_metrics_contents(struct proxy_metrics *m, proxy_metrics_content_fn *fn, void *self)
{
	const struct table *t = &m->tables[TABLE_CONTENT];

	(void)pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < t->n; i++)
		fn(self, t->entries[i].name, t->entries[i].v[VALUE_REQUESTS],
			t->entries[i].v[VALUE_BEFORE], t->entries[i].v[VALUE_AFTER]);
	(void)pthread_mutex_unlock(&m->lock);
}

/* ---- the text ---------------------------------------------------------------------------------------- */

static void write_head(struct buf *out, const char *name, const char *help, const char *type)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Exposition formats, "Comments, help text, and type information": backslash, quote and newline. */
static void write_label_value(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' || *s == '"')
			buf_add_byte(out, '\\');
		buf_add_byte(out, *s);
	}
}

static void write_series(const struct proxy_metrics *m, const struct series *s, struct buf *out)
{
	const struct table *t = &m->tables[s->table];
	size_t n = t->n + (t->n == METRICS_NAMES_MAX && *t->entries[METRICS_NAMES_MAX].name);

	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s{%s=\"", s->name, s->label);
		write_label_value(out, t->entries[i].name);
		buf_printf(out, "\"%s} %" PRIu64 "\n", s->more, t->entries[i].v[s->value]);
	}
}

static void write_tables(const struct proxy_metrics *m, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_N(SERIES); i++) {
		const struct series *s = &SERIES[i];

		if (!m->tables[s->table].n)
			continue;
		if (!i || strcmp(s->name, SERIES[i - 1].name) != 0)
			write_head(out, s->name, s->help, "counter");
		write_series(m, s, out);
	}
}

static void write_time(struct buf *out, const char *name, const struct time_sum *t)
{
	static const char *const parts[] = {"sum", "count", "min", "max"};
	const double values[] = {(double)t->sum_us / 1e3, (double)t->n, (double)t->min_us / 1e3,
		(double)t->max_us / 1e3};

	for (size_t i = 0; i < ARRAY_N(parts); i++) {
		if (!t->n && i >= 2)
			continue;
		buf_printf(out,
			"# HELP headroom_%s_ms_%s See headroom_%s_seconds; in milliseconds.\n"
			"# TYPE headroom_%s_ms_%s %s\nheadroom_%s_ms_%s %.12g\n",
			name, parts[i], name, name, parts[i], i < 2 ? "counter" : "gauge", name,
			parts[i], values[i]);
	}
}

static double all_input(const struct ledger_sum *s)
{
	return (double)s->input + (double)s->cache_read + (double)s->cache_write_5m +
	       (double)s->cache_write_1h;
}

static void write_persistent(const struct proxy_metrics *m, struct buf *out)
{
	const struct ledger_sum *a = &m->before, *b = &m->sum;
	const struct {
		const char *name;
		double value;
	} rows[] = {
		{"requests", (double)a->requests + (double)b->requests},
		{"tokens_saved", (double)a->tokens_before - (double)a->tokens_after +
					 (double)b->tokens_before - (double)b->tokens_after},
		{"input_tokens", all_input(a) + all_input(b)},
		{"cost_usd", ((double)a->cost_nano + (double)b->cost_nano) / 1e9},
		{"compression_savings_usd", ((double)a->saved_nano + (double)b->saved_nano) / 1e9},
	};

	if (!m->has_before)
		return;
	/* Gauges, as savings are net and may fall. */
	for (size_t i = 0; i < ARRAY_N(rows); i++)
		buf_printf(out,
			"# HELP headroom_persistent_savings_%s_total What the ledger had when this "
			"process began, and its own since.\n"
			"# TYPE headroom_persistent_savings_%s_total gauge\n"
			"headroom_persistent_savings_%s_total %.15g\n",
			rows[i].name, rows[i].name, rows[i].name, rows[i].value);
}

void proxy_metrics_write(struct proxy_metrics *m, struct buf *out)
{
	metrics_write(m->single, out);
	(void)pthread_mutex_lock(&m->lock);
	write_tables(m, out);
	for (size_t i = 0; i < TIMES_N; i++)
		write_time(out, TIME_NAMES[i], &m->times[i]);
	write_persistent(m, out);
	(void)pthread_mutex_unlock(&m->lock);
}

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/args_figures.h"
#include "cli/figures.h"
#include "core/base/mem.h"
#include "core/json/write.h"

enum { TEXT_MAX = 1 << 20, MS_DIGITS = 3 };

/* X(name) in the order of time. */
#define STAGES(X)   \
	X(headroom) \
	X(provider) \
	X(answer)   \
	X(total)

enum stage {
#define X(name) STAGE_##name,
	STAGES(X)
#undef X
		STAGE_N
};

static const char *const stage_names[] = {
#define X(name) #name,
	STAGES(X)
#undef X
};

static const double quantiles[] = {0.5, 0.9, 0.95, 0.99, 1};
static const char *const quantile_names[] = {"p50", "p90", "p95", "p99", "max"};

/* Milliseconds of each request; from the heap, as there may be many. */
struct sample {
	float *v;
	size_t n, cap;
};

enum { BREAKS_MAX = 16 }; /* more than there are causes */

/* Requests that broke the provider's prompt cache, by what was changed. */
struct cause {
	char name[LEDGER_NAME_MAX + 1], worst_at[LEDGER_TEXT_MAX + 1],
		worst_request[LEDGER_ID_MAX + 1];
	uint64_t n, tokens, worst_tokens;
	int64_t nano;
};

struct report {
	struct sample stages[STAGE_N];
	struct cause causes[BREAKS_MAX];
	size_t causes_n;
	size_t requests;
	bool is_out_of_memory;
};

static void add(struct report *r, enum stage stage, int64_t us)
{
	struct sample *s = &r->stages[stage];

	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 1024;
		float *more = mem_realloc(s->v, cap * sizeof *more);

		if (!more) {
			r->is_out_of_memory = true;
			return;
		}
		s->v = more;
		s->cap = cap;
	}
	s->v[s->n++] = (float)us / 1000;
}

static void take_break(struct report *r, const struct ledger_row *row)
{
	struct cause *c = r->causes;

	if (!*row->break_cause)
		return;
	while (c < r->causes + r->causes_n && strcmp(c->name, row->break_cause) != 0)
		c++;
	if (c == r->causes + BREAKS_MAX)
		return;
	if (c == r->causes + r->causes_n) {
		r->causes_n++;
		(void)snprintf(c->name, sizeof c->name, "%s", row->break_cause);
	}
	c->n++;
	c->tokens += row->break_tokens;
	c->nano += row->break_nano;
	if (c->n > 1 && row->break_tokens <= c->worst_tokens)
		return;
	c->worst_tokens = row->break_tokens;
	(void)snprintf(c->worst_at, sizeof c->worst_at, STR_FMT, STR_ARG(row->break_path));
	memcpy(c->worst_request, row->id, sizeof c->worst_request);
}

/* Of our own fault. */
static uint64_t own_breaks(const struct report *r)
{
	for (size_t i = 0; i < r->causes_n; i++)
		if (strcmp(r->causes[i].name, LEDGER_BREAK_OWN) == 0)
			return r->causes[i].n;
	return 0;
}

/* An answer from our cache, or one that never came, has no stage of the provider's. */
static void take(void *self, const struct ledger_row *row)
{
	struct report *r = self;

	r->requests++;
	take_break(r, row);
	add(r, STAGE_headroom, row->overhead_us);
	if (row->ttfb_us && !row->is_cached) {
		add(r, STAGE_provider,
			row->ttfb_us > row->overhead_us ? row->ttfb_us - row->overhead_us : 0);
		add(r, STAGE_answer,
			row->latency_us > row->ttfb_us ? row->latency_us - row->ttfb_us : 0);
	}
	add(r, STAGE_total, row->latency_us);
}

static int cmp_float(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* Of a sorted sample. */
static double quantile(const struct sample *s, double q)
{
	return s->n ? (double)s->v[(size_t)lround(q * (double)(s->n - 1))] : 0;
}

static void add_text(struct buf *out, const struct report *r)
{
	buf_printf(out, "%zu requests, milliseconds\n\n%-12s", r->requests, "");
	for (size_t i = 0; i < ARRAY_N(quantiles); i++)
		buf_printf(out, "%11s", quantile_names[i]);
	buf_add_byte(out, '\n');
	for (int k = 0; k < STAGE_N; k++) {
		buf_printf(out, "%-12s", stage_names[k]);
		for (size_t i = 0; i < ARRAY_N(quantiles); i++)
			buf_printf(out, "%11.2f", quantile(&r->stages[k], quantiles[i]));
		buf_add_byte(out, '\n');
	}
	if (r->causes_n)
		buf_printf(out, "\n%-24s%10s%15s%12s  %s\n", "prompt cache broken by", "requests",
			"written again", "cost USD", "worst at");
	for (size_t i = 0; i < r->causes_n; i++) {
		const struct cause *c = &r->causes[i];

		buf_printf(out, "%-24s%10llu%15llu%12.4f  %s (%s)\n", c->name,
			(unsigned long long)c->n, (unsigned long long)c->tokens,
			figures_usd(c->nano), c->worst_at, c->worst_request);
	}
}

static void add_json(struct buf *out, const struct report *r)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.perf/1");
	json_write_u64(&w, "requests", r->requests);
	json_write_object(&w, "stages_ms");
	for (int k = 0; k < STAGE_N; k++) {
		json_write_object(&w, stage_names[k]);
		json_write_u64(&w, "requests", r->stages[k].n);
		for (size_t i = 0; i < ARRAY_N(quantiles); i++)
			json_write_fixed(&w, quantile_names[i],
				quantile(&r->stages[k], quantiles[i]), MS_DIGITS);
		json_write_end(&w);
	}
	json_write_end(&w);
	json_write_array(&w, "cache_breaks");
	for (size_t i = 0; i < r->causes_n; i++) {
		const struct cause *c = &r->causes[i];

		json_write_object(&w, NULL);
		json_write_c(&w, "by", c->name);
		json_write_u64(&w, "requests", c->n);
		json_write_u64(&w, "tokens", c->tokens);
		json_write_fixed(&w, "cost_usd", figures_usd(c->nano), 6);
		json_write_c(&w, "worst_at", c->worst_at);
		json_write_c(&w, "worst_request", c->worst_request);
		json_write_end(&w);
	}
	json_write_end(&w);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

static enum err read_rows(
	struct cli *cli, const struct perf_args *a, struct report *r, struct errctx *cx)
{
	struct ledger_query q = {.limit = STORE_LEDGER_ROWS};
	struct store *store;
	enum err err;

	TRY(figures_time(cli, "since", a->since, &q.from_ms, cx));
	TRY(figures_time(cli, "until", a->until, &q.to_ms, cx));
	TRY(figures_open(cli, a->store, &store, cx));
	err = ledger_recent(store, &q, take, r, cx);
	store_close(store);
	if (!err && r->is_out_of_memory)
		FAIL(cx, E_NOMEM, "out of memory");
	if (!err && !r->requests)
		FAIL(cx, E_NOT_FOUND, "no request in this time");
	return err;
}

static enum err print(
	struct cli *cli, const struct perf_args *a, struct report *r, struct errctx *cx)
{
	double p99;
	struct buf out;

	for (int k = 0; k < STAGE_N; k++)
		if (r->stages[k].n)
			qsort(r->stages[k].v, r->stages[k].n, sizeof(float), cmp_float);
	p99 = quantile(&r->stages[STAGE_headroom], 0.99);
	buf_init_arena(&out, &cli->arena, TEXT_MAX);
	if (a->is_json)
		add_json(&out, r);
	else
		add_text(&out, r);
	TRY(out_print(buf_str(&out), cx));
	if (a->check_ms >= 0 && p99 >= a->check_ms)
		FAIL(cx, E_THRESHOLD, "99 %% wait for headroom less than %.2f ms, not %g", p99,
			a->check_ms);
	if (a->check_ms >= 0 && own_breaks(r))
		FAIL(cx, E_THRESHOLD, "headroom broke the provider's prompt cache %llu times",
			(unsigned long long)own_breaks(r));
	return E_OK;
}

enum err run_perf(struct cli *cli, const void *args, struct errctx *cx)
{
	struct report r = {.requests = 0};
	enum err err = read_rows(cli, args, &r, cx);

	if (!err)
		err = print(cli, args, &r, cx);
	for (int k = 0; k < STAGE_N; k++)
		mem_free(r.stages[k].v);
	return err;
}

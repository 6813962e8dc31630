/* tenants: what the names of --tokens-file have done and may do: for the operator all of them, for a tenant his own. */
#include <inttypes.h>

#include "proxy/own/own.h"
#include "proxy/own/stats.h"

/* ---- JSON --------------------------------------------------------------------------------------------- */

static void write_limits(struct json_writer *w, struct tenant *t)
{
	struct limit_stats limit;

	limit_get_stats(t->limit, &limit);
	json_write_u64(w, "requests_per_minute", limit.conf.rpm);
	json_write_u64(w, "tokens_per_minute", limit.conf.tpm);
	json_write_u64(w, "refused_rpm", limit.refused_rpm_n);
	json_write_u64(w, "refused_tpm", limit.refused_tpm_n);
	own_write_budget(w, t->budget, atomic_load(&t->has_budget));
}

/* Of this process since its start. */
static void write_tenant(void *self, struct tenant *t)
{
	struct json_writer *w = self;
	struct tenant_counts *n = &t->counts;

	json_write_object(w, NULL);
	json_write_c(w, "name", t->name);
	json_write_bool(w, "is_there", atomic_load(&t->is_there));
	json_write_u64(w, "requests", atomic_load(&n->requests));
	json_write_u64(w, "refused", atomic_load(&n->refused));
	json_write_u64(w, "input_tokens", atomic_load(&n->tokens_in));
	json_write_u64(w, "output_tokens", atomic_load(&n->tokens_out));
	json_write_i64(w, "tokens_saved", atomic_load(&n->tokens_saved));
	own_write_usd(w, "cost_usd", atomic_load(&n->cost_nano));
	own_write_usd(w, "savings_usd", atomic_load(&n->saved_nano));
	write_limits(w, t);
	json_write_end(w);
}

void own_write_tokens(struct json_writer *w, struct server *s)
{
	if (!s->tenants) {
		json_write_null(w, "named_tokens");
		return;
	}
	json_write_array(w, "named_tokens");
	tenants_each(s->tenants, write_tenant, w);
	json_write_end(w);
}

static void take_sum(void *self, str key, const struct ledger_sum *sum)
{
	(void)key;
	*(struct ledger_sum *)self = *sum;
}

static void write_sum(struct json_writer *w, const char *key, const struct ledger_sum *sum)
{
	json_write_object(w, key);
	json_write_u64(w, "requests", sum->requests);
	json_write_u64(w, "failed", sum->failed);
	json_write_u64(w, "input_tokens", stats_input(sum));
	json_write_u64(w, "output_tokens", sum->output);
	json_write_i64(w, "tokens_saved", stats_saved(sum));
	own_write_usd(w, "cost_usd", sum->cost_nano);
	own_write_usd(w, "savings_usd", sum->saved_nano);
	json_write_end(w);
}

/* {"named_tokens": [his own], "session": of this run, "lifetime": of all that the ledger has} */
void own_tenant_stats(struct own_call *c)
{
	struct server *s = c->server;
	struct ledger_query run = {.from_ms = stats_from_ms(s),
		.proxy_run = atomic_load(&s->run),
		.token = exchange_tenant(c->x)};
	struct ledger_query all = {.token = run.token};
	struct ledger_sum of_run = {0}, of_all = {0};
	struct errctx cx = {0};
	struct json_writer w;
	enum err err;

	(void)!store_flush(s->store, NULL);
	err = ledger_sums(s->store, &run, take_sum, &of_run, &cx);
	if (!err)
		err = ledger_sums(s->store, &all, take_sum, &of_all, &cx);
	if (err) {
		own_fail_err(c, err, &cx);
		return;
	}
	own_begin(c, &w);
	own_write_time(&w, "timestamp", clock_wall_ms(s->clock));
	own_write_time(&w, "since", atomic_load(&s->run_started_ms));
	json_write_array(&w, "named_tokens");
	write_tenant(&w, c->x->tenant);
	json_write_end(&w);
	write_sum(&w, "session", &of_run);
	write_sum(&w, "lifetime", &of_all);
	own_end(c, &w);
}

/* ---- metrics ------------------------------------------------------------------------------------------ */

static uint64_t requests_of(struct tenant *t)
{
	return atomic_load(&t->counts.requests);
}

static uint64_t refused_of(struct tenant *t)
{
	return atomic_load(&t->counts.refused);
}

static uint64_t input_of(struct tenant *t)
{
	return atomic_load(&t->counts.tokens_in);
}

static uint64_t output_of(struct tenant *t)
{
	return atomic_load(&t->counts.tokens_out);
}

static uint64_t cost_of(struct tenant *t)
{
	return (uint64_t)atomic_load(&t->counts.cost_nano);
}

static uint64_t spent_of(struct tenant *t)
{
	int64_t nano = budget_check(t->budget).spent_nano;

	return nano > 0 ? (uint64_t)nano : 0;
}

struct series {
	const char *name, *kind, *help;
	uint64_t (*of)(struct tenant *t);
	bool is_nano;
};

static const struct series SERIES[] = {
	{"headroom_token_requests_total", "counter", "Requests by the name of their token.",
		requests_of, false},
	{"headroom_token_refused_total", "counter", "Those that a limit or budget refused.",
		refused_of, false},
	{"headroom_token_tokens_input_total", "counter", "Input tokens that providers reported.",
		input_of, false},
	{"headroom_token_tokens_output_total", "counter", "Output tokens that providers reported.",
		output_of, false},
	{"headroom_token_cost_usd_total", "counter", "What their answers cost.", cost_of, true},
	{"headroom_token_budget_spent_usd", "gauge", "Spent in the period of the name's budget.",
		spent_of, true},
};

struct writing {
	struct buf *out;
	const struct series *series;
};

/* A name needs no escapes: tenant.h. */
static void write_value(void *self, struct tenant *t)
{
	const struct writing *w = self;
	uint64_t v = w->series->of(t);

	if (w->series->is_nano)
		buf_printf(w->out, "%s{token=\"%s\"} %.9f\n", w->series->name, t->name,
			(double)v / 1e9);
	else
		buf_printf(w->out, "%s{token=\"%s\"} %" PRIu64 "\n", w->series->name, t->name, v);
}

void own_metrics_tokens(struct server *s, struct buf *out)
{
	for (size_t i = 0; s->tenants && i < ARRAY_N(SERIES); i++) {
		struct writing w = {out, &SERIES[i]};

		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", SERIES[i].name, SERIES[i].help,
			SERIES[i].name, SERIES[i].kind);
		tenants_each(s->tenants, write_value, &w);
	}
}

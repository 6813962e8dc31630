#include "cli/stats_text.h"

#include "cli/out.h"

enum { NAME_WIDTH = 26, CELL_WIDTH = 18, MODELS_MAX = 8, CELL_MAX = 64 };

/* ---- reading ----------------------------------------------------------------------------------------- */

/* "tokens.saved"; NULL when it is not there. */
static const struct json_value *at(const struct json_value *v, const char *path)
{
	str rest = str_from(path), part;
	char key[CELL_MAX];

	while (rest.n && str_split(&rest, '.', &part)) {
		if (part.n >= sizeof key)
			return NULL;
		memcpy(key, part.p, part.n);
		key[part.n] = '\0';
		v = json_value_get(v, key);
	}
	return v;
}

static double number(const struct json_value *v, const char *path)
{
	double n = 0;

	(void)!json_value_f64(at(v, path), &n);
	return n;
}

static str text(const struct json_value *v, const char *path)
{
	str s = STR("");

	(void)!json_value_str(at(v, path), &s);
	return s;
}

/* ---- cells ------------------------------------------------------------------------------------------- */

static void add_count(struct buf *b, double n)
{
	if (n < 0)
		buf_add_byte(b, '-');
	out_add_count(b, (uint64_t)(n < 0 ? -n : n));
}

static void add_usd(struct buf *b, double n)
{
	buf_printf(b, "%.4f", n);
}

static void add_percent(struct buf *b, double n)
{
	buf_printf(b, "%.1f%%", n);
}

static void add_ms(struct buf *b, double n)
{
	buf_printf(b, "%.1f", n);
}

typedef void cell_fn(struct buf *b, double n);

static void add_cell(struct buf *out, cell_fn *fn, double n)
{
	struct buf b;

	buf_init(&b, CELL_MAX);
	fn(&b, n);
	buf_printf(out, "%*.*s", CELL_WIDTH, (int)b.n, b.p ? b.p : "");
	buf_release(&b);
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static const struct row {
	const char *name;
	cell_fn *fn;
	const char *run, *all; /* paths in "stats"; NULL: no such figure */
} ROWS[] = {
#define ALL "persistent_savings.lifetime."
	{"requests", add_count, "requests.total", ALL "requests"},
	{"  made smaller", add_count, "requests.changed", NULL},
	{"  from our cache", add_count, "requests.cached", NULL},
	{"  refused by a limit", add_count, "requests.rate_limited", NULL},
	{"  failed", add_count, "requests.failed", NULL},
	{"input tokens", add_count, "tokens.total_before_compression", NULL},
	{"  saved", add_count, "tokens.saved", ALL "tokens_saved"},
	{"  of input", add_percent, "tokens.savings_percent", ALL "savings_percent"},
	{"bill, USD", add_usd, "summary.cost.with_headroom_usd", ALL "total_cost_usd"},
	{"  saved, USD", add_usd, "summary.cost.total_saved_usd", ALL "compression_savings_usd"},
	{"  of bill", add_percent, "summary.cost.savings_pct", NULL},
	{"read from the prompt cache", add_count, "prefix_cache.read_tokens", NULL},
	{"  written for 5 minutes", add_count, "prefix_cache.write_5m_tokens", NULL},
	{"  written for an hour", add_count, "prefix_cache.write_1h_tokens", NULL},
	{"  neither", add_count, "prefix_cache.uncached_tokens", NULL},
	{"  broken, times", add_count, "cache_breaks.requests", NULL},
	{"  written again for it", add_count, "cache_breaks.tokens", NULL},
	{"  at USD", add_usd, "cache_breaks.cost_usd", NULL},
	{"originals asked for", add_count, "compression.ccr_retrievals", NULL},
	{"added by headroom, ms", add_ms, "overhead.average_ms", NULL},
	{"first byte, ms", add_ms, "ttfb.average_ms", NULL},
#undef ALL
};

static void add_row(struct buf *out, const struct row *r, const struct json_value *stats)
{
	if (!at(stats, r->run))
		return;
	buf_printf(out, "%-*s", NAME_WIDTH, r->name);
	add_cell(out, r->fn, number(stats, r->run));
	if (r->all)
		add_cell(out, r->fn, number(stats, r->all));
	buf_add_byte(out, '\n');
}

static void add_limits(struct buf *out, const struct json_value *state)
{
	const struct json_value *budget = at(state, "stats.budget"),
				*rate = at(state, "stats.rate_limiter");

	buf_printf(out, "%-*s", NAME_WIDTH, "under way");
	add_cell(out, add_count, number(state, "limits.active"));
	buf_add_c(out, " of ");
	add_count(out, number(state, "limits.concurrency"));
	buf_add_byte(out, '\n');
	if (json_value_is(budget, JSON_OBJECT)) {
		str period = text(budget, "period");

		buf_printf(out, "%-*s", NAME_WIDTH, "budget, USD");
		add_cell(out, add_usd, number(budget, "spent_usd"));
		buf_printf(out, " of %.4f, " STR_FMT "\n", number(budget, "limit_usd"),
			STR_ARG(period));
	}
	if (json_value_is(rate, JSON_OBJECT)) {
		buf_printf(out, "%-*s", NAME_WIDTH, "refused by rate limits");
		add_cell(out, add_count, number(rate, "refused_rpm") + number(rate, "refused_tpm"));
		buf_add_byte(out, '\n');
	}
}

/* Names are clients' and go to a terminal: what does not print is shown as '?'. */
static void add_name(struct buf *out, const char *name)
{
	for (size_t i = 0; i < NAME_WIDTH; i++) {
		char c = *name ? *name++ : ' ';

		buf_add_byte(out, c >= ' ' && c <= '~' ? c : '?');
	}
}

static void add_models(struct buf *out, const struct json_value *stats)
{
	const struct json_value *v = json_value_first(at(stats, "cost.per_model"));

	if (v)
		buf_printf(out, "\n%-*s%*s%*s\n", NAME_WIDTH, "by model", CELL_WIDTH, "requests",
			CELL_WIDTH, "tokens saved");
	for (int i = 0; v && i < MODELS_MAX; i++, v = json_value_next(v)) {
		add_name(out, json_value_key(v));
		add_cell(out, add_count, number(v, "requests"));
		add_cell(out, add_count, number(v, "tokens_saved"));
		buf_add_byte(out, '\n');
	}
}

static void add_trial(struct buf *out, const struct json_value *stats)
{
	double held = number(stats, "trial.holdout.held_out.conversations"),
	       treated = number(stats, "trial.holdout.treated.conversations");
	bool hurts = false;

	if (held + treated > 0)
		buf_printf(out,
			"\nheld out: %.0f of %.0f conversations in all runs (headroom savings --by "
			"holdout)\n",
			held, held + treated);
	for (const struct json_value *v = json_value_first(at(stats, "trial.returns")); v;
		v = json_value_next(v)) {
		if (!json_value_bool(at(v, "hurts"), &hurts) || !hurts)
			continue;
		buf_add_c(out, "hurts: ");
		add_name(out, json_value_key(v));
		buf_printf(
			out, "%.1f times as often asked for again as others\n", number(v, "ratio"));
	}
}

void stats_text_table(struct buf *out, const char *url, const struct json_value *state)
{
	const struct json_value *stats = at(state, "stats");
	str mode = text(stats, "summary.mode"), since = text(stats, "since");
	bool is_ready = false;

	(void)!json_value_bool(at(state, "health.ready"), &is_ready);
	buf_printf(out, "%s, mode " STR_FMT ", %s\n", url, STR_ARG(mode),
		is_ready ? "ready" : "not ready");
	buf_printf(out, "since " STR_FMT "\n\n", STR_ARG(since));
	buf_printf(out, "%-*s%*s%*s\n", NAME_WIDTH, "", CELL_WIDTH, "this run", CELL_WIDTH,
		"all runs");
	for (size_t i = 0; i < ARRAY_N(ROWS); i++)
		add_row(out, &ROWS[i], stats);
	add_limits(out, state);
	add_models(out, stats);
	add_trial(out, stats);
}

void stats_text_line(struct buf *out, const struct json_value *state)
{
	const struct json_value *stats = at(state, "stats");
	str time = text(stats, "timestamp");

	buf_printf(out,
		STR_FMT " requests %.0f failed %.0f saved %.0f (%.1f%% of input) USD %.4f "
			"(%.1f%% of bill) bill %.4f active %.0f\n",
		STR_ARG(time), number(stats, "requests.total"), number(stats, "requests.failed"),
		number(stats, "tokens.saved"), number(stats, "tokens.savings_percent"),
		number(stats, "summary.cost.total_saved_usd"),
		number(stats, "summary.cost.savings_pct"),
		number(stats, "summary.cost.with_headroom_usd"), number(state, "limits.active"));
}

#include <time.h>

#include "cli/args_figures.h"
#include "cli/figures.h"
#include "cli/savings_trial.h"
#include "core/base/vec.h"
#include "core/json/write.h"
#include "core/trial/report.h"

enum { DAY_MS = 24 * 3600 * 1000, KEY_WIDTH = 30, TEXT_MAX = 16 << 20, USD_DIGITS = 6 };

struct line {
	str key;
	struct ledger_sum sum;
};

struct lines {
	struct arena *arena;
	VEC(struct line) v;
};

struct table {
	const char *name; /* in JSON */
	const char *title;
	enum ledger_group group;
	struct lines lines;
};

struct report {
	struct cli *cli;
	const struct savings_args *args;
	struct store *store;
	int64_t from_ms, to_ms;
	struct buf out;
	struct trial trial;
	struct returns returns;
};

/* ---- reading ------------------------------------------------------------------------------------- */

static void keep(void *self, str key, const struct ledger_sum *sum)
{
	struct lines *l = self;

	*vec_push(&l->v, l->arena) = (struct line){arena_str(l->arena, key), *sum};
}

static enum err read_lines(struct report *r, enum ledger_group group, int64_t from_ms,
	struct lines *out, struct errctx *cx)
{
	struct ledger_query q = {.from_ms = from_ms,
		.to_ms = r->to_ms,
		.group = group,
		.limit = (size_t)r->args->limit};

	out->arena = &r->cli->arena;
	return ledger_sums(r->store, &q, keep, out, cx);
}

/* The beginning of this day where the user is. */
static int64_t midnight(void)
{
	time_t now = (time_t)(clock_wall_ms(NULL) / 1000);
	struct tm tm;

	if (!localtime_r(&now, &tm))
		return 0;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * 1000;
}

static enum err read_windows(struct report *r, struct lines *out, struct errctx *cx)
{
	const struct {
		const char *name;
		int64_t from_ms;
	} windows[] = {
		{"today", midnight()},
		{"last 7 days", clock_wall_ms(NULL) - 7 * (int64_t)DAY_MS},
		{"all", 0},
	};

	for (size_t i = 0; i < ARRAY_N(windows); i++) {
		int64_t from = windows[i].from_ms > r->from_ms ? windows[i].from_ms : r->from_ms;
		struct lines one = {.arena = &r->cli->arena};

		TRY(read_lines(r, LEDGER_ALL, from, &one, cx));
		one.v.v[0].key = str_from(windows[i].name);
		*vec_push(&out->v, &r->cli->arena) = one.v.v[0];
	}
	return E_OK;
}

/* What was saved by tool or by encoder. */
struct parts {
	struct arena *arena;
	VEC(struct ledger_part) v;
};

static void keep_part(void *self, const struct ledger_part *part)
{
	struct parts *p = self;
	struct ledger_part *mine = vec_push(&p->v, p->arena);

	*mine = *part;
	mine->name = arena_str(p->arena, part->name);
}

/* ---- for people ---------------------------------------------------------------------------------- */

static void add_cell(struct buf *out, uint64_t n, int width)
{
	struct buf b;

	buf_init(&b, LIMIT_ERR_TEXT);
	out_add_count(&b, n);
	buf_printf(out, "%*.*s", width, (int)b.n, b.p);
	buf_release(&b);
}

static void add_signed(struct buf *out, int64_t n, int width)
{
	struct buf b;

	buf_init(&b, LIMIT_ERR_TEXT);
	if (n < 0)
		buf_add_byte(&b, '-');
	out_add_count(&b, (uint64_t)(n < 0 ? -n : n));
	buf_printf(out, "%*.*s", width, (int)b.n, b.p);
	buf_release(&b);
}

static void add_text_line(struct buf *out, const struct line *l)
{
	const struct ledger_sum *s = &l->sum;
	str key = l->key.n ? l->key : STR("(none)");

	if (key.n > KEY_WIDTH)
		buf_printf(out, STR_FMT "..", STR_ARG(str_sub(key, 0, KEY_WIDTH - 2)));
	else
		buf_printf(out, "%-*.*s", KEY_WIDTH, (int)key.n, key.p);
	add_cell(out, s->requests, 10);
	add_cell(out, s->tokens_before, 15);
	add_signed(out, (int64_t)s->tokens_before - (int64_t)s->tokens_after, 14);
	buf_printf(out, "%8.1f%%%12.4f%12.4f%8.1f%%\n", figures_of_input(s),
		figures_usd(s->cost_nano), figures_usd(s->saved_nano), figures_of_bill(s));
}

static void add_text(struct buf *out, const struct table *t)
{
	uint64_t unknown = 0;

	buf_printf(out, "%-*s%10s%15s%14s%9s%12s%12s%9s\n", KEY_WIDTH, t->title, "requests",
		"input tokens", "saved", "of input", "bill USD", "saved USD", "of bill");
	for (size_t i = 0; i < t->lines.v.n; i++) {
		add_text_line(out, &t->lines.v.v[i]);
		unknown += t->lines.v.v[i].sum.cost_unknown_n;
	}
	if (unknown)
		buf_printf(out,
			"  (without the money of %llu requests, whose model has no known "
			"price)\n",
			(unsigned long long)unknown);
}

/* Without a word when nothing was broken. */
static void add_breaks(struct buf *out, const struct table *t)
{
	bool is_any = false;

	for (size_t i = 0; i < t->lines.v.n; i++) {
		const struct line *l = &t->lines.v.v[i];

		if (!l->sum.breaks)
			continue;
		if (!is_any)
			buf_printf(out, "\n%-*s%10s%15s%12s\n", KEY_WIDTH, "prompt cache broken by",
				"requests", "written again", "cost USD");
		is_any = true;
		buf_printf(out, "%-*.*s", KEY_WIDTH, (int)l->key.n, l->key.p);
		add_cell(out, l->sum.breaks, 10);
		add_cell(out, l->sum.break_tokens, 15);
		buf_printf(out, "%12.4f\n", figures_usd(l->sum.break_nano));
	}
}

/* ---- for programs -------------------------------------------------------------------------------- */

static void write_line(struct json_writer *w, const struct line *l)
{
	const struct ledger_sum *s = &l->sum;

	json_write_object(w, NULL);
	json_write_str(w, "key", l->key);
	json_write_u64(w, "requests", s->requests);
	json_write_u64(w, "changed", s->changed);
	json_write_u64(w, "cached", s->cached);
	json_write_u64(w, "failed", s->failed);
	json_write_u64(w, "tokens_before", s->tokens_before);
	json_write_u64(w, "tokens_after", s->tokens_after);
	json_write_i64(w, "tokens_saved", (int64_t)s->tokens_before - (int64_t)s->tokens_after);
	json_write_fixed(w, "saved_of_input_pct", figures_of_input(s), 2);
	json_write_u64(w, "input_tokens", s->input);
	json_write_u64(w, "cache_read_tokens", s->cache_read);
	json_write_u64(w, "cache_write_tokens", s->cache_write_5m + s->cache_write_1h);
	json_write_u64(w, "output_tokens", s->output);
	json_write_fixed(w, "cost_usd", figures_usd(s->cost_nano), USD_DIGITS);
	json_write_fixed(w, "saved_usd", figures_usd(s->saved_nano), USD_DIGITS);
	json_write_fixed(w, "saved_of_bill_pct", figures_of_bill(s), 2);
	json_write_u64(w, "requests_without_price", s->cost_unknown_n);
	json_write_u64(w, "cache_breaks", s->breaks);
	json_write_u64(w, "cache_break_tokens", s->break_tokens);
	json_write_fixed(w, "cache_break_usd", figures_usd(s->break_nano), USD_DIGITS);
	json_write_end(w);
}

static void write_holdout(struct json_writer *w, const struct trial *t)
{
	json_write_object(w, "holdout");
	trial_write(w, t);
	json_write_end(w);
}

static void add_json(struct buf *out, const struct table *tables, size_t n, const struct trial *t)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.savings/1");
	for (size_t i = 0; i < n; i++) {
		json_write_array(&w, tables[i].name);
		for (size_t k = 0; k < tables[i].lines.v.n; k++)
			write_line(&w, &tables[i].lines.v.v[k]);
		json_write_end(&w);
	}
	if (t)
		write_holdout(&w, t);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

static void add_csv(struct buf *out, const struct table *t)
{
	buf_printf(out,
		"%s,requests,tokens_before,tokens_after,tokens_saved,input_tokens,"
		"cache_read_tokens,cache_write_tokens,output_tokens,cost_usd,saved_usd,"
		"cache_breaks,cache_break_tokens,cache_break_usd\n",
		t->name);
	for (size_t i = 0; i < t->lines.v.n; i++) {
		const struct ledger_sum *s = &t->lines.v.v[i].sum;
		int64_t saved = (int64_t)s->tokens_before - (int64_t)s->tokens_after;
		uint64_t written = s->cache_write_5m + s->cache_write_1h;

		out_add_csv(out, t->lines.v.v[i].key);
		buf_printf(out,
			",%llu,%llu,%llu,%lld,%llu,%llu,%llu,%llu,%.6f,%.6f,%llu,%llu,%.6f\n",
			(unsigned long long)s->requests, (unsigned long long)s->tokens_before,
			(unsigned long long)s->tokens_after, (long long)saved,
			(unsigned long long)s->input, (unsigned long long)s->cache_read,
			(unsigned long long)written, (unsigned long long)s->output,
			figures_usd(s->cost_nano), figures_usd(s->saved_nano),
			(unsigned long long)s->breaks, (unsigned long long)s->break_tokens,
			figures_usd(s->break_nano));
	}
}

/* ---- by tool and by encoder ---------------------------------------------------------------------- */

/* r: of encoders; NULL: the parts are no encoders. */
static void add_parts_text(
	struct buf *out, const char *title, const struct parts *p, const struct returns *r)
{
	buf_printf(out, "%-*s%10s%14s", KEY_WIDTH, title, "results", "tokens saved");
	if (r)
		savings_returns_titles(out);
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < p->v.n; i++) {
		const struct ledger_part *part = &p->v.v[i];

		buf_printf(out, "%-*.*s", KEY_WIDTH, (int)part->name.n, part->name.p);
		add_cell(out, part->results, 10);
		add_signed(out, part->saved, 14);
		if (r && !str_eq_c(part->name, LEDGER_REST))
			savings_returns_cells(out, r, part->name);
		buf_add_byte(out, '\n');
	}
	if (r)
		savings_returns_warnings(out, r);
}

static void add_parts_json(
	struct buf *out, const char *name, const struct parts *p, const struct returns *r)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.savings/1");
	json_write_array(&w, name);
	for (size_t i = 0; i < p->v.n; i++) {
		json_write_object(&w, NULL);
		json_write_str(&w, "key", p->v.v[i].name);
		json_write_u64(&w, "results", p->v.v[i].results);
		json_write_i64(&w, "tokens_saved", p->v.v[i].saved);
		json_write_end(&w);
	}
	json_write_end(&w);
	if (r)
		returns_write(&w, "returns", r, SIZE_MAX);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

static void add_parts_csv(struct buf *out, const char *name, const struct parts *p)
{
	buf_printf(out, "%s,results,tokens_saved\n", name);
	for (size_t i = 0; i < p->v.n; i++) {
		out_add_csv(out, p->v.v[i].name);
		buf_printf(out, ",%llu,%lld\n", (unsigned long long)p->v.v[i].results,
			(long long)p->v.v[i].saved);
	}
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static enum err read_trial(struct report *r, struct errctx *cx)
{
	struct ledger_query q = {.from_ms = r->from_ms, .to_ms = r->to_ms};

	return trial_read(r->store, &q, &r->trial, cx);
}

static enum err print_tables(struct report *r, struct table *tables, size_t n, struct errctx *cx)
{
	buf_init_arena(&r->out, &r->cli->arena, TEXT_MAX);
	if (r->args->is_json) {
		add_json(&r->out, tables, n, n > 1 ? &r->trial : NULL);
	} else if (r->args->is_csv) {
		add_csv(&r->out, &tables[0]);
	} else {
		for (size_t i = 0; i < n; i++) {
			if (i && tables[i].group != LEDGER_BY_BREAK)
				buf_add_byte(&r->out, '\n');
			if (tables[i].group == LEDGER_BY_BREAK)
				add_breaks(&r->out, &tables[i]);
			else
				add_text(&r->out, &tables[i]);
		}
		if (n > 1)
			savings_trial_text(&r->out, &r->trial);
	}
	if (r->out.err)
		FAIL(cx, r->out.err, "the report is larger than the limit; use --limit");
	return out_print(buf_str(&r->out), cx);
}

static enum err overview(struct report *r, struct errctx *cx)
{
	struct table tables[] = {
		{.name = "windows", .title = "", .group = LEDGER_ALL},
		{.name = "model", .title = "by model", .group = LEDGER_BY_MODEL},
		{.name = "client", .title = "by client", .group = LEDGER_BY_CLIENT},
		{.name = "break", .title = "by break", .group = LEDGER_BY_BREAK},
	};

	TRY(read_windows(r, &tables[0].lines, cx));
	for (size_t i = 1; i < ARRAY_N(tables); i++)
		TRY(read_lines(r, tables[i].group, r->from_ms, &tables[i].lines, cx));
	TRY(read_trial(r, cx));
	return print_tables(r, tables, ARRAY_N(tables), cx);
}

static const char *name_of_by(const struct report *r)
{
	const struct opt *by = r->cli->cmd->opts;
	const struct opt_choice *c;

	while (strcmp(by->name, "by") != 0)
		by++;
	for (c = by->choices; c->value != r->args->by;)
		c++;
	return c->name;
}

static enum err parts_table(struct report *r, struct errctx *cx)
{
	struct ledger_query q = {
		.from_ms = r->from_ms, .to_ms = r->to_ms, .limit = (size_t)r->args->limit};
	struct parts p = {.arena = &r->cli->arena};
	const char *name = name_of_by(r);
	enum ledger_part_kind kind = (enum ledger_part_kind)(r->args->by - SAVINGS_BY_PARTS);
	const struct returns *returns = NULL;

	TRY(ledger_parts(r->store, &q, kind, keep_part, &p, cx));
	if (kind == LEDGER_PART_ENCODER) {
		q.limit = 0;
		TRY(returns_read(r->store, &q, &r->returns, cx));
		returns = &r->returns;
	}
	buf_init_arena(&r->out, &r->cli->arena, TEXT_MAX);
	if (r->args->is_json)
		add_parts_json(&r->out, name, &p, returns);
	else if (r->args->is_csv)
		add_parts_csv(&r->out, name, &p);
	else
		add_parts_text(&r->out, name, &p, returns);
	if (r->out.err)
		FAIL(cx, r->out.err, "the report is larger than the limit; use --limit");
	return out_print(buf_str(&r->out), cx);
}

static enum err holdout_table(struct report *r, struct errctx *cx)
{
	TRY(read_trial(r, cx));
	buf_init_arena(&r->out, &r->cli->arena, TEXT_MAX);
	if (r->args->is_json)
		add_json(&r->out, NULL, 0, &r->trial);
	else if (r->args->is_csv)
		savings_trial_csv(&r->out, &r->trial);
	else if (r->trial.conversations[TRIAL_HELD] + r->trial.conversations[TRIAL_TREATED])
		savings_trial_text(&r->out, &r->trial);
	else
		buf_add_c(&r->out, "nothing was held out: headroom proxy --holdout 0.1 leaves a "
				   "tenth of conversations alone\n");
	return out_print(buf_str(&r->out), cx);
}

static enum err one_table(struct report *r, struct errctx *cx)
{
	struct table t = {.group = (enum ledger_group)r->args->by};

	t.name = t.title = name_of_by(r);
	TRY(read_lines(r, t.group, r->from_ms, &t.lines, cx));
	return print_tables(r, &t, 1, cx);
}

enum err run_savings(struct cli *cli, const void *args, struct errctx *cx)
{
	struct report r = {.cli = cli, .args = args};
	enum err err;

	if (r.args->is_json && r.args->is_csv)
		FAIL(cx, E_USAGE, "--json and --csv exclude each other");
	TRY(figures_time(cli, "since", r.args->since, &r.from_ms, cx));
	TRY(figures_time(cli, "until", r.args->until, &r.to_ms, cx));
	TRY(figures_open(cli, r.args->store, &r.store, cx));
	if (r.args->by == SAVINGS_BY_HOLDOUT)
		err = holdout_table(&r, cx);
	else if (r.args->by >= SAVINGS_BY_PARTS)
		err = parts_table(&r, cx);
	else
		err = r.args->by == LEDGER_ALL ? overview(&r, cx) : one_table(&r, cx);
	returns_release(&r.returns);
	store_close(r.store);
	return err;
}

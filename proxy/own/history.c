/* history: /stats-history: what was saved and spent, as running totals: at single requests (the newest, or in CSV
 * and with history_mode=full all that the ledger keeps), and by hour, day, week and month (UTC). */
#include "proxy/own/history.h"

#include <stdio.h>

#include "core/base/mem.h"
#include "proxy/own/stats.h"

#define DAY_MS ((int64_t)86400000)

enum { COMPACT_POINTS = 500, SCHEMA_VERSION = 3 };

struct point {
	int64_t at_ms;
	struct figures f;
};

/* Newest first, as they come from the ledger. On the heap: they come while the store is being read. */
struct points {
	enum ledger_group group;
	struct point *v;
	size_t n, cap;
	struct figures before; /* of what has no point */
	bool is_short;         /* of memory */
};

static void add_point(struct points *p, int64_t at_ms, const struct figures *f)
{
	size_t cap = p->cap ? 2 * p->cap : 256;

	if (p->n == p->cap) {
		struct point *v = mem_realloc(p->v, cap * sizeof *v);

		if (!v) {
			p->is_short = true;
			return;
		}
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n++] = (struct point){at_ms, *f};
}

/* ---- times ------------------------------------------------------------------------------------------- */

static bool week_time(str key, int64_t *at_ms)
{
	char text[CLOCK_TIME_LEN + 1];
	int64_t fourth_ms, day;
	uint64_t week;

	if (key.n != 8 || key.p[4] != '-' || key.p[5] != 'W' ||
		!str_u64(str_sub(key, 6, 8), &week) || week < 1 || week > 53)
		return false;
	/* January 4th is in week 1 of its year. */
	(void)snprintf(text, sizeof text, "%.4s-01-04T00:00:00Z", key.p);
	if (!clock_parse(str_from(text), &fourth_ms))
		return false;
	day = fourth_ms / DAY_MS; /* day 0 was a Thursday */
	*at_ms = (day - (day + 3) % 7 + 7 * ((int64_t)week - 1)) * DAY_MS;
	return true;
}

bool history_key_time(enum ledger_group group, str key, int64_t *at_ms)
{
	static const struct {
		size_t n;
		const char *rest;
	} forms[LEDGER_GROUP_N] = {
		[LEDGER_BY_HOUR] = {13, ":00:00Z"},
		[LEDGER_BY_DAY] = {10, "T00:00:00Z"},
		[LEDGER_BY_MONTH] = {7, "-01T00:00:00Z"},
	};
	char text[CLOCK_TIME_LEN + 1];

	if (group == LEDGER_BY_WEEK)
		return week_time(key, at_ms);
	if (!forms[group].n || key.n != forms[group].n)
		return false;
	(void)snprintf(text, sizeof text, STR_FMT "%s", STR_ARG(key), forms[group].rest);
	return clock_parse(str_from(text), at_ms);
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static void take_group(void *self, str key, const struct ledger_sum *sum)
{
	struct points *p = self;
	struct figures f = figures_of(sum);
	int64_t at_ms;

	if (history_key_time(p->group, key, &at_ms))
		add_point(p, at_ms, &f);
	else
		figures_add(&p->before, &f); /* what the ledger has no room for to name it */
}

static void take_row(void *self, const struct ledger_row *r)
{
	struct figures f = {.saved = (int64_t)r->tokens_before - (int64_t)r->tokens_after,
		.saved_nano = r->has_saved ? r->saved_nano : 0,
		.cost_nano = r->cost_nano > 0 ? r->cost_nano : 0,
		.tokens_before = r->tokens_before,
		.requests = !strchr(r->endpoint, '/')};

	if (r->has_usage)
		f.input = r->input + r->cache_read + r->cache_write_5m + r->cache_write_1h;
	add_point(self, r->at_ms, &f);
}

/* The newest rows; all before them, and all that was folded into sums and so has no moment of its own, come before. */
static enum err read_rows(struct own_call *c, size_t max, struct points *p, struct errctx *cx)
{
	struct ledger_query q = {.limit = max};

	*p = (struct points){.group = LEDGER_ALL};
	TRY(ledger_recent(c->server->store, &q, take_row, p, cx));
	TRY(lifetime_read(own_lifetime(c->server->own), &p->before, cx));
	for (size_t i = 0; i < p->n; i++) {
		const struct figures *f = &p->v[i].f;

		figures_add(&p->before, &(struct figures){.requests = 0 - f->requests,
						.tokens_before = 0 - f->tokens_before,
						.input = 0 - f->input,
						.saved = -f->saved,
						.saved_nano = -f->saved_nano,
						.cost_nano = -f->cost_nano});
	}
	if (p->is_short)
		FAIL(cx, E_NOMEM, "no memory for the history");
	return E_OK;
}

static enum err read_groups(
	struct own_call *c, enum ledger_group group, struct points *p, struct errctx *cx)
{
	struct ledger_query q = {.group = group};

	*p = (struct points){.group = group};
	TRY(ledger_sums(c->server->store, &q, take_group, p, cx));
	if (p->is_short)
		FAIL(cx, E_NOMEM, "no memory for the history");
	return E_OK;
}

int64_t history_begin(enum ledger_group group, int64_t at_ms)
{
	int64_t day = at_ms / DAY_MS, month_ms;
	char text[CLOCK_TIME_LEN + 1];

	if (group == LEDGER_BY_WEEK)
		return (day - (day + 3) % 7) * DAY_MS; /* day 0 was a Thursday */
	if (group != LEDGER_BY_MONTH)
		return day * DAY_MS;
	clock_format(at_ms, text);
	memcpy(text + 7, "-01T00:00:00Z", sizeof "-01T00:00:00Z");
	return clock_parse(str_from(text), &month_ms) ? month_ms : day * DAY_MS;
}

/* Longer spans of time out of shorter ones, so that the ledger is walked over once. */
static void roll_up(const struct points *from, enum ledger_group group, struct points *to)
{
	*to = (struct points){.group = group, .before = from->before};
	for (size_t i = 0; i < from->n; i++) {
		int64_t begin_ms = history_begin(group, from->v[i].at_ms);

		if (to->n && to->v[to->n - 1].at_ms == begin_ms)
			figures_add(&to->v[to->n - 1].f, &from->v[i].f);
		else
			add_point(to, begin_ms, &from->v[i].f);
	}
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

static void write_totals(struct json_writer *w, const struct figures *f)
{
	json_write_i64(w, "total_tokens_saved", f->saved);
	own_write_usd(w, "compression_savings_usd", f->saved_nano);
	json_write_u64(w, "total_input_tokens", f->input);
	own_write_usd(w, "total_cost_usd", f->cost_nano);
}

static void write_delta(struct json_writer *w, const struct figures *f)
{
	json_write_u64(w, "requests", f->requests);
	json_write_i64(w, "tokens_saved", f->saved);
	own_write_usd(w, "compression_savings_usd_delta", f->saved_nano);
	json_write_u64(w, "total_input_tokens_delta", f->input);
	own_write_usd(w, "total_cost_usd_delta", f->cost_nano);
}

/* Oldest first; the newest last_n of them. */
static void write_points(
	struct json_writer *w, const char *key, const struct points *p, size_t last_n)
{
	struct figures total = p->before;

	json_write_array(w, key);
	for (size_t i = 0; i < p->n; i++) {
		const struct point *at = &p->v[p->n - 1 - i];

		figures_add(&total, &at->f);
		if (p->n - i > last_n)
			continue;
		json_write_object(w, NULL);
		own_write_time(w, "timestamp", at->at_ms);
		if (p->group != LEDGER_ALL)
			write_delta(w, &at->f);
		write_totals(w, &total);
		json_write_end(w);
	}
	json_write_end(w);
}

struct series {
	const char *name;
	enum ledger_group group;
};

static const struct series SERIES[] = {
	{"history", LEDGER_ALL},
	{"hourly", LEDGER_BY_HOUR},
	{"daily", LEDGER_BY_DAY},
	{"weekly", LEDGER_BY_WEEK},
	{"monthly", LEDGER_BY_MONTH},
};

/* hours: in, by the hour. False when memory is short. */
static bool write_rollup(
	struct json_writer *w, const struct series *s, const struct points *hours, size_t last_n)
{
	struct points p;
	bool is_short;

	if (s->group == LEDGER_BY_HOUR) {
		write_points(w, s->name, hours, last_n);
		return true;
	}
	roll_up(hours, s->group, &p);
	is_short = p.is_short;
	write_points(w, s->name, &p, last_n);
	mem_free(p.v);
	return !is_short;
}

/* only: the one that is asked for; NULL: all. */
static enum err write_rollups(struct own_call *c, struct json_writer *w, const struct series *only,
	size_t last_n, struct errctx *cx)
{
	struct points hours = {.group = LEDGER_BY_HOUR};
	enum err err = E_OK;

	if (only != SERIES)
		err = read_groups(c, LEDGER_BY_HOUR, &hours, cx);
	json_write_object(w, "series");
	for (size_t i = 1; i < ARRAY_N(SERIES) && !err; i++) {
		if ((!only || only == &SERIES[i]) && !write_rollup(w, &SERIES[i], &hours, last_n))
			err = err_set(cx, E_NOMEM, "no memory for the history");
	}
	json_write_end(w);
	mem_free(hours.v);
	return err;
}

enum history_mode { HISTORY_COMPACT, HISTORY_FULL, HISTORY_NONE, HISTORY_MODE_N };
static const char *const MODES[HISTORY_MODE_N] = {"compact", "full", "none"};

/* How many rows are shown one by one. */
static size_t rows_of(enum history_mode mode)
{
	return mode == HISTORY_FULL ? STORE_LEDGER_ROWS : COMPACT_POINTS;
}

static enum err write_history(
	struct own_call *c, struct json_writer *w, enum history_mode mode, struct errctx *cx)
{
	struct points p = {.group = LEDGER_ALL};
	struct store_stats st;
	enum err err = E_OK;

	store_get_stats(c->server->store, &st);
	if (mode != HISTORY_NONE)
		err = read_rows(c, rows_of(mode), &p, cx);
	if (!err) {
		write_points(w, "history", &p, p.n);
		json_write_object(w, "history_summary");
		json_write_c(w, "mode", MODES[mode]);
		json_write_u64(w, "stored_points", st.ledger_n);
		json_write_u64(w, "returned_points", p.n);
		json_write_bool(w, "compacted", p.n < st.ledger_n);
		json_write_end(w);
	}
	mem_free(p.v);
	return err;
}

static enum err write_json(struct own_call *c, const struct series *only, enum history_mode mode,
	size_t last_n, struct errctx *cx)
{
	const struct proxy_conf *conf = c->server->conf;
	struct figures lifetime;
	struct json_writer w;

	TRY(lifetime_read(own_lifetime(c->server->own), &lifetime, cx));
	own_begin(c, &w);
	json_write_i64(&w, "schema_version", SCHEMA_VERSION);
	own_write_time(&w, "generated_at", clock_wall_ms(c->server->clock));
	if (c->is_local && !conf->is_stateless)
		json_write_c(&w, "storage_path", conf->store_file);
	json_write_object(&w, "lifetime");
	json_write_u64(&w, "requests", lifetime.requests);
	json_write_i64(&w, "tokens_saved", lifetime.saved);
	write_totals(&w, &lifetime);
	json_write_end(&w);
	TRY(write_history(c, &w, only && only != SERIES ? HISTORY_NONE : mode, cx));
	TRY(write_rollups(c, &w, only, last_n, cx));
	own_end(c, &w);
	return E_OK;
}

/* ---- CSV --------------------------------------------------------------------------------------------- */

static void add_usd(struct buf *out, int64_t nano)
{
	buf_printf(out, ",%.9f", (double)nano / 1e9);
}

static void add_csv_rows(struct buf *out, const struct points *p)
{
	struct figures total = p->before;
	char text[CLOCK_TIME_LEN + 1];

	for (size_t i = p->n; i-- > 0;) {
		const struct point *at = &p->v[i];

		figures_add(&total, &at->f);
		clock_format(at->at_ms, text);
		buf_add_c(out, text);
		if (p->group != LEDGER_ALL) {
			buf_printf(out, ",%lld", (long long)at->f.saved);
			add_usd(out, at->f.saved_nano);
		}
		buf_printf(out, ",%lld", (long long)total.saved);
		add_usd(out, total.saved_nano);
		if (p->group != LEDGER_ALL)
			buf_printf(out, ",%llu", (unsigned long long)at->f.input);
		buf_printf(out, ",%llu", (unsigned long long)total.input);
		if (p->group != LEDGER_ALL)
			add_usd(out, at->f.cost_nano);
		add_usd(out, total.cost_nano);
		buf_add_c(out, "\r\n"); /* RFC 4180 section 2 */
	}
}

static enum err write_csv(struct own_call *c, const struct series *s, struct errctx *cx)
{
	struct points p;
	enum err err = s->group == LEDGER_ALL ? read_rows(c, rows_of(HISTORY_FULL), &p, cx)
					      : read_groups(c, s->group, &p, cx);

	if (!err) {
		buf_add_c(&c->out, s->group == LEDGER_ALL
					   ? "timestamp,total_tokens_saved,compression_savings_usd,"
					     "total_input_tokens,total_cost_usd\r\n"
					   : "timestamp,tokens_saved,compression_savings_usd_delta,"
					     "total_tokens_saved,compression_savings_usd,"
					     "total_input_tokens_delta,total_input_tokens,"
					     "total_cost_usd_delta,total_cost_usd\r\n");
		add_csv_rows(&c->out, &p);
		c->type = "text/csv; charset=utf-8";
	}
	mem_free(p.v);
	if (!err)
		c->attachment = arena_cstr(&c->x->arena,
			arena_printf(&c->x->arena, "headroom-stats-history-%s.csv", s->name));
	return err;
}

/* ---- the endpoint ------------------------------------------------------------------------------------ */

/* Index of a parameter's value among names, 0 when there is none; n: answered with 422. */
static size_t choice(struct own_call *c, const char *param, const char *const *names, size_t n)
{
	str value = own_param(c, param);
	struct buf list;
	size_t i = 0;

	if (!value.p)
		return 0;
	while (i < n && !str_eq_c(value, names[i]))
		i++;
	if (i < n)
		return i;
	buf_init_arena(&list, &c->x->arena, LIMIT_ERR_TEXT);
	for (size_t k = 0; k < n; k++)
		buf_printf(&list, "%s%s", k ? ", " : "", names[k]);
	own_fail(c, 422, "%s: expected one of " STR_FMT, param, STR_ARG(buf_str(&list)));
	return n;
}

void own_stats_history(struct own_call *c)
{
	static const char *const formats[] = {"json", "csv"};
	const char *names[ARRAY_N(SERIES)];
	size_t format, series, mode;
	struct errctx cx = {0};
	uint64_t limit;
	enum err err;

	for (size_t i = 0; i < ARRAY_N(SERIES); i++)
		names[i] = SERIES[i].name;
	format = choice(c, "format", formats, ARRAY_N(formats));
	if (format == ARRAY_N(formats))
		return;
	series = choice(c, "series", names, ARRAY_N(SERIES));
	if (series == ARRAY_N(SERIES))
		return;
	mode = choice(c, "history_mode", MODES, HISTORY_MODE_N);
	if (mode == HISTORY_MODE_N ||
		!own_param_u64(c, "limit", STORE_LEDGER_ROWS, STORE_LEDGER_ROWS, &limit))
		return;
	(void)!store_flush(c->server->store, NULL);
	err = format ? write_csv(c, &SERIES[series], &cx)
		     : write_json(c, own_param(c, "series").p ? &SERIES[series] : NULL,
			       (enum history_mode)mode, (size_t)limit, &cx);
	if (err)
		own_fail_err(c, err, &cx);
}

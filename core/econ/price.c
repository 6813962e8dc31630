#include "core/econ/price.h"

#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/toml.h"
#include "core/econ/cost.h"

enum {
	ROWS_MAX = 4096, /* they are tried one by one */
};

/* USD per million tokens: a hundred times the dearest known; more is a price per token or in cents. */
#define USD_MAX 100000.0

enum price_key { INPUT, OUTPUT, CACHE_READ, CACHE_WRITE_5M, CACHE_WRITE_1H, KEYS_N };

static const char *const KEYS[KEYS_N] = {
	"input", "output", "cache_read", "cache_write_5m", "cache_write_1h"};

struct row {
	str glob;
	int64_t from_ms; /* INT64_MIN: always */
	uint64_t above;  /* tokens of input; 0: any */
	double usd[KEYS_N];
	bool has[KEYS_N];
};

struct price_table {
	struct arena arena;
	struct row *rows;
	size_t n;
};

/* ---- reading ---- */

/* The glob of a table: the one part of its path, which is quoted unless it is a bare key. */
static enum err read_glob(
	struct arena *a, const struct toml_table *table, str *out, struct errctx *cx)
{
	static const char *const how = "a table is one model in quotes: [\"gpt-6*\"]";
	struct toml_doc doc;

	if (!str_starts(table->path, STR("\""))) {
		if (str_find_byte(table->path, '.') != STR_NONE)
			FAIL(cx, E_CONFIG, "line %u: %s", table->line, how);
		*out = arena_str(a, table->path);
		return E_OK;
	}
	/* The path spells it as a value would be spelled. */
	if (toml_parse(a, arena_printf(a, "k = " STR_FMT, STR_ARG(table->path)), &doc, NULL) ||
		doc.n != 1)
		FAIL(cx, E_CONFIG, "line %u: %s", table->line, how);
	*out = doc.items[0].value.u.string;
	return E_OK;
}

static bool read_day(str date, int64_t *ms)
{
	char text[CLOCK_TIME_LEN + 1];

	(void)snprintf(text, sizeof text, STR_FMT "T00:00:00Z", STR_ARG(date));
	return date.n == sizeof "2026-03-01" - 1 && clock_parse(str_from(text), ms);
}

/* "GLOB from 2026-03-01 above 200000": the words behind the glob, in any order. */
static enum err read_conditions(struct row *row, unsigned line, struct errctx *cx)
{
	str rest = row->glob, word, value;
	bool is_ok = str_split(&rest, ' ', &row->glob);

	row->from_ms = INT64_MIN;
	while (is_ok && rest.n) {
		is_ok = str_split(&rest, ' ', &word) && str_split(&rest, ' ', &value);
		if (is_ok && str_eq_c(word, "from"))
			is_ok = read_day(value, &row->from_ms);
		else
			is_ok = is_ok && str_eq_c(word, "above") && str_u64(value, &row->above);
	}
	if (!is_ok)
		FAIL(cx, E_CONFIG,
			"line %u: behind a model stand \"from 2026-03-01\" and \"above 200000\"",
			line);
	return E_OK;
}

static enum price_key find_key(str key)
{
	enum price_key k = 0;

	while (k < KEYS_N && !str_eq_c(key, KEYS[k]))
		k++;
	return k;
}

static enum err read_item(const struct toml_doc *doc, const struct toml_item *item, struct row *row,
	struct errctx *cx)
{
	str name = span_str(doc->text, item->key);
	enum price_key k = find_key(name);
	double usd = 0;

	if (k == KEYS_N)
		FAIL(cx, E_CONFIG,
			"line %u: no such price: " STR_FMT
			"; there are input, output, cache_read, cache_write_5m, cache_write_1h",
			item->line, STR_ARG(str_sub(name, 0, name.n < 64 ? name.n : 64)));
	if (item->value.type == TOML_FLOAT)
		usd = item->value.u.real;
	else if (item->value.type == TOML_INT)
		usd = (double)item->value.u.integer;
	else
		FAIL(cx, E_CONFIG, "line %u: %s is a number: USD per million tokens", item->line,
			KEYS[k]);
	if (!(usd >= 0 && usd <= USD_MAX))
		FAIL(cx, E_CONFIG, "line %u: %s is 0 to %.0f USD per million tokens", item->line,
			KEYS[k], USD_MAX);
	row->usd[k] = usd;
	row->has[k] = true;
	return E_OK;
}

static enum err read_row(struct arena *a, const struct toml_doc *doc,
	const struct toml_table *table, struct row *row, struct errctx *cx)
{
	TRY(read_glob(a, table, &row->glob, cx));
	TRY(read_conditions(row, table->line, cx));
	for (size_t i = 0; i < doc->n; i++)
		if (str_eq(doc->items[i].table, table->path))
			TRY(read_item(doc, &doc->items[i], row, cx));
	if (!row->has[INPUT] || !row->has[OUTPUT])
		FAIL(cx, E_CONFIG, "line %u: a model has at least input and output", table->line);
	return E_OK;
}

/* Prices that stand in no table of the file, or deeper in one. */
static enum err check_places(const struct toml_doc *doc, struct errctx *cx)
{
	for (size_t i = 0; i < doc->n; i++) {
		size_t t = 0;

		while (t < doc->tables_n && !str_eq(doc->items[i].table, doc->tables[t].path))
			t++;
		if (t == doc->tables_n)
			FAIL(cx, E_CONFIG, "line %u: a price stands below the name of its model",
				doc->items[i].line);
	}
	return E_OK;
}

static enum err read_rows(struct price_table *t, str text, struct errctx *cx)
{
	struct toml_doc doc;

	TRY(toml_parse(&t->arena, text, &doc, cx));
	if (doc.tables_n > ROWS_MAX)
		FAIL(cx, E_CONFIG, "more than %d models", ROWS_MAX);
	TRY(check_places(&doc, cx));
	t->rows = arena_array(&t->arena, struct row, doc.tables_n);
	for (; t->n < doc.tables_n; t->n++)
		TRY(read_row(&t->arena, &doc, &doc.tables[t->n], &t->rows[t->n], cx));
	return E_OK;
}

enum err price_table_parse(str text, const char *name, struct price_table **out, struct errctx *cx)
{
	struct price_table *t = mem_zalloc(sizeof *t);
	enum err e;

	*out = NULL;
	if (!t)
		FAIL(cx, E_NOMEM, "no memory for prices");
	arena_init(&t->arena);
	if (arena_recover(&t->arena)) {
		price_table_free(t);
		FAIL(cx, E_NOMEM, "no memory for prices");
	}
	e = read_rows(t, arena_str(&t->arena, text), cx);
	arena_end_recover(&t->arena);
	if (!e) {
		*out = t;
		return E_OK;
	}
	price_table_free(t);
	if (cx)
		(void)err_prefix(cx, "%s", name);
	return e;
}

enum err price_table_load(const char *path, struct price_table **out, struct errctx *cx)
{
	struct buf text;
	enum err e;

	*out = NULL;
	buf_init(&text, LIMIT_CONFIG_FILE);
	e = file_read(path, &text, cx);
	if (!e)
		e = price_table_parse(buf_str(&text), path, out, cx);
	buf_release(&text);
	return e;
}

void price_table_free(struct price_table *t)
{
	if (!t)
		return;
	arena_release(&t->arena);
	mem_free(t);
}

size_t price_table_n(const struct price_table *t)
{
	return t->n;
}

/* ---- finding ---- */

static const struct row *find_row(
	const struct price_table *t, str name, const struct price_when *when)
{
	size_t slash = str_rfind_byte(name, '/');
	str bare = slash == STR_NONE ? name : str_sub(name, slash + 1, name.n);

	for (size_t i = 0; i < t->n; i++) {
		const struct row *row = &t->rows[i];

		if ((row->from_ms > INT64_MIN && when->at_ms < row->from_ms) ||
			(row->above && when->input <= row->above))
			continue;
		if (str_glob(name, row->glob, true) || str_glob(bare, row->glob, true))
			return row;
	}
	return NULL;
}

static struct model_price price_of_row(const struct row *row, enum provider provider)
{
	struct model m = {.provider = provider,
		.has_price = true,
		.price = {.input = row->usd[INPUT], .output = row->usd[OUTPUT]}};
	struct model_price p = cost_prices(&m);

	if (row->has[CACHE_READ])
		p.cache_read = row->usd[CACHE_READ];
	if (row->has[CACHE_WRITE_5M])
		p.cache_write_5m = row->usd[CACHE_WRITE_5M];
	if (row->has[CACHE_WRITE_1H])
		p.cache_write_1h = row->usd[CACHE_WRITE_1H];
	return p;
}

bool price_find(const struct price_table *t, const struct model *m, const struct price_when *when,
	struct model_price *out)
{
	const struct row *row = t ? find_row(t, m->name, when) : NULL;
	struct model then;

	if (row) {
		*out = price_of_row(row, m->provider);
		return true;
	}
	then = *m;
	if (when->at_ms > 0 && m->has_price &&
		(when->at_ms < m->from_ms || when->at_ms >= m->until_ms))
		then = model_find_at(m->name, when->at_ms);
	if (then.long_from && when->input > then.long_from)
		then.price = then.long_price;
	*out = cost_prices(&then);
	return then.has_price;
}

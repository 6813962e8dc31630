/* ledger: the queries. */
#include "core/store/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/store/store_internal.h"

enum {
	/* Different keys of one query; two years by the hour. What else comes is summed up in one,
	 * since models and projects are named by clients. */
	GROUPS_MAX = 16384,
	HOUR_MS = 3600 * 1000,
	DAY_MS = 24 * HOUR_MS,
};

/* What LEDGER_SQL_KEY has as numbers. */
_Static_assert(LEDGER_BY_MODEL == 1 && LEDGER_BY_UPSTREAM == 2 && LEDGER_BY_CLIENT == 3 &&
		       LEDGER_BY_PROJECT == 4 && LEDGER_BY_REASON == 9 && LEDGER_BY_STATUS == 10 &&
		       LEDGER_BY_ENDPOINT == 11 && LEDGER_BY_BREAK == 12 && LEDGER_BY_TOKEN == 13,
	"LEDGER_SQL_KEY differs from enum ledger_group");

static void bind_query(sqlite3_stmt *stmt, const struct ledger_query *q)
{
	(void)sqlite3_bind_int64(stmt, 1, q->from_ms);
	(void)sqlite3_bind_int64(stmt, 2, q->to_ms ? q->to_ms : INT64_MAX);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)(q->proxy_run & INT64_MAX));
	db_bind_text(stmt, 5, q->token.n ? q->token : STR(""));
}

/* ---- rows ---- */

static enum err read_rows(struct db *db, const struct ledger_query *q, ledger_row_fn *fn,
	void *self, struct errctx *cx)
{
	struct ledger_row row;
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(db, DB_LEDGER_RECENT, &stmt, cx));
	bind_query(stmt, q);
	(void)sqlite3_bind_int64(
		stmt, 4, q->limit && q->limit < INT64_MAX ? (int64_t)q->limit : LEDGER_RECENT_ROWS);
	for (;;) {
		TRY(db_step(db, stmt, &has_row, cx));
		if (!has_row)
			break;
		ledger_read_row(stmt, &row);
		fn(self, &row);
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err ledger_recent(struct store *s, const struct ledger_query *q, ledger_row_fn *fn, void *self,
	struct errctx *cx)
{
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, cx);
	TRY(e);
	e = read_rows(&r->db, q, fn, self, cx);
	reader_give(s, r);
	return e;
}

/* ---- money ---- */

static enum err read_spent(struct db *db, int64_t since_ms, int64_t *nano, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(db, DB_LEDGER_SPENT, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, since_ms);
	TRY(db_step(db, stmt, &has_row, cx));
	*nano = has_row ? sqlite3_column_int64(stmt, 0) : 0;
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err ledger_spent(struct store *s, int64_t since_ms, int64_t *nano, struct errctx *cx)
{
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, cx);
	TRY(e);
	e = read_spent(&r->db, since_ms, nano, cx);
	reader_give(s, r);
	return e;
}

/* ---- groups ---- */

struct group {
	uint64_t hash;
	uint8_t key_n;
	char key[LEDGER_TEXT_MAX];
	struct ledger_sum sum;
};

/* By key, in the order in which they were found; slots hold an index + 1, 0 is free. */
struct groups {
	struct group *v;
	size_t n, cap;
	uint32_t *slots;
	size_t slots_n; /* a power of two, at least twice cap */
	int64_t hour;   /* of the row before, for groups of time */
	struct group *last;
};

static str group_key(const struct group *g)
{
	return (str){g->key, g->key_n};
}

static bool groups_grow(struct groups *gs)
{
	size_t cap = gs->cap ? gs->cap * 2 : 32;
	struct group *v = mem_realloc(gs->v, cap * sizeof *v);
	uint32_t *slots;

	if (!v)
		return false;
	gs->v = v;
	slots = mem_zalloc(2 * cap * sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < gs->n; i++) {
		size_t at = v[i].hash & (2 * cap - 1);

		while (slots[at])
			at = (at + 1) & (2 * cap - 1);
		slots[at] = (uint32_t)i + 1;
	}
	mem_free(gs->slots);
	gs->slots = slots;
	gs->slots_n = 2 * cap;
	gs->cap = cap;
	return true;
}

/* The group of a key; NULL when memory is short. */
static struct group *groups_at(struct groups *gs, str key)
{
	uint64_t hash;
	size_t at;
	struct group *g;

	if (gs->n == gs->cap && !groups_grow(gs))
		return NULL;
	key.n = key.n < LEDGER_TEXT_MAX ? key.n : LEDGER_TEXT_MAX;
	hash = hash64(key);
	for (at = hash & (gs->slots_n - 1); gs->slots[at]; at = (at + 1) & (gs->slots_n - 1)) {
		g = &gs->v[gs->slots[at] - 1];
		if (g->hash == hash && str_eq(group_key(g), key))
			return g;
	}
	if (gs->n >= GROUPS_MAX - 1 && !str_eq(key, STR(LEDGER_OTHER))) /* the last one's place */
		return groups_at(gs, STR(LEDGER_OTHER));
	g = &gs->v[gs->n++];
	*g = (struct group){.hash = hash, .key_n = (uint8_t)key.n};
	if (key.n)
		memcpy(g->key, key.p, key.n);
	gs->slots[at] = (uint32_t)gs->n;
	return g;
}

/* ISO 8601: the week belongs to the year of its Thursday. */
static int week_key(int64_t day, char *out, size_t cap)
{
	int64_t thursday = day - (day + 3) % 7 + 3, first_ms = 0; /* day 0 was a Thursday */
	char text[CLOCK_TIME_LEN + 1];

	clock_format(thursday * DAY_MS, text);
	memcpy(text + 4, "-01-01T00:00:00Z", sizeof "-01-01T00:00:00Z");
	if (!clock_parse(str_from(text), &first_ms))
		return 0;
	return snprintf(
		out, cap, "%.4s-W%02d", text, (int)((thursday - first_ms / DAY_MS) / 7 + 1));
}

static str time_key(enum ledger_group group, int64_t at_ms, char out[CLOCK_TIME_LEN + 1])
{
	static const size_t lens[LEDGER_GROUP_N] = {
		[LEDGER_BY_HOUR] = 13, [LEDGER_BY_DAY] = 10, [LEDGER_BY_MONTH] = 7};

	if (group == LEDGER_BY_WEEK)
		return (str){out, (size_t)week_key(at_ms / DAY_MS, out, CLOCK_TIME_LEN + 1)};
	clock_format(at_ms, out);
	return (str){out, lens[group]};
}

static bool is_time(enum ledger_group group)
{
	return group >= LEDGER_BY_HOUR && group <= LEDGER_BY_MONTH;
}

static struct group *group_of_time(struct groups *gs, enum ledger_group group, int64_t at_ms)
{
	char text[CLOCK_TIME_LEN + 1];

	if (gs->last && at_ms / HOUR_MS == gs->hour)
		return gs->last;
	gs->hour = at_ms / HOUR_MS;
	gs->last = groups_at(gs, time_key(group, at_ms, text));
	return gs->last;
}

static int64_t add(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* The columns of the statement behind time and key. */
static void add_row(struct ledger_sum *sum, sqlite3_stmt *stmt)
{
	int at = 2;
	int64_t v;

#define ADD(field, sql) sum->field = add(sum->field, sqlite3_column_int64(stmt, at++));
#define MAX(field, sql)                       \
	v = sqlite3_column_int64(stmt, at++); \
	sum->field = v > sum->field ? v : sum->field;
	LEDGER_SUM_FIELDS(ADD, MAX)
#undef ADD
#undef MAX
}

static enum err read_groups(
	struct db *db, const struct ledger_query *q, struct groups *gs, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	struct group *g;
	bool has_row;

	TRY(db_prepare(db, DB_LEDGER_SUMS, &stmt, cx));
	bind_query(stmt, q);
	(void)sqlite3_bind_int(stmt, 4, (int)q->group);
	for (;;) {
		TRY(db_step(db, stmt, &has_row, cx));
		if (!has_row)
			break;
		g = is_time(q->group) ? group_of_time(gs, q->group, sqlite3_column_int64(stmt, 0))
				      : groups_at(gs, db_column_blob(stmt, 1));
		if (!g) {
			(void)sqlite3_reset(stmt);
			FAIL(cx, E_NOMEM, "no memory for the sums of the ledger");
		}
		add_row(&g->sum, stmt);
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

static int newest_first(const void *a, const void *b)
{
	return str_cmp(group_key(b), group_key(a));
}

static int most_requests_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->sum.requests != y->sum.requests)
		return x->sum.requests > y->sum.requests ? -1 : 1;
	return str_cmp(group_key(x), group_key(y));
}

static void report(struct groups *gs, const struct ledger_query *q, ledger_sum_fn *fn, void *self)
{
	size_t n = q->limit && q->limit < gs->n ? q->limit : gs->n;

	if (!gs->n) {
		if (q->group == LEDGER_ALL)
			fn(self, STR(""), &(struct ledger_sum){0});
		return;
	}
	qsort(gs->v, gs->n, sizeof *gs->v, is_time(q->group) ? newest_first : most_requests_first);
	for (size_t i = 0; i < n; i++)
		fn(self, group_key(&gs->v[i]), &gs->v[i].sum);
}

enum err ledger_sums(struct store *s, const struct ledger_query *q, ledger_sum_fn *fn, void *self,
	struct errctx *cx)
{
	struct groups gs = {0};
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, cx);
	TRY(e);
	e = read_groups(&r->db, q, &gs, cx);
	reader_give(s, r);
	if (!e)
		report(&gs, q, fn, self);
	mem_free(gs.v);
	mem_free(gs.slots);
	return e;
}

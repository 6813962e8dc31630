#include "core/store/ledger_batch.h"

#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/mem.h"
#include "core/store/ledger.h"

/* 9999-12-31: the last day that a date of four digits can name. */
#define AT_MS_MAX ((int64_t)253402300799999)

/* ---- the columns ---- */

enum kind {
	ID,      /* char[LEDGER_ID_MAX + 1] */
	NAME,    /* const char * */
	TEXT,    /* str */
	FLAG,    /* bool */
	INT,     /* int, unsigned, enum */
	HASH,    /* uint64_t, of which 63 bits are kept */
	COUNT,   /* uint64_t */
	USED,    /* uint64_t; 0 without has_usage */
	AT,      /* int64_t: a date */
	SPAN,    /* int64_t: a time that has passed */
	MONEY,   /* int64_t */
	PRICE,   /* int64_t; NULL when it is negative: not known */
	SAVINGS, /* int64_t; NULL without has_saved */
};

struct column {
	uint8_t kind;
	uint16_t at; /* in the row */
};

#define COLUMN(kind, field)                                          \
	{                                                            \
		(kind), (uint16_t)offsetof(struct ledger_row, field) \
	}
_Static_assert(sizeof(struct ledger_row) <= UINT16_MAX, "a row's fields have two bytes");
_Static_assert(sizeof(enum ledger_arm) == sizeof(int), "arm is read as an int");

/* LEDGER_ROW_COLUMNS */
static const struct column COLUMNS[] = {
	COLUMN(ID, id),
	COLUMN(AT, at_ms),
	COLUMN(HASH, proxy_run),
	COLUMN(NAME, upstream),
	COLUMN(NAME, endpoint),
	COLUMN(NAME, format),
	COLUMN(NAME, client),
	COLUMN(TEXT, model),
	COLUMN(TEXT, project),
	COLUMN(TEXT, session),
	COLUMN(INT, status),
	COLUMN(FLAG, is_stream),
	COLUMN(FLAG, is_cached),
	COLUMN(FLAG, is_client_gone),
	COLUMN(FLAG, is_complete),
	COLUMN(NAME, reason),
	COLUMN(TEXT, transforms),
	COLUMN(TEXT, error),
	COLUMN(COUNT, tokens_before),
	COLUMN(COUNT, tokens_after),
	COLUMN(COUNT, results_n),
	COLUMN(COUNT, changed_n),
	COLUMN(COUNT, bytes_in),
	COLUMN(COUNT, bytes_sent),
	COLUMN(COUNT, bytes_out),
	COLUMN(FLAG, has_usage),
	COLUMN(USED, input),
	COLUMN(USED, cache_read),
	COLUMN(USED, cache_write_5m),
	COLUMN(USED, cache_write_1h),
	COLUMN(USED, output),
	COLUMN(USED, reasoning),
	COLUMN(PRICE, cost_nano),
	COLUMN(SAVINGS, saved_nano),
	COLUMN(SPAN, latency_us),
	COLUMN(SPAN, overhead_us),
	COLUMN(SPAN, ttfb_us),
	COLUMN(INT, attempts),
	COLUMN(NAME, break_cause),
	COLUMN(TEXT, break_path),
	COLUMN(COUNT, break_at),
	COLUMN(COUNT, break_tokens),
	COLUMN(MONEY, break_nano),
	COLUMN(TEXT, parts),
	COLUMN(HASH, conversation),
	COLUMN(HASH, asked),
	COLUMN(INT, arm),
	COLUMN(COUNT, again_n),
	COLUMN(COUNT, retrievals_n),
	COLUMN(TEXT, token),
};

static int64_t bounded(int64_t v, int64_t lo, int64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

static void give_text(sqlite3_context *to, str s)
{
	sqlite3_result_text64(to, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
}

static void give_count(sqlite3_context *to, uint64_t v)
{
	sqlite3_result_int64(to, v < (uint64_t)LEDGER_VALUE_MAX ? (int64_t)v : LEDGER_VALUE_MAX);
}

static void give_money(sqlite3_context *to, bool is_known, int64_t nano)
{
	if (is_known)
		sqlite3_result_int64(to, bounded(nano, -LEDGER_VALUE_MAX, LEDGER_VALUE_MAX));
	else
		sqlite3_result_null(to);
}

static void give_column(sqlite3_context *to, const struct ledger_row *row, struct column c)
{
	const void *p = (const char *)row + c.at;

	switch ((enum kind)c.kind) {
	case ID:
		give_text(to, (str){p, strnlen(p, LEDGER_ID_MAX)});
		break;
	case NAME:
		give_text(to, str_from(*(const char *const *)p));
		break;
	case TEXT:
		give_text(to, *(const str *)p);
		break;
	case FLAG:
		sqlite3_result_int(to, *(const bool *)p);
		break;
	case INT:
		sqlite3_result_int(to, *(const int *)p);
		break;
	case HASH:
		sqlite3_result_int64(to, (int64_t)(*(const uint64_t *)p & INT64_MAX));
		break;
	case COUNT:
		give_count(to, *(const uint64_t *)p);
		break;
	case USED:
		give_count(to, row->has_usage ? *(const uint64_t *)p : 0);
		break;
	case AT:
		sqlite3_result_int64(to, bounded(*(const int64_t *)p, 0, AT_MS_MAX));
		break;
	case SPAN:
		sqlite3_result_int64(to, bounded(*(const int64_t *)p, 0, LEDGER_VALUE_MAX));
		break;
	case MONEY:
		give_money(to, true, *(const int64_t *)p);
		break;
	case PRICE:
		give_money(to, *(const int64_t *)p >= 0, *(const int64_t *)p);
		break;
	case SAVINGS:
		give_money(to, row->has_saved, *(const int64_t *)p);
		break;
	}
}

/* ---- the table ---- */

struct table {
	sqlite3_vtab base; /* first */
	struct store *s;
};

struct cursor {
	sqlite3_vtab_cursor base; /* first */
	const struct op *op;      /* NULL: behind the last row */
	int64_t n;
};

static const struct op *next_row(const struct op *op)
{
	while (op && op->kind != OP_LEDGER)
		op = op->next;
	return op;
}

static int on_connect(sqlite3 *handle, void *store, int argc, const char *const *argv,
	sqlite3_vtab **out, char **error)
{
	struct table *t;
	int rc = sqlite3_declare_vtab(handle, "CREATE TABLE incoming (" LEDGER_ROW_COLUMNS ")");

	(void)argc;
	(void)argv;
	(void)error;
	if (rc != SQLITE_OK)
		return rc;
	t = mem_zalloc(sizeof *t);
	if (!t)
		return SQLITE_NOMEM;
	t->s = store;
	*out = &t->base;
	return SQLITE_OK;
}

static int on_disconnect(sqlite3_vtab *table)
{
	mem_free(table);
	return SQLITE_OK;
}

/* There is one way to go through it. */
static int on_plan(sqlite3_vtab *table, sqlite3_index_info *plan)
{
	(void)table;
	plan->estimatedCost = STORE_BATCH_OPS;
	return SQLITE_OK;
}

static int on_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	struct cursor *c = mem_zalloc(sizeof *c);

	(void)table;
	if (!c)
		return SQLITE_NOMEM;
	*out = &c->base;
	return SQLITE_OK;
}

static int on_close(sqlite3_vtab_cursor *cursor)
{
	mem_free(cursor);
	return SQLITE_OK;
}

static int on_first(
	sqlite3_vtab_cursor *cursor, int plan, const char *name, int argc, sqlite3_value **argv)
{
	const struct table *t = (const struct table *)(const void *)cursor->pVtab;
	struct cursor *c = (struct cursor *)(void *)cursor;

	(void)plan;
	(void)name;
	(void)argc;
	(void)argv;
	c->op = next_row(t->s->inflight.first);
	c->n = 0;
	return SQLITE_OK;
}

static int on_next(sqlite3_vtab_cursor *cursor)
{
	struct cursor *c = (struct cursor *)(void *)cursor;

	c->op = next_row(c->op->next);
	c->n++;
	return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *cursor)
{
	return !((const struct cursor *)(const void *)cursor)->op;
}

static int on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
	const struct op *op = ((const struct cursor *)(const void *)cursor)->op;

	if (column < 0 || (size_t)column >= ARRAY_N(COLUMNS))
		return SQLITE_RANGE;
	give_column(to, (const void *)op->text, COLUMNS[column]);
	return SQLITE_OK;
}

static int on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
	*out = ((const struct cursor *)(const void *)cursor)->n;
	return SQLITE_OK;
}

/* Without xCreate it is there by its name alone, and no schema can have another one. */
static const sqlite3_module MODULE = {
	.xConnect = on_connect,
	.xBestIndex = on_plan,
	.xDisconnect = on_disconnect,
	.xOpen = on_open,
	.xClose = on_close,
	.xFilter = on_first,
	.xNext = on_next,
	.xEof = is_at_end,
	.xColumn = on_column,
	.xRowid = on_rowid,
};

/* ---- writing ---- */

enum err ledger_batch_open(struct store *s, struct errctx *cx)
{
	int rc = sqlite3_create_module_v2(s->db.handle, "incoming", &MODULE, s, NULL);

	return rc == SQLITE_OK ? E_OK : db_fail(&s->db, rc, cx);
}

enum err ledger_batch_write(struct store *s, struct errctx *cx)
{
	if (!next_row(s->inflight.first))
		return E_OK;
	TRY(db_run_plain(&s->db, DB_LEDGER_ADD, cx));
	s->total_n[TOTAL_LEDGER] += sqlite3_changes(s->db.handle);
	return E_OK;
}

/* ledger_part: what was saved where. A row has its parts as a text, [[kind,"name",results,saved],...], which SQLite takes apart itself. */
#include "core/json/write.h"
#include "core/store/ledger.h"
#include "core/store/store_internal.h"

void ledger_parts_write(struct buf *out, const struct ledger_part *parts, size_t n)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < n && i < LEDGER_PARTS_MAX; i++) {
		str name = parts[i].name;

		json_write_array(&w, NULL);
		json_write_i64(&w, NULL, parts[i].kind);
		json_write_str(&w, NULL,
			str_sub(name, 0, name.n < LEDGER_NAME_MAX ? name.n : LEDGER_NAME_MAX));
		json_write_u64(&w, NULL, parts[i].results);
		json_write_i64(&w, NULL, parts[i].saved);
		json_write_end(&w);
	}
	json_write_end(&w);
}

static enum err read_parts(struct db *db, const struct ledger_query *q, enum ledger_part_kind kind,
	ledger_part_fn *fn, void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(db, DB_LEDGER_PARTS, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, q->from_ms);
	(void)sqlite3_bind_int64(stmt, 2, q->to_ms ? q->to_ms : INT64_MAX);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)(q->proxy_run & INT64_MAX));
	(void)sqlite3_bind_int(stmt, 4, (int)kind);
	(void)sqlite3_bind_int64(
		stmt, 5, q->limit && q->limit < INT64_MAX ? (int64_t)q->limit : -1);
	for (;;) {
		struct ledger_part part = {.kind = kind};

		TRY(db_step(db, stmt, &has_row, cx));
		if (!has_row)
			break;
		part.name = db_column_blob(stmt, 0);
		part.results = (uint64_t)sqlite3_column_int64(stmt, 1);
		part.saved = sqlite3_column_int64(stmt, 2);
		fn(self, &part);
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err ledger_parts(struct store *s, const struct ledger_query *q, enum ledger_part_kind kind,
	ledger_part_fn *fn, void *self, struct errctx *cx)
{
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, cx);
	TRY(e);
	e = read_parts(&r->db, q, kind, fn, self, cx);
	reader_give(s, r);
	return e;
}

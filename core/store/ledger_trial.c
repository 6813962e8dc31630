/* ledger_trial: what became of conversations, and of results after they were shown. */
#include "core/store/ledger.h"
#include "core/store/store_internal.h"

static enum err prepare(struct db *db, enum db_stmt which, const struct ledger_query *q,
	sqlite3_stmt **out, struct errctx *cx)
{
	TRY(db_prepare(db, which, out, cx));
	(void)sqlite3_bind_int64(*out, 1, q->from_ms);
	(void)sqlite3_bind_int64(*out, 2, q->to_ms ? q->to_ms : INT64_MAX);
	(void)sqlite3_bind_int64(*out, 3, (int64_t)(q->proxy_run & INT64_MAX));
	return E_OK;
}

static uint64_t count_at(sqlite3_stmt *stmt, int at)
{
	return (uint64_t)sqlite3_column_int64(stmt, at);
}

static enum err read_returns(struct db *db, const struct ledger_query *q, ledger_part_fn *fn,
	void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(prepare(db, DB_LEDGER_RETURNS, q, &stmt, cx));
	for (;;) {
		struct ledger_part part;

		TRY(db_step(db, stmt, &has_row, cx));
		if (!has_row)
			break;
		part = (struct ledger_part){
			.kind = (enum ledger_part_kind)sqlite3_column_int(stmt, 0),
			.name = db_column_blob(stmt, 1),
			.results = count_at(stmt, 2),
			.saved = sqlite3_column_int64(stmt, 3)};
		fn(self, &part);
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err ledger_returns(struct store *s, const struct ledger_query *q, ledger_part_fn *fn,
	void *self, struct errctx *cx)
{
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, cx);
	TRY(e);
	e = read_returns(&r->db, q, fn, self, cx);
	reader_give(s, r);
	return e;
}

/* In the order of LEDGER_SQL_CONVERSATIONS. */
static void read_one(sqlite3_stmt *stmt, struct ledger_conversation *c)
{
	*c = (struct ledger_conversation){.id = count_at(stmt, 0),
		.is_treated = count_at(stmt, 1) != 0,
		.is_held = count_at(stmt, 2) != 0,
		.requests = count_at(stmt, 3),
		.turns = count_at(stmt, 4),
		.failed = count_at(stmt, 5),
		.usage_n = count_at(stmt, 6),
		.input = count_at(stmt, 7),
		.output = count_at(stmt, 8),
		.priced_n = count_at(stmt, 9),
		.cost_nano = sqlite3_column_int64(stmt, 10),
		.again_n = count_at(stmt, 11),
		.retrievals_n = count_at(stmt, 12)};
}

static enum err read_conversations(struct db *db, const struct ledger_query *q,
	ledger_conversation_fn *fn, void *self, struct errctx *cx)
{
	struct ledger_conversation c;
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(prepare(db, DB_LEDGER_CONVERSATIONS, q, &stmt, cx));
	for (;;) {
		TRY(db_step(db, stmt, &has_row, cx));
		if (!has_row)
			break;
		read_one(stmt, &c);
		fn(self, &c);
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err ledger_conversations(struct store *s, const struct ledger_query *q,
	ledger_conversation_fn *fn, void *self, struct errctx *cx)
{
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, cx);
	TRY(e);
	e = read_conversations(&r->db, q, fn, self, cx);
	reader_give(s, r);
	return e;
}

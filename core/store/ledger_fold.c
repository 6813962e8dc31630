/* ledger_fold: rows that are too old or too many become sums of their day, so that no total shrinks.
 * On the writer's thread. */
#include "core/store/ledger.h"
#include "core/store/store_internal.h"

enum {
	FOLD_ROWS = 1024,  /* per transaction; the rest waits for the next one */
	FOLD_SLACK = 16,   /* then down to 1 - 1/16 of the maximum */
	DAY_ROWS = 100000, /* sums: 100 a day for three years. Then the older half is told apart no
			    * longer by what clients name: model, project, client. */
};

/* The time of the row that n older ones stand before; INT64_MAX when there are not that many. */
static enum err time_of_nth(
	struct store *s, enum db_stmt which, uint64_t n, int64_t *at_ms, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(&s->db, which, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)n);
	TRY(db_step(&s->db, stmt, &has_row, cx));
	*at_ms = has_row ? sqlite3_column_int64(stmt, 0) : INT64_MAX;
	(void)sqlite3_reset(stmt);
	return E_OK;
}

static enum err run_until(struct store *s, enum db_stmt which, int64_t until_ms, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(&s->db, which, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, until_ms);
	return db_run(&s->db, stmt, cx);
}

/* How many rows are too many. */
static uint64_t surplus(const struct store *s)
{
	uint64_t rows_n = atomic_load(&s->rows_n[TOTAL_LEDGER]), max = s->conf.ledger_rows_max;

	return rows_n > max ? rows_n - (max - max / FOLD_SLACK) : 0;
}

/* Until when rows are to be folded now; -1: none. */
static enum err find_cutoff(
	struct store *s, int64_t now_ms, bool is_aging, int64_t *until_ms, struct errctx *cx)
{
	uint64_t n = surplus(s);
	int64_t step_ms, surplus_ms = -1, aged_ms = -1;

	TRY(time_of_nth(s, DB_LEDGER_NTH, FOLD_ROWS - 1, &step_ms, cx));
	if (n)
		TRY(time_of_nth(
			s, DB_LEDGER_NTH, (n < FOLD_ROWS ? n : FOLD_ROWS) - 1, &surplus_ms, cx));
	if (is_aging)
		aged_ms = now_ms - s->conf.ledger_keep_ms;
	if (aged_ms > step_ms)
		aged_ms = step_ms;
	*until_ms = surplus_ms > aged_ms ? surplus_ms : aged_ms;
	return E_OK;
}

struct folding {
	enum db_stmt nth, fold, folded;
};

/* Too many rows of days, as with many names of tools, which clients give: the older half is told apart no longer. */
static enum err fold_older(struct store *s, const struct folding *f, struct errctx *cx)
{
	int64_t until_ms;

	TRY(time_of_nth(s, f->nth, DAY_ROWS, &until_ms, cx));
	if (until_ms == INT64_MAX)
		return E_OK;
	TRY(time_of_nth(s, f->nth, DAY_ROWS / 2, &until_ms, cx));
	TRY(run_until(s, f->fold, until_ms, cx));
	return run_until(s, f->folded, until_ms, cx);
}

enum err ledger_fold(
	struct store *s, int64_t now_ms, bool is_aging, bool *is_more, struct errctx *cx)
{
	static const struct folding parts = {DB_LEDGER_PART_DAY_NTH, DB_LEDGER_PART_DAY_FOLD,
					    DB_LEDGER_PART_DAY_FOLDED},
				    days = {DB_LEDGER_DAY_NTH, DB_LEDGER_DAY_FOLD,
					    DB_LEDGER_DAY_FOLDED};
	int64_t until_ms, folded_n;

	TRY(find_cutoff(s, now_ms, is_aging, &until_ms, cx));
	if (until_ms >= 0) {
		TRY(run_until(s, DB_LEDGER_FOLD, until_ms, cx));
		TRY(run_until(s, DB_LEDGER_PART_FOLD, until_ms, cx));
		TRY(run_until(s, DB_LEDGER_FOLDED, until_ms, cx));
		folded_n = sqlite3_changes64(s->db.handle);
		s->total_n[TOTAL_LEDGER] -= folded_n;
		*is_more = folded_n >= FOLD_ROWS;
	}
	if (!is_aging)
		return E_OK;
	TRY(fold_older(s, &parts, cx));
	return fold_older(s, &days, cx);
}

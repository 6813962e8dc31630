/* Eviction: what goes when there is too much, or when it was not used for too long. On the
 * writer's thread. */
#include <inttypes.h>

#include "core/base/attr.h"
#include "core/store/store_internal.h"

enum {
	EVICT_ROWS = 1024, /* per transaction and kind; the rest waits for the next batch */
	EVICT_SLACK = 16, /* then down to 1 - 1/16 of the maximum, so that not every batch evicts */
	AGE_EVERY_MS = 3600 * 1000,
};

static const char *const names[TOTAL_N] = {
	[TOTAL_ORIGINAL] = "original",
	[TOTAL_RENDERING] = "rendering",
	[TOTAL_LEDGER] = "ledger",
};

static const enum db_stmt evict_stmts[TOTAL_EVICTED_N] = {
	[TOTAL_ORIGINAL] = DB_ORIGINAL_EVICT,
	[TOTAL_RENDERING] = DB_RENDERING_EVICT,
};

static enum err add_total(struct store *s, enum store_total kind, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(&s->db, DB_TOTAL_ADD, &stmt, cx));
	db_bind_text(stmt, 1, str_from(names[kind]));
	(void)sqlite3_bind_int64(stmt, 2, s->total_n[kind]);
	(void)sqlite3_bind_int64(stmt, 3, s->total_bytes[kind]);
	TRY(db_step(&s->db, stmt, &has_row, cx));
	if (has_row) {
		atomic_store(&s->rows_n[kind], (uint64_t)sqlite3_column_int64(stmt, 0));
		atomic_store(&s->bytes[kind], (uint64_t)sqlite3_column_int64(stmt, 1));
	}
	return db_run(&s->db, stmt, cx);
}

enum err store_write_totals(struct store *s, struct errctx *cx)
{
	for (enum store_total kind = 0; kind < TOTAL_N; kind++)
		TRY(add_total(s, kind, cx));
	return E_OK;
}

static void count_evicted(struct store *s, enum store_total kind, int64_t bytes)
{
	s->total_n[kind]--;
	s->total_bytes[kind] -= bytes;
}

static enum err note_gone(struct store *s, str original, int64_t now_ms, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(&s->db, DB_ORIGINAL_GONE, &stmt, cx));
	db_bind_text(stmt, 1, original);
	(void)sqlite3_bind_int64(stmt, 2, now_ms);
	TRY(db_run(&s->db, stmt, cx));
	TRY(db_prepare(&s->db, DB_ELISION_DROP, &stmt, cx));
	db_bind_text(stmt, 1, original);
	return db_run(&s->db, stmt, cx);
}

/* The renderings that name an original have no way to it any more. */
static enum err delete_orphans(struct store *s, str original, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(&s->db, DB_RENDERING_ORPHAN, &stmt, cx));
	db_bind_text(stmt, 1, original);
	do {
		TRY(db_step(&s->db, stmt, &has_row, cx));
		if (has_row)
			count_evicted(s, TOTAL_RENDERING, sqlite3_column_int64(stmt, 0));
	} while (has_row);
	(void)sqlite3_reset(stmt);
	return E_OK;
}

/* Deletes the least recently used row, if its last use was before the cutoff. */
static enum err evict_one(
	struct store *s, enum store_total kind, int64_t cutoff_ms, bool *has_row, struct errctx *cx)
{
	char original[25] = "";
	sqlite3_stmt *stmt;

	TRY(db_prepare(&s->db, evict_stmts[kind], &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, cutoff_ms);
	TRY(db_step(&s->db, stmt, has_row, cx));
	if (!*has_row)
		return E_OK;
	count_evicted(s, kind, sqlite3_column_int64(stmt, 0));
	if (kind == TOTAL_ORIGINAL) {
		str hex = db_column_blob(stmt, 1);

		memcpy(original, hex.p, hex.n < sizeof original ? hex.n : sizeof original - 1);
	}
	TRY(db_run(&s->db, stmt, cx));
	if (kind != TOTAL_ORIGINAL)
		return E_OK;
	TRY(note_gone(s, str_from(original), clock_wall_ms(s->conf.clock), cx));
	return delete_orphans(s, str_from(original), cx);
}

/* Until target bytes are left, none is old enough, or it is enough for one transaction. */
static enum err evict_kind(struct store *s, enum store_total kind, int64_t cutoff_ms,
	uint64_t target, struct errctx *cx)
{
	int64_t present = (int64_t)atomic_load(&s->bytes[kind]);
	bool has_row = true;

	for (int i = 0; has_row && i < EVICT_ROWS; i++) {
		if (present + s->total_bytes[kind] <= (int64_t)target)
			break;
		TRY(evict_one(s, kind, cutoff_ms, &has_row, cx));
	}
	return E_OK;
}

static enum err evict_surplus(struct store *s, int64_t now_ms, struct errctx *cx)
{
	const uint64_t max[TOTAL_EVICTED_N] = {
		s->conf.original_bytes_max, s->conf.rendering_bytes_max};

	for (enum store_total kind = 0; kind < TOTAL_EVICTED_N; kind++)
		if (atomic_load(&s->bytes[kind]) > max[kind])
			TRY(evict_kind(s, kind, now_ms - s->conf.lease_ms,
				max[kind] - max[kind] / EVICT_SLACK, cx));
	return E_OK;
}

static enum err evict_aged(struct store *s, int64_t now_ms, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(&s->db, DB_ORIGINAL_FORGET, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, now_ms - STORE_GONE_MS);
	TRY(db_run(&s->db, stmt, cx));
	if (s->conf.keep_ms < 0)
		return E_OK;
	for (enum store_total kind = 0; kind < TOTAL_EVICTED_N; kind++)
		TRY(evict_kind(s, kind, now_ms - s->conf.keep_ms, 0, cx));
	return E_OK;
}

static enum err evict_in_transaction(
	struct store *s, int64_t now_ms, bool is_aging, bool *is_more, struct errctx *cx)
{
	TRY(store_begin(s, cx));
	if (is_aging)
		TRY(evict_aged(s, now_ms, cx));
	TRY(evict_surplus(s, now_ms, cx));
	TRY(ledger_fold(s, now_ms, is_aging, is_more, cx));
	TRY(store_write_totals(s, cx));
	return db_run_plain(&s->db, DB_COMMIT, cx);
}

/* Gives pages back to the file system when a quarter of the file is free, a step at a time. */
static enum err shrink_file(struct store *s)
{
	enum { STEP_PAGES = 4096 };
	int64_t free_n, pages_n;

	TRY(db_query_i64(&s->db, "PRAGMA freelist_count", &free_n, NULL));
	TRY(db_query_i64(&s->db, "PRAGMA page_count", &pages_n, NULL));
	if (free_n < STEP_PAGES || free_n < pages_n / 4)
		return E_OK;
	return db_exec(&s->db, "PRAGMA incremental_vacuum(4096)", NULL);
}

/* Whether it is time to look for rows that are too old. */
static bool is_aging_due(const struct store *s, int64_t now_ms)
{
	return !s->aged_ms || now_ms - s->aged_ms >= AGE_EVERY_MS;
}

static bool is_over(const struct store *s)
{
	return atomic_load(&s->bytes[TOTAL_ORIGINAL]) > s->conf.original_bytes_max ||
	       atomic_load(&s->bytes[TOTAL_RENDERING]) > s->conf.rendering_bytes_max ||
	       atomic_load(&s->rows_n[TOTAL_LEDGER]) > s->conf.ledger_rows_max;
}

static void evict_now(struct store *s, int64_t now_ms, bool is_aging)
{
	bool is_more = false;
	uint64_t evicted_n;

	if (evict_in_transaction(s, now_ms, is_aging, &is_more, NULL) != E_OK) {
		db_rollback(&s->db);
		return;
	}
	evicted_n = (uint64_t) - (s->total_n[TOTAL_ORIGINAL] + s->total_n[TOTAL_RENDERING]);
	atomic_fetch_add(&s->evicted_n, evicted_n);
	atomic_store(&s->is_full,
		atomic_load(&s->bytes[TOTAL_ORIGINAL]) > s->conf.original_bytes_max && !evicted_n);
	if (evicted_n >= EVICT_ROWS || is_more) /* perhaps not all of it */
		store_want_evict(s);
	else if (is_aging)
		s->aged_ms = now_ms;
	if (evicted_n)
		(void)shrink_file(s);
}

void store_evict(struct store *s)
{
	int64_t now_ms = clock_wall_ms(s->conf.clock);
	bool is_aging = is_aging_due(s, now_ms);

	if (!is_aging && !is_over(s))
		return;
	store_lock_memory(s);
	evict_now(s, now_ms, is_aging);
	store_unlock_memory(s);
}

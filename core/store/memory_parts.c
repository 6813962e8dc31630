#include "core/store/memory_parts.h"

#include "core/base/hash.h"
#include "core/store/memory_internal.h"

enum {
	KIND_BITS = 4, /* of a key, above MEMORY_PARTS_MAX; the generation above both */
	NUMBER_BITS = 24,
	/* Parts that go in one transaction: about a megabyte. */
	TIDY_AT_ONCE = 8,
};

/* One row in headroom_index. data is at the end of headroom_part, so that a look at a key reads none of it. */
static const char schema[] =
	"CREATE TABLE IF NOT EXISTS headroom_part (key INTEGER PRIMARY KEY, data BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS headroom_index (id INTEGER PRIMARY KEY CHECK (id = 1), "
	"version INTEGER NOT NULL, embedder TEXT NOT NULL, generation INTEGER NOT NULL, "
	"edition INTEGER NOT NULL, log_n INTEGER NOT NULL, covered INTEGER NOT NULL, "
	"lists INTEGER NOT NULL, claim INTEGER NOT NULL, claimed_ms INTEGER NOT NULL);"
	"INSERT OR IGNORE INTO headroom_index VALUES (1, 0, '', 0, 0, 0, 0, 0, 0, 0)";

static int64_t key_of(int64_t generation, enum memory_part kind, int64_t n)
{
	return generation << (KIND_BITS + NUMBER_BITS) | (int64_t)kind << NUMBER_BITS | n;
}

/* ---- reading ---- */

enum err memory_head_read(struct memory_store *s, int64_t version, str embedder,
	struct memory_head *out, struct errctx *cx)
{
	int64_t first, last;
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	*out = (struct memory_head){.generation = 0};
	if (!memory_has_table(s, "headroom_index"))
		return E_OK;
	TRY(memory_log_ends(s, &first, &last, cx));
	TRY(memory_prepare(s,
		"SELECT edition, generation, log_n, covered, lists, "
		"version = ?1 AND embedder = ?2 FROM headroom_index",
		&stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, version);
	db_bind_text(stmt, 2, embedder);
	e = db_step(&s->db, stmt, &has_row, cx);
	if (!e && has_row) {
		*out = (struct memory_head){.edition = sqlite3_column_int64(stmt, 0),
			.generation = sqlite3_column_int64(stmt, 1),
			.log_n = sqlite3_column_int64(stmt, 2),
			.covered = sqlite3_column_int64(stmt, 3),
			.lists = sqlite3_column_int64(stmt, 4)};
		if (!sqlite3_column_int(stmt, 5) || out->log_n + 1 < first || out->log_n > last ||
			out->covered < 0 || out->lists < 0 || out->lists >= MEMORY_PARTS_MAX)
			out->generation = 0;
	}
	memory_finish(s, stmt);
	return e;
}

enum err memory_part_read(struct memory_store *s, int64_t generation, enum memory_part kind,
	int64_t n, memory_part_fn fn, void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s, "SELECT data FROM headroom_part WHERE key = ?1", &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, key_of(generation, kind, n));
	e = db_step(&s->db, stmt, &has_row, cx);
	if (!e && has_row)
		fn(self, n, db_column_blob(stmt, 0));
	memory_finish(s, stmt);
	return e;
}

enum err memory_parts_read(struct memory_store *s, int64_t generation, enum memory_part kind,
	memory_part_fn fn, void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s,
		"SELECT key, data FROM headroom_part WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
		&stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, key_of(generation, kind, 0));
	(void)sqlite3_bind_int64(stmt, 2, key_of(generation, kind, MEMORY_PARTS_MAX - 1));
	while (!(e = db_step(&s->db, stmt, &has_row, cx)) && has_row)
		fn(self, sqlite3_column_int64(stmt, 0) & (MEMORY_PARTS_MAX - 1),
			db_column_blob(stmt, 1));
	memory_finish(s, stmt);
	return e;
}

enum err memory_snapshot(struct memory_store *s, bool *is_own, struct errctx *cx)
{
	*is_own = !s->is_in_transaction;
	return *is_own ? db_exec(&s->db, "BEGIN", cx) : E_OK;
}

void memory_snapshot_end(struct memory_store *s, bool is_own)
{
	if (is_own)
		db_rollback(&s->db);
}

/* ---- writing ---- */

static enum err claim(
	struct memory_store *s, const struct memory_head *seen, int64_t *out, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	int64_t mine, changed, now = clock_wall_ms(s->clock);

	TRY(db_exec(&s->db, schema, cx));
	TRY(memory_query_i64(s, "SELECT (random() & 0x7fffffffffffffff) | 1", &mine, cx));
	TRY(memory_prepare(s,
		"UPDATE headroom_index SET claim = ?1, claimed_ms = ?2 WHERE edition = ?3 "
		"AND (claim = 0 OR claimed_ms NOT BETWEEN ?2 - ?4 AND ?2)",
		&stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, mine);
	(void)sqlite3_bind_int64(stmt, 2, now);
	(void)sqlite3_bind_int64(stmt, 3, seen->edition);
	(void)sqlite3_bind_int64(stmt, 4, MEMORY_CLAIM_MS);
	TRY(memory_run(s, stmt, &changed, cx));
	*out = changed ? mine : 0;
	return E_OK;
}

static enum err end(struct memory_store *s, enum err e, struct errctx *cx)
{
	e = e ? e : memory_commit(s, cx);
	if (e)
		memory_rollback(s);
	return e;
}

enum err memory_parts_claim(
	struct memory_store *s, const struct memory_head *seen, int64_t *out, struct errctx *cx)
{
	*out = 0;
	TRY(memory_begin(s, cx));
	return end(s, claim(s, seen, out, cx), cx);
}

/* Says also that the builder lives. */
static enum err check_claim(struct memory_store *s, int64_t mine, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	int64_t changed;

	TRY(memory_prepare(
		s, "UPDATE headroom_index SET claimed_ms = ?2 WHERE claim = ?1", &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, mine);
	(void)sqlite3_bind_int64(stmt, 2, clock_wall_ms(s->clock));
	TRY(memory_run(s, stmt, &changed, cx));
	if (!changed)
		FAIL(cx, E_BUSY, "another process has taken over the index of the memories");
	return E_OK;
}

static enum err put_one(struct memory_store *s, int64_t generation, const struct memory_part_put *p,
	struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(memory_prepare(s,
		"INSERT INTO headroom_part VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET data = "
		"?2",
		&stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, key_of(generation, p->kind, p->n));
	db_bind_blob(stmt, 2, p->bytes);
	return memory_run(s, stmt, NULL, cx);
}

enum err memory_parts_put(struct memory_store *s, int64_t mine, int64_t generation,
	const struct memory_part_put *v, size_t n, struct errctx *cx)
{
	enum err e;

	TRY(memory_begin(s, cx));
	e = check_claim(s, mine, cx);
	for (size_t i = 0; i < n && !e; i++)
		e = put_one(s, generation, &v[i], cx);
	return end(s, e, cx);
}

static enum err write_head(struct memory_store *s, int64_t version, str embedder,
	const struct memory_head *h, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(memory_prepare(s,
		"UPDATE headroom_index SET version = ?1, embedder = ?2, generation = ?3, "
		"edition = edition + 1, log_n = ?4, covered = ?5, lists = ?6, claim = 0",
		&stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, version);
	db_bind_text(stmt, 2, embedder);
	(void)sqlite3_bind_int64(stmt, 3, h->generation);
	(void)sqlite3_bind_int64(stmt, 4, h->log_n);
	(void)sqlite3_bind_int64(stmt, 5, h->covered);
	(void)sqlite3_bind_int64(stmt, 6, h->lists);
	return memory_run(s, stmt, NULL, cx);
}

enum err memory_head_write(struct memory_store *s, int64_t mine, int64_t version, str embedder,
	const struct memory_head *h, struct errctx *cx)
{
	enum err e;

	TRY(memory_begin(s, cx));
	e = check_claim(s, mine, cx);
	e = e ? e : write_head(s, version, embedder, h, cx);
	return end(s, e, cx);
}

void memory_parts_unclaim(struct memory_store *s, int64_t mine)
{
	sqlite3_stmt *stmt;

	if (memory_prepare(s, "UPDATE headroom_index SET claim = 0 WHERE claim = ?1", &stmt, NULL))
		return;
	(void)sqlite3_bind_int64(stmt, 1, mine);
	(void)!memory_run(s, stmt, NULL, NULL);
}

enum err memory_parts_tidy(struct memory_store *s, int64_t generation, struct errctx *cx)
{
	int64_t changed = 1;

	while (changed) {
		sqlite3_stmt *stmt;

		TRY(memory_prepare(s,
			"DELETE FROM headroom_part WHERE key IN (SELECT key FROM headroom_part "
			"WHERE key < ?1 OR key >= ?2 LIMIT ?3)",
			&stmt, cx));
		(void)sqlite3_bind_int64(stmt, 1, key_of(generation, 0, 0));
		(void)sqlite3_bind_int64(stmt, 2, key_of(generation + 1, 0, 0));
		(void)sqlite3_bind_int64(stmt, 3, TIDY_AT_ONCE);
		TRY(memory_run(s, stmt, &changed, cx));
		db_checkpoint(&s->db, DB_WAL_GROWN);
	}
	return E_OK;
}

enum err memory_parts_drop(struct memory_store *s, struct errctx *cx)
{
	if (!memory_has_table(s, "headroom_index"))
		return E_OK;
	return db_exec(&s->db,
		"DELETE FROM headroom_part;"
		"UPDATE headroom_index SET generation = 0, edition = edition + 1, claim = 0",
		cx);
}

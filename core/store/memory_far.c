#include "core/store/memory_far.h"

#include "core/store/memory_internal.h"

/* The log tells those who keep docs of new vectors, too. What of them is of docs that are gone goes with headroom_gone, also
 * when a headroom empties that which does not know of this table. */
static const char schema[] =
	"CREATE TABLE IF NOT EXISTS headroom_far (doc INTEGER PRIMARY KEY, maker TEXT NOT NULL, "
	"vec BLOB NOT NULL);"
	"CREATE TRIGGER IF NOT EXISTS headroom_far_come AFTER INSERT ON headroom_far BEGIN"
	"  INSERT INTO headroom_log (doc) VALUES (new.doc);"
	"END;"
	"CREATE TRIGGER IF NOT EXISTS headroom_far_change AFTER UPDATE ON headroom_far BEGIN"
	"  INSERT INTO headroom_log (doc) VALUES (new.doc);"
	"END;"
	"CREATE TRIGGER IF NOT EXISTS headroom_far_go AFTER DELETE ON headroom_gone BEGIN"
	"  DELETE FROM headroom_far WHERE doc = old.doc;"
	"END;";

bool memory_far_is_there(struct memory_store *s)
{
	return memory_has_table(s, "headroom_far");
}

enum err memory_far_make(struct memory_store *s, struct errctx *cx)
{
	enum err e;

	if (memory_far_is_there(s))
		return E_OK;
	TRY(memory_begin(s, cx));
	e = db_exec(&s->db, schema, cx);
	e = e ? e : memory_commit(s, cx);
	if (e)
		memory_rollback(s);
	return e;
}

enum err memory_far_missing(struct memory_store *s, str maker, int64_t behind, size_t limit,
	memory_text_fn fn, void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s,
		"SELECT d.doc, m.content FROM headroom_doc AS d CROSS JOIN memories AS m "
		"ON m.doc = d.doc LEFT JOIN headroom_far AS f ON f.doc = d.doc AND f.maker = ?1 "
		"WHERE d.doc > ?2 AND f.doc IS NULL AND m.valid_until IS NULL "
		"AND m.deleted_at IS NULL ORDER BY d.doc LIMIT ?3",
		&stmt, cx));
	db_bind_text(stmt, 1, maker);
	(void)sqlite3_bind_int64(stmt, 2, behind);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)limit);
	while (!(e = db_step(&s->db, stmt, &has_row, cx)) && has_row)
		fn(self, sqlite3_column_int64(stmt, 0), db_column_blob(stmt, 1));
	memory_finish(s, stmt);
	return e;
}

enum err memory_far_set(
	struct memory_store *s, int64_t number, str maker, str vector, struct errctx *cx)
{
	return memory_vector_put(
		s, MEMORY_VECTOR_PUT("headroom_far", "maker"), number, maker, vector, cx);
}

enum err memory_far_read(struct memory_store *s, int64_t number, str maker, memory_vector_fn fn,
	void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s,
		number ? "SELECT doc, vec FROM headroom_far WHERE maker = ?1 AND doc = ?2"
		       : "SELECT doc, vec FROM headroom_far WHERE maker = ?1 ORDER BY doc",
		&stmt, cx));
	db_bind_text(stmt, 1, maker);
	if (number)
		(void)sqlite3_bind_int64(stmt, 2, number);
	while (!(e = db_step(&s->db, stmt, &has_row, cx)) && has_row)
		fn(self, sqlite3_column_int64(stmt, 0), db_column_blob(stmt, 1));
	memory_finish(s, stmt);
	return e;
}

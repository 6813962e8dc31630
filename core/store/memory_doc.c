#include "core/store/memory_doc.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/attr.h"
#include "core/base/check.h"
#include "core/store/memory_internal.h"
#include "core/store/memory_parts.h"

/* The log is about as long as a process, or an index of very many (memory_parts.h), may be behind that need not read all docs again. */
#define LOG_KEPT "4096"
enum { LOG_CUT = 256 }; /* docs from one cut to the next */

#define TEXT_CHANGED                                                           \
	"old.content IS NOT new.content OR old.speaker IS NOT new.speaker OR " \
	"old.entity_refs IS NOT new.entity_refs OR old.created_at IS NOT new.created_at"
#define STATE_CHANGED                                                                     \
	"old.user_id IS NOT new.user_id OR old.session_id IS NOT new.session_id OR "      \
	"old.importance IS NOT new.importance OR old.valid_until IS NOT new.valid_until " \
	"OR old.deleted_at IS NOT new.deleted_at"

/* Names begin with headroom_: the Python program has an FTS table of its own. Triggers have nothing in them but plain tables
 * (db.c trusts no schema with more), so that any program can write the memories; what the index has to do follows from
 * headroom_gone and from memories without doc. Words are cut already: the tokenizer only splits at blanks. */
const char memory_doc_schema[] =
	"ALTER TABLE memories ADD COLUMN doc INTEGER;"
	"CREATE INDEX headroom_memories_doc ON memories (doc);"
	"CREATE TABLE headroom_doc ("
	"  doc INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  words TEXT NOT NULL,"
	"  length INTEGER NOT NULL,"
	"  hash INTEGER NOT NULL"
	");"
	"CREATE VIRTUAL TABLE headroom_fts USING fts5(words, content='headroom_doc', "
	"content_rowid='doc', tokenize=\"ascii tokenchars '.'\", detail=none, columnsize=0);"
	"CREATE TABLE headroom_vec (doc INTEGER PRIMARY KEY, embedder TEXT NOT NULL, vec BLOB NOT "
	"NULL);"
	"CREATE INDEX headroom_vec_embedder ON headroom_vec (embedder);"
	"CREATE TABLE headroom_gone (doc INTEGER PRIMARY KEY);"
	"CREATE TABLE headroom_log (n INTEGER PRIMARY KEY AUTOINCREMENT, doc INTEGER NOT NULL);"
	"CREATE TRIGGER headroom_doc_come AFTER INSERT ON headroom_doc BEGIN"
	"  INSERT INTO headroom_log (doc) VALUES (new.doc);"
	"END;"
	"CREATE TRIGGER headroom_vec_change AFTER UPDATE ON headroom_vec BEGIN"
	"  INSERT INTO headroom_log (doc) VALUES (new.doc);"
	"END;"
	"CREATE TRIGGER headroom_gone_come AFTER INSERT ON headroom_gone BEGIN"
	"  INSERT INTO headroom_log (doc) VALUES (new.doc);"
	"END;"
	/* INSERT OR REPLACE takes the old row away without a trigger for that. */
	"CREATE TRIGGER headroom_memories_over BEFORE INSERT ON memories WHEN EXISTS "
	"(SELECT 1 FROM memories WHERE id = new.id AND doc IS NOT NULL) BEGIN"
	"  INSERT OR IGNORE INTO headroom_gone SELECT doc FROM memories WHERE id = new.id;"
	"  UPDATE memories SET doc = NULL WHERE id = new.id;"
	"END;"
	"CREATE TRIGGER headroom_memories_text AFTER UPDATE OF content, speaker, entity_refs, "
	"created_at ON memories WHEN old.doc IS NOT NULL AND (" TEXT_CHANGED ") BEGIN"
	"  INSERT OR IGNORE INTO headroom_gone VALUES (old.doc);"
	"  UPDATE memories SET doc = NULL WHERE id = new.id;"
	"END;"
	"CREATE TRIGGER headroom_memories_state AFTER UPDATE OF user_id, session_id, importance, "
	"valid_until, deleted_at ON memories WHEN old.doc IS NOT NULL AND (" STATE_CHANGED ") BEGIN"
	"  INSERT INTO headroom_log (doc) VALUES (old.doc);"
	"END;"
	"CREATE TRIGGER headroom_memories_go AFTER DELETE ON memories WHEN old.doc IS NOT NULL "
	"BEGIN"
	"  INSERT OR IGNORE INTO headroom_gone VALUES (old.doc);"
	"END;";

bool memory_has_docs(const struct memory_store *s)
{
	return s->has_docs;
}

bool memory_has_table(struct memory_store *s, const char *name)
{
	sqlite3_stmt *stmt;
	bool has_row = false;

	if (!memory_has_docs(s) ||
		memory_prepare(s, "SELECT 1 FROM sqlite_schema WHERE name = ?1", &stmt, NULL))
		return false;
	db_bind_text(stmt, 1, str_from(name));
	if (db_step(&s->db, stmt, &has_row, NULL))
		has_row = false;
	memory_finish(s, stmt);
	return has_row;
}

/* ---- writing ---- */

enum err memory_is_done(struct memory_store *s, str embedder, bool *out, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row = false;
	enum err e;

	TRY(memory_prepare(s,
		"SELECT 1 WHERE EXISTS (SELECT 1 FROM memories WHERE doc IS NULL) "
		"OR EXISTS (SELECT 1 FROM headroom_gone) "
		"OR EXISTS (SELECT 1 FROM headroom_vec WHERE embedder < ?1) "
		"OR EXISTS (SELECT 1 FROM headroom_vec WHERE embedder > ?1)",
		&stmt, cx));
	db_bind_text(stmt, 1, embedder);
	e = db_step(&s->db, stmt, &has_row, cx);
	memory_finish(s, stmt);
	*out = !has_row;
	return e;
}

enum err memory_undone(
	struct memory_store *s, size_t limit, struct memory_set *out, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e = E_OK;

	TRY(memory_prepare(s,
		"SELECT " MEMORY_ROW_COLUMNS " FROM memories WHERE doc IS NULL LIMIT ?1", &stmt,
		cx));
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)limit);
	while (!e && !(e = db_step(&s->db, stmt, &has_row, cx)) && has_row)
		e = memory_add_row(out, stmt, cx);
	memory_finish(s, stmt);
	return e;
}

/* Those who are further behind read all docs. Not at each step: that would be a write more. */
static enum err cut_log(struct memory_store *s, int64_t number, struct errctx *cx)
{
	if (number % LOG_CUT)
		return E_OK;
	return db_exec(&s->db,
		"DELETE FROM headroom_log WHERE n <= (SELECT max(n) FROM headroom_log) - " LOG_KEPT,
		cx);
}

enum err memory_doc_add(struct memory_store *s, str id, const struct memory_doc *d, int64_t *number,
	struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(memory_prepare(s, "INSERT INTO headroom_doc (words, length, hash) VALUES (?1, ?2, ?3)",
		&stmt, cx));
	db_bind_text(stmt, 1, d->words);
	(void)sqlite3_bind_int64(stmt, 2, d->length);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)d->hash);
	TRY(memory_run(s, stmt, NULL, cx));
	TRY(memory_docs_most(s, number, cx)); /* the trigger has inserted something else since */
	TRY(memory_prepare(
		s, "INSERT INTO headroom_fts (rowid, words) VALUES (?1, ?2)", &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, *number);
	db_bind_text(stmt, 2, d->words);
	TRY(memory_run(s, stmt, NULL, cx));
	TRY(memory_prepare(s, "UPDATE memories SET doc = ?2 WHERE id = ?1", &stmt, cx));
	db_bind_text(stmt, 1, id);
	(void)sqlite3_bind_int64(stmt, 2, *number);
	TRY(memory_run(s, stmt, NULL, cx));
	return cut_log(s, *number, cx);
}

enum err memory_vector_put(struct memory_store *s, const char *sql, int64_t number, str maker,
	str vector, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(memory_prepare(s, sql, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, number);
	db_bind_text(stmt, 2, maker);
	db_bind_blob(stmt, 3, vector);
	return memory_run(s, stmt, NULL, cx);
}

enum err memory_vector_set(
	struct memory_store *s, int64_t number, str embedder, str vector, struct errctx *cx)
{
	return memory_vector_put(
		s, MEMORY_VECTOR_PUT("headroom_vec", "embedder"), number, embedder, vector, cx);
}

/* Not "<>": that looks at all of them, in each save. */
enum err memory_vectors_old(struct memory_store *s, str embedder, size_t limit, memory_text_fn fn,
	void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s,
		"SELECT v.doc, m.content FROM headroom_vec AS v CROSS JOIN memories AS m "
		"ON m.doc = v.doc WHERE v.embedder < ?1 OR v.embedder > ?1 LIMIT ?2",
		&stmt, cx));
	db_bind_text(stmt, 1, embedder);
	(void)sqlite3_bind_int64(stmt, 2, (int64_t)limit);
	while (!(e = db_step(&s->db, stmt, &has_row, cx)) && has_row)
		fn(self, sqlite3_column_int64(stmt, 0), db_column_blob(stmt, 1));
	memory_finish(s, stmt);
	return e;
}

enum err memory_docs_forget(struct memory_store *s, struct errctx *cx)
{
	int64_t n;

	TRY(memory_query_i64(s, "SELECT EXISTS (SELECT 1 FROM headroom_gone)", &n, cx));
	if (!n)
		return E_OK;
	return db_exec(&s->db,
		"INSERT INTO headroom_fts (headroom_fts, rowid, words) "
		"SELECT 'delete', doc, words FROM headroom_doc "
		"WHERE doc IN (SELECT doc FROM headroom_gone);"
		"DELETE FROM headroom_doc WHERE doc IN (SELECT doc FROM headroom_gone);"
		"DELETE FROM headroom_vec WHERE doc IN (SELECT doc FROM headroom_gone);"
		"DELETE FROM headroom_gone",
		cx);
}

enum err memory_docs_tidy(struct memory_store *s, struct errctx *cx)
{
	TRY(memory_docs_forget(s, cx));
	TRY(memory_parts_drop(s, cx));
	return db_exec(&s->db, "INSERT INTO headroom_fts (headroom_fts) VALUES ('optimize')", cx);
}

enum err memory_docs_drop(struct memory_store *s, struct errctx *cx)
{
	TRY(memory_parts_drop(s, cx));
	return db_exec(&s->db,
		"DELETE FROM headroom_doc; DELETE FROM headroom_vec; DELETE FROM headroom_gone;"
		"INSERT INTO headroom_fts (headroom_fts) VALUES ('delete-all')",
		cx);
}

/* ---- reading ---- */

enum err memory_docs_most(struct memory_store *s, int64_t *out, struct errctx *cx)
{
	return memory_query_i64(
		s, "SELECT seq FROM sqlite_sequence WHERE name = 'headroom_doc'", out, cx);
}

enum err memory_log_ends(struct memory_store *s, int64_t *first, int64_t *last, struct errctx *cx)
{
	TRY(memory_query_i64(s, "SELECT ifnull(min(n), 1) FROM headroom_log", first, cx));
	return memory_query_i64(s, "SELECT ifnull(max(n), 0) FROM headroom_log", last, cx);
}

/* The first column of all rows. */
static enum err each_number(struct memory_store *s, sqlite3_stmt *stmt, memory_number_fn fn,
	void *self, struct errctx *cx)
{
	bool has_row;
	enum err e;

	while (!(e = db_step(&s->db, stmt, &has_row, cx)) && has_row)
		fn(self, sqlite3_column_int64(stmt, 0));
	memory_finish(s, stmt);
	return e;
}

enum err memory_log_read(
	struct memory_store *s, int64_t behind, memory_number_fn fn, void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(memory_prepare(
		s, "SELECT DISTINCT doc FROM headroom_log WHERE n > ?1 ORDER BY doc", &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, behind);
	return each_number(s, stmt, fn, self, cx);
}

#define DOC_COLUMNS                                                            \
	"SELECT d.doc, d.length, d.hash, m.user_id, m.session_id, m.speaker, " \
	"m.entity_refs, m.created_at, m.importance, "                          \
	"m.valid_until IS NULL AND m.deleted_at IS NULL, v.vec "               \
	"FROM headroom_doc AS d CROSS JOIN memories AS m ON m.doc = d.doc "    \
	"LEFT JOIN headroom_vec AS v ON v.doc = d.doc AND v.embedder = ?1 "

static struct memory_doc_row row_of(sqlite3_stmt *stmt)
{
	struct memory_doc_row row = {.number = sqlite3_column_int64(stmt, 0),
		.doc = {.length = (uint32_t)sqlite3_column_int64(stmt, 1),
			.hash = (uint64_t)sqlite3_column_int64(stmt, 2)},
		.user = db_column_blob(stmt, 3),
		.session = db_column_blob(stmt, 4),
		.speaker = db_column_blob(stmt, 5),
		.entities = db_column_blob(stmt, 6),
		.created_ms = memory_column_time(stmt, 7),
		.importance = sqlite3_column_double(stmt, 8),
		.is_current = sqlite3_column_int(stmt, 9) != 0,
		.vector = db_column_blob(stmt, 10)};

	if (row.created_ms == MEMORY_NO_TIME)
		row.created_ms = 0;
	return row;
}

enum err memory_docs(struct memory_store *s, int64_t number, str embedder, memory_doc_fn fn,
	void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s,
		number ? DOC_COLUMNS "WHERE d.doc = ?2" : DOC_COLUMNS "ORDER BY d.doc", &stmt, cx));
	memory_bind_text(stmt, 1, embedder);
	if (number)
		(void)sqlite3_bind_int64(stmt, 2, number);
	while (!(e = db_step(&s->db, stmt, &has_row, cx)) && has_row) {
		struct memory_doc_row row = row_of(stmt);

		fn(self, &row);
	}
	memory_finish(s, stmt);
	return e;
}

enum err memory_vector_read(struct memory_store *s, int64_t number, str embedder,
	memory_vector_fn fn, void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(
		s, "SELECT vec FROM headroom_vec WHERE doc = ?1 AND embedder = ?2", &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, number);
	db_bind_text(stmt, 2, embedder);
	e = db_step(&s->db, stmt, &has_row, cx);
	if (!e && has_row)
		fn(self, number, db_column_blob(stmt, 0));
	memory_finish(s, stmt);
	return e;
}

enum err memory_docs_passing(struct memory_store *s, const struct memory_filter *f,
	memory_number_fn fn, void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(memory_prepare(
		s, "SELECT doc FROM memories " MEMORY_FILTER_SQL "AND doc IS NOT NULL", &stmt, cx));
	memory_bind_filter(stmt, f);
	return each_number(s, stmt, fn, self, cx);
}

/* A phrase of one word, with the tokenizer's quotes; words have none in them. */
enum err memory_docs_with(struct memory_store *s, str word, int64_t behind, memory_number_fn fn,
	void *self, struct errctx *cx)
{
	enum { WORD_MAX = 96 };
	char phrase[WORD_MAX + 3];
	sqlite3_stmt *stmt;

	ASSERT(word.n <= WORD_MAX && str_find_byte(word, '"') == STR_NONE);
	(void)snprintf(phrase, sizeof phrase, "\"" STR_FMT "\"", STR_ARG(word));
	TRY(memory_prepare(s,
		"SELECT rowid FROM headroom_fts WHERE headroom_fts MATCH ?1 AND rowid > ?2 "
		"ORDER BY rowid",
		&stmt, cx));
	db_bind_text(stmt, 1, str_from(phrase));
	(void)sqlite3_bind_int64(stmt, 2, behind);
	return each_number(s, stmt, fn, self, cx);
}

enum err memory_of_doc(
	struct memory_store *s, int64_t number, struct memory_set *out, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(
		s, "SELECT " MEMORY_ROW_COLUMNS " FROM memories WHERE doc = ?1", &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, number);
	e = db_step(&s->db, stmt, &has_row, cx);
	if (!e && has_row)
		e = memory_add_row(out, stmt, cx);
	memory_finish(s, stmt);
	return e;
}

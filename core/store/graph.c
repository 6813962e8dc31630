#include "core/store/graph.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/base/check.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/db.h"

struct graph_db {
	struct db db;
};

enum {
	VERSION = 4, /* of the tables, and of what is written to them */
	BUSY_MS = 10 * 1000,
};

static const char tables[] = "DROP TABLE IF EXISTS graph_symbol; DROP TABLE IF EXISTS graph_file;"
			     "CREATE TABLE graph_file ("
			     "  id INTEGER PRIMARY KEY,"
			     "  path TEXT NOT NULL UNIQUE,"
			     "  bytes INTEGER NOT NULL,"
			     "  changed_ns INTEGER NOT NULL"
			     ") STRICT;"
			     "CREATE TABLE graph_symbol ("
			     "  file INTEGER NOT NULL,"
			     "  kind INTEGER NOT NULL," /* enum graph_kind */
			     "  first INTEGER NOT NULL,"
			     "  last INTEGER NOT NULL,"
			     "  name TEXT NOT NULL,"
			     "  within TEXT NOT NULL"
			     ") STRICT;"
			     "CREATE INDEX graph_symbol_by_file ON graph_symbol (file, kind);"
			     "CREATE INDEX graph_symbol_by_name ON graph_symbol (name, kind);"
			     "CREATE INDEX graph_symbol_by_within ON graph_symbol (within, kind);"
			     "PRAGMA user_version = 4;";

static enum err make_file(const char *path, struct errctx *cx)
{
	char why[FILE_ERRNO_TEXT], dir[4096];
	size_t slash = str_rfind_byte(str_from(path), '/');

	if (slash != STR_NONE && slash && slash < sizeof dir) {
		memcpy(dir, path, slash);
		dir[slash] = '\0';
		TRY(file_mkdirs(dir, 0700, cx));
	}
	if (mknod(path, S_IFREG | 0600, 0) != 0 && errno != EEXIST)
		FAIL(cx, file_err(errno), "cannot create %s: %s", path, file_err_text(errno, why));
	return E_OK;
}

static enum err make_tables(struct db *db, struct errctx *cx)
{
	int64_t version = 0;

	TRY(db_exec(db, "PRAGMA synchronous = OFF", cx));
	TRY(db_query_i64(db, "PRAGMA user_version", &version, cx));
	if (version == VERSION)
		return E_OK;
	TRY(db_run_plain(db, DB_BEGIN, cx));
	/* somebody else may have been first */
	TRY(db_query_i64(db, "PRAGMA user_version", &version, cx));
	if (version != VERSION)
		TRY(db_exec(db, tables, cx));
	return db_run_plain(db, DB_COMMIT, cx);
}

enum err graph_db_open(const char *path, struct graph_db **out, struct errctx *cx)
{
	struct graph_db *g;
	enum err e;

	*out = NULL;
	TRY(make_file(path, cx));
	g = mem_zalloc(sizeof *g);
	if (!g)
		FAIL(cx, E_NOMEM, "%s", err_text(E_NOMEM));
	e = db_open(path, DB_WRITE, BUSY_MS, &g->db, cx);
	if (e) {
		mem_free(g);
		return e;
	}
	e = make_tables(&g->db, cx);
	if (e) {
		db_rollback(&g->db);
		graph_db_close(g);
		return e;
	}
	*out = g;
	return E_OK;
}

void graph_db_close(struct graph_db *g)
{
	if (!g)
		return;
	db_close(&g->db);
	mem_free(g);
}

enum err graph_db_begin(struct graph_db *g, struct errctx *cx)
{
	return db_run_plain(&g->db, DB_BEGIN, cx);
}

enum err graph_db_commit(struct graph_db *g, struct errctx *cx)
{
	TRY(db_run_plain(&g->db, DB_COMMIT, cx));
	db_checkpoint(&g->db, DB_WAL_GROWN);
	return E_OK;
}

void graph_db_rollback(struct graph_db *g)
{
	db_rollback(&g->db);
}

enum err graph_db_drop(struct graph_db *g, str path, struct errctx *cx)
{
	static const enum db_stmt steps[] = {DB_GRAPH_ROWS_DROP, DB_GRAPH_FILE_DROP};
	sqlite3_stmt *s;

	for (size_t i = 0; i < ARRAY_N(steps); i++) {
		TRY(db_prepare(&g->db, steps[i], &s, cx));
		db_bind_text(s, 1, path);
		TRY(db_run(&g->db, s, cx));
	}
	return E_OK;
}

enum err graph_db_put(struct graph_db *g, const struct graph_file *file,
	const struct graph_row *rows, size_t n, struct errctx *cx)
{
	sqlite3_stmt *s;
	int64_t id;

	TRY(graph_db_drop(g, file->path, cx));
	TRY(db_prepare(&g->db, DB_GRAPH_FILE_ADD, &s, cx));
	db_bind_text(s, 1, file->path);
	(void)sqlite3_bind_int64(s, 2, file->bytes);
	(void)sqlite3_bind_int64(s, 3, file->changed_ns);
	TRY(db_run(&g->db, s, cx));
	id = sqlite3_last_insert_rowid(g->db.handle);
	for (size_t i = 0; i < n; i++) {
		TRY(db_prepare(&g->db, DB_GRAPH_ROW_ADD, &s, cx));
		(void)sqlite3_bind_int64(s, 1, id);
		(void)sqlite3_bind_int(s, 2, (int)rows[i].kind);
		(void)sqlite3_bind_int64(s, 3, rows[i].first);
		(void)sqlite3_bind_int64(s, 4, rows[i].last);
		db_bind_text(s, 5, rows[i].name);
		db_bind_text(s, 6, rows[i].within);
		TRY(db_run(&g->db, s, cx));
	}
	return E_OK;
}

enum err graph_db_files(struct graph_db *g, graph_each_file *each, void *self, struct errctx *cx)
{
	sqlite3_stmt *s;
	bool has_row = true;

	TRY(db_prepare(&g->db, DB_GRAPH_FILES, &s, cx));
	for (;;) {
		TRY(db_step(&g->db, s, &has_row, cx));
		if (!has_row)
			break;
		each(self, &(struct graph_file){db_column_blob(s, 0), sqlite3_column_int64(s, 1),
				   sqlite3_column_int64(s, 2)});
	}
	(void)sqlite3_reset(s);
	return E_OK;
}

enum err graph_db_ask(struct graph_db *g, enum graph_question question, str what, uint32_t limit,
	graph_each_row *each, void *self, struct errctx *cx)
{
	static const enum db_stmt questions[GRAPH_QUESTION_N] = {
		[GRAPH_DEFINED] = DB_GRAPH_DEFINED,
		[GRAPH_ALIKE] = DB_GRAPH_ALIKE,
		[GRAPH_CALLERS] = DB_GRAPH_CALLERS,
		[GRAPH_REACHED] = DB_GRAPH_REACHED,
		[GRAPH_CALLS] = DB_GRAPH_CALLS,
		[GRAPH_IMPORTS] = DB_GRAPH_IMPORTS,
		[GRAPH_IMPORTERS] = DB_GRAPH_IMPORTERS,
		[GRAPH_OUTLINE] = DB_GRAPH_OUTLINE,
	};
	sqlite3_stmt *s;
	bool has_row = true;

	ASSERT(question < GRAPH_QUESTION_N);
	TRY(db_prepare(&g->db, questions[question], &s, cx));
	db_bind_text(s, 1, what);
	(void)sqlite3_bind_int64(s, 2, limit);
	for (;;) {
		TRY(db_step(&g->db, s, &has_row, cx));
		if (!has_row)
			break;
		each(self, db_column_blob(s, 0),
			&(struct graph_row){(enum graph_kind)sqlite3_column_int(s, 1),
				(uint32_t)sqlite3_column_int64(s, 2),
				(uint32_t)sqlite3_column_int64(s, 3), db_column_blob(s, 4),
				db_column_blob(s, 5)});
	}
	(void)sqlite3_reset(s);
	return E_OK;
}

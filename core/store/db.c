#include "core/store/db.h"

#include <string.h>
#include <time.h>

#include "core/base/attr.h"
#include "core/base/check.h"

static const char *const statements[DB_STATEMENTS_N] = {
#define X(name, sql) [DB_##name] = (sql),
	DB_STATEMENTS(X)
#undef X
};

static enum err err_of(int rc)
{
	switch (rc & 0xff) { /* the primary result code */
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return E_BUSY;
	case SQLITE_NOMEM:
		return E_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_FORMAT:
		return E_VERIFY;
	case SQLITE_NOTADB:
		return E_CONFIG;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return E_PERMISSION;
	case SQLITE_TOOBIG:
		return E_TOO_BIG;
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
		return E_IO;
	default:
		return E_INTERNAL;
	}
}

enum err db_fail(struct db *db, int rc, struct errctx *cx)
{
	const char *file = sqlite3_db_filename(db->handle, "main");

	if (rc == SQLITE_OK)
		rc = sqlite3_extended_errcode(db->handle);
	if (db->is_memory || !file)
		file = "store";
	return err_set(
		cx, err_of(rc), "%s: %s (SQLite error %d)", file, sqlite3_errmsg(db->handle), rc);
}

enum err db_prepare(struct db *db, enum db_stmt which, sqlite3_stmt **out, struct errctx *cx)
{
	sqlite3_stmt **stmt = &db->stmts[which];

	if (!*stmt) {
		int rc = sqlite3_prepare_v3(
			db->handle, statements[which], -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);

		if (rc != SQLITE_OK)
			return db_fail(db, rc, cx);
	}
	(void)sqlite3_reset(*stmt);
	(void)sqlite3_clear_bindings(*stmt);
	*out = *stmt;
	return E_OK;
}

enum err db_step(struct db *db, sqlite3_stmt *stmt, bool *has_row, struct errctx *cx)
{
	int rc = sqlite3_step(stmt);

	*has_row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return E_OK;
	enum err e = db_fail(db, rc, cx);

	(void)sqlite3_reset(stmt);
	return e;
}

enum err db_run(struct db *db, sqlite3_stmt *stmt, struct errctx *cx)
{
	bool has_row = true;

	while (has_row)
		TRY(db_step(db, stmt, &has_row, cx));
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err db_run_plain(struct db *db, enum db_stmt which, struct errctx *cx)
{
	sqlite3_stmt *stmt = NULL;

	TRY(db_prepare(db, which, &stmt, cx));
	return db_run(db, stmt, cx);
}

enum err db_exec(struct db *db, const char *sql, struct errctx *cx)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? E_OK : db_fail(db, rc, cx);
}

enum err db_query_i64(struct db *db, const char *sql, int64_t *out, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return db_fail(db, rc, cx);
	e = db_step(db, stmt, &has_row, cx);
	if (!e)
		*out = has_row ? sqlite3_column_int64(stmt, 0) : 0;
	(void)sqlite3_finalize(stmt);
	return e;
}

void db_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->handle))
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

void db_bind_blob(sqlite3_stmt *stmt, int at, str s)
{
	/* A NULL pointer would bind NULL, not an empty value. */
	ASSERT(sqlite3_bind_blob64(stmt, at, s.n ? s.p : "", s.n, SQLITE_STATIC) == SQLITE_OK);
}

void db_bind_text(sqlite3_stmt *stmt, int at, str s)
{
	ASSERT(sqlite3_bind_text64(stmt, at, s.n ? s.p : "", s.n, SQLITE_STATIC, SQLITE_UTF8) ==
		SQLITE_OK);
}

str db_column_blob(sqlite3_stmt *stmt, int at)
{
	const char *p = sqlite3_column_blob(stmt, at); /* before the size: that is SQLite's rule */

	return (str){p, (size_t)sqlite3_column_bytes(stmt, at)};
}

static int on_commit(void *arg, sqlite3 *handle, const char *name, int wal_pages)
{
	struct db *db = arg;

	(void)handle;
	(void)name;
	db->wal_pages = wal_pages;
	return SQLITE_OK;
}

bool db_wants_checkpoint(const struct db *db, enum db_wal size)
{
	return db->wal_pages >= (int)size;
}

void db_checkpoint(struct db *db, enum db_wal size)
{
	if (!db_wants_checkpoint(db, size))
		return;
	db->wal_pages = 0;
	(void)sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* Changing a new file to WAL answers SQLITE_BUSY at once, without the busy handler, while another
 * process does the same; so wait here. */
static enum err set_wal(struct db *db, int busy_ms, struct errctx *cx)
{
	enum { STEP_MS = 5 };
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
	enum err e;

	for (int waited = 0;; waited += STEP_MS) {
		e = db_exec(db, "PRAGMA journal_mode = WAL", cx);
		if (e != E_BUSY || waited >= busy_ms)
			return e;
		(void)nanosleep(&step, NULL);
	}
}

static enum err set_up_writer(struct db *db, bool is_power_safe, int busy_ms, struct errctx *cx)
{
	int64_t pages_n = 0;

	/* Before WAL, and only while the file is empty: later it does nothing but write. */
	TRY(db_query_i64(db, "PRAGMA page_count", &pages_n, cx));
	if (!pages_n)
		TRY(db_exec(db, "PRAGMA auto_vacuum = INCREMENTAL", cx));
	TRY(set_wal(db, busy_ms, cx)); /* in memory there is none, and SQLite says so in a row */
	TRY(db_exec(db,
		"PRAGMA secure_delete = FAST;"   /* deleted texts do not stay in reused pages */
		"PRAGMA wal_autocheckpoint = 0;" /* db_checkpoint does it */
		"PRAGMA cache_size = -512;" /* KiB; what a larger batch has written goes into the WAL before its end */
		"PRAGMA journal_size_limit = 16777216", /* a WAL that grew is cut back */
		cx));
	(void)sqlite3_wal_hook(db->handle, on_commit, db);
	return db_exec(db,
		is_power_safe ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", cx);
}

static enum err set_up(struct db *db, enum db_mode mode, int busy_ms, struct errctx *cx)
{
	(void)sqlite3_extended_result_codes(db->handle, 1);
	(void)sqlite3_busy_timeout(db->handle, busy_ms);
	/* The file may have been made by somebody else: no SQL of its schema gets more than it
	 * needs. */
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	TRY(db_exec(db, "PRAGMA cell_size_check = ON", cx));
	if (db->is_memory) /* what SQLite sorts or may have to undo goes to no file either */
		TRY(db_exec(db, "PRAGMA temp_store = MEMORY", cx));
	if (mode <= DB_READ_FROZEN)
		return E_OK;
	return set_up_writer(db, mode == DB_WRITE_POWER_SAFE, busy_ms, cx);
}

enum err db_open(const char *path, enum db_mode mode, int busy_ms, struct db *db, struct errctx *cx)
{
	int flags = mode <= DB_READ_FROZEN ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	enum err e;
	int rc;

	*db = (struct db){.is_memory = str_starts(str_from(path), STR(DB_MEMORY_PREFIX))};
	if (db->is_memory || mode == DB_READ_FROZEN)
		flags |= SQLITE_OPEN_URI;
	rc = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (!db->handle)
		FAIL(cx, E_NOMEM, "no memory to open %s", path);
	e = rc == SQLITE_OK ? set_up(db, mode, busy_ms, cx) : db_fail(db, rc, cx);
	if (e)
		db_close(db);
	return e;
}

void db_close(struct db *db)
{
	for (size_t i = 0; i < ARRAY_N(db->stmts); i++)
		(void)sqlite3_finalize(db->stmts[i]);
	(void)sqlite3_close(db->handle);
	*db = (struct db){0};
}

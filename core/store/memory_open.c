/* The file of memories: opening, its tables, and times as they stand there. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/attr.h"
#include "core/base/check.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/store/memory_internal.h"

enum {
	BUSY_MS = 5000,              /* as long as the store of originals waits */
	APPLICATION_ID = 0x48644d6d, /* "HdMm"; 0 in files of the Python program */
};

/* A step never changes once it was released; a new version is a new step. The first one makes what a file of the Python
 * program has already. */
static const char *const steps[] = {
	"CREATE TABLE IF NOT EXISTS memories ("
	"  id TEXT PRIMARY KEY,"
	"  content TEXT NOT NULL,"
	"  user_id TEXT NOT NULL,"
	"  session_id TEXT,"
	"  agent_id TEXT,"
	"  turn_id TEXT,"
	"  created_at TEXT NOT NULL,"
	"  valid_from TEXT NOT NULL,"
	"  valid_until TEXT,"
	"  category TEXT NOT NULL DEFAULT '',"
	"  importance REAL NOT NULL DEFAULT 0.5,"
	"  supersedes TEXT,"
	"  superseded_by TEXT,"
	"  promoted_from TEXT,"
	"  promotion_chain TEXT DEFAULT '[]',"
	"  access_count INTEGER DEFAULT 0,"
	"  last_accessed TEXT,"
	"  entity_refs TEXT DEFAULT '[]',"
	"  embedding BLOB,"
	"  metadata TEXT DEFAULT '{}'"
	");"
	"ALTER TABLE memories ADD COLUMN speaker TEXT;"
	"ALTER TABLE memories ADD COLUMN content_hash TEXT;" /* memory_hash */
	"ALTER TABLE memories ADD COLUMN deleted_at TEXT;"
	"CREATE INDEX IF NOT EXISTS headroom_memories_hash ON memories (content_hash, user_id);"
	"CREATE INDEX IF NOT EXISTS headroom_memories_user ON memories (user_id, created_at);"
	"CREATE INDEX IF NOT EXISTS headroom_memories_deleted ON memories (deleted_at) "
	"WHERE deleted_at IS NOT NULL;"
	"CREATE TABLE memory_edits ("
	"  id INTEGER PRIMARY KEY,"
	"  memory_id TEXT NOT NULL,"
	"  at TEXT NOT NULL,"
	"  action TEXT NOT NULL,"
	"  agent TEXT,"
	"  reason TEXT,"
	"  previous_content TEXT"
	");"
	"CREATE INDEX headroom_memory_edits ON memory_edits (memory_id);",
	memory_doc_schema,
};

static enum err read_version(
	struct memory_store *s, int64_t *version, bool *is_foreign, struct errctx *cx)
{
	const char *file = sqlite3_db_filename(s->db.handle, "main");
	int64_t application, tables, memories;

	TRY(db_query_i64(&s->db, "PRAGMA application_id", &application, cx));
	TRY(db_query_i64(&s->db, "PRAGMA user_version", version, cx));
	TRY(db_query_i64(&s->db, "SELECT count(*) FROM sqlite_schema", &tables, cx));
	TRY(db_query_i64(&s->db,
		"SELECT count(*) FROM pragma_table_info('memories') "
		"WHERE name IN ('id', 'content', 'user_id', 'valid_until', 'entity_refs')",
		&memories, cx));
	/* Somebody who makes it has not written to it yet, or died before. */
	if (!s->is_writable && !application && !tables)
		FAIL(cx, E_NOT_FOUND, "nothing is remembered in %s yet", file);
	*is_foreign = application != APPLICATION_ID;
	s->has_docs = !*is_foreign && *version >= MEMORY_DOC_VERSION;
	if (*is_foreign) {
		*version = 0;
		if (application || (tables && memories != 5))
			FAIL(cx, E_CONFIG, "%s is the database of another program", file);
	} else if (*version > (int64_t)ARRAY_N(steps)) {
		FAIL(cx, E_UNSUPPORTED, "%s was written by a newer headroom: upgrade", file);
	}
	return E_OK;
}

/* Rows that another program has written have no hash yet. */
static enum err fill_hashes(struct memory_store *s, struct errctx *cx)
{
	for (;;) {
		sqlite3_stmt *find, *set;
		char hash[MEMORY_HASH_HEX + 1];
		int64_t row;
		bool has_row;
		enum err e;

		TRY(memory_prepare(s,
			"SELECT rowid, content FROM memories WHERE content_hash IS NULL LIMIT 1",
			&find, cx));
		e = db_step(&s->db, find, &has_row, cx);
		if (e || !has_row) {
			memory_finish(s, find);
			return e;
		}
		row = sqlite3_column_int64(find, 0);
		memory_hash(db_column_blob(find, 1), hash);
		memory_finish(s, find);
		TRY(memory_prepare(
			s, "UPDATE memories SET content_hash = ?2 WHERE rowid = ?1", &set, cx));
		(void)sqlite3_bind_int64(set, 1, row);
		db_bind_text(set, 2, str_from(hash));
		TRY(memory_run(s, set, NULL, cx));
	}
}

static enum err forget_deleted(struct memory_store *s, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(memory_prepare(s, "DELETE FROM memories WHERE deleted_at < ?1", &stmt, cx));
	memory_bind_time(stmt, 1, clock_wall_ms(s->clock) - MEMORY_KEEP_DELETED_MS);
	TRY(memory_run(s, stmt, NULL, cx));
	return db_exec(&s->db,
		"DELETE FROM memory_edits WHERE memory_id NOT IN (SELECT id FROM memories)", cx);
}

static enum err take_steps(struct memory_store *s, struct errctx *cx)
{
	bool is_foreign;
	int64_t version;
	char sql[96];

	TRY(read_version(s, &version, &is_foreign, cx)); /* again: now nobody else can change it */
	for (; version < (int64_t)ARRAY_N(steps); version++)
		TRY(db_exec(&s->db, steps[version], cx));
	(void)snprintf(sql, sizeof sql,
		"PRAGMA application_id = %d; PRAGMA user_version = %" PRId64, APPLICATION_ID,
		version);
	s->has_docs = true;
	return db_exec(&s->db, sql, cx);
}

/* Writes nothing when there is nothing to do. */
static enum err migrate(struct memory_store *s, struct errctx *cx)
{
	bool is_foreign;
	int64_t version, due = 1;
	enum err e;

	TRY(read_version(s, &version, &is_foreign, cx));
	if (version == (int64_t)ARRAY_N(steps))
		TRY(db_query_i64(&s->db,
			"SELECT EXISTS (SELECT 1 FROM memories WHERE content_hash IS NULL) OR "
			"EXISTS (SELECT 1 FROM memories WHERE deleted_at IS NOT NULL)",
			&due, cx));
	if (!due)
		return E_OK;
	TRY(memory_begin(s, cx));
	e = take_steps(s, cx);
	e = e ? e : fill_hashes(s, cx);
	e = e ? e : forget_deleted(s, cx);
	e = e ? e : memory_commit(s, cx);
	if (e)
		memory_rollback(s);
	return e;
}

static enum err fail_path(struct errctx *cx, const char *what, const char *path)
{
	char text[FILE_ERRNO_TEXT];
	int errnum = errno;

	return err_set(
		cx, file_err(errnum), "cannot %s %s: %s", what, path, file_err_text(errnum, text));
}

/* The file is never opened here: closing a descriptor drops the locks that another handle of this process has on it. */
static enum err make_file(const char *path, struct errctx *cx)
{
	char dir[4096];
	size_t slash = str_rfind_byte(str_from(path), '/');

	if (slash != STR_NONE && slash > 0) {
		if (slash >= sizeof dir)
			FAIL(cx, E_CONFIG, "the name of the database is too long");
		(void)snprintf(dir, sizeof dir, "%.*s", (int)slash, path);
		TRY(file_mkdirs(dir, 0700, cx));
	}
	if (mknod(path, S_IFREG | 0600, 0) != 0 && errno != EEXIST)
		return fail_path(cx, "create", path);
	return E_OK;
}

static void close_file(struct memory_store *s)
{
	for (size_t i = 0; i < MEMORY_STATEMENTS && s->statements[i].sql; i++)
		(void)sqlite3_finalize(s->statements[i].stmt);
	db_close(&s->db);
}

/* A pipe would be waited for, and a directory has no good message of SQLite's. */
static enum err check_kind(const char *path, struct stat *st, struct errctx *cx)
{
	if (stat(path, st) != 0)
		return fail_path(cx, "open", path);
	if (!S_ISREG(st->st_mode))
		FAIL(cx, E_CONFIG, "%s is no regular file", path);
	return E_OK;
}

/* To be a writer changes a file (WAL): first it is looked at whether it is one of memories. */
static enum err check_ours(
	const struct memory_store *s, const char *path, const struct stat *st, struct errctx *cx)
{
	struct memory_store look = {.clock = s->clock, .is_writable = true};
	bool is_foreign;
	int64_t version;
	enum err e;

	if (!st->st_size)
		return E_OK;
	TRY(db_open(path, DB_READ, BUSY_MS, &look.db, cx));
	e = read_version(&look, &version, &is_foreign, cx);
	close_file(&look);
	return e;
}

static enum err open_writer(struct memory_store *s, const char *path, struct errctx *cx)
{
	struct stat st;
	enum err e;

	TRY(make_file(path, cx));
	TRY(check_kind(path, &st, cx));
	if (access(path, R_OK | W_OK) != 0)
		return fail_path(cx, "write to", path);
	TRY(check_ours(s, path, &st, cx));
	/* Only its owner may, and may have given it to a group. */
	if (st.st_uid == geteuid() && (st.st_mode & 0077) != 0 && chmod(path, 0600) != 0)
		return fail_path(cx, "make private", path);
	TRY(db_open(path, DB_WRITE, BUSY_MS, &s->db, cx));
	/* Those of memory_doc.c. A trigger of somebody else's file can change that file and nothing else (db.c: TRUSTED_SCHEMA). */
	(void)sqlite3_db_config(s->db.handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	e = migrate(s, cx);
	if (e)
		close_file(s);
	return e;
}

/* The URI of a file that does not change (sqlite.org/uri.html, sections 3.1 and 3.3). */
static bool frozen_uri(const char *path, struct buf *out)
{
	buf_add_c(out, "file:");
	for (; *path; path++)
		if (strchr("%?#", *path))
			buf_printf(out, "%%%02x", (unsigned)(unsigned char)*path);
		else
			buf_add_byte(out, *path);
	buf_add_c(out, "?immutable=1");
	buf_add_byte(out, '\0');
	return !out->err;
}

/* Where we may not make the files that SQLite has beside a WAL database, and nobody has made them, nobody writes: a mount
 * to read only, the directory of another user. */
static bool is_frozen(const char *path)
{
	char name[4096 + 8], *slash;

	if ((size_t)snprintf(name, sizeof name, "%s-wal", path) >= sizeof name ||
		access(name, F_OK) == 0)
		return false;
	slash = strrchr(name, '/');
	if (slash)
		slash[slash == name] = '\0';
	return access(slash ? name : ".", W_OK) != 0;
}

static enum err open_reader(struct memory_store *s, const char *path, struct errctx *cx)
{
	struct buf uri;
	struct stat st;
	int64_t version;
	enum err e;

	TRY(check_kind(path, &st, cx));
	if (access(path, R_OK) != 0)
		return fail_path(cx, "open", path);
	s->is_frozen = is_frozen(path);
	buf_init(&uri, sizeof(char[3 * 4096]));
	if (s->is_frozen && frozen_uri(path, &uri))
		e = db_open(uri.p, DB_READ_FROZEN, BUSY_MS, &s->db, cx);
	else
		e = db_open(path, DB_READ, BUSY_MS, &s->db, cx);
	buf_release(&uri);
	TRY(e);
	e = read_version(s, &version, &s->is_foreign, cx);
	if (e)
		close_file(s);
	return e;
}

enum err memory_store_open(const char *path, enum memory_mode mode, const struct clock *clock,
	struct memory_store **out, struct errctx *cx)
{
	struct memory_store *s = mem_zalloc(sizeof *s);
	enum err e;

	*out = NULL;
	if (!s)
		FAIL(cx, E_NOMEM, "no memory to open %s", path);
	s->clock = clock;
	s->is_writable = mode == MEMORY_WRITE;
	e = s->is_writable ? open_writer(s, path, cx) : open_reader(s, path, cx);
	if (e) {
		mem_free(s);
		return e;
	}
	*out = s;
	return E_OK;
}

void memory_store_close(struct memory_store *s)
{
	if (!s)
		return;
	close_file(s);
	mem_free(s);
}

enum err memory_store_version(struct memory_store *s, int64_t *out, struct errctx *cx)
{
	return memory_query_i64(s, "PRAGMA data_version", out, cx);
}

bool memory_is_foreign(const struct memory_store *s)
{
	return s->is_foreign;
}

bool memory_is_frozen(const struct memory_store *s)
{
	return s->is_frozen;
}

bool memory_is_writable(const struct memory_store *s)
{
	return s->is_writable;
}

bool memory_is_changing(const struct memory_store *s)
{
	return s->is_in_transaction;
}

/* ---- statements and values ---- */

enum err memory_prepare(
	struct memory_store *s, const char *sql, sqlite3_stmt **out, struct errctx *cx)
{
	struct memory_statement *kept = s->statements;
	size_t i = 0;
	int rc;

	while (i < MEMORY_STATEMENTS && kept[i].sql && (kept[i].sql != sql || kept[i].is_used))
		i++;
	if (i < MEMORY_STATEMENTS && kept[i].sql) {
		kept[i].is_used = true;
		*out = kept[i].stmt;
		return E_OK;
	}
	rc = sqlite3_prepare_v2(s->db.handle, sql, -1, out, NULL);
	if (rc != SQLITE_OK)
		return db_fail(&s->db, rc, cx);
	if (i < MEMORY_STATEMENTS)
		kept[i] = (struct memory_statement){sql, *out, true};
	return E_OK;
}

void memory_finish(struct memory_store *s, sqlite3_stmt *stmt)
{
	for (size_t i = 0; i < MEMORY_STATEMENTS && s->statements[i].sql; i++)
		if (s->statements[i].stmt == stmt) {
			(void)sqlite3_reset(stmt);
			(void)sqlite3_clear_bindings(stmt);
			s->statements[i].is_used = false;
			return;
		}
	(void)sqlite3_finalize(stmt);
}

enum err memory_query_i64(struct memory_store *s, const char *sql, int64_t *out, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s, sql, &stmt, cx));
	e = db_step(&s->db, stmt, &has_row, cx);
	if (!e)
		*out = has_row ? sqlite3_column_int64(stmt, 0) : 0;
	memory_finish(s, stmt);
	return e;
}

enum err memory_run(struct memory_store *s, sqlite3_stmt *stmt, int64_t *changed, struct errctx *cx)
{
	enum err e = db_run(&s->db, stmt, cx);

	if (!e && changed)
		*changed = sqlite3_changes64(s->db.handle);
	memory_finish(s, stmt);
	return e;
}

enum err memory_begin(struct memory_store *s, struct errctx *cx)
{
	TRY(db_run_plain(&s->db, DB_BEGIN, cx));
	s->is_in_transaction = true;
	return E_OK;
}

enum err memory_commit(struct memory_store *s, struct errctx *cx)
{
	TRY(db_run_plain(&s->db, DB_COMMIT, cx));
	s->is_in_transaction = false;
	db_checkpoint(&s->db, DB_WAL_GROWN);
	return E_OK;
}

void memory_rollback(struct memory_store *s)
{
	db_rollback(&s->db);
	s->is_in_transaction = false;
}

void memory_bind_text(sqlite3_stmt *stmt, int at, str s)
{
	if (s.n)
		db_bind_text(stmt, at, s);
	else
		(void)sqlite3_bind_null(stmt, at);
}

void memory_bind_time(sqlite3_stmt *stmt, int at, int64_t ms)
{
	char text[MEMORY_STAMP_LEN + 1];

	if (ms == MEMORY_NO_TIME) {
		(void)sqlite3_bind_null(stmt, at);
		return;
	}
	clock_format(ms > 0 ? ms : 0, text);         /* which knows no years before 1970 */
	memcpy(text + CLOCK_TIME_LEN - 1, "000", 4); /* for the Z */
	ASSERT(sqlite3_bind_text(stmt, at, text, MEMORY_STAMP_LEN, SQLITE_TRANSIENT) == SQLITE_OK);
}

int64_t memory_column_time(sqlite3_stmt *stmt, int at)
{
	enum { LONGEST = 40 };
	str s = db_column_blob(stmt, at);
	char text[LONGEST + 2];
	int64_t ms;

	if (s.n < 10 || s.n > LONGEST)
		return MEMORY_NO_TIME;
	if (clock_parse(s, &ms))
		return ms > 0 ? ms : 0;
	memcpy(text, s.p, s.n);
	text[s.n] = 'Z';
	if (!clock_parse((str){text, s.n + 1}, &ms))
		return MEMORY_NO_TIME;
	return ms > 0 ? ms : 0;
}

void memory_hash(str content, char out[MEMORY_HASH_HEX + 1])
{
	char hex[SHA256_HEX + 1];

	sha256_hex(content, hex);
	memcpy(out, hex, MEMORY_HASH_HEX);
	out[MEMORY_HASH_HEX] = '\0';
}

#include "core/store/session_db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/store/cursor_db.h"

enum { WAIT_MS = 1000 };

static bool prepare_nothing(sqlite3 *db, const char *path)
{
	(void)db;
	(void)path;
	return true;
}

/* sessions: id, directory, whether it is a sub-agent's. parts of one: role, time, JSON. */
static const struct {
	const char *name;
	bool (*prepare)(sqlite3 *db, const char *path);
	const char *sessions, *parts;
} KINDS[SESSION_DB_N] = {
	[SESSION_DB_OPENCODE] = {"OpenCode", prepare_nothing,
		"SELECT id, directory, parent_id IS NOT NULL FROM session ORDER BY time_created, "
		"id",
		"SELECT m.data ->> '$.role', p.time_created, p.data FROM part p JOIN "
		"message m ON m.id = p.message_id "
		"WHERE p.session_id = ? ORDER BY p.message_id, p.id"},
	[SESSION_DB_CURSOR] = {"Cursor", cursor_db_prepare, CURSOR_DB_SESSIONS, CURSOR_DB_PARTS},
};

bool session_db_is(str first)
{
	return str_starts(first, STR("SQLite format 3\0"));
}

struct session_db {
	enum session_db_kind kind;
	sqlite3 *db;
	sqlite3_stmt *sessions, *parts;
	bool in_session; /* its parts are being read */
};

static str column(sqlite3_stmt *s, int i)
{
	const char *p = (const char *)sqlite3_column_text(s, i);

	return p ? (str){p, (size_t)sqlite3_column_bytes(s, i)} : STR_NULL;
}

/* Percent and what ends a path in a URI are written as such (RFC 3986 section 2.1). */
static bool write_uri(const char *path, const char *mode, char uri[static DB_URI_BYTES])
{
	size_t n = (size_t)snprintf(uri, DB_URI_BYTES, "file:");

	for (; *path; path++) {
		if (n + 4 >= DB_URI_BYTES)
			return false;
		if (strchr("%?#", *path))
			n += (size_t)snprintf(
				uri + n, DB_URI_BYTES - n, "%%%02X", (unsigned char)*path);
		else
			uri[n++] = *path;
	}
	return (size_t)snprintf(uri + n, DB_URI_BYTES - n, "?%s", mode) < DB_URI_BYTES - n;
}

bool session_db_uri(const char *path, char uri[static DB_URI_BYTES])
{
	char wal[DB_URI_BYTES];
	int n = snprintf(wal, sizeof wal, "%s-wal", path);

	/* Without a log all is in the file, and nothing need be made beside it to read it. */
	return n > 0 && (size_t)n < sizeof wal &&
	       write_uri(path, access(wal, F_OK) == 0 ? "mode=ro" : "immutable=1", uri);
}

static bool prepare(struct session_db *o, enum session_db_kind kind, const char *path)
{
	(void)sqlite3_finalize(o->sessions);
	(void)sqlite3_finalize(o->parts);
	o->sessions = o->parts = NULL;
	o->kind = kind;
	return KINDS[kind].prepare(o->db, path) &&
	       sqlite3_prepare_v2(o->db, KINDS[kind].sessions, -1, &o->sessions, NULL) ==
		       SQLITE_OK &&
	       sqlite3_prepare_v2(o->db, KINDS[kind].parts, -1, &o->parts, NULL) == SQLITE_OK;
}

static enum err open_database(struct session_db *o, const char *path, struct errctx *cx)
{
	char uri[DB_URI_BYTES];

	if (access(path, R_OK) != 0)
		FAIL(cx, E_NOT_FOUND, "cannot read %s: %m", path);
	if (!session_db_uri(path, uri))
		FAIL(cx, E_IO, "%s: the name is too long", path);
	if (sqlite3_open_v2(uri, &o->db,
		    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK ||
		sqlite3_busy_timeout(o->db, WAIT_MS) != SQLITE_OK)
		FAIL(cx, E_IO, "cannot open %s: %s", path, sqlite3_errmsg(o->db));
	for (enum session_db_kind k = 0; k < SESSION_DB_N; k++)
		if (prepare(o, k, path))
			return E_OK;
	FAIL(cx, E_MALFORMED, "%s: no database with sessions of OpenCode or Cursor: %s", path,
		sqlite3_errmsg(o->db));
}

enum err session_db_open(const char *path, struct session_db **out, struct errctx *cx)
{
	struct session_db *o = mem_zalloc(sizeof *o);
	enum err e;

	*out = NULL;
	if (!o)
		FAIL(cx, E_NOMEM, "no memory to read %s", path);
	e = open_database(o, path, cx);
	if (e)
		session_db_close(o);
	else
		*out = o;
	return e;
}

void session_db_close(struct session_db *o)
{
	if (!o)
		return;
	(void)sqlite3_finalize(o->sessions);
	(void)sqlite3_finalize(o->parts);
	(void)sqlite3_close(o->db);
	mem_free(o);
}

static enum err fail(const struct session_db *o, struct errctx *cx)
{
	return err_set(cx, E_IO, "cannot read the sessions of %s: %s", KINDS[o->kind].name,
		sqlite3_errmsg(o->db));
}

/* E_NOT_FOUND: that was the last one. The columns of the session stay until the next step. */
static enum err next_session(struct session_db *o, struct errctx *cx)
{
	int rc = sqlite3_step(o->sessions);
	str id;

	if (rc == SQLITE_DONE)
		return E_NOT_FOUND;
	if (rc != SQLITE_ROW)
		return fail(o, cx);
	id = column(o->sessions, 0);
	(void)sqlite3_reset(o->parts);
	if (sqlite3_bind_text(o->parts, 1, id.p, (int)id.n, SQLITE_STATIC) != SQLITE_OK)
		return fail(o, cx);
	o->in_session = true;
	return E_OK;
}

enum err session_db_next(struct session_db *o, struct session_part *out, struct errctx *cx)
{
	for (;;) {
		int rc;

		if (!o->in_session)
			TRY(next_session(o, cx));
		rc = sqlite3_step(o->parts);
		if (rc == SQLITE_ROW)
			break;
		if (rc != SQLITE_DONE)
			return fail(o, cx);
		o->in_session = false;
	}
	*out = (struct session_part){.kind = o->kind,
		.session = column(o->sessions, 0),
		.directory = column(o->sessions, 1),
		.is_subagent = sqlite3_column_int(o->sessions, 2) != 0,
		.is_user = str_eq_c(column(o->parts, 0), "user"),
		.at_ms = sqlite3_column_int64(o->parts, 1),
		.json = column(o->parts, 2)};
	return E_OK;
}

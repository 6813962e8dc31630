#include "core/store/opencode.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/mem.h"

enum { PATH_BYTES = 4096, WAIT_MS = 1000 };

static const char SESSIONS[] =
	"SELECT id, directory, parent_id IS NOT NULL FROM session ORDER BY time_created, id";
static const char PARTS[] = "SELECT m.data ->> '$.role', p.time_created, p.data FROM part p JOIN "
			    "message m ON m.id = p.message_id "
			    "WHERE p.session_id = ? ORDER BY p.message_id, p.id";

bool opencode_is_database(str first)
{
	return str_starts(first, STR("SQLite format 3\0"));
}

struct opencode {
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
static bool write_uri(const char *path, const char *mode, char uri[PATH_BYTES])
{
	size_t n = (size_t)snprintf(uri, PATH_BYTES, "file:");

	for (; *path; path++) {
		if (n + 4 >= PATH_BYTES)
			return false;
		if (strchr("%?#", *path))
			n += (size_t)snprintf(
				uri + n, PATH_BYTES - n, "%%%02X", (unsigned char)*path);
		else
			uri[n++] = *path;
	}
	return (size_t)snprintf(uri + n, PATH_BYTES - n, "?%s", mode) < PATH_BYTES - n;
}

static enum err open_database(struct opencode *o, const char *path, struct errctx *cx)
{
	char wal[PATH_BYTES], uri[PATH_BYTES];
	int n = snprintf(wal, sizeof wal, "%s-wal", path);

	if (access(path, R_OK) != 0)
		FAIL(cx, E_NOT_FOUND, "cannot read %s: %m", path);
	/* Without a log all is in the file, and nothing need be made beside it to read it. */
	if (n < 0 || (size_t)n >= sizeof wal ||
		!write_uri(path, access(wal, F_OK) == 0 ? "mode=ro" : "immutable=1", uri))
		FAIL(cx, E_IO, "%s: the name is too long", path);
	if (sqlite3_open_v2(uri, &o->db,
		    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK ||
		sqlite3_busy_timeout(o->db, WAIT_MS) != SQLITE_OK)
		FAIL(cx, E_IO, "cannot open %s: %s", path, sqlite3_errmsg(o->db));
	if (sqlite3_prepare_v2(o->db, SESSIONS, -1, &o->sessions, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(o->db, PARTS, -1, &o->parts, NULL) != SQLITE_OK)
		FAIL(cx, E_MALFORMED, "%s: no database of OpenCode: %s", path,
			sqlite3_errmsg(o->db));
	return E_OK;
}

enum err opencode_open(const char *path, struct opencode **out, struct errctx *cx)
{
	struct opencode *o = mem_zalloc(sizeof *o);
	enum err e;

	*out = NULL;
	if (!o)
		FAIL(cx, E_NOMEM, "no memory to read %s", path);
	e = open_database(o, path, cx);
	if (e)
		opencode_close(o);
	else
		*out = o;
	return e;
}

void opencode_close(struct opencode *o)
{
	if (!o)
		return;
	(void)sqlite3_finalize(o->sessions);
	(void)sqlite3_finalize(o->parts);
	(void)sqlite3_close(o->db);
	mem_free(o);
}

static enum err fail(const struct opencode *o, struct errctx *cx)
{
	return err_set(cx, E_IO, "cannot read the sessions of OpenCode: %s", sqlite3_errmsg(o->db));
}

/* E_NOT_FOUND: that was the last one. The columns of the session stay until the next step. */
static enum err next_session(struct opencode *o, struct errctx *cx)
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

enum err opencode_next(struct opencode *o, struct opencode_part *out, struct errctx *cx)
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
	*out = (struct opencode_part){.session = column(o->sessions, 0),
		.directory = column(o->sessions, 1),
		.is_subagent = sqlite3_column_int(o->sessions, 2) != 0,
		.is_user = str_eq_c(column(o->parts, 0), "user"),
		.at_ms = sqlite3_column_int64(o->parts, 1),
		.json = column(o->parts, 2)};
	return E_OK;
}

/* session_db: the sessions in databases of agents, for those who learn from sessions: OpenCode's (opencode.db with tables session, message and
 * part, as version 1.18 makes it) and Cursor's (globalStorage/state.vscdb, cursor_db.h). Nothing is written, no lock is kept that
 * would stop the agent, and no file is left beside it.
 * Owns: a struct session_db its connection; parts are borrowed until the next call. Thread: one at a time. */
#ifndef CORE_STORE_SESSION_DB_H
#define CORE_STORE_SESSION_DB_H

#include "core/base/err.h"
#include "core/base/str.h"

struct session_db;

enum session_db_kind { SESSION_DB_OPENCODE, SESSION_DB_CURSOR, SESSION_DB_N };

struct session_part {
	enum session_db_kind kind;
	str session, directory; /* directory: empty where the database does not say it */
	bool is_subagent;       /* the session was begun by another one */
	bool is_user;           /* else the model's, with calls and their results */
	int64_t at_ms;          /* since 1970; -1 */
	str json; /* as OpenCode spells it: {"type":"text","text":...}, {"type":"tool","tool":...,"state":{...}}, ... */
};

/* The first bytes of any database of SQLite (its file format, section 1.3). */
bool session_db_is(str first) PURE;

/* E_NOT_FOUND, E_IO, E_NOMEM; E_MALFORMED: another kind of database. */
enum err session_db_open(const char *path, struct session_db **out, struct errctx *cx) MUST_CHECK;
/* The next part: session by session, the oldest first, in order. E_NOT_FOUND: there is none any more; E_IO. */
enum err session_db_next(
	struct session_db *o, struct session_part *out, struct errctx *cx) MUST_CHECK;
void session_db_close(struct session_db *o); /* NULL is fine */

#endif

/* opencode: the sessions in OpenCode's own database (opencode.db with tables session, message and part, as version 1.18 makes it), for
 * those who learn from sessions. Nothing is written, no lock is kept that would stop OpenCode, and no file is left beside it.
 * Owns: a struct opencode its connection; parts are borrowed until the next call. Thread: one at a time. */
#ifndef CORE_STORE_OPENCODE_H
#define CORE_STORE_OPENCODE_H

#include "core/base/err.h"
#include "core/base/str.h"

struct opencode;

struct opencode_part {
	str session, directory;
	bool is_subagent; /* the session was begun by another one */
	bool is_user;     /* else the model's, with calls and their results */
	int64_t at_ms;    /* since 1970 */
	str json; /* {"type":"text","text":...}, {"type":"tool","tool":...,"state":{...}}, ... */
};

/* The first bytes of any database of SQLite (its file format, section 1.3). */
bool opencode_is_database(str first) PURE;

/* E_NOT_FOUND, E_IO, E_NOMEM; E_MALFORMED: another kind of database. */
enum err opencode_open(const char *path, struct opencode **out, struct errctx *cx) MUST_CHECK;
/* The next part: session by session, the oldest first, in order. E_NOT_FOUND: there is none any more; E_IO. */
enum err opencode_next(struct opencode *o, struct opencode_part *out, struct errctx *cx) MUST_CHECK;
void opencode_close(struct opencode *o); /* NULL is fine */

#endif

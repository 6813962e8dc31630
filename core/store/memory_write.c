#include <stdio.h>
#include <sys/random.h>

#include "core/base/attr.h"
#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/store/memory_internal.h"

/* Runs the change in a transaction of its own, or in the one that is open. */
static enum err begin_own(struct memory_store *s, bool *is_own, struct errctx *cx)
{
	*is_own = !s->is_in_transaction;
	return *is_own ? memory_begin(s, cx) : E_OK;
}

static enum err end_own(struct memory_store *s, bool is_own, enum err e, struct errctx *cx)
{
	if (!is_own)
		return e;
	if (!e)
		e = memory_commit(s, cx);
	if (e)
		memory_rollback(s);
	return e;
}

static enum err check(const struct memory *m, struct errctx *cx)
{
	str content = m->text[MEMORY_CONTENT];

	if (!str_trim(content).n)
		FAIL(cx, E_MALFORMED, "a memory without text");
	if (content.n > MEMORY_CONTENT_MAX)
		FAIL(cx, E_TOO_BIG, "a memory of %zu bytes (at most %zu): keep long texts in files",
			content.n, MEMORY_CONTENT_MAX);
	for (int i = 0; i < MEMORY_TEXTS_N; i++)
		if (m->text[i].n > MEMORY_CONTENT_MAX)
			FAIL(cx, E_TOO_BIG, "%s of %zu bytes (at most %zu)",
				memory_text_name((enum memory_text)i), m->text[i].n,
				MEMORY_CONTENT_MAX);
		else if (utf8_valid_n(m->text[i]) != m->text[i].n ||
			 str_find_byte(m->text[i], 0) != STR_NONE)
			FAIL(cx, E_MALFORMED, "%s is no UTF-8 text",
				memory_text_name((enum memory_text)i));
	if (!m->text[MEMORY_USER].n)
		FAIL(cx, E_MALFORMED, "a memory without user");
	if (!(m->importance >= 0 && m->importance <= 1))
		FAIL(cx, E_MALFORMED, "an importance that is not from 0 to 1");
	return E_OK;
}

/* RFC 9562 section 5.4. */
static void new_id(const struct clock *c, char out[MEMORY_ID_LEN + 1])
{
	unsigned char r[16];
	size_t n = 0;

	if (c)
		c->random(c->self, r, sizeof r);
	else
		ASSERT(getrandom(r, sizeof r, 0) == (ssize_t)sizeof r);
	r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
	r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof r; i++) {
		bool has_dash = i == 4 || i == 6 || i == 8 || i == 10;

		n += (size_t)snprintf(
			out + n, MEMORY_ID_LEN + 1 - n, "%s%02x", has_dash ? "-" : "", r[i]);
	}
}

/* ---- rows ---- */

#define X(name, column) column ", "
#define Y(name, column) column " = excluded." column ", "
#define COLUMNS         MEMORY_TEXTS(X) MEMORY_TIMES(X) "importance, access_count, content_hash"
#define VALUES                                                                                  \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ifnull(?8, ''), ?9, ?10, ?11, ifnull(?12, '[]'), " \
	"ifnull(?13, '[]'), ifnull(?14, '{}'), ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)"

static const char INSERT[] = "INSERT INTO memories (" COLUMNS ") " VALUES;
/* The vector is one of the old text. */
static const char UPSERT[] = "INSERT INTO memories (" COLUMNS ") " VALUES
			     " ON CONFLICT (id) DO UPDATE SET " MEMORY_TEXTS(Y) MEMORY_TIMES(Y) //
	"importance = excluded.importance, access_count = excluded.access_count, "
	"embedding = CASE WHEN content_hash = excluded.content_hash THEN embedding END, "
	"content_hash = excluded.content_hash";
#undef X
#undef Y

static enum err write_row(
	struct memory_store *s, const char *sql, const struct memory *m, struct errctx *cx)
{
	char hash[MEMORY_HASH_HEX + 1];
	sqlite3_stmt *stmt;
	int at = 1;

	TRY(memory_prepare(s, sql, &stmt, cx));
	for (int i = 0; i < MEMORY_TEXTS_N; i++)
		memory_bind_text(stmt, at++, m->text[i]);
	for (int i = 0; i < MEMORY_TIMES_N; i++)
		memory_bind_time(stmt, at++, m->at[i]);
	(void)sqlite3_bind_double(stmt, at++, m->importance);
	(void)sqlite3_bind_int64(stmt, at++, m->used_n);
	memory_hash(m->text[MEMORY_CONTENT], hash);
	db_bind_text(stmt, at, str_from(hash));
	return memory_run(s, stmt, NULL, cx);
}

static enum err note(
	struct memory_store *s, str id, const char *action, str by, str reason, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(memory_prepare(s,
		"INSERT INTO memory_edits (memory_id, at, action, agent, reason, previous_content) "
		"SELECT id, ?2, ?3, ?4, ?5, content FROM memories WHERE id = ?1",
		&stmt, cx));
	db_bind_text(stmt, 1, id);
	memory_bind_time(stmt, 2, clock_wall_ms(s->clock));
	db_bind_text(stmt, 3, str_from(action));
	memory_bind_text(stmt, 4, by);
	memory_bind_text(stmt, 5, reason);
	return memory_run(s, stmt, NULL, cx);
}

/* The current row with this text, if there is one: used once more. */
static enum err use_again(
	struct memory_store *s, const struct memory *m, struct memory_added *out, struct errctx *cx)
{
	char hash[MEMORY_HASH_HEX + 1];
	sqlite3_stmt *stmt;
	enum err e;

	TRY(memory_prepare(s,
		"UPDATE memories SET access_count = ifnull(access_count, 0) + 1, last_accessed = "
		"?5, "
		"importance = max(importance, ?6) WHERE rowid = (SELECT rowid FROM memories "
		"WHERE content_hash = ?1 AND user_id = ?2 AND ifnull(session_id, '') = ?3 "
		"AND ifnull(agent_id, '') = ?4 AND valid_until IS NULL AND deleted_at IS NULL "
		"AND content = ?7 LIMIT 1) RETURNING id",
		&stmt, cx));
	memory_hash(m->text[MEMORY_CONTENT], hash);
	db_bind_text(stmt, 1, str_from(hash));
	db_bind_text(stmt, 2, m->text[MEMORY_USER]);
	db_bind_text(stmt, 3, m->text[MEMORY_SESSION]);
	db_bind_text(stmt, 4, m->text[MEMORY_AGENT]);
	memory_bind_time(stmt, 5, clock_wall_ms(s->clock));
	(void)sqlite3_bind_double(stmt, 6, m->importance);
	db_bind_text(stmt, 7, m->text[MEMORY_CONTENT]);
	e = db_step(&s->db, stmt, &out->was_there, cx);
	if (!e && out->was_there)
		(void)snprintf(out->id, sizeof out->id, STR_FMT, STR_ARG(db_column_blob(stmt, 0)));
	if (!e && out->was_there)
		e = db_run(&s->db, stmt, cx);
	memory_finish(s, stmt);
	return e;
}

static enum err add(
	struct memory_store *s, const struct memory *m, struct memory_added *out, struct errctx *cx)
{
	struct memory row = memory_blank();
	int64_t now = clock_wall_ms(s->clock);

	TRY(use_again(s, m, out, cx));
	if (out->was_there)
		return E_OK;
	new_id(s->clock, out->id);
	memcpy(row.text, m->text, sizeof row.text);
	row.text[MEMORY_ID] = str_from(out->id);
	row.importance = m->importance;
	row.at[MEMORY_CREATED] =
		m->at[MEMORY_CREATED] == MEMORY_NO_TIME ? now : m->at[MEMORY_CREATED];
	row.at[MEMORY_VALID_FROM] = row.at[MEMORY_CREATED];
	return write_row(s, INSERT, &row, cx);
}

enum err memory_add(
	struct memory_store *s, const struct memory *m, struct memory_added *out, struct errctx *cx)
{
	bool is_own;

	*out = (struct memory_added){.was_there = false};
	TRY(check(m, cx));
	TRY(begin_own(s, &is_own, cx));
	return end_own(s, is_own, add(s, m, out, cx), cx);
}

static enum err has_row(struct memory_store *s, str id, bool *out, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	enum err e;

	TRY(memory_prepare(s, "SELECT 1 FROM memories WHERE id = ?1", &stmt, cx));
	db_bind_text(stmt, 1, id);
	e = db_step(&s->db, stmt, out, cx);
	memory_finish(s, stmt);
	return e;
}

static enum err put(struct memory_store *s, const struct memory *m, bool *is_new, struct errctx *cx)
{
	bool was_there;

	TRY(has_row(s, m->text[MEMORY_ID], &was_there, cx));
	*is_new = !was_there;
	if (was_there)
		TRY(note(s, m->text[MEMORY_ID], "import", STR_NULL, STR_NULL, cx));
	return write_row(s, UPSERT, m, cx);
}

enum err memory_put(struct memory_store *s, const struct memory *m, bool *is_new, struct errctx *cx)
{
	bool is_own;

	TRY(check(m, cx));
	if (!m->text[MEMORY_ID].n || m->at[MEMORY_CREATED] == MEMORY_NO_TIME ||
		m->at[MEMORY_VALID_FROM] == MEMORY_NO_TIME)
		FAIL(cx, E_MALFORMED, "a memory without id, created_at or valid_from");
	TRY(begin_own(s, &is_own, cx));
	return end_own(s, is_own, put(s, m, is_new, cx), cx);
}

/* ---- changes ---- */

static enum err supersede(struct memory_store *s, const struct memory *old,
	const struct memory_change *c, struct memory_added *out, struct errctx *cx)
{
	struct memory next = *old;
	int64_t now = clock_wall_ms(s->clock);
	sqlite3_stmt *stmt;

	new_id(s->clock, out->id);
	next.text[MEMORY_ID] = str_from(out->id);
	next.text[MEMORY_CONTENT] = c->content;
	next.text[MEMORY_SUPERSEDES] = old->text[MEMORY_ID];
	next.at[MEMORY_CREATED] = next.at[MEMORY_VALID_FROM] = now;
	next.importance = c->importance < 0 ? old->importance : c->importance;
	TRY(check(&next, cx));
	TRY(write_row(s, INSERT, &next, cx));
	TRY(note(s, old->text[MEMORY_ID], "supersede", c->by, c->reason, cx));
	TRY(memory_prepare(s,
		"UPDATE memories SET valid_until = ?2, superseded_by = ?3 WHERE id = ?1", &stmt,
		cx));
	db_bind_text(stmt, 1, old->text[MEMORY_ID]);
	memory_bind_time(stmt, 2, now);
	db_bind_text(stmt, 3, str_from(out->id));
	return memory_run(s, stmt, NULL, cx);
}

static enum err change_row(struct memory_store *s, const struct memory *old,
	const struct memory_change *c, struct memory_added *out, struct errctx *cx)
{
	struct memory next = *old;

	(void)snprintf(out->id, sizeof out->id, STR_FMT, STR_ARG(old->text[MEMORY_ID]));
	if (c->content.p)
		next.text[MEMORY_CONTENT] = c->content;
	if (c->importance >= 0)
		next.importance = c->importance;
	TRY(check(&next, cx));
	TRY(note(s, old->text[MEMORY_ID], "edit", c->by, c->reason, cx));
	return write_row(s, UPSERT, &next, cx);
}

static enum err edit(struct memory_store *s, str id, const struct memory_change *c,
	struct memory_added *out, struct errctx *cx)
{
	struct memory_set set = {0};
	const struct memory *old;
	enum err e;

	TRY(memory_find(s, id, &set, cx));
	old = &set.v[0];
	if (!str_eq(old->text[MEMORY_ID], id))
		e = err_set(cx, E_NOT_FOUND, "no memory has the id '" STR_FMT "'", STR_ARG(id));
	else if (old->at[MEMORY_VALID_UNTIL] != MEMORY_NO_TIME)
		e = err_set(cx, E_NOT_FOUND,
			"memory %.8s was superseded by " STR_FMT ": edit that one",
			old->text[MEMORY_ID].p, STR_ARG(old->text[MEMORY_SUPERSEDED_BY]));
	else if (c->is_in_place || !c->content.p)
		e = change_row(s, old, c, out, cx);
	else
		e = supersede(s, old, c, out, cx);
	memory_set_free(&set);
	return e;
}

enum err memory_edit(struct memory_store *s, str id, const struct memory_change *c,
	struct memory_added *out, struct errctx *cx)
{
	struct memory_added added = {.was_there = false}; /* id may be the one in out */
	bool is_own;

	TRY(begin_own(s, &is_own, cx));
	TRY(end_own(s, is_own, edit(s, id, c, &added, cx), cx));
	*out = added;
	return E_OK;
}

static enum err delete_row(struct memory_store *s, str id, str by, str reason, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	int64_t changed;

	TRY(memory_prepare(s,
		"UPDATE memories SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL", &stmt,
		cx));
	db_bind_text(stmt, 1, id);
	memory_bind_time(stmt, 2, clock_wall_ms(s->clock));
	TRY(memory_run(s, stmt, &changed, cx));
	if (!changed)
		FAIL(cx, E_NOT_FOUND, "no memory has the id '" STR_FMT "'", STR_ARG(id));
	return note(s, id, "delete", by, reason, cx);
}

enum err memory_delete(struct memory_store *s, str id, str by, str reason, struct errctx *cx)
{
	bool is_own;

	TRY(begin_own(s, &is_own, cx));
	return end_own(s, is_own, delete_row(s, id, by, reason, cx), cx);
}

static enum err erase(struct memory_store *s, str id, struct errctx *cx)
{
	static const char *const sql[] = {"DELETE FROM memory_edits WHERE memory_id = ?1",
		"DELETE FROM memories WHERE id = ?1"};
	int64_t changed = 0;

	for (size_t i = 0; i < ARRAY_N(sql); i++) {
		sqlite3_stmt *stmt;

		TRY(memory_prepare(s, sql[i], &stmt, cx));
		db_bind_text(stmt, 1, id);
		TRY(memory_run(s, stmt, &changed, cx));
	}
	if (!changed)
		FAIL(cx, E_NOT_FOUND, "no memory has the id '" STR_FMT "'", STR_ARG(id));
	return E_OK;
}

enum err memory_erase(struct memory_store *s, str id, struct errctx *cx)
{
	bool is_own;

	TRY(begin_own(s, &is_own, cx));
	return end_own(s, is_own, erase(s, id, cx), cx);
}

static enum err erase_all(struct memory_store *s, int64_t *n, struct errctx *cx)
{
	TRY(db_query_i64(&s->db, "SELECT count(*) FROM memories", n, cx));
	TRY(db_exec(&s->db, "DELETE FROM memories; DELETE FROM memory_edits", cx));
	return memory_docs_drop(s, cx);
}

enum err memory_erase_all(struct memory_store *s, int64_t *n, struct errctx *cx)
{
	bool is_own;

	TRY(begin_own(s, &is_own, cx));
	TRY(end_own(s, is_own, erase_all(s, n, cx), cx));
	if (is_own) /* the WAL would keep the texts */
		TRY(db_exec(
			&s->db, "PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)", cx));
	return E_OK;
}

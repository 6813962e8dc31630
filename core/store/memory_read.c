#include <stdio.h>

#include "core/base/attr.h"
#include "core/base/mem.h"
#include "core/store/memory_internal.h"

static const char *const TEXT_NAMES[MEMORY_TEXTS_N] = {
#define X(name, column) [MEMORY_##name] = (column),
	MEMORY_TEXTS(X)
#undef X
};

static const char *const TIME_NAMES[MEMORY_TIMES_N] = {
#define X(name, column) [MEMORY_##name] = (column),
	MEMORY_TIMES(X)
#undef X
};

const char *memory_text_name(enum memory_text t)
{
	return TEXT_NAMES[t];
}

const char *memory_time_name(enum memory_time t)
{
	return TIME_NAMES[t];
}

struct memory memory_blank(void)
{
	struct memory m = {.importance = 0.5};

	for (size_t i = 0; i < MEMORY_TIMES_N; i++)
		m.at[i] = MEMORY_NO_TIME;
	return m;
}

enum memory_scope memory_scope_of(const struct memory *m)
{
	return m->text[MEMORY_TURN].n      ? MEMORY_SCOPE_TURN
	       : m->text[MEMORY_AGENT].n   ? MEMORY_SCOPE_AGENT
	       : m->text[MEMORY_SESSION].n ? MEMORY_SCOPE_SESSION
					   : MEMORY_SCOPE_USER;
}

const char *memory_scope_name(enum memory_scope s)
{
	static const char *const names[] = {"user", "session", "agent", "turn"};

	return names[s];
}

struct memory_filter memory_filter_all(void)
{
	return (struct memory_filter){.scope = MEMORY_ALL_SCOPES,
		.from_ms = MEMORY_NO_TIME,
		.until_ms = MEMORY_NO_TIME,
		.at_ms = MEMORY_NO_TIME,
		.importance_max = 1};
}

/* ---- rows ---- */

/* The texts of one row, one behind the other. */
struct memory_texts {
	struct memory_texts *next;
	char bytes[];
};

void memory_set_free(struct memory_set *set)
{
	while (set->texts) {
		struct memory_texts *next = set->texts->next;

		mem_free(set->texts);
		set->texts = next;
	}
	mem_free(set->v);
	*set = (struct memory_set){0};
}

enum err memory_add_row(struct memory_set *set, sqlite3_stmt *stmt, struct errctx *cx)
{
	struct memory_texts *texts;
	struct memory *m;
	size_t n = 0;
	char *p;

	if (set->n == set->cap) {
		size_t cap = set->cap ? set->cap * 2 : 16;
		struct memory *v = mem_realloc(set->v, cap * sizeof *v);

		if (!v)
			FAIL(cx, E_NOMEM, "no memory for memories");
		set->v = v;
		set->cap = cap;
	}
	for (int i = 0; i < MEMORY_TEXTS_N; i++)
		n += db_column_blob(stmt, i).n;
	texts = mem_alloc(sizeof *texts + n);
	if (!texts)
		FAIL(cx, E_NOMEM, "no memory for memories");
	texts->next = set->texts;
	set->texts = texts;
	m = &set->v[set->n++];
	*m = memory_blank();
	p = texts->bytes;
	for (int i = 0; i < MEMORY_TEXTS_N; i++) {
		str s = db_column_blob(stmt, i);

		if (!s.n)
			continue;
		memcpy(p, s.p, s.n);
		m->text[i] = (str){p, s.n};
		p += s.n;
	}
	for (int i = 0; i < MEMORY_TIMES_N; i++)
		m->at[i] = memory_column_time(stmt, MEMORY_TEXTS_N + i);
	/* Of a file that another program has written: a memory always has these. */
	if (m->at[MEMORY_CREATED] == MEMORY_NO_TIME)
		m->at[MEMORY_CREATED] = 0;
	if (m->at[MEMORY_VALID_FROM] == MEMORY_NO_TIME)
		m->at[MEMORY_VALID_FROM] = m->at[MEMORY_CREATED];
	m->importance = sqlite3_column_double(stmt, MEMORY_TEXTS_N + MEMORY_TIMES_N);
	m->used_n = sqlite3_column_int64(stmt, MEMORY_TEXTS_N + MEMORY_TIMES_N + 1);
	return E_OK;
}

#define OURS    "(SELECT rowid AS seq, * FROM memories)"
#define FOREIGN "(SELECT rowid AS seq, *, NULL AS speaker, NULL AS deleted_at FROM memories) "
static const char *sql_of(const struct memory_store *s, const struct memory_filter *f)
{
	static const char *const sql[2][2] = {
		{"SELECT " MEMORY_ROW_COLUMNS " FROM " OURS MEMORY_FILTER_SQL
		 "ORDER BY created_at DESC, seq DESC LIMIT ?15",
			"SELECT " MEMORY_ROW_COLUMNS " FROM " OURS MEMORY_FILTER_SQL
			"ORDER BY created_at, seq LIMIT ?15"},
		{"SELECT " MEMORY_ROW_COLUMNS " FROM " FOREIGN MEMORY_FILTER_SQL
		 "ORDER BY created_at DESC, seq DESC LIMIT ?15",
			"SELECT " MEMORY_ROW_COLUMNS " FROM " FOREIGN MEMORY_FILTER_SQL
			"ORDER BY created_at, seq LIMIT ?15"},
	};

	return sql[s->is_foreign][f->is_oldest_first];
}

void memory_bind_filter(sqlite3_stmt *stmt, const struct memory_filter *f)
{
	const str texts[] = {f->user, f->session, f->category, f->entity, f->id, f->contains};
	int at = 1;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		memory_bind_text(stmt, at++, texts[i]);
	(void)sqlite3_bind_int(stmt, at++, f->scope);
	memory_bind_time(stmt, at++, f->from_ms);
	memory_bind_time(stmt, at++, f->until_ms);
	(void)sqlite3_bind_double(stmt, at++, f->importance_min);
	(void)sqlite3_bind_double(stmt, at++, f->importance_max);
	(void)sqlite3_bind_int(stmt, at++, f->with_superseded);
	memory_bind_time(stmt, at++, f->at_ms);
	(void)sqlite3_bind_int(stmt, at, f->with_deleted);
}

enum err memory_list(struct memory_store *s, const struct memory_filter *f, struct memory_set *out,
	struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s, sql_of(s, f), &stmt, cx));
	memory_bind_filter(stmt, f);
	(void)sqlite3_bind_int64(stmt, MEMORY_FILTER_VALUES + 1, f->limit ? (int64_t)f->limit : -1);
	for (;;) {
		e = db_step(&s->db, stmt, &has_row, cx);
		if (e || !has_row)
			break;
		e = memory_add_row(out, stmt, cx);
		if (e)
			break;
	}
	memory_finish(s, stmt);
	if (e)
		memory_set_free(out);
	return e;
}

/* Eight characters of an id, which listings show. */
static enum err fail_ambiguous(str id, const struct memory_set *set, struct errctx *cx)
{
	enum { SHOWN = 5 };
	char ids[SHOWN * (MEMORY_ID_LEN + 2) + 1] = "";
	size_t n = 0;

	for (size_t i = 0; i < set->n && i < SHOWN; i++) {
		str one = set->v[i].text[MEMORY_ID];
		size_t shown = one.n < id.n + 8 ? one.n : id.n + 8;

		shown = shown < MEMORY_ID_LEN ? shown : MEMORY_ID_LEN;
		n += (size_t)snprintf(
			ids + n, sizeof ids - n, "%s%.*s", i ? ", " : "", (int)shown, one.p);
	}
	return err_set(cx, E_FAILED, "'" STR_FMT "' begins several ids: %s%s", STR_ARG(id), ids,
		set->n > SHOWN ? ", ..." : "");
}

/* The memory with that whole id, deleted ones aside: without a look at all others. */
static enum err find_whole(
	struct memory_store *s, str id, struct memory_set *out, struct errctx *cx)
{
#define FIND(table) \
	"SELECT " MEMORY_ROW_COLUMNS " FROM " table "WHERE id = ?1 AND deleted_at IS NULL"
	static const char *const sql[2] = {FIND("memories "), FIND(FOREIGN)};
#undef FIND
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(memory_prepare(s, sql[s->is_foreign], &stmt, cx));
	db_bind_text(stmt, 1, id);
	e = db_step(&s->db, stmt, &has_row, cx);
	if (!e && has_row)
		e = memory_add_row(out, stmt, cx);
	memory_finish(s, stmt);
	if (e)
		memory_set_free(out);
	return e;
}

enum err memory_find(struct memory_store *s, str id, struct memory_set *out, struct errctx *cx)
{
	struct memory_filter f = memory_filter_all();
	enum err e = E_OK;

	f.id = id;
	f.with_superseded = true;
	if (!id.n)
		FAIL(cx, E_NOT_FOUND, "no memory has an empty id");
	TRY(find_whole(s, id, out, cx));
	if (!out->n) /* which may be the beginning of another */
		TRY(memory_list(s, &f, out, cx));
	if (out->n != 1)
		e = out->n ? fail_ambiguous(id, out, cx)
			   : err_set(cx, E_NOT_FOUND,
				     "no memory whose id begins with '" STR_FMT "'", STR_ARG(id));
	if (e)
		memory_set_free(out);
	return e;
}

enum err memory_edits(
	struct memory_store *s, str id, memory_edit_fn fn, void *self, struct errctx *cx)
{
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	if (s->is_foreign)
		return E_OK;
	TRY(memory_prepare(s,
		"SELECT at, action, agent, reason, previous_content FROM memory_edits "
		"WHERE memory_id = ?1 ORDER BY id",
		&stmt, cx));
	db_bind_text(stmt, 1, id);
	while (!(e = db_step(&s->db, stmt, &has_row, cx)) && has_row) {
		struct memory_edit_row row = {.at_ms = memory_column_time(stmt, 0),
			.action = db_column_blob(stmt, 1),
			.by = db_column_blob(stmt, 2),
			.reason = db_column_blob(stmt, 3),
			.content = db_column_blob(stmt, 4)};

		fn(self, &row);
	}
	memory_finish(s, stmt);
	return e;
}

#include "core/store/feedback.h"

#include <stdio.h>

#include "core/json/write.h"
#include "core/store/feedback_internal.h"

const char *feedback_level_name(enum feedback_level level)
{
	static const char *const names[FEEDBACK_LEVEL_N] = {
		[FEEDBACK_NORMAL] = "normal",
		[FEEDBACK_GENTLE] = "gentle",
		[FEEDBACK_EXACT] = "exact",
	};

	return names[level];
}

/* ---- on their way --------------------------------------------------------------------------------------- */

size_t feedback_clean_name(str name, char out[FEEDBACK_NAME_MAX])
{
	size_t n = name.n < FEEDBACK_NAME_MAX ? name.n : FEEDBACK_NAME_MAX;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(name.p[i] > ' ' && name.p[i] < 0x7f ? name.p[i] : '_');
	return n;
}

enum err feedback_elided(struct store *s, const struct feedback_key *k, const char *original,
	enum feedback_level level, struct errctx *cx)
{
	const str names[FEEDBACK_NAMES] = {k->tool, k->encoder, k->shape};
	struct elided *x;
	struct op *op;

	TRY(store_check_writable(s, cx));
	op = op_new(s, OP_FEEDBACK_ELIDED, sizeof *x);
	if (!op)
		FAIL(cx, E_NOMEM, "no memory to count what was left out");
	x = (struct elided *)(void *)op->text;
	x->level = level;
	(void)snprintf(x->original, sizeof x->original, "%s", original);
	for (size_t i = 0; i < FEEDBACK_NAMES; i++)
		x->n[i] = (uint8_t)feedback_clean_name(names[i], x->names[i]);
	return store_enqueue(s, op, cx);
}

enum err feedback_retrieved(struct store *s, str prefix, bool is_whole, struct errctx *cx)
{
	struct sha_range range;
	struct op *op;

	if (!original_range(prefix, &range))
		FAIL(cx, E_MALFORMED, "no key of an original");
	TRY(store_check_writable(s, cx));
	op = op_new(s, OP_FEEDBACK_RETRIEVED, 1);
	if (!op)
		FAIL(cx, E_NOMEM, "no memory to count a retrieval");
	op->sha = range;
	op->text[0] = (char)is_whole;
	return store_enqueue(s, op, cx);
}

enum err feedback_reset(struct store *s, str tool, struct errctx *cx)
{
	struct op *op;

	TRY(store_check_writable(s, cx));
	op = op_new(s, OP_FEEDBACK_RESET, FEEDBACK_NAME_MAX);
	if (!op)
		FAIL(cx, E_NOMEM, "no memory to forget what was learnt");
	op->text_n = feedback_clean_name(tool, op->text);
	return store_enqueue(s, op, cx);
}

/* ---- the writer's part ---------------------------------------------------------------------------------- */

/* A row as a statement has returned it. */
struct judged {
	int64_t id, level, epoch, elided, retrieved;
};

/* Steps a statement that returns such a row, if it changes any. */
static enum err step_judged(
	struct db *db, sqlite3_stmt *stmt, struct judged *out, bool *has_row, struct errctx *cx)
{
	TRY(db_step(db, stmt, has_row, cx));
	if (!*has_row)
		return E_OK;
	*out = (struct judged){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
		sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3),
		sqlite3_column_int64(stmt, 4)};
	return db_run(db, stmt, cx);
}

/* Where the level goes from here. */
static int64_t next_level(const struct judged *j)
{
	if (j->elided < FEEDBACK_SAMPLES)
		return j->level;
	if (j->retrieved * 2 > j->elided)
		return j->level < FEEDBACK_EXACT ? j->level + 1 : j->level;
	return j->retrieved * 5 < j->elided && j->level > FEEDBACK_NORMAL ? j->level - 1 : j->level;
}

static enum err judge(struct db *db, const struct judged *j, int64_t now_ms, struct errctx *cx)
{
	int64_t level = next_level(j);
	sqlite3_stmt *stmt;

	if (level != j->level) {
		TRY(db_prepare(db, DB_FEEDBACK_LEVEL, &stmt, cx));
		(void)sqlite3_bind_int64(stmt, 2, level);
		(void)sqlite3_bind_int64(stmt, 3, now_ms);
	} else if (j->elided >= FEEDBACK_WINDOW) {
		TRY(db_prepare(db, DB_FEEDBACK_HALVE, &stmt, cx));
	} else {
		return E_OK;
	}
	(void)sqlite3_bind_int64(stmt, 1, j->id);
	return db_run(db, stmt, cx);
}

/* Does what was left out at that level tell whether the present one is right? At FEEDBACK_EXACT the probes do. */
static bool judges(const struct judged *j, enum feedback_level level)
{
	return level == (j->level < FEEDBACK_GENTLE ? FEEDBACK_NORMAL : FEEDBACK_GENTLE);
}

/* Which row a retrieval of this original is to count in: one that is judged as it was when this was left out. */
static enum err note_elision(
	struct db *db, const struct elided *x, const struct judged *j, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(db, DB_ELISION_ADD, &stmt, cx));
	db_bind_text(stmt, 1, str_from(x->original));
	(void)sqlite3_bind_int64(stmt, 2, j->id);
	(void)sqlite3_bind_int64(stmt, 3, judges(j, x->level) ? j->epoch : -1);
	return db_run(db, stmt, cx);
}

static enum err drop_rows(struct db *db, enum db_stmt which, int keep, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(db, which, &stmt, cx));
	(void)sqlite3_bind_int(stmt, 1, keep);
	return db_run(db, stmt, cx);
}

static enum err drop_surplus(struct db *db, struct errctx *cx)
{
	int64_t n;

	TRY(db_query_i64(db, "SELECT count(*) FROM feedback", &n, cx));
	if (n <= FEEDBACK_ROWS)
		return E_OK;
	TRY(drop_rows(db, DB_FEEDBACK_DROP, FEEDBACK_ROWS - FEEDBACK_ROWS / 8, cx));
	return db_run_plain(db, DB_ELISION_ORPHANS, cx);
}

static enum err write_elided(struct db *db, const struct op *op, struct errctx *cx)
{
	const struct elided *x = (const void *)op->text;
	struct judged j = {0};
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(db, DB_FEEDBACK_ELIDED, &stmt, cx));
	for (int i = 0; i < FEEDBACK_NAMES; i++)
		db_bind_text(stmt, i + 1, (str){x->names[i], x->n[i]});
	(void)sqlite3_bind_int64(stmt, 4, x->level);
	(void)sqlite3_bind_int64(stmt, 5, op->now_ms);
	TRY(step_judged(db, stmt, &j, &has_row, cx));
	TRY(note_elision(db, x, &j, cx));
	TRY(judge(db, &j, op->now_ms, cx));
	return j.elided + j.epoch > 1 ? E_OK : drop_surplus(db, cx); /* it may be a new row */
}

static enum err write_retrieved(struct db *db, const struct op *op, struct errctx *cx)
{
	char from[25], to[25];
	int64_t feedback, epoch;
	sqlite3_stmt *stmt;
	struct judged j = {0};
	bool has_row;

	original_range_hex(&op->sha, from, to);
	TRY(db_prepare(db, DB_ELISION_RETRIEVED, &stmt, cx));
	db_bind_text(stmt, 1, str_from(from));
	db_bind_text(stmt, 2, str_from(to));
	TRY(db_step(db, stmt, &has_row, cx));
	if (!has_row)
		return E_OK;
	feedback = sqlite3_column_int64(stmt, 0);
	epoch = sqlite3_column_int64(stmt, 1);
	TRY(db_run(db, stmt, cx));
	TRY(db_prepare(db, DB_FEEDBACK_RETRIEVED, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, feedback);
	(void)sqlite3_bind_int64(stmt, 2, epoch);
	(void)sqlite3_bind_int(stmt, 3, op->text[0]);
	(void)sqlite3_bind_int64(stmt, 4, op->now_ms);
	TRY(step_judged(db, stmt, &j, &has_row, cx));
	return has_row ? judge(db, &j, op->now_ms, cx) : E_OK;
}

static enum err write_reset(struct db *db, const struct op *op, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(db, DB_FEEDBACK_RESET, &stmt, cx));
	db_bind_text(stmt, 1, (str){op->text, op->text_n});
	TRY(db_run(db, stmt, cx));
	return db_run_plain(db, DB_ELISION_ORPHANS, cx);
}

enum err feedback_write(struct store *s, const struct op *op, struct errctx *cx)
{
	switch (op->kind) {
	case OP_FEEDBACK_ELIDED:
		return write_elided(&s->db, op, cx);
	case OP_FEEDBACK_RETRIEVED:
		return write_retrieved(&s->db, op, cx);
	default:
		return write_reset(&s->db, op, cx);
	}
}

/* ---- reading -------------------------------------------------------------------------------------------- */

static enum feedback_level level_from(int64_t level)
{
	return level > FEEDBACK_NORMAL && level < FEEDBACK_LEVEL_N ? (enum feedback_level)level
								   : FEEDBACK_NORMAL;
}

static void read_row(sqlite3_stmt *stmt, struct feedback_row *row)
{
	int at = FEEDBACK_NAMES;

	*row = (struct feedback_row){
		.key = {db_column_blob(stmt, 0), db_column_blob(stmt, 1), db_column_blob(stmt, 2)}};
	row->level = level_from(sqlite3_column_int64(stmt, at++));
	row->elided = (uint64_t)sqlite3_column_int64(stmt, at++);
	row->retrieved = (uint64_t)sqlite3_column_int64(stmt, at++);
	row->whole = (uint64_t)sqlite3_column_int64(stmt, at++);
	row->recent_elided = (uint64_t)sqlite3_column_int64(stmt, at++);
	row->recent_retrieved = (uint64_t)sqlite3_column_int64(stmt, at++);
	row->used_ms = sqlite3_column_int64(stmt, at++);
	row->changed_ms = sqlite3_column_int64(stmt, at++);
}

static enum err read_rows(
	struct db *db, sqlite3_stmt *stmt, feedback_fn *fn, void *self, struct errctx *cx)
{
	struct feedback_row row;
	bool has_row;

	for (;;) {
		TRY(db_step(db, stmt, &has_row, cx));
		if (!has_row)
			break;
		read_row(stmt, &row);
		fn(self, &row);
	}
	(void)sqlite3_reset(stmt);
	return E_OK;
}

enum err feedback_each(struct store *s, str tool, feedback_fn *fn, void *self, struct errctx *cx)
{
	char name[FEEDBACK_NAME_MAX];
	size_t n = feedback_clean_name(tool, name);
	sqlite3_stmt *stmt;
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, cx);
	TRY(e);
	e = db_prepare(&r->db, DB_FEEDBACK_ROWS, &stmt, cx);
	if (!e) {
		db_bind_text(stmt, 1, (str){name, n});
		e = read_rows(&r->db, stmt, fn, self, cx);
	}
	reader_give(s, r);
	return e;
}

void feedback_write_begin(struct json_writer *w, const struct feedback_row *row)
{
	json_write_object(w, NULL);
	json_write_str(w, "tool", row->key.tool);
	json_write_str(w, "encoder", row->key.encoder);
	json_write_str(w, "shape", row->key.shape);
	json_write_c(w, "level", feedback_level_name(row->level));
	json_write_u64(w, "elided", row->elided);
	json_write_u64(w, "retrieved", row->retrieved);
	json_write_u64(w, "retrieved_whole", row->whole);
	json_write_u64(w, "recent_elided", row->recent_elided);
	json_write_u64(w, "recent_retrieved", row->recent_retrieved);
}

/* ---- a snapshot: lines "LEVEL TOOL ENCODER SHAPE" --------------------------------------------------------- */

static void write_key(str tool, str encoder, str shape, struct buf *out)
{
	const str names[FEEDBACK_NAMES] = {tool, encoder, shape};

	for (size_t i = 0; i < FEEDBACK_NAMES; i++) {
		buf_add_byte(out, ' ');
		buf_add(out, names[i]);
	}
}

struct snapshot {
	bool is_probe;
	struct buf *out;
};

static void add_level(void *self, const struct feedback_row *row)
{
	struct snapshot *x = self;
	bool is_gentle = row->level == FEEDBACK_GENTLE || x->is_probe;

	buf_add_c(x->out, feedback_level_name(is_gentle ? FEEDBACK_GENTLE : row->level));
	write_key(row->key.tool, row->key.encoder, row->key.shape, x->out);
	buf_add_byte(x->out, '\n');
}

enum err feedback_snapshot(struct store *s, bool is_probe, struct buf *out, struct errctx *cx)
{
	struct snapshot x = {is_probe, out};
	sqlite3_stmt *stmt;
	struct reader *r;
	enum err e;

	r = reader_take(s, &e, cx);
	TRY(e);
	e = db_prepare(&r->db, DB_FEEDBACK_LEVELS, &stmt, cx);
	if (!e) {
		(void)sqlite3_bind_int(stmt, 1, FEEDBACK_SNAPSHOT_ROWS);
		e = read_rows(&r->db, stmt, add_level, &x, cx);
	}
	reader_give(s, r);
	if (!e && out->err)
		FAIL(cx, out->err, "what was learnt: %s", err_text(out->err));
	return e;
}

enum feedback_level feedback_level_in(str snapshot, const struct feedback_key *k)
{
	const str names[FEEDBACK_NAMES] = {k->tool, k->encoder, k->shape};
	str line, level, word;

	while (str_split(&snapshot, '\n', &line)) {
		size_t same = 0;

		if (!str_split(&line, ' ', &level))
			continue;
		while (same < FEEDBACK_NAMES && str_split(&line, ' ', &word)) {
			char name[FEEDBACK_NAME_MAX];

			if (!str_eq((str){name, feedback_clean_name(names[same], name)}, word))
				break;
			same++;
		}
		if (same == FEEDBACK_NAMES)
			return str_eq_c(level, "exact")    ? FEEDBACK_EXACT
			       : str_eq_c(level, "gentle") ? FEEDBACK_GENTLE
							   : FEEDBACK_NORMAL;
	}
	return FEEDBACK_NORMAL;
}

/* rendering_row: decisions as rows of the file. */
#include <stdio.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/store/store_internal.h"

enum { KEY_BYTES = 16 };

/* High half first, each most significant byte first: the same on every machine. */
static str key_blob(struct hash128 key, char out[KEY_BYTES])
{
	for (int i = 0; i < 8; i++) {
		out[i] = (char)(key.hi >> (56 - 8 * i));
		out[8 + i] = (char)(key.lo >> (56 - 8 * i));
	}
	return (str){out, KEY_BYTES};
}

/* Over all that a row means; a row that was damaged, or belongs to another key, does not fit it. */
int64_t rendering_hash(struct hash128 key, const struct rendering *r, str text)
{
	char meta[160];
	int n = snprintf(meta, sizeof meta, "%d %u %u %u %s %s", r->is_changed, r->loss,
		r->tokens_before, r->tokens_after, r->label, r->original);

	return (int64_t)(hash64_seed(text, hash64_seed((str){meta, (size_t)n}, key.lo)) ^ key.hi);
}

/* ---- read ---- */

static bool column_copy(sqlite3_stmt *stmt, int at, char *out, size_t cap)
{
	return store_copy_text(db_column_blob(stmt, at), out, cap);
}

static enum err fail_damaged(struct errctx *cx)
{
	return err_set(cx, E_VERIFY, "a stored rendering is damaged");
}

/* The columns of the row that stmt stands on, as an entry. */
static enum err read_row(sqlite3_stmt *stmt, struct unpacker *u, struct hash128 key,
	struct entry **out, struct errctx *cx)
{
	struct rendering r = {
		.is_changed = sqlite3_column_int(stmt, 1) != 0,
		.loss = (uint8_t)sqlite3_column_int(stmt, 2),
		.tokens_before = (uint32_t)sqlite3_column_int64(stmt, 3),
		.tokens_after = (uint32_t)sqlite3_column_int64(stmt, 4),
	};
	int64_t text_n = sqlite3_column_int64(stmt, 7);
	struct entry *e;
	enum err err;

	if (!column_copy(stmt, 5, r.label, sizeof r.label) ||
		!column_copy(stmt, 6, r.original, sizeof r.original) || text_n < 0 ||
		(size_t)text_n > STORE_TEXT_MAX)
		return fail_damaged(cx);
	e = entry_new(key, &r, (size_t)text_n, NULL);
	if (!e)
		FAIL(cx, E_NOMEM, "no memory for a rendering of %zu bytes", (size_t)text_n);
	e->used_ms = sqlite3_column_int64(stmt, 0);
	err = unpack(u, db_column_blob(stmt, 9), e->text, e->n, cx);
	if (!err && rendering_hash(key, &r, (str){e->text, e->n}) != sqlite3_column_int64(stmt, 8))
		err = fail_damaged(cx);
	if (err)
		mem_free(e);
	else
		*out = e;
	return err;
}

enum err rendering_load(struct db *db, struct unpacker *u, struct hash128 key, struct entry **out,
	struct errctx *cx)
{
	char blob[KEY_BYTES];
	sqlite3_stmt *stmt;
	bool has_row;
	enum err e;

	TRY(db_prepare(db, DB_RENDERING_FIND, &stmt, cx));
	db_bind_blob(stmt, 1, key_blob(key, blob));
	TRY(db_step(db, stmt, &has_row, cx));
	e = has_row ? read_row(stmt, u, key, out, cx) : E_NOT_FOUND;
	(void)sqlite3_reset(stmt);
	return e;
}

/* ---- write, on the writer's thread ---- */

/* What becomes a row: the peer's decision goes before ours. */
static const struct entry *written(const struct op *op)
{
	return op->elsewhere ? op->elsewhere : op->entry;
}

enum err rendering_pack(struct store *s, struct op *op, struct errctx *cx)
{
	const struct entry *e = written(op);

	op->is_unpacked = false;
	return pack(&s->packer, (str){e->text, e->n}, &op->packed, cx);
}

static enum err touch_row(struct db *db, struct hash128 key, int64_t now_ms, struct errctx *cx)
{
	char blob[KEY_BYTES];
	sqlite3_stmt *stmt;

	TRY(db_prepare(db, DB_RENDERING_TOUCH, &stmt, cx));
	db_bind_blob(stmt, 1, key_blob(key, blob));
	(void)sqlite3_bind_int64(stmt, 2, now_ms);
	return db_run(db, stmt, cx);
}

/* A rendering is only as good as its original: the use of one is the use of both. */
enum err rendering_touch(struct store *s, const struct op *op, struct errctx *cx)
{
	TRY(touch_row(&s->db, op->key, op->now_ms, cx));
	return op->has_original ? original_touch(&s->db, &op->sha, op->now_ms, cx) : E_OK;
}

static str data_of(const struct op *op)
{
	return op->is_unpacked ? (str){op->entry->text, op->entry->n} : op->packed;
}

static void bind_row(sqlite3_stmt *stmt, const struct op *op, str key, int64_t bytes)
{
	const struct entry *e = written(op);

	db_bind_blob(stmt, 1, key);
	(void)sqlite3_bind_int64(stmt, 2, op->now_ms);
	(void)sqlite3_bind_int(stmt, 3, e->r.is_changed);
	(void)sqlite3_bind_int(stmt, 4, e->r.loss);
	(void)sqlite3_bind_int64(stmt, 5, e->r.tokens_before);
	(void)sqlite3_bind_int64(stmt, 6, e->r.tokens_after);
	db_bind_text(stmt, 7, str_from(e->r.label));
	db_bind_text(stmt, 8, str_from(e->r.original));
	(void)sqlite3_bind_int64(stmt, 9, (int64_t)e->n);
	(void)sqlite3_bind_int64(stmt, 10, bytes);
	(void)sqlite3_bind_int64(stmt, 11, rendering_hash(e->key, &e->r, (str){e->text, e->n}));
	db_bind_blob(stmt, 12, data_of(op));
}

bool rendering_is_same(const struct entry *a, const struct entry *b)
{
	return a->r.is_changed == b->r.is_changed &&
	       str_eq((str){a->text, a->n}, (str){b->text, b->n});
}

static enum err compare_with_row(struct store *s, struct op *op, struct errctx *cx)
{
	struct entry *there = NULL;
	enum err e = rendering_load(&s->db, &s->unpacker, op->entry->key, &there, cx);

	if (e == E_VERIFY) { /* nobody can know what was sent: the block goes as it came */
		there = entry_new(op->entry->key, &(struct rendering){0}, 0, NULL);
		e = there ? E_OK : err_set(cx, E_NOMEM, "no memory for a rendering");
	}
	TRY(e);
	ASSERT(there);
	there->used_ms = op->now_ms;
	if (op->elsewhere) { /* what was sent from this machine stands here */
		mem_free(op->elsewhere);
		mem_free((void *)(uintptr_t)op->packed.p);
		op->elsewhere = NULL;
		op->packed = STR_NULL;
		op->is_packed = false;
	}
	if (rendering_is_same(there, op->entry)) {
		mem_free(there);
	} else {
		mem_free(op->winner); /* of an attempt that failed later */
		op->winner = there;
	}
	return touch_row(&s->db, op->entry->key, op->now_ms, cx);
}

/* The file had a decision already: it stands. */
static enum err yield_to_row(struct store *s, struct op *op, struct errctx *cx)
{
	if (op->kind == OP_RENDERING_COPY)
		return touch_row(&s->db, op->elsewhere->key, op->now_ms, cx);
	return compare_with_row(s, op, cx);
}

enum err rendering_write(struct store *s, struct op *op, struct errctx *cx)
{
	int64_t bytes = (int64_t)data_of(op).n + STORE_ROW_BYTES;
	struct sha_range sha;
	char blob[KEY_BYTES];
	sqlite3_stmt *stmt;

	TRY(db_prepare(&s->db, DB_RENDERING_ADD, &stmt, cx));
	bind_row(stmt, op, key_blob(written(op)->key, blob), bytes);
	TRY(db_run(&s->db, stmt, cx));
	if (!sqlite3_changes(s->db.handle))
		return yield_to_row(s, op, cx);
	if (op->is_unpacked)
		repack_note(s);
	s->total_n[TOTAL_RENDERING]++;
	s->total_bytes[TOTAL_RENDERING] += bytes;
	if (original_range(str_from(written(op)->r.original), &sha))
		return original_touch(&s->db, &sha, op->now_ms, cx);
	return E_OK;
}

/* Renderings that were written as they are, since somebody waited, and are packed when nobody does: docs/decisions/0041. On the
 * writer's thread. */
#include "core/base/mem.h"
#include "core/store/store_internal.h"

enum {
	UNPACKED_MAX =
		16384, /* rows that are remembered, and a batch; further ones are packed at once */
	STEP_BYTES =
		128 << 10, /* in one transaction: some 2 ms, for which whoever comes has to wait */
};

bool repack_has_room(const struct store *s)
{
	return s->unpacked.n < UNPACKED_MAX;
}

void repack_note(struct store *s)
{
	struct unpacked_rows *u = &s->unpacked;

	if (u->n == u->cap) {
		size_t more = u->cap ? u->cap * 2 : 256;
		int64_t *ids = mem_realloc(u->ids, more * sizeof *ids);

		if (!ids)
			return; /* it can be read as it is */
		u->ids = ids;
		u->cap = more;
	}
	u->ids[u->n++] = sqlite3_last_insert_rowid(s->db.handle);
}

static enum err write_packed(struct store *s, int64_t id, str packed, struct errctx *cx)
{
	sqlite3_stmt *stmt;

	TRY(db_prepare(&s->db, DB_RENDERING_PACKED, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, id);
	db_bind_blob(stmt, 2, packed);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)packed.n + STORE_ROW_BYTES);
	return db_run(&s->db, stmt, cx);
}

/* A row that is gone, or that another process has packed, is left alone. *bytes grows by those of its text. */
static enum err repack_row(struct store *s, int64_t id, size_t *bytes, struct errctx *cx)
{
	str text = STR_NULL, packed = STR_NULL;
	enum err e = E_OK;
	sqlite3_stmt *stmt;
	bool has_row;

	TRY(db_prepare(&s->db, DB_RENDERING_DATA, &stmt, cx));
	(void)sqlite3_bind_int64(stmt, 1, id);
	TRY(db_step(&s->db, stmt, &has_row, cx));
	if (has_row)
		text = db_column_blob(stmt, 0);
	if (text.n && !is_packed(text))
		e = pack(&s->packer, text, &packed, cx);
	*bytes += text.n;
	(void)sqlite3_reset(stmt);
	if (!e && packed.n && packed.n < text.n) {
		s->total_bytes[TOTAL_RENDERING] += (int64_t)packed.n - (int64_t)text.n;
		e = write_packed(s, id, packed, cx);
	}
	mem_free((void *)(uintptr_t)packed.p);
	return e;
}

static enum err repack_rows(struct store *s, size_t *n, struct errctx *cx)
{
	size_t bytes = 0;

	TRY(store_begin(s, cx));
	while (*n && bytes < STEP_BYTES)
		TRY(repack_row(s, s->unpacked.ids[--*n], &bytes, cx));
	TRY(store_write_totals(s, cx));
	return db_run_plain(&s->db, DB_COMMIT, cx);
}

bool repack_some(struct store *s)
{
	size_t n = s->unpacked.n;
	struct errctx cx = {0};
	enum err e;

	if (!n)
		return false;
	store_lock_memory(s);
	e = repack_rows(s, &n, &cx);
	if (e)
		db_rollback(&s->db);
	store_unlock_memory(s);
	if (!e)
		s->unpacked.n = n;
	else if (e != E_BUSY)
		s->unpacked.n = 0; /* they can be read as they are */
	return !e && n;
}

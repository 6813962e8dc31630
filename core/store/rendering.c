#include "core/store/rendering.h"

#include "core/base/mem.h"
#include "core/store/store_internal.h"

/* ---- get ---- */

static int64_t now_ns(const struct store *s)
{
	return clock_monotonic_ns(s->conf.clock);
}

/* A file that could not be read when it was last asked is not asked for a while: each block of a request
 * would wait for it. */
static enum err load_here(
	struct store *s, struct hash128 key, struct entry **out, struct errctx *cx)
{
	struct reader *r;
	enum err e;

	if (now_ns(s) < atomic_load(&s->unread_until_ns))
		FAIL(cx, E_BUSY, "%s cannot be read at the moment", s->path);
	r = reader_take(s, &e, cx);
	if (!e) {
		e = rendering_load(&r->db, &r->unpacker, key, out, cx);
		reader_give(s, r);
	}
	if (e && e != E_NOT_FOUND && e != E_VERIFY && e != E_NOMEM)
		atomic_store(&s->unread_until_ns, now_ns(s) + STORE_RETRY_MS * INT64_C(1000000));
	return e;
}

/* What is not here, or cannot be read, may be with the peer. */
static enum err load(struct store *s, struct hash128 key, struct entry **out, struct errctx *cx)
{
	enum err e = load_here(s, key, out, cx);

	if (!e || e == E_NOMEM || !s->peer.is)
		return e;
	return peer_rendering_load(s, key, out) == E_OK ? E_OK : e;
}

/* One that was not used for a lease may be gone from the file, and its original with it. */
static bool is_stale(const struct store *s, const struct entry *e, int64_t now_ms)
{
	return !e->is_pending && now_ms - e->used_ms >= s->conf.lease_ms;
}

/* On E_OK the shard is locked and holds *out. */
static enum err acquire(struct store *s, struct hash128 key, int64_t now_ms,
	struct rendering_shard **shard, struct entry **out, struct errctx *cx)
{
	struct rendering_shard *sh = rendering_cache_lock(&s->cache, key);
	struct entry *e = rendering_cache_find(sh, key), *loaded;
	enum err err;

	*shard = sh;
	*out = e;
	if (e && !is_stale(s, e, now_ms)) {
		atomic_fetch_add_explicit(&s->hits, 1, memory_order_relaxed);
		return E_OK;
	}
	rendering_cache_unlock(sh);
	atomic_fetch_add_explicit(&s->misses, 1, memory_order_relaxed);
	err = load(s, key, &loaded, cx);
	(void)rendering_cache_lock(&s->cache, key);
	e = rendering_cache_find(sh, key);
	if (e && !is_stale(s, e, now_ms)) { /* somebody was faster */
		if (!err)
			mem_free(loaded);
		*out = e;
		return E_OK;
	}
	if (e)
		rendering_cache_remove(sh, e);
	if (!err && !rendering_cache_add(&s->cache, sh, loaded)) {
		mem_free(loaded);
		err = err_set(cx, E_NOMEM, "no memory for the renderings in use");
	}
	if (err)
		rendering_cache_unlock(sh);
	else
		*out = loaded;
	return err;
}

/* Under the shard's lock: the operation that writes the use down, when that is due. */
static struct op *touch_of(struct store *s, struct entry *e, int64_t now_ms)
{
	struct op *op;

	if (s->conf.is_read_only || e->is_pending || now_ms - e->used_ms < s->touch_ms)
		return NULL;
	op = op_new(s, OP_TOUCH_RENDERING, 0);
	if (!op)
		return NULL;
	op->key = e->key;
	op->has_original = original_range(str_from(e->r.original), &op->sha);
	e->used_ms = now_ms;
	return op;
}

/* Appends the decision to out and r; loops because room in out is made while no lock is held (an
 * arena that runs out of memory does not come back). */
static enum err fetch(struct store *s, struct hash128 key, struct rendering *r, struct buf *out,
	struct errctx *cx)
{
	int64_t now_ms = clock_wall_ms(s->conf.clock);
	struct rendering_shard *sh;
	struct entry *e;
	struct op *touch;
	size_t n;

	for (;;) {
		TRY(acquire(s, key, now_ms, &sh, &e, cx));
		n = e->n;
		if (n <= out->cap - out->n)
			break;
		rendering_cache_unlock(sh);
		if (!buf_reserve(out, n))
			FAIL(cx, out->err, "%s (a rendering of %zu bytes)", err_text(out->err), n);
	}
	*r = e->r;
	r->is_unsettled = e->is_pending && !e->is_sent;
	if (n)
		memcpy(out->p + out->n, e->text, n);
	out->n += n;
	rendering_cache_used(sh, e);
	touch = touch_of(s, e, now_ms);
	rendering_cache_unlock(sh);
	store_enqueue_touch(s, touch);
	return E_OK;
}

enum err rendering_get(struct store *s, struct hash128 key, struct rendering *r, struct buf *out,
	struct errctx *cx)
{
	return fetch(s, key, r, out, cx);
}

void rendering_use(struct store *s, struct hash128 key, str original)
{
	struct rendering_shard *sh;
	struct entry *e;
	struct op *op;

	if (s->conf.is_read_only)
		return;
	op = op_new(s, OP_TOUCH_RENDERING, 0);
	if (!op)
		return;
	op->key = key;
	op->has_original = original_range(original, &op->sha);
	sh = rendering_cache_lock(&s->cache, key);
	e = rendering_cache_find(sh, key);
	if (e && !e->is_pending)
		e->used_ms = op->now_ms;
	rendering_cache_unlock(sh);
	store_enqueue_touch(s, op);
}

/* ---- put ---- */

/* Under the shard's lock. Hangs e into the cache and, when it can, into the writer's queue. Takes
 * e. */
static enum err add_pending(struct store *s, struct rendering_shard *sh, struct entry *e,
	bool is_promised, struct errctx *cx)
{
	struct op *op = op_new(s, OP_RENDERING, 0);
	enum err err;

	e->is_pending = true;
	if (!op || !rendering_cache_add(&s->cache, sh, e)) {
		mem_free(op);
		mem_free(e);
		FAIL(cx, E_NOMEM, "no memory to keep a rendering");
	}
	op->entry = e;
	op->is_promised = is_promised;
	e->used_ms = op->now_ms;
	err = store_enqueue(s, op, cx);
	if (err)
		rendering_cache_remove(sh, e);
	return err;
}

/* Under the shard's lock: the block goes as it came, and if it cannot be written, then at least
 * here. */
static void remember_unchanged(struct store *s, struct rendering_shard *sh, struct hash128 key)
{
	struct entry *e = entry_new(key, &(struct rendering){0}, 0, NULL);

	if (!e || add_pending(s, sh, e, false, NULL) == E_OK)
		return;
	e = entry_new(key, &(struct rendering){0}, 0, NULL);
	if (!e)
		return;
	e->used_ms = clock_wall_ms(s->conf.clock);
	if (!rendering_cache_add(&s->cache, sh, e))
		mem_free(e);
}

/* The entry to put, not in the cache yet. */
static enum err make_entry(struct store *s, struct hash128 key, const struct rendering *r, str text,
	struct entry **out, bool *is_promised, struct errctx *cx)
{
	*out = NULL;
	TRY(store_may_put(s, is_promised, cx));
	if (text.n > STORE_TEXT_MAX)
		FAIL(cx, E_TOO_BIG, "a rendering of %zu bytes is too large for the store", text.n);
	*out = entry_new(key, r, text.n, text.p);
	if (!*out)
		FAIL(cx, E_NOMEM, "no memory for a rendering of %zu bytes", text.n);
	return E_OK;
}

/* Puts the decision unless one is there by now. */
static enum err put_new(struct store *s, struct hash128 key, const struct rendering *r, str text,
	bool *was_there, struct errctx *cx)
{
	struct rendering_shard *sh;
	struct entry *e;
	bool is_promised = false;
	enum err err = make_entry(s, key, r, text, &e, &is_promised, cx);

	sh = rendering_cache_lock(&s->cache, key);
	*was_there = rendering_cache_find(sh, key) != NULL;
	if (*was_there)
		mem_free(e);
	else if (e)
		err = add_pending(s, sh, e, is_promised, cx);
	if (!*was_there && err)
		remember_unchanged(s, sh, key);
	rendering_cache_unlock(sh);
	return *was_there ? E_OK : err;
}

enum err rendering_put(struct store *s, struct hash128 key, struct rendering *r, str text,
	struct buf *winner, bool *was_there, struct errctx *cx)
{
	enum err e = fetch(s, key, r, winner, cx);

	*was_there = e == E_OK;
	if (e == E_OK || e == E_VERIFY || e == E_NOMEM || e == E_TOO_BIG)
		return e;
	return rendering_put_unseen(s, key, r, text, winner, was_there, cx);
}

enum err rendering_put_unseen(struct store *s, struct hash128 key, struct rendering *r, str text,
	struct buf *winner, bool *was_there, struct errctx *cx)
{
	TRY(put_new(s, key, r, text, was_there, cx));
	return *was_there ? fetch(s, key, r, winner, cx) : E_OK;
}

/* ---- settle ---- */

/* After the wait. The writer publishes under the same lock, so that a decision is either lost by now, or
 * can no longer be. */
static bool is_lost(struct store *s, struct hash128 key, bool *is_told)
{
	struct rendering_shard *sh = rendering_cache_lock(&s->cache, key);
	struct entry *e = rendering_cache_find(sh, key);
	bool lost = !e || e->is_lost; /* no longer in memory: perhaps */

	*is_told &= e && e->is_told;
	if (e && e->is_pending)
		e->is_sent = true;
	else if (!lost) /* in the file; whoever settles it has it in memory anyway */
		rendering_cache_remove(sh, e);
	rendering_cache_unlock(sh);
	return lost;
}

void rendering_hurry(struct store *s)
{
	store_hurry(s);
}

enum err rendering_settle(
	struct store *s, const struct hash128 *keys, size_t n, size_t *lost_n, struct errctx *cx)
{
	enum err e = store_wait(s, s->conf.decision_ms, cx);
	bool is_told = true;

	*lost_n = 0;
	for (size_t i = 0; i < n; i++)
		*lost_n += is_lost(s, keys[i], &is_told);
	return n && is_told ? E_OK : e;
}

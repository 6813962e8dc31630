/* The writer: a queue, and the one thread that takes from it and commits in batches. */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/store/ledger_batch.h"
#include "core/store/store_internal.h"

/* ---- operations and lists ---- */

struct op *op_new(struct store *s, enum op_kind kind, size_t text_n)
{
	struct op *op = mem_zalloc(sizeof *op + text_n);

	if (op) {
		op->kind = kind;
		op->now_ms = clock_wall_ms(s->conf.clock);
		op->text_n = text_n;
	}
	return op;
}

void op_free(struct op *op)
{
	mem_free((void *)(uintptr_t)op->packed.p);
	mem_free(op->winner);
	mem_free(op->elsewhere);
	mem_free(op);
}

static size_t op_bytes(const struct op *op)
{
	return op->text_n + (op->entry ? op->entry->n : op->elsewhere ? op->elsewhere->n : 0);
}

void op_list_add(struct op_list *l, struct op *op)
{
	op->next = NULL;
	*l->last = op;
	l->last = &op->next;
	l->n++;
	op->bytes = op_bytes(op);
	l->bytes += op->bytes;
}

struct op *op_list_take(struct op_list *l)
{
	struct op *op = l->first;

	l->first = op->next;
	if (!l->first)
		l->last = &l->first;
	l->n--;
	l->bytes -= op->bytes;
	return op;
}

/* ---- any thread ---- */

/* Under the lock. */
static enum err report_failure(struct store *s, struct errctx *cx)
{
	enum err e = s->failure.code == E_BUSY ? E_BUSY : E_IO;

	if (!cx)
		return e; /* the text is for somebody who reads it */
	if (s->failure.is_reported)
		return err_set(cx, e, "the store still cannot be written");
	s->failure.is_reported = true;
	return err_set(cx, e, "the store cannot be written: %.400s", s->failure.text);
}

enum err store_check_writable(struct store *s, struct errctx *cx)
{
	enum err e = E_OK;

	if (s->conf.is_read_only)
		FAIL(cx, E_PERMISSION, "%s was opened for reading only", s->path);
	pthread_mutex_lock(&s->lock);
	if (s->failure.code && s->failure.code != E_BUSY)
		e = report_failure(s, cx);
	pthread_mutex_unlock(&s->lock);
	return e;
}

bool store_is_writable(struct store *s)
{
	bool is_failing;

	pthread_mutex_lock(&s->lock);
	is_failing = s->failure.code && s->failure.code != E_BUSY;
	pthread_mutex_unlock(&s->lock);
	return !is_failing && !s->conf.is_read_only;
}

enum err store_enqueue(struct store *s, struct op *op, struct errctx *cx)
{
	size_t n, bytes;

	if (!s->has_writer) {
		op_free(op);
		FAIL(cx, E_PERMISSION, "%s was opened for reading only", s->path);
	}
	pthread_mutex_lock(&s->lock);
	n = s->queue.n + s->told.n + s->inflight.n;
	bytes = s->queue.bytes + s->told.bytes + s->inflight.bytes;
	if (n >= STORE_QUEUE_OPS || bytes + op_bytes(op) > STORE_QUEUE_BYTES) {
		pthread_mutex_unlock(&s->lock);
		op_free(op);
		FAIL(cx, E_BUSY, "the store's queue is full (%zu writes, %zu bytes)", n, bytes);
	}
	op_list_add(&s->queue, op);
	s->queued_seq++;
	/* While it gathers, the writer is woken only by a full batch. */
	if (s->queue.n == 1 || s->queue.n == STORE_BATCH_OPS || s->queue.bytes >= STORE_BATCH_BYTES)
		pthread_cond_signal(&s->has_work);
	pthread_mutex_unlock(&s->lock);
	return E_OK;
}

void store_enqueue_touch(struct store *s, struct op *op)
{
	if (op)
		(void)store_enqueue(s, op, NULL);
}

void store_want_evict(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_evict_wanted = true;
	pthread_cond_signal(&s->has_work);
	pthread_mutex_unlock(&s->lock);
}

static bool is_past(const struct timespec *t)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

/* Under the lock. Until all up to target is committed, or told to the peer when that is_ready; else an attempt after that
 * one has failed; or until. */
static void await_done(struct store *s, uint64_t target, uint64_t attempt, bool is_ready,
	const struct timespec *until)
{
	while (s->done_seq < target && !(is_ready && s->told_seq >= target)) {
		if (!(is_ready && !s->is_mute) &&
			(s->failed_attempt > attempt || (until && s->is_slow)))
			return;
		if (!until) {
			pthread_cond_wait(&s->is_done, &s->lock);
		} else if (pthread_cond_timedwait(&s->is_done, &s->lock, until) != 0 &&
			   s->done_seq < target) {
			s->is_slow = true; /* who comes now need not find out */
			s->is_mute = is_ready;
			return;
		}
	}
}

enum err store_wait(struct store *s, int ms, struct errctx *cx)
{
	const struct store_peer *peer = ms >= 0 ? s->peer.is : NULL;
	bool is_ready = peer && peer->is_ready(peer->self);
	uint64_t target, attempt;
	struct timespec until;
	enum err e = E_OK;

	if (ms >= 0)
		until = thread_deadline(ms);
	pthread_mutex_lock(&s->lock);
	target = s->queued_seq;
	attempt = s->attempt;
	if (ms >= 0 && s->failure.code)
		attempt = 0; /* an old failure will do */
	s->flushers_n++;
	s->patient_n += ms < 0;
	pthread_cond_signal(&s->has_work);
	await_done(s, target, attempt, is_ready, ms >= 0 ? &until : NULL);
	s->flushers_n--;
	s->patient_n -= ms < 0;
	if (s->done_seq < target && s->failure.code)
		e = report_failure(s, cx);
	else if (s->done_seq < target)
		e = err_set(cx, E_BUSY, "the store takes longer than %d ms", ms);
	pthread_mutex_unlock(&s->lock);
	return e;
}

void store_hurry(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_hurried = s->queue.n > 0;
	pthread_cond_signal(&s->has_work);
	pthread_mutex_unlock(&s->lock);
}

/* ---- the writer's thread ---- */

/* Under the lock. */
static bool is_urgent(const struct store *s)
{
	return s->is_closing || s->patient_n ||
	       (!s->failure.code &&
		       (s->flushers_n || s->is_hurried || s->queue.n >= STORE_BATCH_OPS ||
			       s->queue.bytes >= STORE_BATCH_BYTES));
}

/* *room: bytes of renderings that are still packed now. */
static enum err pack_op(struct store *s, struct op *op, size_t *room, struct errctx *cx)
{
	size_t n = op->kind == OP_RENDERING ? op->entry->n : 0;

	if (op->is_packed || op->is_unpacked)
		return E_OK;
	op->is_unpacked = n > *room && !s->peer.is && repack_has_room(s);
	if (op->is_unpacked)
		return E_OK;
	*room -= n < *room ? n : *room;
	if (op->kind == OP_ORIGINAL)
		TRY(original_pack(s, op, cx));
	else if (op->kind == OP_RENDERING || op->kind == OP_RENDERING_COPY)
		TRY(rendering_pack(s, op, cx));
	op->is_packed = true;
	return E_OK;
}

/* Under the lock. */
static bool is_resting(const struct store *s)
{
	return !s->queue.n && !s->told.n && !s->inflight.n && !s->is_evict_wanted && !s->is_closing;
}

/* Under the lock, which is let go meanwhile. What was left to do later is done when nothing has come for a while: right
 * behind a request's batch the next request would wait for it. */
static void rest(struct store *s)
{
	struct timespec until;
	bool is_more = true;

	if (!s->unpacked.n && !db_wants_checkpoint(&s->db, DB_WAL_GROWN)) {
		pthread_cond_wait(&s->has_work, &s->lock);
		return;
	}
	until = thread_deadline(STORE_REST_MS);
	if (pthread_cond_timedwait(&s->has_work, &s->lock, &until) == 0)
		return;
	while (is_more && is_resting(s)) {
		pthread_mutex_unlock(&s->lock);
		is_more = repack_some(s);
		pthread_mutex_lock(&s->lock);
	}
	if (!is_resting(s))
		return;
	pthread_mutex_unlock(&s->lock);
	db_checkpoint(&s->db, DB_WAL_GROWN);
	pthread_mutex_lock(&s->lock);
}

/* Under the lock, which is let go meanwhile. */
static bool tell(struct store *s)
{
	bool is_told;

	pthread_mutex_unlock(&s->lock);
	is_told = store_tell_waiting(s);
	pthread_mutex_lock(&s->lock);
	return is_told;
}

/* Under the lock. Returns when there is work and it is time for it, or when the store closes. While it waits for the file, the peer
 * is told of what comes. */
static void await_work(struct store *s)
{
	struct timespec until;

	while (is_resting(s))
		rest(s);
	until = thread_deadline(s->failure.code ? STORE_RETRY_MS : STORE_GATHER_MS);
	while (!is_urgent(s) && !is_past(&until))
		if (!s->failure.code || !store_has_to_tell(s) || !tell(s))
			(void)pthread_cond_timedwait(&s->has_work, &s->lock, &until);
}

/* Under the lock. What failed before goes first, as it was. */
static void take_batch(struct store *s)
{
	while ((s->told.n || s->queue.n) && s->inflight.n < STORE_BATCH_OPS &&
		s->inflight.bytes < STORE_BATCH_BYTES)
		op_list_add(&s->inflight, op_list_take(s->told.n ? &s->told : &s->queue));
	s->is_evict_wanted = false;
	s->is_hurried = false;
	s->attempt++;
}

static enum err write_op(struct store *s, struct op *op, struct errctx *cx)
{
	switch (op->kind) {
	case OP_ORIGINAL:
		return original_write(s, op, cx);
	case OP_RENDERING:
	case OP_RENDERING_COPY:
		return rendering_write(s, op, cx);
	case OP_TOUCH_ORIGINAL:
		return original_touch(&s->db, &op->sha, op->now_ms, cx);
	case OP_TOUCH_RENDERING:
		return rendering_touch(s, op, cx);
	case OP_LEDGER:
	case OP_CALIBRATION:
		return E_OK; /* together: ledger_batch_write, calibration_write_batch */
	case OP_FEEDBACK_ELIDED:
	case OP_FEEDBACK_RETRIEVED:
	case OP_FEEDBACK_RESET:
		return feedback_write(s, op, cx);
	}
	UNREACHABLE("kind of operation");
}

enum err store_begin(struct store *s, struct errctx *cx)
{
	for (enum store_total kind = 0; kind < TOTAL_N; kind++)
		s->total_n[kind] = s->total_bytes[kind] = 0;
	return db_run_plain(&s->db, DB_BEGIN, cx);
}

static enum err write_ops_of_batch(struct store *s, struct errctx *cx)
{
	TRY(store_begin(s, cx));
	for (struct op *op = s->inflight.first; op; op = op->next)
		TRY(write_op(s, op, cx));
	TRY(ledger_batch_write(s, cx));
	TRY(calibration_write_batch(s, cx));
	TRY(store_write_totals(s, cx));
	return db_run_plain(&s->db, DB_COMMIT, cx);
}

static enum err write_ops(struct store *s, struct errctx *cx)
{
	size_t unpacked_n = s->unpacked.n;
	enum err e;

	store_lock_memory(s);
	e = write_ops_of_batch(s, cx);
	if (e) {
		db_rollback(&s->db);
		s->unpacked.n = unpacked_n;
	}
	store_unlock_memory(s);
	return e;
}

/* The same, for as long as another program may have the file. Meanwhile the peer is told of what comes. */
static enum err write_ops_patiently(struct store *s, struct errctx *cx)
{
	struct timespec until;
	enum err e;

	if (!s->peer.is)
		return write_ops(s, cx);
	(void)sqlite3_busy_handler(s->db.handle, store_wait_for_file, s);
	until = thread_deadline(s->conf.busy_ms);
	for (;;) {
		e = write_ops(s, cx);
		if (e != E_BUSY)
			return e;
		store_publish_told(s, s->inflight.first);
		while (store_tell_waiting(s))
			;
		if (is_past(&until))
			return e;
	}
}

/* SQLite would go on writing to a file that nobody can open any more. */
static enum err check_same_file(const struct store *s, struct errctx *cx)
{
	struct stat st;

	if (s->conf.is_in_memory)
		return E_OK;
	if (stat(s->path, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode)
		return E_OK;
	FAIL(cx, E_IO, "%s was deleted or replaced while it was in use: restart to go on", s->path);
}

enum err store_pack(struct store *s, struct op *from, struct errctx *cx)
{
	size_t room = STORE_PACK_BYTES;

	for (struct op *op = from; op; op = op->next)
		TRY(pack_op(s, op, &room, cx));
	return E_OK;
}

/* The list of what is in flight changes only on this thread, so it is walked without the lock. */
static enum err write_batch(struct store *s, struct errctx *cx)
{
	TRY(store_pack(s, s->inflight.first, cx));
	if (s->inflight.n && s->peer.is)
		peer_share(s, s->inflight.first);
	if (s->failure.code) /* nobody waits for the file */
		store_publish_told(s, s->inflight.first);
	TRY(check_same_file(s, cx));
	if (s->inflight.n)
		TRY(write_ops_patiently(s, cx));
	if (s->peer.is)
		peer_catch_up(s);
	store_evict(s);
	return E_OK;
}

/* Tells the cache how the decisions of the batch went. */
static void publish(struct store *s)
{
	for (struct op *op = s->inflight.first; op; op = op->next) {
		struct rendering_shard *sh;
		struct entry **place = op->winner ? &op->winner : &op->elsewhere, *winner = *place;

		if (op->kind != OP_RENDERING)
			continue;
		sh = rendering_cache_lock(&s->cache, op->entry->key);
		if (winner && !op->entry->is_sent) {
			rendering_cache_remove(sh, op->entry);
			winner->is_lost = true;
			if (rendering_cache_add(&s->cache, sh, winner))
				*place = NULL;
			atomic_fetch_add(&s->lost_n, 1);
		} else {
			rendering_cache_settle(&s->cache, sh, op->entry);
		}
		op->entry = NULL;
		rendering_cache_unlock(sh);
	}
}

/* Under the lock. The committed operations, for the caller to free. */
static struct op *batch_done(struct store *s)
{
	struct op *ops = s->inflight.first;

	s->done_seq += s->inflight.n + s->forgotten_n;
	s->forgotten_n = 0;
	s->is_mute = false;
	s->inflight = (struct op_list){.last = &s->inflight.first};
	s->failure = (struct store_failure){0};
	s->is_slow = false;
	return ops;
}

/* Under the lock. */
static void batch_failed(struct store *s, const struct errctx *cx)
{
	s->failed_attempt = s->attempt;
	s->is_slow = false;              /* it is known to fail instead */
	if (s->failure.code != cx->code) /* another reason is news again */
		s->failure.is_reported = false;
	s->failure.code = cx->code;
	(void)snprintf(s->failure.text, sizeof s->failure.text, "%s", cx->text);
	atomic_fetch_add(&s->write_errors, 1);
}

static void free_ops(struct op *ops)
{
	for (struct op *next; ops; ops = next) {
		next = ops->next;
		op_free(ops);
	}
}

/* Under the lock, which is let go meanwhile. */
static enum err run_batch(struct store *s)
{
	struct errctx cx = {0};
	struct op *ops = NULL;
	enum err e;

	take_batch(s);
	pthread_mutex_unlock(&s->lock);
	e = write_batch(s, &cx);
	if (!e)
		publish(s);
	else if (s->peer.is)
		store_publish_told(s, s->inflight.first);
	pthread_mutex_lock(&s->lock);
	if (e)
		batch_failed(s, &cx);
	else
		ops = batch_done(s);
	pthread_cond_broadcast(&s->is_done);
	pthread_mutex_unlock(&s->lock);
	free_ops(ops);
	if (!e)
		db_checkpoint(&s->db, DB_WAL_FULL);
	pthread_mutex_lock(&s->lock);
	return e;
}

static void *writer_main(void *arg)
{
	struct store *s = arg;
	bool is_over = false;

	pthread_mutex_lock(&s->lock);
	while (!is_over) {
		await_work(s);
		if (s->queue.n || s->told.n || s->inflight.n || s->is_evict_wanted)
			is_over = run_batch(s) != E_OK && s->is_closing;
		else
			is_over = s->is_closing;
	}
	pthread_mutex_unlock(&s->lock);
	while (store_tell_waiting(s))
		; /* it was given up */
	while (!s->conf.is_in_memory && repack_some(s))
		; /* nobody would come back to them */
	return NULL;
}

enum err writer_start(struct store *s, struct errctx *cx)
{
	if (!thread_start(&s->writer, writer_main, s, "store-writer"))
		FAIL(cx, E_UNAVAILABLE, "cannot start the store's writer thread");
	s->has_writer = true;
	return E_OK;
}

void writer_stop(struct store *s)
{
	if (s->has_writer) {
		pthread_mutex_lock(&s->lock);
		s->is_closing = true;
		pthread_cond_signal(&s->has_work);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->writer, NULL);
	}
	free_ops(s->inflight.first);
	free_ops(s->told.first);
	free_ops(s->queue.first);
	mem_free(s->unpacked.ids);
}

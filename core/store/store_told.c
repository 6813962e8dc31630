/* store_told: decisions go to the peer whether or not the file takes them. While another program has the file, or the disk is
 * full, what comes is told to the peer and then waits in s->told for the file. Who settles a decision waits until it is told, and
 * hears whether another machine was first. Thread: the writer's, except store_may_put. */
#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/store/store_internal.h"

enum {
	/* The writer waits so long for a file that another program has before what it holds counts as told: ten
	 * commits of a busy store, and less than STORE_DECISION_MS. */
	FIRST_MS = 100,
	STEP_MS = 10, /* and looks so often whether somebody has come meanwhile */
};

static bool is_peer_ready(const struct store *s)
{
	return s->peer.is && s->peer.is->is_ready(s->peer.is->self);
}

enum err store_may_put(struct store *s, bool *is_promised, struct errctx *cx)
{
	*is_promised = is_peer_ready(s) && store_check_writable(s, NULL) == E_IO;
	return *is_promised ? E_OK : store_check_writable(s, cx);
}

/* ---- what another machine has said counts here ----------------------------------------------------------- */

/* Under the lock of the entry's shard. The peer has another decision: it takes the place of ours, and is what will be written.
 * False: memory is short. */
static bool yield_to_peer(struct store *s, struct rendering_shard *sh, struct op *op)
{
	const struct entry *there = op->elsewhere;
	struct entry *e = entry_new(there->key, &there->r, there->n, there->text);

	if (!e)
		return false;
	e->used_ms = there->used_ms;
	e->is_lost = e->is_told = true;
	rendering_cache_remove(sh, op->entry);
	op->entry = NULL;
	op->kind = OP_RENDERING_COPY;
	if (!rendering_cache_add(&s->cache, sh, e))
		mem_free(e);
	atomic_fetch_add(&s->lost_n, 1);
	return true;
}

/* The same: neither the file nor the peer has it, so the block goes as it came. */
static void take_back(struct store *s, struct rendering_shard *sh, struct op *op)
{
	struct entry *e = entry_new(op->entry->key, &(struct rendering){0}, 0, NULL);

	if (!e)
		return;
	e->used_ms = op->now_ms;
	e->is_pending = e->is_lost = true;
	if (!rendering_cache_add(&s->cache, sh, e)) {
		mem_free(e);
		return;
	}
	rendering_cache_remove(sh, op->entry);
	op->entry = e;
	mem_free((void *)(uintptr_t)op->packed.p);
	op->packed = STR_NULL;
	op->is_packed = op->is_unpacked = op->is_promised = false;
}

static void publish_one(struct store *s, struct op *op)
{
	struct rendering_shard *sh;

	if (op->kind != OP_RENDERING)
		return;
	sh = rendering_cache_lock(&s->cache, op->entry->key);
	op->entry->is_told = op->is_shared;
	/* What was sent holds here, whatever others say. */
	if (op->elsewhere && !op->entry->is_sent)
		(void)yield_to_peer(s, sh, op);
	else if (!op->is_shared && op->is_promised && !op->entry->is_sent)
		take_back(s, sh, op);
	rendering_cache_unlock(sh);
}

void store_publish_told(struct store *s, struct op *from)
{
	for (struct op *op = from; op; op = op->next)
		publish_one(s, op);
	pthread_mutex_lock(&s->lock);
	s->told_seq = s->done_seq + s->forgotten_n + s->inflight.n + s->told.n;
	s->is_mute = false;
	pthread_cond_broadcast(&s->is_done);
	pthread_mutex_unlock(&s->lock);
}

/* ---- telling --------------------------------------------------------------------------------------------- */

bool store_has_to_tell(const struct store *s)
{
	return s->peer.is && s->queue.n &&
	       (s->flushers_n || s->is_hurried || s->queue.n >= STORE_BATCH_OPS ||
		       s->queue.bytes >= STORE_BATCH_BYTES);
}

/* The first of them. */
static struct op *take_waiting(struct store *s)
{
	struct op *first;
	size_t n = 0, bytes = 0;

	pthread_mutex_lock(&s->lock);
	first = s->queue.first;
	while (s->queue.n && n < STORE_BATCH_OPS && bytes < STORE_BATCH_BYTES) {
		size_t before = s->queue.bytes;

		op_list_add(&s->told, op_list_take(&s->queue));
		bytes += before - s->queue.bytes;
		n++;
	}
	s->is_hurried = false;
	pthread_mutex_unlock(&s->lock);
	return first;
}

static bool is_there(const struct op *op)
{
	switch (op->kind) {
	case OP_ORIGINAL:
	case OP_RENDERING:
	case OP_RENDERING_COPY:
	case OP_TOUCH_ORIGINAL:
	case OP_TOUCH_RENDERING:
		return op->is_shared;
	default:
		return false;
	}
}

static void forget_one(struct store *s, struct op *op)
{
	if (op->kind == OP_RENDERING) {
		struct rendering_shard *sh = rendering_cache_lock(&s->cache, op->entry->key);

		rendering_cache_settle(&s->cache, sh, op->entry);
		rendering_cache_unlock(sh);
	}
	op_free(op);
}

/* Of a file that takes nothing for long, what the peer has is not kept for it any more: else there would be no room for what
 * comes. It is had from there, and written here, when it is asked for. */
static void forget_some(struct store *s)
{
	struct op_list all, gone = {.last = &gone.first};

	pthread_mutex_lock(&s->lock);
	if (s->told.n >= STORE_QUEUE_OPS / 2 || s->told.bytes >= STORE_QUEUE_BYTES / 2) {
		all = s->told;
		s->told = (struct op_list){.last = &s->told.first};
		while (all.n) {
			struct op *op = op_list_take(&all);

			op_list_add(is_there(op) ? &gone : &s->told, op);
		}
		s->forgotten_n += gone.n;
	}
	pthread_mutex_unlock(&s->lock);
	while (gone.n)
		forget_one(s, op_list_take(&gone));
}

bool store_tell_waiting(struct store *s)
{
	struct op *first;

	if (!is_peer_ready(s))
		return false;
	first = take_waiting(s);
	if (!first)
		return false;
	if (store_pack(s, first, NULL) == E_OK)
		peer_share(s, first);
	store_publish_told(s, first);
	forget_some(s);
	return true;
}

/* ---- a file that another program has --------------------------------------------------------------------- */

int store_wait_for_file(void *self, int tries)
{
	struct store *s = self;
	bool is_ready = is_peer_ready(s), is_over;
	struct timespec until = thread_deadline(STEP_MS);

	pthread_mutex_lock(&s->lock);
	if (!(is_ready && store_has_to_tell(s)))
		(void)pthread_cond_timedwait(&s->has_work, &s->lock, &until);
	is_over = is_ready && store_has_to_tell(s);
	pthread_mutex_unlock(&s->lock);
	return !is_over && tries < FIRST_MS / STEP_MS;
}

#include "core/engine/ahead.h"

#include <pthread.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/pool.h"

enum {
	/* Bytes of results that are worth waking a thread for: about 3 ms of work. */
	START_BYTES = 96 << 10,
	/* What may be made before its turn: as many as the bytes of an agent's results allow. With fewer, a helper that sleeps until
	 * half of them are free is not awake again before the pass has used up the rest, and makes the next ones itself. */
	SLOTS_N = 24,
	SLOTS_WORTH = SLOTS_N / 2, /* free ones that a helper is woken for */
	AHEAD_BYTES = 96 << 10,    /* of results; one larger one is always allowed */
	HELPERS_MAX = 3, /* of one request: what is left to the pass takes longer than that */
	JOBS_MAX = 64,   /* that wait for a thread */
};

/* ---- the crew --------------------------------------------------------------------------------- */

struct crew {
	pthread_mutex_t lock; /* covers pool and is_tried */
	struct pool *pool;    /* NULL: not started */
	bool is_tried;
	unsigned n;
};

struct crew *crew_new(unsigned n)
{
	struct crew *c = mem_zalloc(sizeof *c);

	if (!c)
		return NULL;
	c->n = n;
	ASSERT(pthread_mutex_init(&c->lock, NULL) == 0);
	return c;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	pool_free(c->pool);
	(void)pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

/* NULL when the system has no threads to give; that is not asked twice. */
static struct pool *crew_pool(struct crew *c)
{
	struct pool *p;

	(void)pthread_mutex_lock(&c->lock);
	if (!c->is_tried) {
		c->is_tried = true;
		if (pool_new(c->n, JOBS_MAX, &c->pool, NULL) != E_OK)
			c->pool = NULL;
	}
	p = c->pool;
	(void)pthread_mutex_unlock(&c->lock);
	return p;
}

/* ---- what is made ----------------------------------------------------------------------------- */

enum slot_state {
	SLOT_FREE,
	SLOT_TAKEN, /* a helper is at it */
	SLOT_LATE,  /* the same, but the pass did not wait */
	SLOT_MADE,
};

struct slot {
	enum slot_state state;
	const struct wire_block *block;
	struct task task;
	struct arena arena;
};

struct ahead {
	pthread_mutex_t lock;  /* covers all below; a slot that is taken is its helper's */
	pthread_cond_t change; /* something has become free, or is over */
	struct engine_cache *cache;
	const struct pass *pass;
	const struct wire_block *next, *end; /* what nobody has taken */
	size_t bytes;                        /* in slots that are not free */
	unsigned free_n;                     /* of the slots */
	bool is_over;                        /* nothing of the pass may be touched */
	unsigned holders;                    /* the last one frees it */
	struct slot slots[SLOTS_N];
};

static size_t bytes_of(const struct wire_block *b)
{
	return b->at.end - b->at.start;
}

static void leave(struct ahead *a)
{
	bool is_last = !--a->holders;

	(void)pthread_mutex_unlock(&a->lock);
	if (!is_last)
		return;
	for (size_t i = 0; i < SLOTS_N; i++)
		arena_release(&a->slots[i].arena);
	(void)pthread_cond_destroy(&a->change);
	(void)pthread_mutex_destroy(&a->lock);
	mem_free(a);
}

static struct slot *free_slot(struct ahead *a)
{
	for (size_t i = 0; i < SLOTS_N; i++)
		if (a->slots[i].state == SLOT_FREE)
			return &a->slots[i];
	return NULL;
}

/* The next result, in a slot; waits for one. NULL: nothing is left. */
static struct slot *take_next(struct ahead *a)
{
	struct slot *s;

	for (;;) {
		while (a->next < a->end && a->next->kind != WIRE_TOOL_RESULT)
			a->next++;
		if (a->is_over || a->next == a->end)
			return NULL;
		s = free_slot(a);
		if (s && (!a->bytes || a->bytes + bytes_of(a->next) <= AHEAD_BYTES))
			break;
		(void)pthread_cond_wait(&a->change, &a->lock);
	}
	s->state = SLOT_TAKEN;
	s->block = a->next++;
	a->bytes += bytes_of(s->block);
	a->free_n--;
	return s;
}

/* Returns whether memory was enough. */
static bool make(const struct ahead *a, struct slot *s, struct token_cache *tokens)
{
	arena_reset(&s->arena);
	if (arena_recover(&s->arena)) {
		arena_end_recover(&s->arena);
		return false;
	}
	task_rehearse(a->pass, s->block, tokens, &s->arena, &s->task);
	arena_end_recover(&s->arena);
	return true;
}

/* The lock is held. Returns whether helpers are to be woken: not for each, since that takes as long as a small result. All slots
 * become free again without a helper that waits, and then there is room for whatever is next. */
static bool set_free(struct ahead *a, struct slot *s)
{
	s->state = SLOT_FREE;
	a->bytes -= bytes_of(s->block);
	a->free_n++;
	return a->free_n >= SLOTS_WORTH && a->bytes <= AHEAD_BYTES / 2;
}

static void finish(struct ahead *a, struct slot *s, bool is_made)
{
	bool is_news = a->is_over;

	if (is_made && s->state == SLOT_TAKEN)
		s->state = SLOT_MADE;
	else
		is_news |= set_free(a, s);
	if (is_news)
		(void)pthread_cond_broadcast(&a->change);
}

/* A job of the crew. */
static void help(void *arg, bool is_cancelled)
{
	struct ahead *a = arg;
	struct engine_worker *w = NULL;
	struct slot *s;

	(void)pthread_mutex_lock(&a->lock);
	if (!is_cancelled && !a->is_over)
		w = engine_cache_take_worker(a->cache);
	while (w && (s = take_next(a))) {
		bool is_made;

		(void)pthread_mutex_unlock(&a->lock);
		is_made = make(a, s, w->tokens);
		(void)pthread_mutex_lock(&a->lock);
		finish(a, s, is_made);
	}
	if (w)
		engine_cache_put_worker(a->cache, w);
	leave(a);
}

/* ---- the pass --------------------------------------------------------------------------------- */

/* True when the results in [from, end) are as many bytes as help is worth. */
static bool is_large(const struct wire_block *from, const struct wire_block *end)
{
	size_t bytes = 0;

	for (; from < end && bytes < START_BYTES; from++)
		if (from->kind == WIRE_TOOL_RESULT)
			bytes += bytes_of(from);
	return bytes >= START_BYTES;
}

void ahead_start(struct pass *p, const struct wire_block *b)
{
	const struct wire_block *end = p->doc->blocks + p->doc->n;
	struct crew *crew = p->crew;
	struct pool *pool;
	struct ahead *a;

	p->crew = NULL; /* once is enough: what follows is less */
	if (!crew || !is_large(b + 1, end) || !(pool = crew_pool(crew)) ||
		!(a = mem_zalloc(sizeof *a)))
		return;
	ASSERT(pthread_mutex_init(&a->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&a->change, NULL) == 0);
	a->cache = p->cache;
	a->pass = p;
	a->next = b + 1;
	a->end = end;
	a->free_n = SLOTS_N;
	a->holders = 1;
	p->ahead = a;
	(void)pthread_mutex_lock(&a->lock);
	for (unsigned i = 0; i < crew->n && i < HELPERS_MAX; i++)
		if (pool_submit(pool, help, a) == E_OK)
			a->holders++;
	(void)pthread_mutex_unlock(&a->lock);
}

static struct slot *slot_of(struct ahead *a, const struct wire_block *b)
{
	for (size_t i = 0; i < SLOTS_N; i++)
		if (a->slots[i].state != SLOT_FREE && a->slots[i].block == b)
			return &a->slots[i];
	return NULL;
}

/* The result behind b is left to the pass when it is the next that a helper would take: who is late with b would be late with that
 * one, too, and with all that follow. */
static void leave_next(struct ahead *a, const struct wire_block *b)
{
	const struct wire_block *next = b + 1;

	while (next < a->end && next->kind != WIRE_TOOL_RESULT)
		next++;
	if (next < a->end && a->next <= next)
		a->next = next + 1;
}

/* A result that a helper is still at is made once more, by the pass: on a machine with more to do than it has processors,
 * the helper may not run for milliseconds. */
bool ahead_take(struct pass *p, const struct wire_block *b, struct task *out)
{
	struct ahead *a = p->ahead;
	struct slot *s = NULL;
	bool is_made;

	if (!a)
		return false;
	(void)pthread_mutex_lock(&a->lock);
	if (a->next <= b)
		a->next = b + 1;
	else
		s = slot_of(a, b);
	is_made = s && s->state == SLOT_MADE;
	if (is_made)
		*out = s->task;
	else if (s)
		s->state = SLOT_LATE;
	if (s && !is_made)
		leave_next(a, b);
	(void)pthread_mutex_unlock(&a->lock);
	return is_made;
}

void ahead_give_back(struct pass *p, const struct wire_block *b)
{
	struct ahead *a = p->ahead;
	bool is_news;

	(void)pthread_mutex_lock(&a->lock);
	is_news = set_free(a, slot_of(a, b));
	(void)pthread_mutex_unlock(&a->lock);
	/* Behind the lock, which is the first thing that they take. */
	if (is_news)
		(void)pthread_cond_broadcast(&a->change);
}

static bool is_any_taken(const struct ahead *a)
{
	for (size_t i = 0; i < SLOTS_N; i++)
		if (a->slots[i].state == SLOT_TAKEN || a->slots[i].state == SLOT_LATE)
			return true;
	return false;
}

void ahead_end(struct pass *p)
{
	struct ahead *a = p->ahead;

	if (!a)
		return;
	p->ahead = NULL;
	(void)pthread_mutex_lock(&a->lock);
	a->is_over = true;
	(void)pthread_cond_broadcast(&a->change);
	while (is_any_taken(a))
		(void)pthread_cond_wait(&a->change, &a->lock);
	leave(a);
}

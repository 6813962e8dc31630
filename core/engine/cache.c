#include "core/engine/cache.h"

#include <pthread.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/mem.h"

enum { CONVERSATIONS_MAX = 256, WORKERS_MAX = 64 };

struct engine_cache {
	pthread_mutex_t lock; /* covers all below */
	size_t bytes_max, bytes;
	struct conversation *kept[CONVERSATIONS_MAX]; /* the least recently used first */
	size_t kept_n;
	struct engine_worker *workers[WORKERS_MAX];
	size_t workers_n;
	struct code_cache *outlines; /* has a lock of its own */
};

static struct engine_worker *worker_new(void)
{
	struct engine_worker *w = mem_zalloc(sizeof *w);

	if (w) {
		w->tokens = token_cache_new();
		arena_init(&w->scratch);
		buf_init(&w->heap, LIMIT_INPUT);
	}
	return w;
}

static void worker_free(struct engine_worker *w)
{
	if (!w)
		return;
	token_cache_free(w->tokens);
	arena_release(&w->scratch);
	buf_release(&w->heap);
	mem_free(w);
}

struct engine_cache *engine_cache_new(size_t bytes_max)
{
	struct engine_cache *c = mem_zalloc(sizeof *c);

	if (!c)
		return NULL;
	c->bytes_max = bytes_max;
	c->outlines = code_cache_new();
	ASSERT(pthread_mutex_init(&c->lock, NULL) == 0);
	return c;
}

void engine_cache_free(struct engine_cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->kept_n; i++)
		conversation_free(c->kept[i]);
	for (size_t i = 0; i < c->workers_n; i++)
		worker_free(c->workers[i]);
	code_cache_free(c->outlines);
	(void)pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

/* Takes the i-th out; the lock is held. */
static struct conversation *remove_at(struct engine_cache *c, size_t i)
{
	struct conversation *x = c->kept[i];

	c->kept_n--;
	memmove(c->kept + i, c->kept + i + 1, (c->kept_n - i) * sizeof *c->kept);
	c->bytes -= conversation_bytes(x);
	return x;
}

struct conversation *engine_cache_take(
	struct engine_cache *c, const struct hash128 *chains, uint32_t n, uint32_t *at)
{
	struct conversation *found = NULL;

	(void)pthread_mutex_lock(&c->lock);
	for (uint32_t i = n; i-- > 0 && !found;) {
		for (size_t k = c->kept_n; k-- > 0 && !found;) {
			if (!hash128_eq(conversation_chain(c->kept[k]), chains[i]))
				continue;
			found = remove_at(c, k);
			*at = i;
		}
	}
	(void)pthread_mutex_unlock(&c->lock);
	return found;
}

void engine_cache_put(struct engine_cache *c, struct conversation *conversation)
{
	struct conversation *gone[CONVERSATIONS_MAX + 1]; /* all of them, and the new one */
	size_t gone_n = 0;

	(void)pthread_mutex_lock(&c->lock);
	if (c->kept_n == CONVERSATIONS_MAX)
		gone[gone_n++] = remove_at(c, 0);
	c->kept[c->kept_n++] = conversation;
	c->bytes += conversation_bytes(conversation);
	while (c->bytes > c->bytes_max && c->kept_n)
		gone[gone_n++] = remove_at(c, 0);
	(void)pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < gone_n; i++)
		conversation_free(gone[i]);
}

struct code_cache *engine_cache_outlines(struct engine_cache *c)
{
	return c->outlines;
}

struct engine_worker *engine_cache_take_worker(struct engine_cache *c)
{
	struct engine_worker *w = NULL;

	(void)pthread_mutex_lock(&c->lock);
	if (c->workers_n)
		w = c->workers[--c->workers_n];
	(void)pthread_mutex_unlock(&c->lock);
	return w ? w : worker_new();
}

void engine_cache_put_worker(struct engine_cache *c, struct engine_worker *w)
{
	if (!w)
		return;
	arena_reset(&w->scratch);
	buf_release(&w->heap);
	(void)pthread_mutex_lock(&c->lock);
	if (c->workers_n < WORKERS_MAX) {
		c->workers[c->workers_n++] = w;
		w = NULL;
	}
	(void)pthread_mutex_unlock(&c->lock);
	worker_free(w);
}

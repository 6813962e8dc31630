#include "core/memory/recall_keep.h"

#include <pthread.h>
#include <string.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/memory/keep.h"

/* What does not fit is wanted again by the next search. */
enum { WANTED_MAX = 4 };

struct recall_keep {
	const struct clock *clock;
	size_t least;
	pthread_t thread;
	pthread_mutex_t lock; /* all below */
	pthread_cond_t changed;
	char *wanted[WANTED_MAX];
	size_t wanted_n;
	int64_t rests_until_ms;
	bool has_thread, is_ended, is_busy;
};

static bool is_ended(void *self)
{
	struct recall_keep *k = self;
	bool ended;

	(void)pthread_mutex_lock(&k->lock);
	ended = k->is_ended;
	(void)pthread_mutex_unlock(&k->lock);
	return ended;
}

/* Whether anything was done. */
static bool keep(struct recall_keep *k, const char *file)
{
	enum kept kept = KEPT_AS_IT_WAS;
	struct memory_store *s = NULL;

	if (memory_store_open(file, MEMORY_WRITE, k->clock, &s, NULL))
		return false;
	if (memory_index_store(s, NULL) || memory_keep(s, k->least, is_ended, k, &kept, NULL))
		kept = KEPT_AS_IT_WAS;
	memory_store_close(s);
	return kept != KEPT_AS_IT_WAS;
}

static int64_t now_ms(const struct recall_keep *k)
{
	return clock_monotonic_ns(k->clock) / 1000000;
}

static void *run(void *self)
{
	struct recall_keep *k = self;

	(void)pthread_mutex_lock(&k->lock);
	while (!k->is_ended) {
		bool is_done;
		char *file;

		if (!k->wanted_n) {
			(void)pthread_cond_wait(&k->changed, &k->lock);
			continue;
		}
		file = k->wanted[--k->wanted_n];
		k->is_busy = true;
		(void)pthread_mutex_unlock(&k->lock);
		is_done = keep(k, file);
		mem_free(file);
		(void)pthread_mutex_lock(&k->lock);
		if (!is_done)
			k->rests_until_ms = now_ms(k) + RECALL_KEEP_REST_MS;
		k->is_busy = false;
		(void)pthread_cond_broadcast(&k->changed);
	}
	(void)pthread_mutex_unlock(&k->lock);
	return NULL;
}

static bool start(struct recall_keep *k)
{
	if (!k->has_thread)
		k->has_thread = thread_start(&k->thread, run, k, NULL);
	return k->has_thread;
}

static void want(struct recall_keep *k, const char *file)
{
	size_t n = strlen(file) + 1;

	for (size_t i = 0; i < k->wanted_n; i++)
		if (strcmp(k->wanted[i], file) == 0)
			return;
	if (k->is_busy || k->wanted_n == WANTED_MAX || now_ms(k) < k->rests_until_ms || !start(k))
		return;
	k->wanted[k->wanted_n] = mem_alloc(n);
	if (!k->wanted[k->wanted_n])
		return;
	memcpy(k->wanted[k->wanted_n++], file, n);
	(void)pthread_cond_broadcast(&k->changed);
}

void recall_keep_want(struct recall_keep *k, const char *file)
{
	(void)pthread_mutex_lock(&k->lock);
	want(k, file);
	(void)pthread_mutex_unlock(&k->lock);
}

void recall_keep_settle(struct recall_keep *k)
{
	(void)pthread_mutex_lock(&k->lock);
	while (k->wanted_n || k->is_busy)
		(void)pthread_cond_wait(&k->changed, &k->lock);
	(void)pthread_mutex_unlock(&k->lock);
}

size_t recall_keep_least(const struct recall_keep *k)
{
	return k->least;
}

void recall_keep_from(struct recall_keep *k, size_t least)
{
	k->least = least;
}

enum err recall_keep_new(const struct clock *clock, struct recall_keep **out, struct errctx *cx)
{
	struct recall_keep *k = mem_zalloc(sizeof *k);

	*out = k;
	if (!k)
		FAIL(cx, E_NOMEM, "no memory for memories");
	k->clock = clock;
	k->least = KEEP_LEAST;
	k->rests_until_ms = INT64_MIN;
	ASSERT(pthread_mutex_init(&k->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&k->changed, NULL) == 0);
	return E_OK;
}

void recall_keep_free(struct recall_keep *k)
{
	if (!k)
		return;
	(void)pthread_mutex_lock(&k->lock);
	k->is_ended = true;
	(void)pthread_cond_broadcast(&k->changed);
	(void)pthread_mutex_unlock(&k->lock);
	if (k->has_thread)
		(void)pthread_join(k->thread, NULL);
	while (k->wanted_n)
		mem_free(k->wanted[--k->wanted_n]);
	(void)pthread_cond_destroy(&k->changed);
	(void)pthread_mutex_destroy(&k->lock);
	mem_free(k);
}

#include "core/memory/recall_far.h"

#include <pthread.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/thread.h"
#include "core/memory/finder.h"
#include "core/store/memory_doc.h"

/* More than recall keeps open: what does not fit is wanted again by the next search. */
enum { WANTED_MAX = 16 };

struct recall_far {
	const struct embedder *embedder;
	const struct clock *clock;
	pthread_t thread;
	pthread_mutex_t lock; /* all below */
	pthread_cond_t changed;
	char *wanted[WANTED_MAX];
	size_t wanted_n;
	int64_t failed_ms; /* when it was last in vain; INT64_MIN: never */
	bool is_ended, is_busy;
};

/* ---- whether it is let alone ------------------------------------------------------------------------------ */

static int64_t now_ms(const struct recall_far *f)
{
	return clock_monotonic_ns(f->clock) / 1000000;
}

static bool is_resting(const struct recall_far *f)
{
	return f->failed_ms != INT64_MIN && now_ms(f) - f->failed_ms < RECALL_FAR_REST_MS;
}

static void note(struct recall_far *f, enum err e)
{
	(void)pthread_mutex_lock(&f->lock);
	f->failed_ms = e ? now_ms(f) : INT64_MIN;
	(void)pthread_mutex_unlock(&f->lock);
}

/* ---- memories --------------------------------------------------------------------------------------------- */

static bool is_ended(void *self)
{
	struct recall_far *f = self;
	bool ended;

	(void)pthread_mutex_lock(&f->lock);
	ended = f->is_ended;
	(void)pthread_mutex_unlock(&f->lock);
	return ended;
}

/* What fails is tried again when the file is wanted again. */
static void fill(struct recall_far *f, const char *file)
{
	struct memory_store *s = NULL;
	struct errctx cx = {0};
	size_t n;

	if (memory_store_open(file, MEMORY_WRITE, f->clock, &s, &cx))
		return;
	if (!memory_index_store(s, &cx))
		note(f, embedder_fill(s, f->embedder, RECALL_FAR_BATCH_MS, is_ended, f, &n, &cx));
	memory_store_close(s);
}

static void *run(void *self)
{
	struct recall_far *f = self;

	(void)pthread_mutex_lock(&f->lock);
	while (!f->is_ended) {
		char *file;

		if (!f->wanted_n) {
			(void)pthread_cond_wait(&f->changed, &f->lock);
			continue;
		}
		file = f->wanted[--f->wanted_n];
		f->is_busy = true;
		(void)pthread_mutex_unlock(&f->lock);
		fill(f, file);
		mem_free(file);
		(void)pthread_mutex_lock(&f->lock);
		f->is_busy = false;
		(void)pthread_cond_broadcast(&f->changed);
	}
	(void)pthread_mutex_unlock(&f->lock);
	return NULL;
}

void recall_far_want(struct recall_far *f, const char *file)
{
	bool is_known;
	char *copy;

	if (!f)
		return;
	(void)pthread_mutex_lock(&f->lock);
	is_known = is_resting(f) || f->wanted_n == WANTED_MAX;
	for (size_t i = 0; i < f->wanted_n && !is_known; i++)
		is_known = strcmp(f->wanted[i], file) == 0;
	copy = is_known ? NULL : mem_alloc(strlen(file) + 1);
	if (copy) {
		memcpy(copy, file, strlen(file) + 1);
		f->wanted[f->wanted_n++] = copy;
		(void)pthread_cond_broadcast(&f->changed);
	}
	(void)pthread_mutex_unlock(&f->lock);
}

void recall_far_settle(struct recall_far *f)
{
	(void)pthread_mutex_lock(&f->lock);
	while (f->wanted_n || f->is_busy)
		(void)pthread_cond_wait(&f->changed, &f->lock);
	(void)pthread_mutex_unlock(&f->lock);
}

/* ---- questions -------------------------------------------------------------------------------------------- */

str recall_far_ask(struct recall_far *f, str text, int64_t timeout_ms, struct arena *a)
{
	struct errctx cx = {0};
	str vector = STR_NULL;
	bool rests;
	enum err e;

	if (!f || !str_trim(text).n)
		return STR_NULL;
	(void)pthread_mutex_lock(&f->lock);
	rests = is_resting(f);
	(void)pthread_mutex_unlock(&f->lock);
	if (rests)
		return STR_NULL;
	e = f->embedder->ask(f->embedder->self, &text, 1, timeout_ms, a, &vector, &cx);
	note(f, e);
	return e ? STR_NULL : vector;
}

/* ---- making and unmaking ---------------------------------------------------------------------------------- */

str recall_far_name(const struct recall_far *f)
{
	return f ? f->embedder->name : STR_NULL;
}

enum err recall_far_new(const struct embedder *e, const struct clock *clock,
	struct recall_far **out, struct errctx *cx)
{
	struct recall_far *f = mem_zalloc(sizeof *f);

	*out = f;
	if (!f)
		FAIL(cx, E_NOMEM, "no memory for memories");
	f->embedder = e;
	f->clock = clock;
	f->failed_ms = INT64_MIN;
	ASSERT(pthread_mutex_init(&f->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&f->changed, NULL) == 0);
	if (thread_start(&f->thread, run, f, NULL))
		return E_OK;
	(void)pthread_cond_destroy(&f->changed);
	(void)pthread_mutex_destroy(&f->lock);
	mem_free(f);
	*out = NULL;
	FAIL(cx, E_NOMEM, "no thread for memories");
}

void recall_far_free(struct recall_far *f)
{
	if (!f)
		return;
	(void)pthread_mutex_lock(&f->lock);
	f->is_ended = true;
	(void)pthread_cond_broadcast(&f->changed);
	(void)pthread_mutex_unlock(&f->lock);
	(void)pthread_join(f->thread, NULL);
	while (f->wanted_n)
		mem_free(f->wanted[--f->wanted_n]);
	(void)pthread_cond_destroy(&f->changed);
	(void)pthread_mutex_destroy(&f->lock);
	mem_free(f);
}

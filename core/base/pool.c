#include "core/base/pool.h"

#include <pthread.h>
#include <string.h>

#include "core/base/check.h"
#include "core/base/mem.h"
#include "core/base/thread.h"

struct job {
	pool_job *run;
	void *arg;
};

struct pool {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t has_job, is_idle;
	struct job *queue; /* ring of queue_max */
	size_t queue_max, head, waiting_n;
	size_t running_n;
	bool is_closing;
	unsigned threads_n;
	pthread_t threads[];
};

/* Under the lock. False when the pool closes and nothing waits. */
static bool next_job(struct pool *p, struct job *job)
{
	while (!p->waiting_n && !p->is_closing)
		pthread_cond_wait(&p->has_job, &p->lock);
	if (!p->waiting_n)
		return false;
	*job = p->queue[p->head];
	p->head = (p->head + 1) % p->queue_max;
	p->waiting_n--;
	p->running_n++;
	return true;
}

static void *worker(void *arg)
{
	struct pool *p = arg;
	struct job job;

	pthread_mutex_lock(&p->lock);
	while (next_job(p, &job)) {
		bool is_cancelled = p->is_closing;

		pthread_mutex_unlock(&p->lock);
		job.run(job.arg, is_cancelled);
		pthread_mutex_lock(&p->lock);
		if (!--p->running_n && !p->waiting_n)
			pthread_cond_broadcast(&p->is_idle);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void start_threads(struct pool *p, unsigned threads_n)
{
	for (; p->threads_n < threads_n; p->threads_n++)
		if (!thread_start(&p->threads[p->threads_n], worker, p, NULL))
			break;
}

enum err pool_new(unsigned threads_n, size_t queue_max, struct pool **out, struct errctx *cx)
{
	struct pool *p;
	size_t queue_bytes;

	ASSERT(threads_n >= 1 && threads_n <= POOL_THREADS_MAX && queue_max >= 1);
	*out = NULL;
	p = mem_zalloc(sizeof *p + threads_n * sizeof *p->threads);
	if (!p || !size_mul(queue_max, sizeof *p->queue, &queue_bytes) ||
		!(p->queue = mem_alloc(queue_bytes))) {
		mem_free(p);
		FAIL(cx, E_NOMEM, "no memory for a thread pool");
	}
	p->queue_max = queue_max;
	ASSERT(pthread_mutex_init(&p->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&p->has_job, NULL) == 0);
	ASSERT(pthread_cond_init(&p->is_idle, NULL) == 0);
	start_threads(p, threads_n);
	if (p->threads_n < threads_n) {
		pool_free(p);
		FAIL(cx, E_UNAVAILABLE, "cannot start %u threads", threads_n);
	}
	*out = p;
	return E_OK;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_closing = true;
	pthread_cond_broadcast(&p->has_job);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->threads_n; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->is_idle);
	pthread_cond_destroy(&p->has_job);
	pthread_mutex_destroy(&p->lock);
	mem_free(p->queue);
	mem_free(p);
}

enum err pool_submit(struct pool *p, pool_job *run, void *arg)
{
	enum err e = E_BUSY;

	pthread_mutex_lock(&p->lock);
	if (!p->is_closing && p->waiting_n < p->queue_max) {
		p->queue[(p->head + p->waiting_n++) % p->queue_max] = (struct job){run, arg};
		e = E_OK;
	}
	pthread_mutex_unlock(&p->lock);
	/* Behind the lock: who wakes wants it first of all. */
	if (!e)
		pthread_cond_signal(&p->has_job);
	return e;
}

void pool_wait(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->waiting_n || p->running_n)
		pthread_cond_wait(&p->is_idle, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

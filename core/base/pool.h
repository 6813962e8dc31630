/* pool: a fixed number of threads that run jobs from a bounded queue, first in, first out.
 * Owns: its threads and the queue; a job's argument stays the submitter's, who gets it back in
 * the job's own function. Jobs may submit jobs. Thread: pool_submit any; pool_new, pool_wait and
 * pool_free any thread that is not one of the pool's. Signals are blocked in the pool's threads. */
#ifndef CORE_BASE_POOL_H
#define CORE_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

struct pool;

/* Runs on a pool thread. is_cancelled: the pool is being freed before the job had its turn; only
 * give back what arg holds. */
typedef void pool_job(void *arg, bool is_cancelled);

/* threads_n 1 to POOL_THREADS_MAX; queue_max: jobs that may wait, at least 1. E_NOMEM,
 * E_UNAVAILABLE (the system has no more threads). */
enum { POOL_THREADS_MAX = 256 };
enum err pool_new(
	unsigned threads_n, size_t queue_max, struct pool **out, struct errctx *cx) MUST_CHECK;
/* Cancels the jobs that wait, lets the running ones end, joins. NULL is allowed. */
void pool_free(struct pool *p);

/* After E_OK run is called exactly once. E_BUSY when the queue is full or the pool is being
 * freed; never blocks. */
enum err pool_submit(struct pool *p, pool_job *run, void *arg) MUST_CHECK;
/* Returns when no job waits and none runs; also sees jobs that are submitted meanwhile. */
void pool_wait(struct pool *p);

#endif

/* thread: how a thread of ours begins, and how it waits for no longer than it means to. Owns: nothing; who starts one joins it.
 * Thread: any. */
#ifndef CORE_BASE_THREAD_H
#define CORE_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "core/base/attr.h"

/* Starts run(arg) with all signals blocked, so that the process' handlers run in the threads that wait for them. name, at most 15
 * bytes, is what tools show of it; NULL: that of the process. False: the system has no more threads. */
bool thread_start(pthread_t *out, void *(*run)(void *), void *arg, const char *name) MUST_CHECK;

/* A condition whose timed waits go by the clock that nobody sets. */
void thread_cond_init(pthread_cond_t *out);
/* That many milliseconds from now by that clock, or by another one. */
struct timespec thread_deadline(int64_t ms);
struct timespec thread_deadline_by(clockid_t clock, int64_t ms);

#endif

#include "core/base/thread.h"

#include <signal.h>

#include "core/base/check.h"

bool thread_start(pthread_t *out, void *(*run)(void *), void *arg, const char *name)
{
	sigset_t all, old;
	int failed;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	failed = pthread_create(out, NULL, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!failed && name)
		(void)pthread_setname_np(*out, name);
	return !failed;
}

void thread_cond_init(pthread_cond_t *out)
{
	pthread_condattr_t monotonic;

	ASSERT(pthread_condattr_init(&monotonic) == 0);
	ASSERT(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	ASSERT(pthread_cond_init(out, &monotonic) == 0);
	(void)pthread_condattr_destroy(&monotonic);
}

struct timespec thread_deadline_by(clockid_t clock, int64_t ms)
{
	struct timespec t;
	int64_t ns;

	(void)clock_gettime(clock, &t);
	ns = t.tv_nsec + ms % 1000 * 1000000;
	t.tv_sec += (time_t)(ms / 1000 + ns / 1000000000);
	t.tv_nsec = (long)(ns % 1000000000);
	return t;
}

struct timespec thread_deadline(int64_t ms)
{
	return thread_deadline_by(CLOCK_MONOTONIC, ms);
}

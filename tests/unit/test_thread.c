/* How a thread of ours begins, and what it waits by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>

#include "core/base/mem.h"
#include "core/base/thread.h"

struct seen {
	sigset_t blocked;
};

static void *look(void *arg)
{
	struct seen *s = arg;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &s->blocked);
	return NULL;
}

/* Neither the signals that whoever starts it waits for, nor any other. */
static void a_thread_has_no_signals(void **state)
{
	struct seen s;
	sigset_t before, after;
	pthread_t t;

	(void)state;
	(void)pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_true(thread_start(&t, look, &s, "fifteen-letters"));
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_int_equal(sigismember(&s.blocked, SIGTERM), 1);
	assert_int_equal(sigismember(&s.blocked, SIGHUP), 1);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
	assert_true(thread_start(&t, look, &s, NULL));
	assert_int_equal(pthread_join(t, NULL), 0);
}

static int64_t ms_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

/* A wait ends by the monotonic clock, and a deadline is a time that there is. */
static void a_wait_ends(void **state)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct timespec now, until;
	pthread_cond_t c;

	(void)state;
	for (int64_t ms = 0; ms < 5000; ms += 333) {
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		until = thread_deadline(ms);
		assert_in_range(until.tv_nsec, 0, 999999999);
		assert_true(ms_of(&until) >= ms_of(&now) + ms);
	}
	thread_cond_init(&c);
	until = thread_deadline(1);
	assert_int_equal(pthread_mutex_lock(&lock), 0);
	while (pthread_cond_timedwait(&c, &lock, &until) == 0)
		; /* woken without a reason */
	(void)pthread_mutex_unlock(&lock);
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	assert_true(ms_of(&now) >= ms_of(&until));
	(void)pthread_cond_destroy(&c);
}

static void a_text_is_copied(void **state)
{
	char *p = mem_text(STR("abc"));

	(void)state;
	assert_string_equal(p, "abc");
	mem_free(p);
	p = mem_text(STR_NULL);
	assert_string_equal(p, "");
	mem_free(p);
	mem_fail_after(1);
	assert_null(mem_text(STR("abc")));
	mem_fail_after(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_has_no_signals),
		cmocka_unit_test(a_wait_ends),
		cmocka_unit_test(a_text_is_copied),
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "core/base/mem.h"
#include "core/base/pool.h"

struct counts {
	atomic_int ran, cancelled;
	pthread_mutex_t gate; /* held by the test: running jobs wait here */
	atomic_int at_gate;
	struct pool *pool;
};

static void count_job(void *arg, bool is_cancelled)
{
	struct counts *c = arg;

	atomic_fetch_add(is_cancelled ? &c->cancelled : &c->ran, 1);
}

static void gate_job(void *arg, bool is_cancelled)
{
	struct counts *c = arg;

	atomic_fetch_add(&c->at_gate, 1);
	pthread_mutex_lock(&c->gate);
	pthread_mutex_unlock(&c->gate);
	count_job(arg, is_cancelled);
}

static void parent_job(void *arg, bool is_cancelled)
{
	struct counts *c = arg;

	count_job(arg, is_cancelled);
	assert_int_equal(pool_submit(c->pool, count_job, c), E_OK);
}

static void every_job_runs_once_before_wait_returns(void **state)
{
	struct counts c = {0};
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(4, 1000, &p, NULL), E_OK);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(pool_submit(p, count_job, &c), E_OK);
	pool_wait(p);
	assert_int_equal(c.ran, 1000);
	pool_free(p);
	assert_int_equal(c.cancelled, 0);
}

static void a_full_queue_refuses_and_never_blocks(void **state)
{
	struct counts c = {.gate = PTHREAD_MUTEX_INITIALIZER};
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(1, 2, &p, NULL), E_OK);
	pthread_mutex_lock(&c.gate);
	assert_int_equal(pool_submit(p, gate_job, &c), E_OK);
	while (!c.at_gate) /* now it runs and no longer waits */
		;
	assert_int_equal(pool_submit(p, gate_job, &c), E_OK);
	assert_int_equal(pool_submit(p, gate_job, &c), E_OK);
	assert_int_equal(pool_submit(p, gate_job, &c), E_BUSY);
	pthread_mutex_unlock(&c.gate);
	pool_wait(p);
	assert_int_equal(c.ran, 3);
	pool_free(p);
}

static void *free_pool(void *arg)
{
	pool_free(arg);
	return NULL;
}

static void jobs_that_wait_are_cancelled_by_free(void **state)
{
	struct counts c = {.gate = PTHREAD_MUTEX_INITIALIZER};
	pthread_t freer;
	struct pool *p;
	int submitted = 0;

	(void)state;
	assert_int_equal(pool_new(1, 10, &p, NULL), E_OK);
	pthread_mutex_lock(&c.gate);
	assert_int_equal(pool_submit(p, gate_job, &c), E_OK);
	while (!c.at_gate)
		;
	for (; submitted < 5; submitted++)
		assert_int_equal(pool_submit(p, count_job, &c), E_OK);
	assert_int_equal(pthread_create(&freer, NULL, free_pool, p), 0);
	while (pool_submit(p, count_job, &c) == E_OK) /* until it is closing or full */
		submitted++;
	pthread_mutex_unlock(&c.gate);
	pthread_join(freer, NULL);
	assert_int_equal(c.ran + c.cancelled, submitted + 1);
}

static void wait_sees_jobs_that_jobs_submit(void **state)
{
	struct counts c = {0};

	(void)state;
	assert_int_equal(pool_new(2, 200, &c.pool, NULL), E_OK);
	for (int i = 0; i < 100; i++)
		assert_int_equal(pool_submit(c.pool, parent_job, &c), E_OK);
	pool_wait(c.pool);
	assert_int_equal(c.ran, 200);
	pool_free(c.pool);
}

static void short_memory_is_an_error_not_a_crash(void **state)
{
	struct errctx cx = {0};
	struct pool *p;

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		mem_fail_after(n);
		assert_int_equal(pool_new(2, 4, &p, &cx), E_NOMEM);
		assert_null(p);
	}
	mem_fail_after(0);
	pool_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_runs_once_before_wait_returns),
		cmocka_unit_test(a_full_queue_refuses_and_never_blocks),
		cmocka_unit_test(jobs_that_wait_are_cancelled_by_free),
		cmocka_unit_test(wait_sees_jobs_that_jobs_submit),
		cmocka_unit_test(short_memory_is_an_error_not_a_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

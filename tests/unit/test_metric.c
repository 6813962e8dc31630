#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/metric.h"
#include "core/base/pool.h"

enum { REQUESTS_A, REQUESTS_B, QUEUE, TIME };

static const uint64_t time_bounds[] = {1000, 10000, 100000};
static const struct metric_def defs[] = {
	[REQUESTS_A] = {"t_requests_total", "format=\"a\"", "Requests.", METRIC_COUNTER, NULL, 0,
		0},
	[REQUESTS_B] = {"t_requests_total", "format=\"b\"", "Requests.", METRIC_COUNTER, NULL, 0,
		0},
	[QUEUE] = {"t_queue", NULL, "Waiting.", METRIC_GAUGE, NULL, 0, 0},
	[TIME] = {"t_seconds", NULL, "Time.", METRIC_HISTOGRAM, time_bounds, 3, 1e-6},
};

static struct metrics *new_metrics(void)
{
	struct metrics *m;

	assert_int_equal(metrics_new(defs, ARRAY_N(defs), &m, NULL), E_OK);
	return m;
}

static void counters_and_gauges_count(void **state)
{
	struct metrics *m = new_metrics();

	(void)state;
	metric_add(m, REQUESTS_A, 2);
	metric_add(m, REQUESTS_A, 3);
	metric_set(m, QUEUE, 10);
	metric_move(m, QUEUE, -12);
	assert_int_equal(metric_get(m, REQUESTS_A), 5);
	assert_int_equal(metric_get(m, REQUESTS_B), 0);
	assert_int_equal(metric_get(m, QUEUE), -2);
	metrics_free(m);
}

static void the_exposition_is_what_prometheus_reads(void **state)
{
	struct metrics *m = new_metrics();
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	metric_add(m, REQUESTS_B, 7);
	metric_set(m, QUEUE, -3);
	metric_observe(m, TIME, 1000); /* a bound belongs to its own bucket */
	metric_observe(m, TIME, 1001);
	metric_observe(m, TIME, 5000000);
	metrics_write(m, &out);
	buf_add_byte(&out, '\0');
	assert_string_equal(out.p, "# HELP t_requests_total Requests.\n"
				   "# TYPE t_requests_total counter\n"
				   "t_requests_total{format=\"a\"} 0\n"
				   "t_requests_total{format=\"b\"} 7\n"
				   "# HELP t_queue Waiting.\n"
				   "# TYPE t_queue gauge\n"
				   "t_queue -3\n"
				   "# HELP t_seconds Time.\n"
				   "# TYPE t_seconds histogram\n"
				   "t_seconds_bucket{le=\"0.001\"} 1\n"
				   "t_seconds_bucket{le=\"0.01\"} 2\n"
				   "t_seconds_bucket{le=\"0.1\"} 2\n"
				   "t_seconds_bucket{le=\"+Inf\"} 3\n"
				   "t_seconds_sum 5.002001\n"
				   "t_seconds_count 3\n");
	assert_int_equal(metric_get(m, TIME), 3);
	buf_release(&out);
	metrics_free(m);
}

static void count_a_lot(void *arg, bool is_cancelled)
{
	(void)is_cancelled;
	for (int i = 0; i < 10000; i++) {
		metric_add(arg, REQUESTS_A, 1);
		metric_observe(arg, TIME, (uint64_t)i);
		metric_move(arg, QUEUE, i % 2 ? 1 : -1);
	}
}

static void no_count_of_any_thread_is_lost(void **state)
{
	struct metrics *m = new_metrics();
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(4, 8, &p, NULL), E_OK);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pool_submit(p, count_a_lot, m), E_OK);
	pool_wait(p);
	pool_free(p);
	assert_int_equal(metric_get(m, REQUESTS_A), 80000);
	assert_int_equal(metric_get(m, TIME), 80000);
	assert_int_equal(metric_get(m, QUEUE), 0);
	metrics_free(m);
}

static void short_memory_is_an_error_not_a_crash(void **state)
{
	struct metrics *m;

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		mem_fail_after(n);
		assert_int_equal(metrics_new(defs, ARRAY_N(defs), &m, NULL), E_NOMEM);
		assert_null(m);
	}
	mem_fail_after(0);
	metrics_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_and_gauges_count),
		cmocka_unit_test(the_exposition_is_what_prometheus_reads),
		cmocka_unit_test(no_count_of_any_thread_is_lost),
		cmocka_unit_test(short_memory_is_an_error_not_a_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

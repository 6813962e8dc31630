#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/pool.h"
#include "proxy/budget.h"

#define USD INT64_C(1000000000)
enum { MINUTE = 60000, HOUR = 3600000 };

static int64_t ms_now;

static int64_t wall(void *self)
{
	(void)self;
	return __atomic_load_n(&ms_now, __ATOMIC_RELAXED);
}

static const struct clock fake = {.wall_ms = wall};

static int64_t at(const char *text)
{
	int64_t ms;

	assert_true(clock_parse(str_from(text), &ms));
	return ms;
}

static struct budget *new_budget(enum budget_period period, int64_t limit_nano, const char *now)
{
	struct budget_conf conf = {true, limit_nano, period};
	struct budget *b = budget_new(&conf, &fake);

	assert_non_null(b);
	ms_now = at(now);
	return b;
}

static void set_zone(const char *tz)
{
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

static void spend(struct budget *b, int64_t nano)
{
	budget_settle(b, 0, nano, ms_now);
}

static void an_hour_rolls_by_minutes(void **state)
{
	struct budget *b = new_budget(BUDGET_HOURLY, 10 * USD, "2026-03-01T12:00:30Z");
	struct budget_verdict v;

	(void)state;
	spend(b, 4 * USD);
	ms_now += 10 * MINUTE;
	spend(b, 5 * USD);
	v = budget_check(b);
	assert_false(v.is_over);
	assert_int_equal(v.spent_nano, 9 * USD);
	spend(b, USD);
	v = budget_check(b);
	assert_true(v.is_over && v.is_first);
	assert_false(budget_check(b).is_first);
	/* The first four are out at 13:00:00. */
	assert_int_equal(v.retry_after_ms, at("2026-03-01T13:00:00Z") - ms_now);
	ms_now += v.retry_after_ms - 1;
	assert_true(budget_check(b).is_over);
	ms_now += 1;
	assert_false(budget_check(b).is_over);
	assert_int_equal(budget_check(b).spent_nano, 6 * USD);
	spend(b, 20 * USD);
	v = budget_check(b);
	assert_true(v.is_first); /* it was kept in between */
	assert_int_equal(v.retry_after_ms, HOUR);
	ms_now += 50 * (int64_t)HOUR;
	assert_int_equal(budget_check(b).spent_nano, 0);
	budget_free(b);
}

static void days_and_months_begin_at_local_midnight(void **state)
{
	static const struct {
		const char *zone, *now, *day_start, *day_end, *month_start, *month_end;
	} CASES[] = {
		{"UTC0", "2026-02-28T23:59:59Z", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z",
			"2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"IST-5:30", "2026-01-01T00:00:00+05:30", "2026-01-01T00:00:00+05:30",
			"2026-01-02T00:00:00+05:30", "2026-01-01T00:00:00+05:30",
			"2026-02-01T00:00:00+05:30"},
		{"IST-5:30", "2025-12-31T23:59:59+05:30", "2025-12-31T00:00:00+05:30",
			"2026-01-01T00:00:00+05:30", "2025-12-01T00:00:00+05:30",
			"2026-01-01T00:00:00+05:30"},
		/* Berlin: 23 and 25 hours */
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T12:00:00+02:00",
			"2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00",
			"2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T12:00:00+01:00",
			"2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00",
			"2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"},
		/* Havana: from midnight to one, and from one back to midnight */
		{"CST5CDT,M3.2.0/0,M11.1.0/1", "2026-03-08T12:00:00-04:00",
			"2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00",
			"2026-03-01T00:00:00-05:00", "2026-04-01T00:00:00-04:00"},
		{"CST5CDT,M3.2.0/0,M11.1.0/1", "2026-03-07T12:00:00-05:00",
			"2026-03-07T00:00:00-05:00", "2026-03-08T00:00:00-05:00",
			"2026-03-01T00:00:00-05:00", "2026-04-01T00:00:00-04:00"},
		{"CST5CDT,M3.2.0/0,M11.1.0/1", "2026-11-01T00:30:00-04:00",
			"2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00",
			"2026-11-01T00:00:00-04:00", "2026-12-01T00:00:00-05:00"},
		{"CST5CDT,M3.2.0/0,M11.1.0/1", "2026-11-01T00:30:00-05:00",
			"2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00",
			"2026-11-01T00:00:00-04:00", "2026-12-01T00:00:00-05:00"},
		/* Santiago: midnight goes back to eleven of the evening before */
		{"<-04>4<-03>,M9.1.6/24,M4.1.6/24", "2026-04-04T23:30:00-04:00",
			"2026-04-04T00:00:00-03:00", "2026-04-05T00:00:00-04:00",
			"2026-04-01T00:00:00-03:00", "2026-05-01T00:00:00-04:00"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct budget *b = new_budget(BUDGET_DAILY, USD, CASES[i].now);
		struct budget_verdict v;

		set_zone(CASES[i].zone);
		assert_int_equal(budget_period_since_ms(b), at(CASES[i].day_start));
		spend(b, USD);
		v = budget_check(b);
		assert_true(v.is_over);
		assert_int_equal(ms_now + v.retry_after_ms, at(CASES[i].day_end));
		ms_now += v.retry_after_ms - 1000;
		assert_true(budget_check(b).is_over);
		ms_now += 1000;
		assert_false(budget_check(b).is_over);
		ms_now = at(CASES[i].now);
		budget_configure(b, &(struct budget_conf){true, USD, BUDGET_MONTHLY});
		assert_int_equal(budget_period_since_ms(b), at(CASES[i].month_start));
		assert_int_equal(ms_now + budget_check(b).retry_after_ms, at(CASES[i].month_end));
		budget_free(b);
	}
	set_zone("UTC0");
}

static void a_month_is_the_sum_of_its_days(void **state)
{
	struct budget *b = new_budget(BUDGET_MONTHLY, 100 * USD, "2026-01-31T10:00:00Z");

	(void)state;
	for (int day = 1; day <= 31; day++)
		budget_load(b, at("2026-01-01T03:00:00Z") + (day - 1) * 24 * (int64_t)HOUR, USD);
	budget_load(b, at("2025-12-31T23:59:59Z"), 50 * USD); /* after a newer one of that day */
	assert_int_equal(budget_check(b).spent_nano, 31 * USD);
	budget_configure(b, &(struct budget_conf){true, 100 * USD, BUDGET_DAILY});
	assert_int_equal(budget_check(b).spent_nano, USD);
	budget_configure(b, &(struct budget_conf){true, 100 * USD, BUDGET_HOURLY});
	assert_int_equal(budget_check(b).spent_nano, 0); /* at three in the morning */
	budget_configure(b, &(struct budget_conf){true, 100 * USD, BUDGET_MONTHLY});
	ms_now = at("2026-02-01T00:00:00Z");
	assert_int_equal(budget_check(b).spent_nano, 0);
	budget_free(b);
}

static void what_must_be_loaded_covers_every_period(void **state)
{
	struct budget *b = new_budget(BUDGET_DAILY, USD, "2026-05-01T00:10:00Z");

	(void)state;
	assert_int_equal(budget_since_ms(b), at("2026-04-30T23:11:00Z"));
	ms_now = at("2026-05-20T00:10:00Z");
	assert_int_equal(budget_since_ms(b), at("2026-05-01T00:00:00Z"));
	budget_free(b);
}

static void requests_in_flight_count_as_spent(void **state)
{
	struct budget *b = new_budget(BUDGET_DAILY, 10 * USD, "2026-05-01T00:10:00Z");
	struct budget_verdict v;
	int64_t held;

	(void)state;
	held = budget_reserve(b, 8 * USD);
	assert_false(budget_check(b).is_over);
	assert_int_equal(budget_reserve(b, 2 * USD), 2 * USD);
	v = budget_check(b);
	assert_true(v.is_over);
	assert_int_equal(v.spent_nano, 0);
	assert_int_equal(v.reserved_nano, 10 * USD);
	assert_in_range(v.retry_after_ms, 1000, 10000);
	budget_settle(b, held, USD, ms_now);
	assert_false(budget_check(b).is_over);
	assert_int_equal(budget_reserve(b, -5), 0);
	budget_settle(b, 2 * USD, 0, ms_now);
	v = budget_check(b);
	assert_int_equal(v.spent_nano, USD);
	assert_int_equal(v.reserved_nano, 0);
	budget_free(b);
}

static void sums_end_at_the_largest_number(void **state)
{
	struct budget *b = new_budget(BUDGET_DAILY, INT64_MAX, "2026-05-01T00:10:00Z");
	int64_t a, c;

	(void)state;
	spend(b, INT64_MAX);
	spend(b, INT64_MAX);
	assert_true(budget_check(b).is_over);
	a = budget_reserve(b, INT64_MAX - 1);
	c = budget_reserve(b, INT64_MAX - 1);
	budget_settle(b, a, -1, ms_now);
	budget_settle(b, c, 0, ms_now);
	assert_int_equal(budget_check(b).reserved_nano, 0);
	budget_free(b);
}

static void nothing_refuses_everything_and_off_refuses_nothing(void **state)
{
	struct budget *b = new_budget(BUDGET_HOURLY, 0, "2026-05-01T00:10:00Z");

	(void)state;
	assert_true(budget_check(b).is_over);
	assert_int_equal(budget_check(b).retry_after_ms, HOUR);
	budget_configure(b, &(struct budget_conf){false, 0, BUDGET_DAILY});
	spend(b, USD);
	assert_false(budget_check(b).is_over);
	assert_int_equal(budget_check(b).spent_nano, USD); /* known when it is turned on */
	budget_free(b);
}

static void other_processes_spend_as_well(void **state)
{
	struct budget *b = new_budget(BUDGET_DAILY, 10 * USD, "2026-05-01T08:10:00Z");
	int64_t since = budget_period_since_ms(b);

	(void)state;
	spend(b, 3 * USD);
	budget_sync(b, since, USD); /* our own rows are not all there yet */
	assert_int_equal(budget_check(b).spent_nano, 3 * USD);
	budget_sync(b, since, 7 * USD);
	budget_sync(b, since, 7 * USD);
	assert_int_equal(budget_check(b).spent_nano, 7 * USD);
	ms_now += 24 * (int64_t)HOUR;
	budget_sync(b, since, 7 * USD); /* asked before midnight, answered after it */
	assert_int_equal(budget_check(b).spent_nano, 0);
	budget_free(b);
}

static void a_clock_that_is_set_back_loses_nothing(void **state)
{
	struct budget *b = new_budget(BUDGET_HOURLY, 10 * USD, "2026-05-01T08:10:00Z");

	(void)state;
	spend(b, 3 * USD);
	ms_now -= 2 * (int64_t)HOUR;
	spend(b, 4 * USD);
	assert_int_equal(budget_check(b).spent_nano, 7 * USD);
	spend(b, 4 * USD);
	assert_in_range(budget_check(b).retry_after_ms, 1, HOUR);
	budget_free(b);
}

static void spend_a_lot(void *arg, bool is_cancelled)
{
	(void)is_cancelled;
	for (int i = 0; i < 1000; i++) {
		int64_t held = budget_reserve(arg, 10);

		(void)budget_check(arg);
		budget_settle(arg, held, 3, wall(NULL));
		budget_sync(arg, budget_period_since_ms(arg), 5);
	}
}

static void threads_together_spend_the_sum(void **state)
{
	struct budget *b = new_budget(BUDGET_DAILY, 10 * USD, "2026-05-01T08:10:00Z");
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(4, 8, &p, NULL), E_OK);
	budget_load(b, ms_now, 5);
	for (int i = 0; i < 8; i++)
		assert_int_equal(pool_submit(p, spend_a_lot, b), E_OK);
	pool_wait(p);
	pool_free(p);
	assert_int_equal(budget_check(b).spent_nano, 8 * 3000 + 5);
	assert_int_equal(budget_check(b).reserved_nano, 0);
	budget_free(b);
}

static void short_memory_is_no_budget(void **state)
{
	struct budget_conf conf = {0};

	(void)state;
	mem_fail_after(1);
	assert_null(budget_new(&conf, NULL));
	mem_fail_after(0);
	budget_free(NULL);
	assert_string_equal(budget_period_name(BUDGET_MONTHLY), "monthly");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour_rolls_by_minutes),
		cmocka_unit_test(days_and_months_begin_at_local_midnight),
		cmocka_unit_test(a_month_is_the_sum_of_its_days),
		cmocka_unit_test(what_must_be_loaded_covers_every_period),
		cmocka_unit_test(requests_in_flight_count_as_spent),
		cmocka_unit_test(sums_end_at_the_largest_number),
		cmocka_unit_test(nothing_refuses_everything_and_off_refuses_nothing),
		cmocka_unit_test(other_processes_spend_as_well),
		cmocka_unit_test(a_clock_that_is_set_back_loses_nothing),
		cmocka_unit_test(threads_together_spend_the_sum),
		cmocka_unit_test(short_memory_is_no_budget),
	};

	set_zone("UTC0");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

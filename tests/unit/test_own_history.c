/* Where spans of time begin, sums over all time, and answers that are kept for some seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/clock.h"
#include "proxy/own/history.h"
#include "proxy/own/lifetime.h"
#include "proxy/own/snapshot.h"

static void keys_of_groups_are_moments(void **state)
{
	static const struct {
		enum ledger_group group;
		const char *key, *want; /* NULL: no moment */
	} cases[] = {
		{LEDGER_BY_HOUR, "2026-01-02T03", "2026-01-02T03:00:00.000Z"},
		{LEDGER_BY_DAY, "2024-02-29", "2024-02-29T00:00:00.000Z"},
		{LEDGER_BY_MONTH, "2026-12", "2026-12-01T00:00:00.000Z"},
		/* Mondays, by `date -d`: the year of a week is that of its Thursday. */
		{LEDGER_BY_WEEK, "2026-W01", "2025-12-29T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "2021-W01", "2021-01-04T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "2020-W53", "2020-12-28T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "2023-W52", "2023-12-25T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "1970-W01", "1969-12-29T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "2026-W00", NULL},
		{LEDGER_BY_WEEK, "2026-W54", NULL},
		{LEDGER_BY_WEEK, "2026-01", NULL},
		{LEDGER_BY_HOUR, LEDGER_OTHER, NULL},
		{LEDGER_BY_DAY, "2026-01-02T03", NULL},
		{LEDGER_BY_MONTH, "2026-13", NULL},
		{LEDGER_BY_MODEL, "2026-01", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		char text[CLOCK_TIME_LEN + 1] = "";
		int64_t at_ms;
		bool is_time = history_key_time(cases[i].group, str_from(cases[i].key), &at_ms);

		if (is_time != (cases[i].want != NULL))
			fail_msg("%s", cases[i].key);
		if (!is_time)
			continue;
		clock_format(at_ms, text);
		assert_string_equal(text, cases[i].want);
	}
}

static void moments_are_in_days_weeks_and_months(void **state)
{
	static const struct {
		enum ledger_group group;
		const char *at, *want;
	} cases[] = {
		{LEDGER_BY_DAY, "2026-01-02T23:59:59.999Z", "2026-01-02T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "2026-01-01T00:00:00Z", "2025-12-29T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "2025-12-28T23:59:59Z", "2025-12-22T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "2025-12-29T00:00:00Z", "2025-12-29T00:00:00.000Z"},
		{LEDGER_BY_WEEK, "1970-01-06T12:00:00Z", "1970-01-05T00:00:00.000Z"},
		{LEDGER_BY_MONTH, "2024-02-29T12:00:00Z", "2024-02-01T00:00:00.000Z"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		char text[CLOCK_TIME_LEN + 1];
		int64_t at_ms;

		assert_true(clock_parse(str_from(cases[i].at), &at_ms));
		clock_format(history_begin(cases[i].group, at_ms), text);
		assert_string_equal(text, cases[i].want);
	}
}

static void expect(struct snapshots *s, bool is_local, int64_t now_ns, const char *want)
{
	struct buf out;

	buf_init(&out, 100);
	assert_int_equal(snapshot_get(s, is_local, now_ns, &out), want != NULL);
	assert_true(str_eq_c(buf_str(&out), want ? want : ""));
	buf_release(&out);
}

static void a_snapshot_is_good_for_its_time_and_its_callers(void **state)
{
	struct snapshots *s = snapshots_new();

	(void)state;
	assert_non_null(s);
	expect(s, false, 0, NULL);
	snapshot_put(s, true, 100, 50, STR("all"));
	expect(s, true, 150, "all");
	expect(s, true, 151, NULL);
	expect(s, false, 150, NULL); /* what is for this machine only stays here */
	snapshot_put(s, false, 100, 50, STR("less"));
	snapshot_put(s, true, 200, 50, STR("new"));
	expect(s, false, 150, "less");
	expect(s, true, 250, "new");
	snapshots_forget(s);
	expect(s, true, 200, NULL);
	expect(s, false, 100, NULL);
	snapshot_put(s, true, 0, 1, STR("x"));
	snapshots_free(s);
	snapshots_free(NULL);
}

/* ---- sums over all time ---- */

static int64_t set_wall_ms(void *self)
{
	return *(const int64_t *)self;
}

static void add_row(struct store *s, const char *id, int64_t at_ms, uint64_t saved)
{
	struct ledger_row r = {.at_ms = at_ms,
		.tokens_before = 1000,
		.tokens_after = 1000 - saved,
		.has_usage = true,
		.input = 1,
		.cache_read = 2,
		.cost_nano = 5,
		.has_saved = true,
		.saved_nano = 7};

	memcpy(r.id, id, strlen(id));
	assert_int_equal(ledger_add(s, &r, NULL), E_OK);
	assert_int_equal(store_flush(s, NULL), E_OK);
}

static void expect_lifetime(struct lifetime *l, uint64_t requests, int64_t saved)
{
	struct figures f;

	assert_int_equal(lifetime_read(l, &f, NULL), E_OK);
	assert_int_equal(f.requests, requests);
	assert_int_equal(f.saved, saved);
	assert_int_equal(f.tokens_before, 1000 * requests);
	assert_int_equal(f.input, 3 * requests);
	assert_int_equal(f.cost_nano, 5 * requests);
	assert_int_equal(f.saved_nano, 7 * requests);
}

static void a_lifetime_is_read_in_two_parts(void **state)
{
	int64_t hour_ms = 3600000, now_ms = (int64_t)1767225600000; /* 2026-01-01 */
	struct clock clock = {.wall_ms = set_wall_ms, .self = &now_ms};
	struct store_conf conf = {.is_in_memory = true};
	struct lifetime *l;
	struct store *s;

	(void)state;
	assert_int_equal(store_open(&conf, &s, NULL), E_OK);
	l = lifetime_new(s, &clock);
	assert_non_null(l);
	expect_lifetime(l, 0, 0);
	add_row(s, "a", now_ms - 1, 100);
	expect_lifetime(l, 1, 100);
	/* Of a request that took hours: seen when all is read again. */
	add_row(s, "b", now_ms - 2 * hour_ms, 30);
	expect_lifetime(l, 1, 100);
	now_ms += 3 * hour_ms;
	add_row(s, "c", now_ms, 5);
	expect_lifetime(l, 3, 135);
	now_ms -= 10 * hour_ms;
	expect_lifetime(l, 3, 135);
	lifetime_free(l);
	lifetime_free(NULL);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_groups_are_moments),
		cmocka_unit_test(moments_are_in_days_weeks_and_months),
		cmocka_unit_test(a_lifetime_is_read_in_two_parts),
		cmocka_unit_test(a_snapshot_is_good_for_its_time_and_its_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

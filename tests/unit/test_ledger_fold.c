#include "tests/unit/ledger_help.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static void expect_same(const struct ledger_sum *a, const struct ledger_sum *b)
{
	assert_memory_equal(a, b, sizeof *a);
}

struct seen_parts {
	size_t n;
	char names[8][LEDGER_NAME_MAX + 1];
	struct ledger_part v[8];
	int64_t saved;
};

static void see_part(void *self, const struct ledger_part *part)
{
	struct seen_parts *seen = self;

	assert_true(seen->n < ARRAY_N(seen->v));
	(void)snprintf(seen->names[seen->n], sizeof seen->names[0], STR_FMT, STR_ARG(part->name));
	seen->v[seen->n++] = *part;
	seen->saved += part->saved;
}

static void parts(
	struct fixture *f, struct store *s, enum ledger_part_kind kind, struct seen_parts *seen)
{
	*seen = (struct seen_parts){0};
	flush(f, s);
	if (ledger_parts(s, &(struct ledger_query){0}, kind, see_part, seen, &f->cx) != E_OK)
		fail_msg("%s", f->cx.text);
}

/* Half of the rows name Bash and Read, which have 350 of the 400 that were saved; the others no tool. */
static void parts_add_up_to_the_total_before_and_after_folding(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.ledger_rows_max = 10});
	struct seen_parts tools, encoders;
	struct ledger_sum all;

	for (unsigned i = 0; i < 100; i++) {
		struct ledger_row row = row_of(i);

		row.at_ms += (int64_t)i * 1800 * 1000;
		if (i == 7)
			row.parts = STR("no list at all");
		add(f, s, &row);
		if (i % 10 == 0)
			flush(f, s);
	}
	parts(f, s, LEDGER_PART_TOOL, &tools);
	parts(f, s, LEDGER_PART_ENCODER, &encoders);
	all = total(f, s);
	assert_true(sql(f, "SELECT count(*) FROM ledger_part_day") > 4);
	assert_int_equal(tools.saved, all.tokens_before - all.tokens_after);
	assert_int_equal(encoders.saved, tools.saved);
	assert_int_equal(tools.n, 3);
	assert_string_equal(tools.names[0], "Bash");
	assert_int_equal(tools.v[0].saved, 49 * 250);
	assert_int_equal(tools.v[0].results, 49 * 3);
	assert_string_equal(tools.names[1], "Read");
	assert_int_equal(tools.v[1].saved, 49 * 100);
	assert_string_equal(tools.names[2], LEDGER_REST);
	assert_string_equal(encoders.names[0], "table");
	assert_int_equal(encoders.v[0].saved, 50 * 400);
	store_close(s);
}

/* A hundred thousand sums, and one more: the older half forgets its names, and no figure. */
static void too_many_names_of_tools_become_one(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);

	add(f, s, &row);
	flush(f, s);
	(void)sql(f,
		"INSERT INTO ledger_part_day SELECT value % 10 * 86400000, 0, 't' || value, 1, "
		"2 FROM (WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM "
		"n WHERE value < 100000) SELECT value FROM n)");
	pass_time(3600 * 1000);
	row = row_of(3);
	add(f, s, &row);
	flush(f, s);
	assert_true(sql(f, "SELECT count(*) FROM ledger_part_day") < 60000);
	assert_int_equal(sql(f, "SELECT sum(saved) FROM ledger_part_day"), 2 * 100001);
	assert_int_equal(sql(f, "SELECT sum(results) FROM ledger_part_day"), 100001);
	store_close(s);
}

static void folded_rows_stay_in_every_total(void **state)
{
	static const enum ledger_group groups[] = {LEDGER_ALL, LEDGER_BY_MODEL, LEDGER_BY_UPSTREAM,
		LEDGER_BY_CLIENT, LEDGER_BY_PROJECT, LEDGER_BY_DAY, LEDGER_BY_WEEK, LEDGER_BY_MONTH,
		LEDGER_BY_REASON, LEDGER_BY_STATUS, LEDGER_BY_ENDPOINT, LEDGER_BY_BREAK};
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.ledger_rows_max = 10});
	struct store *raw;
	struct fixture other = *f;
	struct seen a, b;
	struct store_stats st;

	(void)snprintf(other.path, sizeof other.path, "%s/raw.db", f->dir);
	raw = open_default(&other);
	for (unsigned i = 0; i < 200; i++) {
		struct ledger_row row = row_of(i);

		row.at_ms += (int64_t)(i * 7919 % 200) * 1800 * 1000;
		row.model = i % 3 ? STR("m1") : STR("m2");
		row.client = i % 2 ? "codex" : "claude-code";
		row.status = i % 5 ? 200 : 500;
		row.latency_us = i;
		row.saved_nano = (int64_t)i - 150;
		row.cost_nano = i % 7 ? (int64_t)i : -1;
		add(f, s, &row);
		add(&other, raw, &row);
		if (i % 10 == 0)
			flush(f, s);
	}
	for (size_t g = 0; g < ARRAY_N(groups); g++) {
		struct ledger_query q = {.group = groups[g]};

		sums(f, s, &q, &a);
		sums(&other, raw, &q, &b);
		assert_int_equal(a.n, b.n);
		for (size_t i = 0; i < a.n; i++) {
			assert_string_equal(a.keys[i], b.keys[i]);
			expect_same(&a.sums[i], &b.sums[i]);
		}
	}
	store_get_stats(s, &st);
	assert_true(st.ledger_n <= 10);
	assert_int_equal(st.ledger_n, sql(f, "SELECT count(*) FROM ledger"));
	assert_int_equal(st.ledger_n, sql(f, "SELECT rows_n FROM total WHERE name = 'ledger'"));
	assert_true(sql(f, "SELECT count(*) FROM ledger_day") > 10);
	store_close(s);
	store_close(raw);
}

static void old_rows_are_folded_by_age(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.ledger_keep_ms = 10 * (int64_t)DAY_MS});
	struct ledger_row row = row_of(1);
	int64_t nano;

	add(f, s, &row);
	flush(f, s);
	pass_time(11 * (int64_t)DAY_MS);
	row = row_of(2);
	add(f, s, &row);
	flush(f, s);
	assert_int_equal(total(f, s).requests, 2);
	assert_int_equal(sql(f, "SELECT count(*) FROM ledger"), 1);
	assert_int_equal(sql(f, "SELECT requests FROM ledger_day"), 1);
	assert_int_equal(ledger_spent(s, 0, &nano, &f->cx), E_OK);
	assert_int_equal(nano, 2000);
	/* A day that is only in part within the time counts as a whole. */
	assert_int_equal(ledger_spent(s, fake_ms - 11 * (int64_t)DAY_MS + 1, &nano, &f->cx), E_OK);
	assert_int_equal(nano, 2000);
	assert_int_equal(ledger_spent(s, fake_ms - 9 * (int64_t)DAY_MS, &nano, &f->cx), E_OK);
	assert_int_equal(nano, 1000);
	store_close(s);
}

static void sums_of_days_never_overflow(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.ledger_rows_max = 1});
	struct ledger_row row = row_of(1);

	add(f, s, &row);
	row = row_of(2);
	add(f, s, &row);
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM ledger_day"), 1);
	(void)sql(f, "UPDATE ledger_day SET input = 4000000000000000000, "
		     "saved_nano = -4000000000000000000, cost_nano = 4000000000000000000");
	for (unsigned i = 3; i < 6; i++) {
		row = row_of(i);
		row.input = UINT64_MAX;
		row.saved_nano = INT64_MIN;
		add(f, s, &row);
		flush(f, s);
	}
	assert_int_equal(sql(f, "SELECT input FROM ledger_day"), 4000000000000000000);
	assert_int_equal(sql(f, "SELECT saved_nano FROM ledger_day"), -4000000000000000000);
	assert_int_equal(total(f, s).requests, 5);
	store_close(s);
}

static void too_many_sums_of_days_forget_names_but_no_figures(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_with(f, (struct store_conf){.ledger_rows_max = 1});
	struct ledger_row row = row_of(1);
	struct ledger_sum before, after;

	add(f, s, &row);
	row = row_of(2);
	row.at_ms++;
	add(f, s, &row);
	flush(f, s);
	(void)sql(f,
		"INSERT INTO ledger_day SELECT at_ms + 86400000 * (value % 10), upstream, "
		"endpoint, client, model, 'p' || value, reason, status, break_cause, token, "
		"requests, "
		"cached, failed, changed, tokens_before, tokens_after, input, cache_read, "
		"cache_write_5m, "
		"cache_write_1h, output, reasoning, bytes_in, bytes_sent, bytes_out, cost_nano, "
		"saved_nano, cost_unknown_n, usage_n, gone, breaks, break_tokens, break_nano, "
		"latency_us_sum, overhead_us_sum, "
		"ttfb_us_sum, ttfb_n, latency_us_max + value, overhead_us_max, ttfb_us_max "
		"FROM ledger_day, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL "
		"SELECT value + 1 FROM n WHERE value < 100000) SELECT value FROM n)");
	before = total(f, s);
	pass_time(3600 * 1000);
	row = row_of(3);
	add(f, s, &row);
	flush(f, s);
	after = total(f, s);
	assert_int_equal(after.requests, before.requests + 1);
	assert_int_equal(after.requests, 100003);
	assert_int_equal(after.input, before.input + row.input);
	assert_int_equal(after.latency_us_max, before.latency_us_max);
	assert_in_range(sql(f, "SELECT count(*) FROM ledger_day"), 1, 60000);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(folded_rows_stay_in_every_total),
		T(parts_add_up_to_the_total_before_and_after_folding),
		T(too_many_names_of_tools_become_one),
		TM(old_rows_are_folded_by_age),
		TM(sums_of_days_never_overflow),
		T(too_many_sums_of_days_forget_names_but_no_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

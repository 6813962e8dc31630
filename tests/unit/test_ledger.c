#include "core/store/calibration.h"
#include "tests/unit/ledger_help.h"

#include "core/base/mem.h"

struct seen_rows {
	size_t n;
	char ids[SEEN_MAX][LEDGER_ID_MAX + 1];
};

static void see_row(void *self, const struct ledger_row *row)
{
	struct seen_rows *seen = self;

	assert_true(seen->n < SEEN_MAX);
	memcpy(seen->ids[seen->n++], row->id, sizeof row->id);
}

static void see_figure(void *self, const struct ledger_row *row)
{
	*(struct ledger_row *)self = *row;
}

/* ---- rows ---- */

static void compare_row(void *self, const struct ledger_row *got)
{
	const struct ledger_row *want = self;

	assert_string_equal(got->id, want->id);
	assert_int_equal(got->at_ms, want->at_ms);
	assert_string_equal(got->upstream, want->upstream);
	assert_string_equal(got->endpoint, want->endpoint);
	assert_string_equal(got->format, want->format);
	assert_string_equal(got->client, want->client);
	assert_true(str_eq(got->model, want->model));
	assert_true(str_eq(got->project, want->project));
	assert_true(str_eq(got->session, want->session));
	assert_int_equal(got->proxy_run, want->proxy_run);
	assert_int_equal(got->status, want->status);
	assert_int_equal(got->is_stream, want->is_stream);
	assert_int_equal(got->is_cached, want->is_cached);
	assert_int_equal(got->is_client_gone, want->is_client_gone);
	assert_int_equal(got->is_complete, want->is_complete);
	assert_string_equal(got->reason, want->reason);
	assert_true(str_eq(got->transforms, want->transforms));
	assert_true(str_eq(got->error, want->error));
	assert_int_equal(got->tokens_before, want->tokens_before);
	assert_int_equal(got->tokens_after, want->tokens_after);
	assert_int_equal(got->results_n, want->results_n);
	assert_int_equal(got->changed_n, want->changed_n);
	assert_int_equal(got->bytes_in, want->bytes_in);
	assert_int_equal(got->bytes_sent, want->bytes_sent);
	assert_int_equal(got->bytes_out, want->bytes_out);
	assert_int_equal(got->has_usage, want->has_usage);
	assert_int_equal(got->input, want->input);
	assert_int_equal(got->cache_read, want->cache_read);
	assert_int_equal(got->cache_write_5m, want->cache_write_5m);
	assert_int_equal(got->cache_write_1h, want->cache_write_1h);
	assert_int_equal(got->output, want->output);
	assert_int_equal(got->reasoning, want->reasoning);
	assert_int_equal(got->cost_nano, want->cost_nano);
	assert_int_equal(got->has_saved, want->has_saved);
	assert_int_equal(got->saved_nano, want->saved_nano);
	assert_int_equal(got->latency_us, want->latency_us);
	assert_int_equal(got->overhead_us, want->overhead_us);
	assert_int_equal(got->ttfb_us, want->ttfb_us);
	assert_int_equal(got->attempts, want->attempts);
	assert_string_equal(got->break_cause, want->break_cause);
	assert_true(str_eq(got->break_path, want->break_path));
	assert_int_equal(got->break_at, want->break_at);
	assert_int_equal(got->break_tokens, want->break_tokens);
	assert_int_equal(got->break_nano, want->break_nano);
	assert_true(str_eq(got->parts, want->parts));
	assert_int_equal(got->conversation, want->conversation);
	assert_int_equal(got->asked, want->asked);
	assert_int_equal(got->arm, want->arm);
	assert_int_equal(got->again_n, want->again_n);
	assert_int_equal(got->retrievals_n, want->retrievals_n);
}

static void a_row_is_read_back_whole(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(4);

	add(f, s, &row);
	flush(f, s);
	assert_int_equal(
		ledger_recent(s, &(struct ledger_query){0}, compare_row, &row, &f->cx), E_OK);
	row = row_of(2);
	row.at_ms++;
	row.is_stream = row.is_complete = false;
	row.is_cached = row.is_client_gone = true;
	row.status = 0;
	row.cost_nano = -1; /* no price */
	row.saved_nano = -1;
	row.error = STR("the client went away");
	row.proxy_run = (uint64_t)INT64_MAX;
	add(f, s, &row);
	flush(f, s);
	assert_int_equal(
		ledger_recent(s, &(struct ledger_query){.limit = 1}, compare_row, &row, &f->cx),
		E_OK);
	store_close(s);
}

static void what_is_not_known_is_not_zero(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1), got;

	row.has_usage = row.has_saved = false;
	row.cost_nano = -1;
	row.upstream = row.client = NULL;
	add(f, s, &row);
	flush(f, s);
	assert_int_equal(
		ledger_recent(s, &(struct ledger_query){0}, see_figure, &got, &f->cx), E_OK);
	assert_int_equal(got.cost_nano, -1);
	assert_false(got.has_saved);
	assert_false(got.has_usage);
	assert_int_equal(got.input, 0);
	assert_int_equal(sql(f, "SELECT count(*) FROM ledger WHERE cost_nano IS NULL AND "
				"saved_nano IS NULL AND upstream = '' AND client = ''"),
		1);
	store_close(s);
}

static void long_texts_are_cut_between_characters_and_large_figures_bounded(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);
	char text[1000];

	memset(text, 'x', sizeof text);
	memcpy(text + LEDGER_TEXT_MAX - 1, "\xc3\xa9", 2);
	row.model = row.project = row.session = (str){text, sizeof text};
	row.transforms = row.error = (str){text, sizeof text};
	row.upstream = "an upstream whose name is longer than any that this program gives to one";
	row.input = UINT64_MAX;
	row.saved_nano = INT64_MIN;
	row.latency_us = -5;
	row.at_ms = INT64_MAX;
	add(f, s, &row);
	flush(f, s);
	assert_int_equal(
		sql(f, "SELECT length(CAST(model AS BLOB)) FROM ledger"), LEDGER_TEXT_MAX - 1);
	assert_int_equal(sql(f, "SELECT length(upstream) FROM ledger"), LEDGER_NAME_MAX);
	assert_int_equal(
		sql(f, "SELECT length(CAST(error AS BLOB)) FROM ledger"), LEDGER_ERROR_MAX);
	assert_int_equal(sql(f, "SELECT input FROM ledger"), LEDGER_VALUE_MAX);
	assert_int_equal(sql(f, "SELECT saved_nano FROM ledger"), -LEDGER_VALUE_MAX);
	assert_int_equal(sql(f, "SELECT latency_us FROM ledger"), 0);
	assert_int_equal(total(f, s).input, LEDGER_VALUE_MAX);
	store_close(s);
}

static void a_second_row_of_a_request_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);
	struct store_stats st;

	add(f, s, &row);
	row.status = 500;
	add(f, s, &row);
	assert_int_equal(total(f, s).requests, 1);
	assert_int_equal(total(f, s).failed, 0);
	store_get_stats(s, &st);
	assert_int_equal(st.ledger_n, 1);
	store_close(s);
}

/* All rows of a batch are one statement; what else is in it, and what it leaves out, changes none of the others. */
static void rows_of_a_batch_stand_among_its_other_writes(void **state)
{
	enum { ROWS = 300, TWICE = 50 };
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct store_stats st;

	for (unsigned i = 0; i < ROWS; i++) {
		struct ledger_row row = row_of(i % (ROWS - TWICE));

		row.status = i < ROWS - TWICE ? 200 : 500;
		row.bytes_in = i;
		if (i % 3 == 0)
			assert_int_equal(
				calibration_add(s, STR("a-model"), 100, 120, &f->cx), E_OK);
		add(f, s, &row);
	}
	assert_int_equal(total(f, s).requests, ROWS - TWICE);
	assert_int_equal(total(f, s).failed, 0);
	assert_int_equal(total(f, s).bytes_in, (ROWS - TWICE) * (ROWS - TWICE - 1) / 2);
	assert_int_equal(sql(f, "SELECT samples FROM calibration"), ROWS / 3);
	/* In the order in which they came. */
	assert_int_equal(sql(f, "SELECT count(*) FROM ledger WHERE id <> bytes_in + 1"), 0);
	store_get_stats(s, &st);
	assert_int_equal(st.ledger_n, ROWS - TWICE);
	store_close(s);
}

static void recent_rows_come_newest_first_within_their_bounds(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_query q = {.from_ms = fake_ms + 2, .to_ms = fake_ms + 8, .proxy_run = 1};
	struct seen_rows seen = {0};

	for (unsigned i = 0; i < 10; i++) {
		struct ledger_row row = row_of(i);

		row.at_ms += i;
		row.proxy_run = i % 2;
		add(f, s, &row);
	}
	flush(f, s);
	assert_int_equal(ledger_recent(s, &q, see_row, &seen, &f->cx), E_OK);
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.ids[0], row_of(7).id);
	assert_string_equal(seen.ids[1], row_of(5).id);
	assert_string_equal(seen.ids[2], row_of(3).id);
	store_close(s);
}

/* ---- sums ---- */

static void sums_add_up_field_by_field(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);
	struct ledger_sum t = total(f, s);

	assert_int_equal(t.requests, 0);
	add(f, s, &row);
	row = row_of(2);
	row.status = 429;
	row.is_cached = row.is_client_gone = true;
	row.changed_n = 0;
	row.cost_nano = -1;
	row.saved_nano = -700;
	row.ttfb_us = 0;
	row.latency_us = 5000;
	add(f, s, &row);
	t = total(f, s);
	assert_int_equal(t.requests, 2);
	assert_int_equal(t.cached, 1);
	assert_int_equal(t.failed, 1);
	assert_int_equal(t.changed, 1);
	assert_int_equal(t.tokens_before, 2000);
	assert_int_equal(t.tokens_after, 1200);
	assert_int_equal(t.input, 20);
	assert_int_equal(t.cache_read, 40);
	assert_int_equal(t.cache_write_5m, 60);
	assert_int_equal(t.cache_write_1h, 80);
	assert_int_equal(t.output, 100);
	assert_int_equal(t.reasoning, 10);
	assert_int_equal(t.bytes_in, 8000);
	assert_int_equal(t.bytes_sent, 6000);
	assert_int_equal(t.bytes_out, 1000);
	assert_int_equal(t.cost_nano, 1000);
	assert_int_equal(t.saved_nano, -400);
	assert_int_equal(t.cost_unknown_n, 1);
	assert_int_equal(t.usage_n, 2);
	assert_int_equal(t.gone, 1);
	assert_int_equal(t.latency_us_sum, 7000);
	assert_int_equal(t.overhead_us_sum, 200);
	assert_int_equal(t.ttfb_us_sum, 900);
	assert_int_equal(t.ttfb_n, 1);
	assert_int_equal(t.latency_us_max, 5000);
	assert_int_equal(t.overhead_us_max, 100);
	assert_int_equal(t.ttfb_us_max, 900);
	store_close(s);
}

static void expect_keys(struct fixture *f, struct store *s, enum ledger_group group,
	const char *const *keys, size_t n)
{
	struct seen seen;

	sums(f, s, &(struct ledger_query){.group = group}, &seen);
	assert_int_equal(seen.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(seen.keys[i], keys[i]);
}

#define EXPECT_KEYS(group, ...)                                      \
	expect_keys(f, s, group, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void groups_come_with_the_most_requests_first(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct seen seen;

	for (unsigned i = 0; i < 6; i++) {
		struct ledger_row row = row_of(i);

		row.model = i < 1 ? STR("b") : i < 2 ? STR("a") : STR("c");
		row.upstream = i < 2 ? "openai" : "anthropic";
		row.client = i < 2 ? "codex" : "claude-code";
		row.project = i < 2 ? STR("") : STR("p");
		row.reason = i < 2 ? "too_small" : "changed";
		row.status = i < 2 ? 500 : 200;
		row.endpoint = i < 2 ? "responses" : "messages";
		add(f, s, &row);
	}
	EXPECT_KEYS(LEDGER_BY_MODEL, "c", "a", "b");
	EXPECT_KEYS(LEDGER_BY_UPSTREAM, "anthropic", "openai");
	EXPECT_KEYS(LEDGER_BY_CLIENT, "claude-code", "codex");
	EXPECT_KEYS(LEDGER_BY_PROJECT, "p", "");
	EXPECT_KEYS(LEDGER_BY_REASON, "changed", "too_small");
	EXPECT_KEYS(LEDGER_BY_STATUS, "200", "500");
	EXPECT_KEYS(LEDGER_BY_ENDPOINT, "messages", "responses");
	sums(f, s, &(struct ledger_query){.group = LEDGER_BY_MODEL, .limit = 2}, &seen);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.sums[0].requests, 4);
	assert_int_equal(seen.sums[1].requests, 1);
	store_close(s);
}

static void times_come_newest_first_in_utc(void **state)
{
	static const char *const times[] = {"2025-12-28T23:59:59.999Z", "2025-12-29T00:00:00Z",
		"2026-01-01T12:00:00Z", "2026-01-04T23:00:00Z", "2026-01-04T23:30:00Z",
		"2026-01-05T00:00:00Z", "2027-01-01T00:00:00Z"};
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct seen seen;

	for (unsigned i = 0; i < ARRAY_N(times); i++) {
		struct ledger_row row = row_of(i);

		assert_true(clock_parse(str_from(times[i]), &row.at_ms));
		add(f, s, &row);
	}
	EXPECT_KEYS(LEDGER_BY_HOUR, "2027-01-01T00", "2026-01-05T00", "2026-01-04T23",
		"2026-01-01T12", "2025-12-29T00", "2025-12-28T23");
	EXPECT_KEYS(LEDGER_BY_DAY, "2027-01-01", "2026-01-05", "2026-01-04", "2026-01-01",
		"2025-12-29", "2025-12-28");
	/* 2026 begins on a Thursday, so it has week 53, which takes the first days of 2027. */
	EXPECT_KEYS(LEDGER_BY_WEEK, "2026-W53", "2026-W02", "2026-W01", "2025-W52");
	EXPECT_KEYS(LEDGER_BY_MONTH, "2027-01", "2026-01", "2025-12");
	sums(f, s, &(struct ledger_query){.group = LEDGER_BY_WEEK, .limit = 3}, &seen);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.sums[2].requests, 4);
	store_close(s);
}

static void a_reset_is_another_run_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);
	struct seen seen;

	add(f, s, &row);
	row = row_of(2);
	row.proxy_run = 8;
	add(f, s, &row);
	sums(f, s, &(struct ledger_query){.proxy_run = 8}, &seen);
	assert_int_equal(seen.sums[0].requests, 1);
	assert_int_equal(total(f, s).requests, 2);
	store_close(s);
}

static void more_keys_than_are_told_apart_are_summed_up_as_others(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);
	struct seen seen;

	add(f, s, &row);
	flush(f, s);
	(void)sql(f,
		"INSERT INTO ledger SELECT NULL, value, at_ms, proxy_run, upstream, endpoint, "
		"format, client, 'm' || value, project, session, status, is_stream, is_cached, "
		"is_client_gone, is_complete, reason, transforms, error, tokens_before, "
		"tokens_after, results_n, changed_n, bytes_in, bytes_sent, bytes_out, has_usage, "
		"input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_nano, "
		"saved_nano, latency_us, overhead_us, ttfb_us, attempts, break_cause, break_path, "
		"break_at, break_tokens, break_nano, parts, conversation, asked, arm, again_n, "
		"retrievals_n, token FROM ledger, "
		"(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n "
		"WHERE value < 17000) SELECT value FROM n)");
	sums(f, s, &(struct ledger_query){.group = LEDGER_BY_MODEL, .limit = 2}, &seen);
	assert_string_equal(seen.keys[0], LEDGER_OTHER);
	assert_int_equal(seen.sums[0].requests, 17001 - 16383);
	assert_int_equal(seen.sums[1].requests, 1);
	store_close(s);
}

static void rows_and_sums_may_be_of_one_token(void **state)
{
	static const char *const tokens[] = {"", "alice", "bob", "alice"};
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_query q = {.group = LEDGER_BY_TOKEN};
	struct seen seen;

	for (unsigned i = 0; i < ARRAY_N(tokens); i++) {
		struct ledger_row row = row_of(i + 1);

		row.token = str_from(tokens[i]);
		add(f, s, &row);
	}
	flush(f, s);
	sums(f, s, &q, &seen);
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.keys[0], "alice");
	assert_int_equal(seen.sums[0].requests, 2);
	q = (struct ledger_query){.group = LEDGER_ALL, .token = STR("alice")};
	sums(f, s, &q, &seen);
	assert_int_equal(seen.sums[0].requests, 2);
	q.token = STR("carol");
	sums(f, s, &q, &seen);
	assert_int_equal(seen.sums[0].requests, 0);
	store_close(s);
}

/* ---- money ---- */

static void what_was_spent_is_summed_over_all_processes(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f), *other = open_default(f);
	struct ledger_row row = row_of(1);
	int64_t nano = -1;

	assert_int_equal(ledger_spent(s, 0, &nano, &f->cx), E_OK);
	assert_int_equal(nano, 0);
	add(f, s, &row);
	row = row_of(2);
	row.at_ms += 1000;
	row.cost_nano = 50;
	row.proxy_run = 99;
	add(f, other, &row);
	row = row_of(3);
	row.cost_nano = -1;
	add(f, other, &row);
	flush(f, s);
	flush(f, other);
	assert_int_equal(ledger_spent(s, 0, &nano, &f->cx), E_OK);
	assert_int_equal(nano, 1050);
	assert_int_equal(ledger_spent(s, fake_ms + 1, &nano, &f->cx), E_OK);
	assert_int_equal(nano, 50);
	store_close(s);
	store_close(other);
}

/* ---- failures ---- */

static void a_read_only_handle_adds_nothing_and_reads(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);

	add(f, s, &row);
	store_close(s);
	s = open_with(f, (struct store_conf){.is_read_only = true});
	row = row_of(2);
	assert_int_equal(ledger_add(s, &row, &f->cx), E_PERMISSION);
	assert_int_equal(total(f, s).requests, 1);
	store_close(s);
}

static void short_memory_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);
	struct seen seen;
	enum err e = E_NOMEM;

	mem_fail_after(1);
	assert_int_equal(ledger_add(s, &row, &f->cx), E_NOMEM);
	mem_fail_after(0);
	for (unsigned i = 0; i < 40; i++) {
		char model[16];

		row = row_of(i);
		(void)snprintf(model, sizeof model, "m%u", i);
		row.model = str_from(model);
		add(f, s, &row);
	}
	flush(f, s);
	for (size_t i = 1; e; i++) {
		seen = (struct seen){0};
		mem_fail_after(i);
		e = ledger_sums(s, &(struct ledger_query){.group = LEDGER_BY_MODEL}, see_sum, &seen,
			&f->cx);
		mem_fail_after(0);
		assert_true(e == E_OK || e == E_NOMEM);
		assert_int_equal(seen.n, e ? 0 : 40);
	}
	store_close(s);
}

static void an_older_store_gets_a_ledger(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct ledger_row row = row_of(1);

	put(f, s, 1, "kept");
	store_close(s);
	(void)sql(f, "DROP TABLE ledger");
	(void)sql(f, "DROP TABLE ledger_day");
	(void)sql(f, "DROP TABLE ledger_part_day");
	(void)sql(f, "DROP TABLE calibration");
	(void)sql(f, "DROP TABLE feedback");
	(void)sql(f, "DROP TABLE elision");
	(void)sql(f, "DROP TABLE gone");
	(void)sql(f, "DROP TABLE peer");
	(void)sql(f, "DELETE FROM total WHERE name = 'ledger'");
	(void)sql(f, "PRAGMA user_version = 1");
	s = open_default(f);
	add(f, s, &row);
	assert_int_equal(total(f, s).requests, 1);
	expect_rendering(f, s, 1, "kept");
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TM(a_row_is_read_back_whole),
		TM(what_is_not_known_is_not_zero),
		TM(long_texts_are_cut_between_characters_and_large_figures_bounded),
		TM(a_second_row_of_a_request_is_dropped),
		TM(rows_of_a_batch_stand_among_its_other_writes),
		TM(recent_rows_come_newest_first_within_their_bounds),
		TM(sums_add_up_field_by_field),
		TM(groups_come_with_the_most_requests_first),
		TM(times_come_newest_first_in_utc),
		TM(a_reset_is_another_run_and_loses_nothing),
		T(more_keys_than_are_told_apart_are_summed_up_as_others),
		TM(rows_and_sums_may_be_of_one_token),
		T(what_was_spent_is_summed_over_all_processes),
		T(a_read_only_handle_adds_nothing_and_reads),
		TM(short_memory_is_an_error),
		T(an_older_store_gets_a_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

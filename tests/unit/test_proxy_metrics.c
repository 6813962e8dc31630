/* What is counted of requests comes out in Prometheus' text format, with labels that are bounded and escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "proxy/metrics.h"

static struct proxy_metrics *made(void)
{
	struct proxy_metrics *m;

	assert_int_equal(proxy_metrics_new(&m, NULL), E_OK);
	return m;
}

static struct ledger_row row(const char *model)
{
	return (struct ledger_row){.upstream = "anthropic",
		.endpoint = "messages",
		.client = "claude-code",
		.reason = "changed",
		.model = str_from(model),
		.status = 200,
		.is_complete = true,
		.tokens_before = 1000,
		.tokens_after = 400,
		.bytes_in = 5000,
		.has_usage = true,
		.input = 10,
		.cache_read = 300,
		.cache_write_5m = 70,
		.cache_write_1h = 20,
		.output = 5,
		.cost_nano = 7000000000,
		.has_saved = true,
		.saved_nano = 3000000000,
		.latency_us = 4000,
		.overhead_us = 300,
		.ttfb_us = 2500,
		.attempts = 2};
}

static str text_of(struct proxy_metrics *m, struct buf *out)
{
	buf_init(out, 1 << 20);
	proxy_metrics_write(m, out);
	assert_int_equal(out->err, E_OK);
	return buf_str(out);
}

/* Is there such a line? */
static void expect(str text, const char *line)
{
	char want[256];

	(void)snprintf(want, sizeof want, "\n%s\n", line);
	if (str_find(text, str_from(want)) == STR_NONE)
		fail_msg("no line \"%s\" in:\n" STR_FMT, line, STR_ARG(text));
}

static void refuse(str text, const char *part)
{
	if (str_find(text, str_from(part)) != STR_NONE)
		fail_msg("\"%s\" stands in:\n" STR_FMT, part, STR_ARG(text));
}

static void a_request_is_counted_by_all_that_it_is(void **state)
{
	struct proxy_metrics *m = made();
	struct ledger_row r = row("claude-x");
	struct buf out;
	str text;

	(void)state;
	proxy_metrics_request(m, &r);
	text = text_of(m, &out);
	expect(text, "headroom_tokens_input_total 400");
	expect(text, "headroom_tokens_saved_total 600");
	expect(text, "headroom_retries_total 1");
	expect(text, "headroom_requests_failed_total 0");
	expect(text, "headroom_latency_seconds_bucket{le=\"0.001\"} 0");
	expect(text, "headroom_latency_seconds_bucket{le=\"0.005\"} 1");
	expect(text, "headroom_request_body_bytes_sum 5000");
	expect(text, "headroom_request_tokens_saved_bucket{le=\"300\"} 0");
	expect(text, "headroom_request_tokens_saved_bucket{le=\"1000\"} 1");
	expect(text, "headroom_requests_by_provider{provider=\"anthropic\"} 1");
	expect(text, "headroom_uncached_input_tokens_total{provider=\"anthropic\"} 10");
	expect(text, "headroom_cache_read_tokens_total{provider=\"anthropic\"} 300");
	expect(text, "headroom_cache_write_tokens_total{provider=\"anthropic\"} 90");
	expect(text, "headroom_cache_write_ttl_tokens_total{provider=\"anthropic\",ttl=\"5m\"} 70");
	expect(text, "headroom_cache_write_ttl_tokens_total{provider=\"anthropic\",ttl=\"1h\"} 20");
	expect(text, "headroom_provider_cache_hit_requests_total{provider=\"anthropic\"} 1");
	expect(text, "headroom_requests_by_model{model=\"claude-x\"} 1");
	expect(text, "headroom_requests_by_status_class{status=\"2xx\"} 1");
	expect(text, "headroom_requests_by_reason{reason=\"changed\"} 1");
	expect(text, "headroom_requests_by_client{client=\"claude-code\"} 1");
	expect(text, "headroom_ttfb_ms_min 2.5");
	expect(text, "headroom_latency_ms_sum 4");
	refuse(text, "persistent"); /* not known yet */
	buf_release(&out);
	proxy_metrics_free(m);
}

static void savings_are_net(void **state)
{
	struct proxy_metrics *m = made();
	struct ledger_row r = row("m");

	(void)state;
	r.tokens_after = 1500;
	proxy_metrics_request(m, &r);
	assert_int_equal(proxy_metrics_saved(m), -500);
	assert_int_equal(proxy_metrics_get(m, METRIC_TOKENS_SAVED), 0); /* a counter cannot fall */
	proxy_metrics_free(m);
}

static void what_was_before_is_added(void **state)
{
	struct proxy_metrics *m = made();
	struct ledger_row r = row("m");
	struct ledger_sum before = {.requests = 10,
		.tokens_before = 5000,
		.tokens_after = 6000,
		.input = 1,
		.cache_read = 2,
		.cache_write_5m = 3,
		.cache_write_1h = 4,
		.cost_nano = 500000000,
		.saved_nano = -4000000000};
	struct buf out;
	str text;

	(void)state;
	proxy_metrics_request(m, &r);
	proxy_metrics_set_before(m, &before);
	text = text_of(m, &out);
	expect(text, "headroom_persistent_savings_requests_total 11");
	expect(text, "headroom_persistent_savings_tokens_saved_total -400");
	expect(text, "headroom_persistent_savings_input_tokens_total 410");
	expect(text, "headroom_persistent_savings_cost_usd_total 7.5");
	expect(text, "headroom_persistent_savings_compression_savings_usd_total -1");
	buf_release(&out);
	proxy_metrics_free(m);
}

static void names_of_models_are_escaped_and_cut(void **state)
{
	struct proxy_metrics *m = made();
	char longer[METRICS_NAME_MAX + 4];
	struct ledger_row r = row("a\"b\\c");
	struct buf out;
	str text;

	(void)state;
	proxy_metrics_request(m, &r);
	r.model = STR("two\nlines");
	proxy_metrics_request(m, &r);
	r.model = STR("\xff\xfe");
	proxy_metrics_request(m, &r);
	/* The cut falls into a character. */
	memset(longer, 'x', sizeof longer);
	memcpy(longer + METRICS_NAME_MAX - 1, "\xc3\xa9", 2);
	r.model = (str){longer, sizeof longer};
	proxy_metrics_request(m, &r);
	text = text_of(m, &out);
	expect(text, "headroom_requests_by_model{model=\"a\\\"b\\\\c\"} 1");
	expect(text, "headroom_requests_by_model{model=\"other\"} 2");
	refuse(text, "two");
	refuse(text, "\xff");
	refuse(text, "\xc3");
	buf_release(&out);
	proxy_metrics_free(m);
}

static void there_are_no_more_models_than_that(void **state)
{
	struct proxy_metrics *m = made();
	struct buf out;
	size_t n = 0, at;
	str text;

	(void)state;
	for (int i = 0; i < METRICS_NAMES_MAX + 36; i++) {
		char name[16];
		struct ledger_row r;

		(void)snprintf(name, sizeof name, "m-%d", i);
		r = row(name);
		proxy_metrics_request(m, &r);
	}
	text = text_of(m, &out);
	expect(text, "headroom_requests_by_model{model=\"m-0\"} 1");
	expect(text, "headroom_requests_by_model{model=\"other\"} 36");
	while ((at = str_find(text, STR("{model="))) != STR_NONE) {
		text = str_sub(text, at + 1, text.n);
		n++;
	}
	assert_int_equal(n, METRICS_NAMES_MAX + 1);
	buf_release(&out);
	proxy_metrics_free(m);
}

static void take_content(
	void *self, const char *content, uint64_t results, uint64_t before, uint64_t after)
{
	int *n = self;

	(*n)++;
	assert_string_equal(content, "log");
	assert_int_equal(results, 2);
	assert_int_equal(before, 30);
	assert_int_equal(after, 12);
}

/* Defect 41: each made-up model or path was a series that stayed. */
static void new_names_need_no_memory(void **state)
{
	struct proxy_metrics *m = made();
	char name[32];

	(void)state;
	mem_fail_after(1);
	for (int i = 0; i < 10000; i++) {
		struct ledger_row r;

		(void)snprintf(name, sizeof name, "model-%d", i);
		r = row(name);
		proxy_metrics_request(m, &r);
	}
	assert_false(mem_failed());
	mem_fail_after(0);
	proxy_metrics_free(m);
}

static void results_are_counted_by_content(void **state)
{
	struct proxy_metrics *m = made();
	struct buf out;
	int n = 0;

	(void)state;
	refuse(text_of(m, &out), "content=");
	buf_release(&out);
	proxy_metrics_result(m, "log", 10, 5);
	proxy_metrics_result(m, "log", 20, 7);
	proxy_metrics_contents(m, take_content, &n);
	assert_int_equal(n, 1);
	expect(text_of(m, &out), "headroom_result_tokens_before_total{content=\"log\"} 30");
	buf_release(&out);
	proxy_metrics_free(m);
}

/* Comments stand once for each name, and all lines of a name together: promtool's rules. */
static void the_format_is_kept(void **state)
{
	struct proxy_metrics *m = made();
	struct ledger_row r = row("m");
	struct buf out;
	str text, line, seen;

	(void)state;
	proxy_metrics_request(m, &r);
	proxy_metrics_result(m, "log", 10, 5);
	proxy_metrics_set_before(m, &(struct ledger_sum){.requests = 1});
	text = text_of(m, &out);
	seen = text;
	while (str_next_line(&text, &line, NULL)) {
		size_t at;

		if (!str_take(&line, STR("# TYPE ")))
			continue;
		line.n = str_find_byte(line, ' ') + 1;
		line = (str){line.p - 7, line.n + 7};
		at = str_find(seen, line);
		assert_true(seen.p + at == line.p); /* not before */
	}
	buf_release(&out);
	proxy_metrics_free(m);
}

static void nothing_leaks_when_memory_is_short(void **state)
{
	(void)state;
	for (size_t n = 1;; n++) {
		struct proxy_metrics *m;
		enum err err;

		mem_fail_after(n);
		err = proxy_metrics_new(&m, NULL);
		mem_fail_after(0);
		if (!err) {
			proxy_metrics_free(m);
			assert_true(n > 1);
			return;
		}
		assert_int_equal(err, E_NOMEM);
		assert_null(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_counted_by_all_that_it_is),
		cmocka_unit_test(savings_are_net),
		cmocka_unit_test(what_was_before_is_added),
		cmocka_unit_test(names_of_models_are_escaped_and_cut),
		cmocka_unit_test(there_are_no_more_models_than_that),
		cmocka_unit_test(new_names_need_no_memory),
		cmocka_unit_test(results_are_counted_by_content),
		cmocka_unit_test(the_format_is_kept),
		cmocka_unit_test(nothing_leaks_when_memory_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/econ/price.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

static const double EPSILON = 1e-9;

static struct price_table *parse(const char *text)
{
	struct errctx cx = {0};
	struct price_table *t;

	if (price_table_parse(str_from(text), "prices.toml", &t, &cx) != E_OK)
		fail_msg("%s", cx.text);
	return t;
}

static void expect_error(const char *text, const char *message)
{
	struct errctx cx = {0};
	struct price_table *t;

	assert_int_equal(price_table_parse(str_from(text), "prices.toml", &t, &cx), E_CONFIG);
	assert_null(t);
	assert_string_equal(cx.text, message);
}

static struct model_price find(const struct price_table *t, const char *name)
{
	struct model m = model_find(str_from(name));
	struct model_price p;

	if (!price_find(t, &m, &(struct price_when){0}, &p))
		fail_msg("no price for %s", name);
	return p;
}

static void without_a_file_the_built_in_prices_stand(void **state)
{
	struct model m = model_find(STR("claude-opus-4-5"));
	struct model unknown = model_find(STR("a-model-of-nobody"));
	struct model_price p = find(NULL, "claude-opus-4-5");

	(void)state;
	assert_true(m.has_price);
	assert_float_equal(p.input, m.price.input, EPSILON);
	assert_float_equal(p.output, m.price.output, EPSILON);
	assert_true(p.cache_read > 0 && p.cache_read < p.input);
	assert_false(price_find(NULL, &unknown, &(struct price_when){0}, &p));
	assert_float_equal(p.input, 0, EPSILON);
}

static struct model_price find_when(
	const struct price_table *t, const char *name, const char *time, uint64_t input)
{
	struct price_when when = {.input = input};
	struct model m = model_find(str_from(name));
	struct model_price p;

	if (!clock_parse(str_from(time), &when.at_ms))
		fail_msg("%s is no time", time);
	if (!price_find(t, &m, &when, &p))
		fail_msg("no price for %s", name);
	return p;
}

/* https://ai.google.dev/gemini-api/docs/pricing: prompts over 200k tokens; https://openai.com/api/pricing: o3 since 2025-06-10 */
static void the_built_in_prices_know_long_prompts_and_days(void **state)
{
	struct model_price p;

	(void)state;
	p = find_when(NULL, "gemini-2.5-pro", "2026-01-01T00:00:00Z", 200000);
	assert_float_equal(p.input, 1.25, EPSILON);
	p = find_when(NULL, "gemini-2.5-pro", "2026-01-01T00:00:00Z", 200001);
	assert_float_equal(p.input, 2.5, EPSILON);
	assert_float_equal(p.output, 15, EPSILON);
	assert_float_equal(p.cache_read, 0.25, EPSILON);
	p = find_when(NULL, "o3", "2025-06-09T23:59:59Z", 1);
	assert_float_equal(p.input, 10, EPSILON);
	p = find_when(NULL, "o3", "2025-06-10T00:00:00Z", 1);
	assert_float_equal(p.input, 2, EPSILON);
	assert_float_equal(find(NULL, "o3").input, 2, EPSILON);
	p = find_when(NULL, "gpt-4o", "2026-01-01T00:00:00Z", 100000000); /* has no step */
	assert_float_equal(p.input, 2.5, EPSILON);
}

static void a_row_of_a_file_may_be_for_a_time_and_for_long_prompts(void **state)
{
	struct price_table *t = parse("[\"x* from 2026-03-01 above 1000\"]\ninput = 4\noutput = 8\n"
				      "[\"x* above 1000\"]\ninput = 3\noutput = 6\n"
				      "[\"x* from 2026-03-01\"]\ninput = 2\noutput = 4\n"
				      "[\"x*\"]\ninput = 1\noutput = 2\n");

	(void)state;
	assert_float_equal(find_when(t, "x", "2026-02-28T23:59:59Z", 1000).input, 1, EPSILON);
	assert_float_equal(find_when(t, "x", "2026-03-01T00:00:00Z", 1000).input, 2, EPSILON);
	assert_float_equal(find_when(t, "x", "2026-02-28T23:59:59Z", 1001).input, 3, EPSILON);
	assert_float_equal(find_when(t, "x", "2026-03-01T00:00:00Z", 1001).input, 4, EPSILON);
	price_table_free(t);
#define WORDS "prices.toml: line 1: behind a model stand \"from 2026-03-01\" and \"above 200000\""
	expect_error("[\"x from\"]\ninput = 1\noutput = 1\n", WORDS);
	expect_error("[\"x from yesterday\"]\ninput = 1\noutput = 1\n", WORDS);
	expect_error("[\"x from 2026-13-01\"]\ninput = 1\noutput = 1\n", WORDS);
	expect_error("[\"x above 1k\"]\ninput = 1\noutput = 1\n", WORDS);
	expect_error("[\"x y\"]\ninput = 1\noutput = 1\n", WORDS);
}

static void a_file_overrides_and_adds(void **state)
{
	struct price_table *t = parse("# ours\n"
				      "[\"claude-opus-4*\"]\n"
				      "input = 1.5\noutput = 7\ncache_read = 0.25\n"
				      "cache_write_5m = 2\ncache_write_1h = 3.5\n"
				      "[a-model-of-nobody]\n"
				      "input = 0\noutput = 0\n");
	struct model_price p = find(t, "claude-opus-4-5");

	(void)state;
	assert_int_equal(price_table_n(t), 2);
	assert_float_equal(p.input, 1.5, EPSILON);
	assert_float_equal(p.output, 7, EPSILON);
	assert_float_equal(p.cache_read, 0.25, EPSILON);
	assert_float_equal(p.cache_write_5m, 2, EPSILON);
	assert_float_equal(p.cache_write_1h, 3.5, EPSILON);
	p = find(t, "a-model-of-nobody"); /* free is a price */
	assert_float_equal(p.input, 0, EPSILON);
	assert_float_equal(
		find(t, "claude-haiku-4-5").input, find(NULL, "claude-haiku-4-5").input, EPSILON);
	price_table_free(t);
}

static void what_a_table_leaves_out_follows_from_the_input_price(void **state)
{
	struct price_table *t =
		parse("[\"claude-*\"]\ninput = 10\noutput = 1\n[\"gpt-*\"]\ninput = 10\n"
		      "output = 1\ncache_read = 0\n");
	struct model_price p = find(t, "claude-opus-4-5");

	(void)state;
	assert_float_equal(p.cache_read, 1, EPSILON);
	assert_float_equal(p.cache_write_5m, 12.5, EPSILON);
	assert_float_equal(p.cache_write_1h, 20, EPSILON);
	p = find(t, "gpt-6");
	assert_float_equal(p.cache_read, 0, EPSILON); /* said, not left out */
	assert_float_equal(p.cache_write_5m, 10, EPSILON);
	price_table_free(t);
}

static void the_first_that_matches_wins_over_any_spelling(void **state)
{
	struct price_table *t = parse("[\"vendor/GPT-6.1*\"]\ninput = 1\noutput = 1\n"
				      "[\"gpt-6*\"]\ninput = 2\noutput = 2\n"
				      "[\"*\"]\ninput = 3\noutput = 3\n");

	(void)state;
	assert_float_equal(find(t, "vendor/gpt-6.1-mini").input, 1, EPSILON);
	assert_float_equal(find(t, "gpt-6.1-mini").input, 2, EPSILON);
	assert_float_equal(find(t, "other/gpt-6").input, 2, EPSILON);
	assert_float_equal(find(t, "anything").input, 3, EPSILON);
	price_table_free(t);
}

static void errors_say_where(void **state)
{
	(void)state;
	expect_error("[\"m\"]\ninput = 1\n\noutputs = 2\n",
		"prices.toml: line 4: no such price: outputs; there are input, output, cache_read, "
		"cache_write_5m, cache_write_1h");
	expect_error("\n[\"m\"]\ninput = 1\n",
		"prices.toml: line 2: a model has at least input and output");
	expect_error("[m]\ninput = \"1\"\n",
		"prices.toml: line 2: input is a number: USD per million tokens");
	expect_error("[m]\ninput = 1\noutput = -1\n",
		"prices.toml: line 3: output is 0 to 100000 USD per million tokens");
	expect_error("[m]\ninput = 1\noutput = 1e6\n",
		"prices.toml: line 3: output is 0 to 100000 USD per million tokens");
	expect_error(
		"input = 1\n", "prices.toml: line 1: a price stands below the name of its model");
	expect_error("[m]\ninput.usd = 1\n",
		"prices.toml: line 2: a price stands below the name of its model");
	expect_error("[gpt-6.1]\ninput = 1\noutput = 1\n",
		"prices.toml: line 1: a table is one model in quotes: [\"gpt-6*\"]");
	expect_error("[\"gpt 6\".b]\ninput = 1\noutput = 1\n",
		"prices.toml: line 1: a table is one model in quotes: [\"gpt-6*\"]");
	expect_error("[m]\ninput = \n", "prices.toml: line 2, column 9: expected a value");
}

static void a_file_is_loaded_and_a_missing_one_is_an_error(void **state)
{
	static const char text[] = "[\"x\"]\ninput = 1\noutput = 2\n";
	char dir[] = "/tmp/headroom-test-price-XXXXXX", path[64];
	struct errctx cx = {0};
	struct price_table *t;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/prices.toml", dir);
	assert_int_equal(price_table_load(path, &t, &cx), E_NOT_FOUND);
	assert_null(t);
	assert_non_null(strstr(cx.text, path));
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(price_table_load(path, &t, &cx), E_OK);
	assert_float_equal(find(t, "x").output, 2, EPSILON);
	price_table_free(t);
	price_table_free(NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void short_memory_is_an_error(void **state)
{
	struct errctx cx = {0};
	struct price_table *t;
	enum err e = E_NOMEM;

	(void)state;
	for (size_t i = 1; e; i++) {
		mem_fail_after(i);
		e = price_table_parse(
			STR("[\"a*\"]\ninput = 1\noutput = 2\n"), "prices.toml", &t, &cx);
		mem_fail_after(0);
		assert_true(e == E_OK || (e == E_NOMEM && !t));
	}
	price_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_the_built_in_prices_stand),
		cmocka_unit_test(the_built_in_prices_know_long_prompts_and_days),
		cmocka_unit_test(a_row_of_a_file_may_be_for_a_time_and_for_long_prompts),
		cmocka_unit_test(a_file_overrides_and_adds),
		cmocka_unit_test(what_a_table_leaves_out_follows_from_the_input_price),
		cmocka_unit_test(the_first_that_matches_wins_over_any_spelling),
		cmocka_unit_test(errors_say_where),
		cmocka_unit_test(a_file_is_loaded_and_a_missing_one_is_an_error),
		cmocka_unit_test(short_memory_is_an_error),
	};

	return cmocka_run_group_tests_name("econ price", tests, NULL, NULL);
}

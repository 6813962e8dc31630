#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/token/model.h"

static void names_tell_provider_and_tokenizer(void **state)
{
	static const struct {
		const char *name;
		enum provider provider;
		enum token_encoding encoding;
		bool is_exact;
	} CASES[] = {
		{"gpt-4", PROVIDER_OPENAI, TOKEN_CL100K, true},
		{"gpt-4-0613", PROVIDER_OPENAI, TOKEN_CL100K, true},
		{"gpt-4-turbo-2024-04-09", PROVIDER_OPENAI, TOKEN_CL100K, true},
		{"gpt-3.5-turbo", PROVIDER_OPENAI, TOKEN_CL100K, true},
		{"text-embedding-3-small", PROVIDER_OPENAI, TOKEN_CL100K, true},
		{"gpt-4o", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"gpt-4o-mini-2024-07-18", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"gpt-4.1-nano", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"gpt-5-codex", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"gpt-6-sol", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"chatgpt-4o-latest", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"o1", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"o4-mini-2025-04-16", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"codex-mini-latest", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"ft:gpt-4o-2024-08-06:acme::abc", PROVIDER_OPENAI, TOKEN_O200K, true},
		{"claude-sonnet-4-5-20250929", PROVIDER_ANTHROPIC, TOKEN_O200K, false},
		{"claude-opus-5", PROVIDER_ANTHROPIC, TOKEN_O200K, false},
		{"gemini-2.5-pro", PROVIDER_GEMINI, TOKEN_O200K, false},
		{"models/gemini-2.5-flash", PROVIDER_GEMINI, TOKEN_O200K, false},
		{"glm-4.6", PROVIDER_UNKNOWN, TOKEN_O200K, false},
		{"octopus", PROVIDER_UNKNOWN, TOKEN_O200K, false},
		{"", PROVIDER_UNKNOWN, TOKEN_O200K, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct model m = model_find(str_from(CASES[i].name));

		assert_string_equal(m.name.p, CASES[i].name);
		assert_int_equal(m.provider, CASES[i].provider);
		assert_int_equal(m.encoding, CASES[i].encoding);
		assert_int_equal(m.is_exact, CASES[i].is_exact);
		assert_true(m.is_exact ? m.scale == 1 && m.scale_error == 0 : m.scale_error > 0);
	}
}

static void spellings_of_gateways_find_the_same_price(void **state)
{
	static const char *const NAMES[] = {"claude-sonnet-4-5", "claude-sonnet-4-5-20250929",
		"Claude-Sonnet-4.5", "anthropic/claude-sonnet-4.5",
		"anthropic/claude-sonnet-4.5:thinking", "claude-sonnet-4-5@20250929",
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5[1m]",
		"arn:aws:bedrock:us:1:profile/eu.anthropic.claude-sonnet-4-5-20250929"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(NAMES); i++) {
		struct model m = model_find(str_from(NAMES[i]));

		assert_int_equal(m.provider, PROVIDER_ANTHROPIC);
		assert_true(m.has_price);
		assert_true(
			m.price.input == 3 && m.price.output == 15 && m.price.cache_read == 0.3);
		assert_true(m.price.cache_write_5m == 3.75 && m.price.cache_write_1h == 6);
		assert_int_equal(m.cache_min_tokens, 1024);
	}
	assert_int_equal(model_find(STR("claude-sonnet-4-5")).context_window, 200000);
	assert_int_equal(model_find(STR("claude-sonnet-4-5[1m]")).context_window, 1000000);
}

static void a_date_that_the_price_package_does_not_know_is_ignored(void **state)
{
	(void)state;
	assert_true(model_find(STR("gpt-5.2-2031-01-31")).price.input ==
		    model_find(STR("gpt-5.2")).price.input);
	assert_true(model_find(STR("anthropic.claude-opus-5-20310131-v1:0")).price.input == 5);
}

static void without_a_price_for_the_cache_it_costs_what_input_costs(void **state)
{
	struct model m = model_find(STR("gpt-4o"));

	(void)state;
	assert_true(m.price.input == 2.5 && m.price.cache_read == 1.25);
	assert_true(m.price.cache_write_5m == 2.5 && m.price.cache_write_1h == 2.5);
	assert_true(model_find(STR("gpt-4")).price.cache_read == 30);
}

static void the_shortest_cached_prefix_depends_on_the_model(void **state)
{
	(void)state;
	assert_int_equal(model_find(STR("claude-opus-4-1")).cache_min_tokens, 1024);
	assert_int_equal(model_find(STR("claude-opus-4-5-20251101")).cache_min_tokens, 4096);
	assert_int_equal(model_find(STR("claude-opus-4-7")).cache_min_tokens, 2048);
	assert_int_equal(model_find(STR("claude-opus-4-8")).cache_min_tokens, 1024);
	assert_int_equal(model_find(STR("claude-sonnet-5-5")).cache_min_tokens, 1024);
	assert_int_equal(model_find(STR("claude-opus-5-5")).cache_min_tokens, 512);
	assert_int_equal(model_find(STR("claude-fable-5-1")).cache_min_tokens, 512);
	assert_int_equal(model_find(STR("claude-haiku-4-5")).cache_min_tokens, 4096);
	assert_int_equal(model_find(STR("claude-3-haiku-20240307")).cache_min_tokens, 2048);
	assert_int_equal(model_find(STR("claude-3-5-sonnet-20241022")).cache_min_tokens, 1024);
	assert_int_equal(model_find(STR("gpt-5")).cache_min_tokens, 1024);
}

static void prices_that_the_package_lacks_are_there(void **state)
{
	struct model haiku = model_find(STR("claude-haiku-5-5"));
	int64_t september = (int64_t)1788220800000; /* 2026-09-01 */

	(void)state;
	assert_true(haiku.has_price && haiku.price.input == 0.1 && haiku.price.cache_read == 0.01);
	assert_true(haiku.long_from == 100000 && haiku.long_price.output == 2.5);
	assert_true(model_find(STR("claude-sonnet-5-5")).price.cache_read == 0.1);
	assert_true(model_find_at(STR("claude-sonnet-5-5"), september).price.cache_read == 0.2);
	assert_true(model_find(STR("claude-sonnet-5")).price.cache_read == 0.2);
}

static bool is_same_price(const struct model_price *a, const struct model_price *b)
{
	return a->input == b->input && a->output == b->output && a->cache_read == b->cache_read &&
	       a->cache_write_5m == b->cache_write_5m && a->cache_write_1h == b->cache_write_1h;
}

static bool has_same_prices(const struct model *a, const struct model *b)
{
	return a->has_price == b->has_price && a->context_window == b->context_window &&
	       is_same_price(&a->price, &b->price) && a->long_from == b->long_from &&
	       is_same_price(&a->long_price, &b->long_price);
}

/* Who has a model of one day asks again only for a time outside of what it says of itself. */
static void a_model_says_how_long_its_prices_hold(void **state)
{
	static const char *const NAMES[] = {"claude-sonnet-5-5", "claude-opus-4-6",
		"CLAUDE-4.6-OPUS", "gpt-5.6-sol", "gpt-4o", "us.anthropic.claude-sonnet-4-6-v1:0",
		"gemini-3-pro", "llama-9"};
	const int64_t day = 86400000, first = 20400, end = 20900; /* 2025-11-08 to 2027-03-23 */
	size_t changes_n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(NAMES); i++) {
		struct model had = model_find_at(str_from(NAMES[i]), first * day);

		for (int64_t at = first * day; at < end * day; at += day) {
			struct model m = model_find_at(str_from(NAMES[i]), at);

			assert_true(m.from_ms <= at && at < m.until_ms);
			if (at < had.until_ms)
				assert_true(has_same_prices(&m, &had));
			else
				changes_n += !has_same_prices(&m, &had);
			if (at - day >= m.from_ms && at > first * day)
				assert_true(has_same_prices(&m, &had));
			had = m;
		}
	}
	assert_true(changes_n >= 3);
}

static void newer_claude_models_have_the_newer_tokenizer(void **state)
{
	static const char *const NEWER[] = {"claude-opus-4-7", "claude-opus-4.8", "claude-opus-5",
		"claude-opus-5-20260901", "claude-opus-5-5", "claude-sonnet-5", "claude-fable-5-1",
		"claude-5-sonnet"};
	static const char *const OLDER[] = {"claude-opus-4-6", "claude-sonnet-4-6",
		"claude-sonnet-4-5", "claude-3-5-sonnet", "claude-haiku-4-5-20251001",
		"claude-4-5-haiku", "claude-opus-4-5"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(NEWER); i++)
		assert_true(model_find(str_from(NEWER[i])).scale == 1.6);
	for (size_t i = 0; i < ARRAY_N(OLDER); i++)
		assert_true(model_find(str_from(OLDER[i])).scale == 1.2);
}

static void an_unknown_model_has_no_price(void **state)
{
	struct model m = model_find(STR("llama-9"));

	(void)state;
	assert_false(m.has_price);
	assert_int_equal(m.context_window, 0);
	assert_true(model_tokens(&m, 10) == 10);
}

static void estimates_scale_the_count(void **state)
{
	struct model closed = model_find(STR("claude-sonnet-4-5")),
		     open = model_find(STR("gpt-4o"));

	(void)state;
	assert_true(model_tokens(&open, 1000) == 1000);
	assert_true(model_tokens(&closed, 1000) > 1199 && model_tokens(&closed, 1000) < 1201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_tell_provider_and_tokenizer),
		cmocka_unit_test(spellings_of_gateways_find_the_same_price),
		cmocka_unit_test(a_date_that_the_price_package_does_not_know_is_ignored),
		cmocka_unit_test(without_a_price_for_the_cache_it_costs_what_input_costs),
		cmocka_unit_test(the_shortest_cached_prefix_depends_on_the_model),
		cmocka_unit_test(prices_that_the_package_lacks_are_there),
		cmocka_unit_test(a_model_says_how_long_its_prices_hold),
		cmocka_unit_test(newer_claude_models_have_the_newer_tokenizer),
		cmocka_unit_test(an_unknown_model_has_no_price),
		cmocka_unit_test(estimates_scale_the_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/econ/cost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const double EPSILON = 1e-9;

static void full_price_row_is_used_as_it_is(void **state)
{
	struct model m = {
		.provider = PROVIDER_ANTHROPIC, .has_price = true, .price = {5, 25, 0.4, 6, 9}};
	struct model_price p = cost_prices(&m);

	(void)state;
	assert_float_equal(p.cache_read, 0.4, EPSILON);
	assert_float_equal(p.cache_write_5m, 6, EPSILON);
	assert_float_equal(p.cache_write_1h, 9, EPSILON);
}

static void missing_cache_prices_are_multiples_of_the_input_price(void **state)
{
	static const struct {
		enum provider provider;
		double read, write_5m, write_1h;
	} rows[] = {
		{PROVIDER_ANTHROPIC, 0.2, 2.5, 4},
		{PROVIDER_OPENAI, 1, 2, 2},
		{PROVIDER_GEMINI, 0.2, 2, 2},
		{PROVIDER_UNKNOWN, 2, 2, 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct model m = {.provider = rows[i].provider,
			.has_price = true,
			.price = {.input = 2, .output = 8}};
		struct model_price p = cost_prices(&m);

		assert_float_equal(p.cache_read, rows[i].read, EPSILON);
		assert_float_equal(p.cache_write_5m, rows[i].write_5m, EPSILON);
		assert_float_equal(p.cache_write_1h, rows[i].write_1h, EPSILON);
	}
}

static void model_without_a_price_costs_nothing(void **state)
{
	struct model m = {.provider = PROVIDER_OPENAI};
	struct model_price p = cost_prices(&m);
	struct cache_turn t = {.total = 10, .uncached = 10};
	struct cost c = cost_of_turn(&p, &t, 10);

	(void)state;
	assert_float_equal(cost_total(&c), 0, EPSILON);
}

static void turn_is_priced_part_by_part(void **state)
{
	static const struct model_price p = {5, 25, 0.5, 6.25, 10};
	struct cache_turn t = {.total = 4000000,
		.read = 1000000,
		.write = {1000000, 1000000},
		.uncached = 1000000};
	struct cost c = cost_of_turn(&p, &t, 2000000);

	(void)state;
	assert_float_equal(c.uncached, 5, EPSILON);
	assert_float_equal(c.read, 0.5, EPSILON);
	assert_float_equal(c.write, 16.25, EPSILON);
	assert_float_equal(c.output, 50, EPSILON);
	assert_float_equal(cost_input(&c), 21.75, EPSILON);
	assert_float_equal(cost_total(&c), 71.75, EPSILON);
}

static void without_a_cache_all_input_has_the_input_price(void **state)
{
	static const struct model_price p = {5, 25, 0.5, 6.25, 10};
	struct cache_turn t = {.total = 2000000, .read = 1500000, .write = {500000, 0}};
	struct cost c = cost_without_cache(&p, &t, 1000000);

	(void)state;
	assert_float_equal(cost_total(&c), 35, EPSILON);
}

static void costs_add_up_part_by_part(void **state)
{
	struct cost sum = {1, 2, 3, 4}, more = {10, 20, 30, 40};

	(void)state;
	cost_add(&sum, &more);
	assert_float_equal(sum.uncached, 11, EPSILON);
	assert_float_equal(sum.read, 22, EPSILON);
	assert_float_equal(sum.write, 33, EPSILON);
	assert_float_equal(sum.output, 44, EPSILON);
}

static const struct model_price OPUS = {5, 25, 0.5, 6.25, 10};

static void usage_is_priced_in_whole_nano_dollars(void **state)
{
	static const struct model_price cheap = {0.0005, 0, 0, 0, 0};
	struct cost_usage u = {
		.uncached = 1, .read = 10, .write_5m = 100, .write_1h = 1000, .output = 10000};

	(void)state;
	assert_int_equal(cost_of_usage(&OPUS, &u),
		5000 + 10 * 500 + 100 * 6250 + 1000 * 10000 + 10000 * (int64_t)25000);
	assert_int_equal(cost_of_usage(&OPUS, &(struct cost_usage){0}), 0);
	assert_int_equal(cost_of_usage(&cheap, &(struct cost_usage){.uncached = 1}), 1);
	assert_int_equal(
		cost_of_usage(&OPUS, &(struct cost_usage){.output = UINT64_MAX}), COST_NANO_MAX);
}

static int64_t saved(int64_t old, int64_t fresh, struct cost_usage u)
{
	return cost_saved(&OPUS, &(struct cost_saving){old, fresh}, &u);
}

static void old_tokens_are_worth_what_reading_them_costs(void **state)
{
	struct cost_usage warm = {.uncached = 10, .read = 90000, .write_5m = 5000};

	(void)state;
	assert_int_equal(saved(1000, 0, warm), 1000 * 500);
	/* Not 5000 each, the list price of input. */
}

static void fresh_tokens_are_worth_what_the_new_ones_cost(void **state)
{
	(void)state;
	assert_int_equal(
		saved(0, 1000, (struct cost_usage){.read = 90000, .write_5m = 5000}), 1000 * 6250);
	assert_int_equal(
		saved(0, 1000, (struct cost_usage){.read = 90000, .write_1h = 5000}), 1000 * 10000);
	assert_int_equal(
		saved(0, 1000, (struct cost_usage){.read = 90000, .uncached = 5000}), 1000 * 5000);
	assert_int_equal(saved(0, 1000, (struct cost_usage){.uncached = 5000, .write_5m = 5000}),
		1000 * (5000 + 6250) / 2);
	/* All was read: then that is all that can be shown. */
	assert_int_equal(saved(0, 1000, (struct cost_usage){.read = 90000}), 1000 * 500);
}

static void a_cache_that_is_written_anew_reads_nothing_old(void **state)
{
	(void)state;
	assert_int_equal(saved(1000, 0, (struct cost_usage){.write_5m = 90000}), 1000 * 6250);
	/* Neither read nor written: perhaps it became too short to be cached. */
	assert_int_equal(saved(1000, 0, (struct cost_usage){.uncached = 900}), 1000 * 500);
}

static void without_usage_nothing_is_claimed(void **state)
{
	(void)state;
	assert_int_equal(saved(1000, 1000, (struct cost_usage){.output = 10}), 0);
}

static void what_was_added_counts_against_it(void **state)
{
	struct cost_usage u = {.read = 50000, .uncached = 50000};

	(void)state;
	assert_int_equal(saved(-1000, 0, u), -1000 * (500 + 5000) / 2);
	assert_int_equal(saved(0, -1000, u), -1000 * 5000);
	assert_int_equal(saved(1000, -50, u), 1000 * 500 - 50 * 5000);
}

/* Whatever the provider reports, the claim is between none and all at the dearest price. */
static void a_claim_is_never_more_than_the_dearest_price(void **state)
{
	uint64_t x = 1;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t n[4];
		int64_t got;

		for (size_t j = 0; j < ARRAY_N(n); j++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			n[j] = x >> 62 ? x >> 44 : 0;
		}
		got = saved(700, 300, (struct cost_usage){n[0], n[1], n[2], n[3], 0});
		assert_in_range(got, 0, 1000 * 10000);
		if (n[1])
			assert_true(got <= 700 * 500 + 300 * 10000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_price_row_is_used_as_it_is),
		cmocka_unit_test(missing_cache_prices_are_multiples_of_the_input_price),
		cmocka_unit_test(model_without_a_price_costs_nothing),
		cmocka_unit_test(turn_is_priced_part_by_part),
		cmocka_unit_test(without_a_cache_all_input_has_the_input_price),
		cmocka_unit_test(costs_add_up_part_by_part),
		cmocka_unit_test(usage_is_priced_in_whole_nano_dollars),
		cmocka_unit_test(old_tokens_are_worth_what_reading_them_costs),
		cmocka_unit_test(fresh_tokens_are_worth_what_the_new_ones_cost),
		cmocka_unit_test(a_cache_that_is_written_anew_reads_nothing_old),
		cmocka_unit_test(without_usage_nothing_is_claimed),
		cmocka_unit_test(what_was_added_counts_against_it),
		cmocka_unit_test(a_claim_is_never_more_than_the_dearest_price),
	};

	return cmocka_run_group_tests_name("econ cost", tests, NULL, NULL);
}

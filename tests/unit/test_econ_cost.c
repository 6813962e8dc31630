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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_price_row_is_used_as_it_is),
		cmocka_unit_test(missing_cache_prices_are_multiples_of_the_input_price),
		cmocka_unit_test(model_without_a_price_costs_nothing),
		cmocka_unit_test(turn_is_priced_part_by_part),
		cmocka_unit_test(without_a_cache_all_input_has_the_input_price),
		cmocka_unit_test(costs_add_up_part_by_part),
	};

	return cmocka_run_group_tests_name("econ cost", tests, NULL, NULL);
}

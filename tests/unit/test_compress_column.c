/* Columns: what they have in common is found, and makes the cells again. */
#include "tests/unit/compress_help.h"

#include "core/compress/table/column.h"
#include "tests/unit/random_text.h"

static void test_plan(void **state)
{
	const str same[] = {STR("a"), STR("a")}, count[] = {STR("10"), STR("8"), STR("6")},
		  not_count[] = {STR("01"), STR("02"), STR("03")},
		  affix[] = {STR("src/core/base/a.c-text"), STR("src/core/base/b.c-text"),
			  STR("src/core/base/long.c-text")};
	struct column c = column_plan(same, 2);

	(void)state;
	assert_int_equal(c.kind, COLUMN_SAME);
	c = column_plan(count, 3);
	assert_int_equal(c.kind, COLUMN_COUNT);
	assert_int_equal(c.from, 10);
	assert_int_equal(c.step, -2);
	c = column_plan(not_count, 3);
	assert_int_equal(c.kind, COLUMN_CELLS);
	c = column_plan(affix, 3);
	assert_int_equal(c.kind, COLUMN_CELLS);
	assert_str(c.prefix, "src/core/base/");
	assert_str(c.suffix, ".c-text");
	assert_str(column_rest(&c, affix[2]), "long");
}

static void add_cell(struct rng *r, struct buf *b)
{
	static const char *const parts[] = {"a", "1", "2", " ", "|", ",", "\t", "\"", "^", "\n",
		"=", ":", "..", "]", "[", "\xe2\x80\xa6", "src/core/base/", ".c", "0", "-", "\r",
		"true"};

	for (uint32_t n = rng_below(r, 5); n; n--)
		buf_add_c(b, RNG_PICK(r, parts));
}

static str random_cell(struct rng *r, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, 1 << 10);
	add_cell(r, &b);
	return buf_str(&b);
}

/* What the head says and what a row shows make the cell again. */
static void assert_cells(const str *cells, uint32_t n, struct arena *a)
{
	struct column c = column_plan(cells, n);

	for (uint32_t i = 0; i < n; i++) {
		str rest = c.kind == COLUMN_CELLS ? column_rest(&c, cells[i]) : STR_NULL;

		assert_true(str_eq(column_cell(&c, i, rest, a), cells[i]));
	}
}

static void test_random(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 0; seed < 6000; seed++) {
		struct rng r = rng_new(seed);
		uint32_t rows = 1 + rng_below(&r, 7);
		str cells[8], base = random_cell(&r, &b->arena);
		bool has_base = rng_once_in(&r, 2), is_count = rng_once_in(&r, 4);

		for (uint32_t i = 0; i < rows; i++) {
			str own = random_cell(&r, &b->arena);

			cells[i] = is_count   ? arena_printf(&b->arena, "%d", 5 - (int)i * 3)
				   : has_base ? arena_printf(&b->arena, STR_FMT STR_FMT STR_FMT,
							STR_ARG(base), STR_ARG(own), STR_ARG(base))
					      : own;
		}
		assert_cells(cells, rows, &b->arena);
		arena_reset(&b->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(test_plan), bench_test(test_random)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

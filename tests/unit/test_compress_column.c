/* Columns: what they have in common is found, and said so that it reads back. */
#include "tests/unit/compress_help.h"

#include "core/base/limits.h"
#include "core/compress/table/column.h"
#include "tests/unit/random_text.h"

static str write(const struct columns *t, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	columns_write(t, TOKEN_O200K, NULL, a, &b);
	return buf_str(&b);
}

static void assert_reads_back(const struct columns *t, struct arena *a)
{
	str text = write(t, a);
	struct columns got;

	if (!columns_read(&text, a, &got)) {
		print_error("does not read: " STR_FMT "\n", STR_ARG(text));
		fail();
	}
	assert_int_equal(text.n, 0);
	assert_int_equal(got.rows_n, t->rows_n);
	assert_int_equal(got.cols_n, t->cols_n);
	for (uint32_t c = 0; c < t->cols_n; c++)
		assert_true(str_eq(got.names[c], t->names[c]));
	for (size_t i = 0; i < (size_t)t->rows_n * t->cols_n; i++)
		assert_true(str_eq(got.cells[i], t->cells[i]));
}

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

static void test_spelling(void **state)
{
	struct bench *b = *state;
	const str names[] = {STR("id"), STR("kind"), STR("path"), STR("note")};
	const str cells[] = {STR("1"), STR("2"), STR("3"), STR("file"), STR("file"), STR("file"),
		STR("src/core/base/a.c"), STR("src/core/base/b.c"), STR("src/core/base/b.c"),
		STR("x"), STR(""), STR("say \"hi\"")};
	const struct columns t = {3, 4, names, cells};

	assert_str(write(&t, &b->arena), "[3 rows id=1..3 kind=file path:src/core/base/" COLUMN_HOLE
					 " note]\na.c x\nb.c \"\"\n^ \"say \"\"hi\"\"\"\n");
	assert_reads_back(&t, &b->arena);
}

static void add_cell(struct rng *r, struct buf *b)
{
	static const char *const parts[] = {"a", "1", "2", " ", "|", ",", "\t", "\"", "^", "\n",
		"=", ":", "..", "]", "[", COLUMN_HOLE, "src/core/base/", ".c", "0", "-", "\r",
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

static void test_random(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct rng r = rng_new(seed);
		uint32_t rows = rng_below(&r, 7), cols = rng_below(&r, 5);
		str names[5], cells[35];
		struct columns t = {rows, cols, names, cells};

		for (uint32_t c = 0; c < cols; c++) {
			str base = random_cell(&r, &b->arena);
			bool has_base = rng_once_in(&r, 2), is_count = rng_once_in(&r, 4);

			names[c] = random_cell(&r, &b->arena);
			for (uint32_t i = 0; i < rows; i++) {
				str own = random_cell(&r, &b->arena);

				cells[c * rows + i] =
					is_count   ? arena_printf(&b->arena, "%d", 5 - (int)i * 3)
					: has_base ? arena_printf(&b->arena,
							     STR_FMT STR_FMT STR_FMT, STR_ARG(base),
							     STR_ARG(own), STR_ARG(base))
						   : own;
			}
		}
		assert_reads_back(&t, &b->arena);
		arena_reset(&b->arena);
	}
}

static void test_damaged(void **state)
{
	static const char *const damaged[] = {"", "[", "[3 rows a]\n1\n2\n", "[3 rows a]\n1\n2\n3",
		"[1 rows a b]\n1\n", "[2 rows a]\n^\n1\n", "[99999999999 rows a]\n",
		"[1 rows a]\n\"x\n", "[3 rows a=1..4]\n\n\n\n", "[1 rows a", "[1 rows;a]\n1\n"};
	struct bench *b = *state;
	struct columns out;

	for (size_t i = 0; i < ARRAY_N(damaged); i++) {
		str text = str_from(damaged[i]);

		if (columns_read(&text, &b->arena, &out) && i != 8)
			fail_msg("%zu is taken", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(test_plan), bench_test(test_spelling),
		bench_test(test_random), bench_test(test_damaged)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

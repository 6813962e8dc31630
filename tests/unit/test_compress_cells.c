#include "core/compress/grid/cells.h"
#include "core/compress/grid/objects.h"

#include "tests/unit/codec_help.h"
#include "tests/unit/random_grid.h"

enum { TEXTS = 1500, BYTES_MAX = 6000 };

/* ---- what it looks like ---- */

#define WEATHER                          \
	"2012-01-01,0.0,drizzle\n"       \
	"2012-01-02,10.9,rain\n"         \
	"2012-01-03,0.8,\"rain,snow\"\n" \
	"2012-01-04,20.30,\n"            \
	"2012-01-05,1.5,drizzle\n"       \
	"2012-01-06,2.5,rain\n"          \
	"2012-01-07,0.0,rain\n"          \
	"2012-01-08,0.0,sun\n"           \
	"2012-01-09,4.3,rain\n"          \
	"2012-01-10,1.0,rain\n"
static const struct codec_golden goldens[] = {
	{"days in a row, a number as it was spelled, a cell with nothing in it",
		"date,mm,weather\n" WEATHER,
		"[cells: CSV; rows below their columns]\n"
		"[10 rows date=2012-01-01..by1d mm weather\n"
		"0.0 drizzle\n10.9 rain\n0.8 rain,snow\n20.30 \"\"\n1.5 drizzle\n2.5 rain\n0.0 "
		"rain\n0.0 sun\n4.3 rain\n1.0 rain\n"},
	{"no line end",
		"date;mm\n2012-01-01;1\n2012-01-02;007\n2012-01-03;null\n2012-01-04;-0\n"
		"2012-01-05;1\n2012-01-06;2\n2012-01-07;3\n2012-01-08;4",
		"[cells: CSV by ;; rows below their columns]\n"
		"[8 rows date=2012-01-01..by1d mm\n1\n007\nnull\n-0\n1\n2\n3\n4"},
};

static void cells_read_like_this(void **state)
{
	assert_goldens(&cells_codec, *state, goldens, ARRAY_N(goldens));
}

/* Names that come twice are no keys; a line that is no row has no place; what the other notation says in fewer tokens
 * is left to it. */
static void others_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"date,mm,mm\n" WEATHER,
		"date,mm,weather\n" WEATHER
		"no row of these\n2012-01-11,1,rain\n2012-01-12,2,sun\n",
		"user,level\nanna,2\nbert,3\nzoe,7\nkim,1\nliu,4\nroy,5\nada,8\npat,9\nsue,6\n"
		"mia,2\ntom,3\nuwe,7\nvic,1\nwil,4\nxia,5\nyan,8\nzed,9\nbob,6\n",
		"date,mm,weather\n\xff" WEATHER,
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		if (codec_encode(&cells_codec, b, str_from(texts[i]), "", &out))
			fail_msg("%s", texts[i]);
}

/* ---- any tables ---- */

static void add_text(struct rng *r, struct buf *b)
{
	add_grid(r, b, (enum grid_spelling)rng_below(r, SPELL_GRID_N), rng_once_in(r, 2),
		600 + rng_below(r, BYTES_MAX));
}

static void every_table_comes_back(void **state)
{
	assert_all_come_back(&cells_codec, *state, add_text, seeds_or(TEXTS), 20, 0);
}

/* Rows with other keys, other numbers of them, or values that are no cells are no table. */
static void objects_are_rows(void **state)
{
	static const char *const none[] = {"{}", "[]", "[{}]", "[1]", "[{\"a\":1},{\"b\":1}]",
		"[{\"a\":1},{\"a\":1,\"b\":2}]", "[{\"a\":1},2]", "[{\"a\":[1]}]", "[{\"a\":{}}]",
		"[{\"a\":\"\\ud800\"}]", "[{\"a\":1}"};
	struct bench *b = *state;
	struct grid_text t;

	for (size_t i = 0; i < ARRAY_N(none); i++)
		if (objects_read(str_from(none[i]), &b->arena, &t))
			fail_msg("%s", none[i]);
	assert_true(objects_read(
		STR("[{\"a\":1.50,\"\":\"x\"},{\"a\":null,\"\":\"\\n\"}]"), &b->arena, &t));
	assert_int_equal(t.cols_n, 2);
	assert_int_equal(t.rows_n, 2);
	assert_str(t.cells[0], "1.50");
	assert_str(t.cells[1], "null");
	assert_str(t.cells[3], "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(cells_read_like_this),
		bench_test(others_are_left_alone),
		bench_test(every_table_comes_back),
		bench_test(objects_are_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

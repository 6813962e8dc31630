#include "core/compress/grid/cells.h"
#include "core/compress/grid/objects.h"

#include "core/base/limits.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_grid.h"
#include "tests/unit/seeds.h"

enum { TEXTS = 1500, BYTES_MAX = 6000 };

static bool encode(struct bench *b, str text, struct codec_out *out)
{
	struct codec_in in = {.text = text, .kind = KIND_TABLE};

	return cells_codec.encode(&in, &b->arena, out);
}

/* ---- what it looks like ---- */

#define WEATHER                        \
	"2012-01-01,0.0,drizzle\n"     \
	"2012-01-02,10.9,rain\n"       \
	"2012-01-03,0.8,\"rain,snow\"\n"   \
	"2012-01-04,20.30,\n"          \
	"2012-01-05,1.5,drizzle\n"     \
	"2012-01-06,2.5,rain\n"        \
	"2012-01-07,0.0,rain\n"        \
	"2012-01-08,0.0,sun\n"         \
	"2012-01-09,4.3,rain\n"        \
	"2012-01-10,1.0,rain\n"
static const struct {
	const char *name, *text, *want;
} goldens[] = {
	{"days in a row, a number as it was spelled, a cell with nothing in it",
		"date,mm,weather\n" WEATHER,
		"[cells: CSV; rows below their columns]\n"
		"[10 rows date=2012-01-01..by1d mm weather\n"
		"0.0 drizzle\n10.9 rain\n0.8 rain,snow\n20.30 \"\"\n1.5 drizzle\n2.5 rain\n0.0 rain\n0.0 sun\n4.3 rain\n1.0 rain\n"},
	{"no line end",
		"date;mm\n2012-01-01;1\n2012-01-02;007\n2012-01-03;null\n2012-01-04;-0\n"
		"2012-01-05;1\n2012-01-06;2\n2012-01-07;3\n2012-01-08;4",
		"[cells: CSV by ;; rows below their columns]\n"
		"[8 rows date=2012-01-01..by1d mm\n1\n007\nnull\n-0\n1\n2\n3\n4"},
};

static void goldens_are_as_they_were(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(goldens); i++) {
		str text = str_from(goldens[i].text), back;
		struct codec_out out;

		if (!encode(b, text, &out))
			fail_msg("%s: not encoded", goldens[i].name);
		assert_str(out.text, goldens[i].want);
		assert_true(cells_codec.decode(out.text, &b->arena, &back));
		assert_str(back, goldens[i].text);
	}
}

/* Names that come twice are no keys; a line that is no row has no place; what the other notation says in fewer tokens
 * is left to it. */
static void others_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"date,mm,mm\n" WEATHER,
		"date,mm,weather\n" WEATHER "no row of these\n2012-01-11,1,rain\n2012-01-12,2,sun\n",
		"user,level\nanna,2\nbert,3\nzoe,7\nkim,1\nliu,4\nroy,5\nada,8\npat,9\nsue,6\n"
		"mia,2\ntom,3\nuwe,7\nvic,1\nwil,4\nxia,5\nyan,8\nzed,9\nbob,6\n",
		"date,mm,weather\n\xff" WEATHER,
	};
	struct bench *b = *state;
	struct codec_out out;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		if (encode(b, str_from(texts[i]), &out))
			fail_msg("%s", texts[i]);
}

/* ---- any tables ---- */

static void assert_survives(struct bench *b, struct rng *r, str encoded)
{
	char *p = arena_cstr(&b->arena, encoded);
	str back;

	for (int i = 0; i < 4; i++)
		p[rng_below(r, (uint32_t)encoded.n)] = "\n=^\"*&9 ]"[rng_below(r, 9)];
	(void)!cells_codec.decode((str){p, encoded.n}, &b->arena, &back);
}

static void every_table_comes_back(void **state)
{
	struct bench *b = *state;
	uint64_t n = seeds_or(TEXTS), encoded = 0;

	for (uint64_t seed = 1; seed <= n; seed++) {
		struct rng r = rng_new(seed);
		struct codec_out out, again;
		struct buf t;
		str back;

		arena_reset(&b->arena);
		buf_init_arena(&t, &b->arena, LIMIT_INPUT);
		add_grid(&r, &t, (enum grid_spelling)(seed % SPELL_GRID_N), rng_once_in(&r, 2),
			600 + rng_below(&r, BYTES_MAX));
		if (!encode(b, buf_str(&t), &out))
			continue;
		encoded++;
		if (!cells_codec.decode(out.text, &b->arena, &back) ||
			!str_eq(back, buf_str(&t)))
			fail_msg("seed %llu: " STR_FMT "\nof: " STR_FMT, (unsigned long long)seed,
				STR_ARG(out.text), STR_ARG(buf_str(&t)));
		assert_true(encode(b, buf_str(&t), &again));
		assert_true(str_eq(out.text, again.text));
		assert_survives(b, &r, out.text);
	}
	print_message("%llu of %llu\n", (unsigned long long)encoded, (unsigned long long)n);
	assert_true(encoded * 20 > n);
}

/* Rows with other keys, other numbers of them, or values that are no cells are no table. */
static void objects_are_rows(void **state)
{
	static const char *const none[] = {"{}", "[]", "[{}]", "[1]", "[{\"a\":1},{\"b\":1}]",
		"[{\"a\":1},{\"a\":1,\"b\":2}]", "[{\"a\":1},2]", "[{\"a\":[1]}]",
		"[{\"a\":{}}]", "[{\"a\":\"\\ud800\"}]", "[{\"a\":1}"};
	struct bench *b = *state;
	struct grid_text t;

	for (size_t i = 0; i < ARRAY_N(none); i++)
		if (objects_read(str_from(none[i]), &b->arena, &t))
			fail_msg("%s", none[i]);
	assert_true(objects_read(STR("[{\"a\":1.50,\"\":\"x\"},{\"a\":null,\"\":\"\\n\"}]"),
		&b->arena, &t));
	assert_int_equal(t.cols_n, 2);
	assert_int_equal(t.rows_n, 2);
	assert_str(t.cells[0], "1.50");
	assert_str(t.cells[1], "null");
	assert_str(t.cells[3], "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(goldens_are_as_they_were),
		bench_test(others_are_left_alone),
		bench_test(every_table_comes_back),
		bench_test(objects_are_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Strings of JSON that are texts of a kind: each by its own codec, in tables and elsewhere, and back to the same bytes. */
#include "core/compress/table/escape.h"
#include "core/compress/table/nested.h"
#include "tests/unit/table_help.h"

#define ROW(id, name) "{\"id\":" id ",\"name\":\"" name "\",\"kind\":\"Pod\",\"zone\":\"eu-west\"}"

/* text as a string of JSON. */
static str quoted(str text, unsigned escapes, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	escape_write(escapes, text, &b);
	return buf_str(&b);
}

static str pods(struct arena *a, const char *more)
{
	return arena_printf(a,
		"{\"items\":[" ROW("1", "alpha") "," ROW("2", "beta") "," ROW("3", "gamma") "," ROW(
			"4", "delta") "," ROW("5", "epsilon") "]%s}",
		more);
}

#define PODS \
	"{items=[5 rows id=1.. name kind=Pod zone=eu-west\nalpha\nbeta\ngamma\ndelta\nepsilon\n"
#define HEAD_PODS "[json: minified; rows below their columns]\n" PODS "}"

static void a_table_in_a_string_has_its_lines(void **state)
{
	struct bench *b = *state;
	str text = arena_printf(&b->arena, "{\"ok\":true,\"text\":" STR_FMT ",\"more\":[1,2]}",
		STR_ARG(quoted(pods(&b->arena, ""), 0, &b->arena)));
	str out = encode(text, &b->arena);

	assert_str(out, "[json: minified; |2 text of 2 lines]\n{ok=true text=|8\n" HEAD_PODS
			"\nmore=[1 2]}");
	assert_decodes(text, out, &b->arena);
}

static void so_has_one_in_a_string_in_that_string(void **state)
{
	struct bench *b = *state;
	str inner = arena_printf(&b->arena, "{\"result\":" STR_FMT "}",
		STR_ARG(quoted(pods(&b->arena, ""), 0, &b->arena)));
	str text = arena_printf(
		&b->arena, "{\"text\":" STR_FMT "}", STR_ARG(quoted(inner, 0, &b->arena)));
	str out = encode(text, &b->arena);

	assert_str(out, "[json: minified; |2 text of 2 lines]\n{text=|11\n"
			"[json: minified; |2 text of 2 lines]\n{result=|8\n" HEAD_PODS "\n}\n}");
	assert_decodes(text, out, &b->arena);
}

static void lines_of_a_cell_are_below_their_row(void **state)
{
	struct bench *b = *state;
	str text = STR("[{\"id\":7,\"body\":\"First of these lines\\n\\n\\tsay \\\"a\\\" and then "
		       "\\\"b\\\"\\nand \\\"c\\\" to end\",\"by\":\"joe\"},"
		       "{\"id\":9,\"body\":\"short\",\"by\":\"ann\"},"
		       "{\"id\":4,\"body\":\"Another \\\"one\\\", of lines,\\n\\twith "
		       "\\\"quotes\\\"\\nand an end\\n\",\"by\":\"tim\"}]");
	str out = encode(text, &b->arena);

	assert_str(out,
		"[json: minified; rows below their columns, |2 text of 2 lines]\n"
		"[3 rows id body by\n7 |4 joe\nFirst of these lines\n\n\tsay \"a\" and then "
		"\"b\"\nand \"c\" to end\n9 short ann\n4 |4 tim\nAnother \"one\", of "
		"lines,\n\twith "
		"\"quotes\"\nand an end\n");
	assert_decodes(text, out, &b->arena);
}

/* What another tool printed, in a member of a result. */
static str some_log(struct rng *r, struct arena *a)
{
	struct buf b;
	uint32_t n = 5 + rng_below(r, 40);

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < n; i++)
		buf_printf(&b,
			"2026-01-02T10:%02u:%02uZ INFO Executor: task %u of \"stage %u\" is done\n",
			i / 60, i % 60, i, rng_below(r, 9));
	return buf_str(&b);
}

static void a_log_in_a_cell_is_a_log(void **state)
{
	struct bench *b = *state;
	struct rng r = rng_new(3);
	str log = some_log(&r, &b->arena), text, out;

	text = arena_printf(&b->arena,
		"[{\"type\":\"text\",\"text\":" STR_FMT "},"
		"{\"type\":\"text\",\"text\":" STR_FMT "}]",
		STR_ARG(quoted(log, 0, &b->arena)),
		STR_ARG(quoted(pods(&b->arena, ""), 0, &b->arena)));
	out = encode(text, &b->arena);
	assert_true(str_find(out, STR("\n[log: ")) != STR_NONE);
	assert_true(str_find(out, STR("|8\n" HEAD_PODS)) != STR_NONE);
	assert_decodes(text, out, &b->arena);
}

/* What looks like a text by a codec is not shown as lines, where it would be taken for one. */
static void a_text_that_looks_like_that_stays_quoted(void **state)
{
	struct bench *b = *state;
	str strange =
		quoted(STR("[json: minified; x]\n{a=1}\nsay \"this\" and \"that\""), 0, &b->arena);
	str text = arena_printf(&b->arena, "{\"a\":" STR_FMT ",\"b\":" STR_FMT "}",
		STR_ARG(strange), STR_ARG(pods(&b->arena, "")));
	str out = encode(text, &b->arena);

	assert_true(str_find(out, STR("a=\"[json: minified; x]\\n")) != STR_NONE);
	assert_decodes(text, out, &b->arena);
}

static void strings_are_opened_only_so_deep(void **state)
{
	struct bench *b = *state;
	str text = pods(&b->arena, ""), out, coded, back;

	for (int i = 0; i < 2 * NESTED_MAX; i++) {
		text = arena_printf(
			&b->arena, "{\"text\":" STR_FMT "}", STR_ARG(quoted(text, 0, &b->arena)));
		out = encode(text, &b->arena);
		if (out.n)
			assert_decodes(text, out, &b->arena);
	}
	/* By hand, deeper than that. */
	coded = STR("[json: minified]\n{}");
	for (int i = 0; i <= NESTED_MAX + 1; i++) {
		assert_int_equal(table_codec.decode(coded, &b->arena, &back), i <= NESTED_MAX);
		coded = arena_printf(&b->arena, "[json: minified]\n{a=|%d\n" STR_FMT "\n}",
			2 + 3 * i, STR_ARG(coded));
	}
}

/* ---- many of them ---- */

static str random_inner(struct rng *r, uint64_t seed, unsigned depth, struct arena *a);

/* A document with texts in it. */
static str random_outer(struct rng *r, uint64_t seed, unsigned depth, struct arena *a)
{
	static const unsigned styles[] = {0, 0, 0, ESCAPE_ASCII, ESCAPE_HTML, ESCAPE_SLASH};
	unsigned escapes = RNG_PICK(r, styles);
	uint32_t n = 1 + rng_below(r, 4);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b, "{\"content\":[");
	for (uint32_t i = 0; i < n; i++) {
		str text = random_inner(r, seed * 4 + i, depth + 1, a);

		buf_printf(&b, "%s{\"type\":\"text\",", i ? "," : "");
		if (rng_once_in(r, 3))
			buf_printf(&b, "\"more\":" STR_FMT ",", STR_ARG(random_doc(seed + i, a)));
		buf_printf(&b, "\"text\":" STR_FMT "}", STR_ARG(quoted(text, escapes, a)));
	}
	buf_add_c(&b, "]}");
	return buf_str(&b);
}

static str random_inner(struct rng *r, uint64_t seed, unsigned depth, struct arena *a)
{
	struct layout l = random_layout(r);
	struct buf b;

	if (rng_once_in(r, 4))
		return some_log(r, a);
	if (rng_once_in(r, 4))
		return pods(a, rng_once_in(r, 2) ? ",\"end\":null" : "");
	buf_init_arena(&b, a, LIMIT_INPUT);
	layout_apply(&l,
		depth < 4 && rng_once_in(r, 2) ? random_outer(r, seed, depth, a)
					       : random_doc(seed, a),
		&b);
	if (rng_once_in(r, 3))
		buf_add_byte(&b, '\n');
	return buf_str(&b);
}

static void random_documents_decode(void **state)
{
	struct bench *b = *state;
	unsigned coded_n = 0;

	for (uint64_t seed = 0; seed < seeds_or(100); seed++) {
		struct rng r = rng_new(seed);
		str text = random_outer(&r, seed, 0, &b->arena), out = encode(text, &b->arena);

		if (out.n) {
			coded_n += str_find(out, STR("|")) != STR_NONE;
			assert_decodes(text, out, &b->arena);
			assert_true(str_eq(out, encode(text, &b->arena)));
		}
		arena_reset(&b->arena);
	}
	assert_true(coded_n > seeds_or(100) / 4);
}

static void damaged_texts_are_read_or_refused(void **state)
{
	struct bench *b = *state;

	for (uint64_t seed = 0; seed < seeds_or(100); seed++) {
		struct rng r = rng_new(seed);
		str out = encode(random_outer(&r, seed, 0, &b->arena), &b->arena), got;
		char *p = arena_alloc(&b->arena, out.n + 1, 1);

		if (out.n)
			memcpy(p, out.p, out.n);
		for (uint32_t n = 1 + rng_below(&r, 4); out.n && n; n--)
			p[rng_below(&r, (uint32_t)out.n)] =
				"{}[]()&*$|^-;=?:\" \n19"[rng_below(&r, 21)];
		(void)table_codec.decode(
			(str){p, out.n - (rng_once_in(&r, 3) ? out.n / 2 : 0)}, &b->arena, &got);
		arena_reset(&b->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {bench_test(a_table_in_a_string_has_its_lines),
		bench_test(so_has_one_in_a_string_in_that_string),
		bench_test(lines_of_a_cell_are_below_their_row),
		bench_test(a_log_in_a_cell_is_a_log),
		bench_test(a_text_that_looks_like_that_stays_quoted),
		bench_test(strings_are_opened_only_so_deep), bench_test(random_documents_decode),
		bench_test(damaged_texts_are_read_or_refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

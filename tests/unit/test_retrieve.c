/* Parts of originals, as models ask for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/retrieve/retrieve.h"
#include "core/json/scan.h"
#include "core/base/limits.h"
#include "core/base/mem.h"

static void assert_str(str got, const char *want)
{
	if (!str_eq_c(got, want))
		fail_msg("got:  \"" STR_FMT "\"\nwant: \"%s\"", STR_ARG(got), want);
}

struct bench {
	struct arena arena;
	struct buf out;
	struct errctx cx;
};

static int setup(void **state)
{
	struct bench *b = mem_alloc(sizeof *b);

	*b = (struct bench){.arena = ARENA_INIT};
	buf_init(&b->out, LIMIT_INPUT);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	buf_release(&b->out);
	arena_release(&b->arena);
	mem_free(b);
	return 0;
}

static str answer(struct bench *b, struct retrieve_want want, str original)
{
	buf_reset(&b->out);
	want.hash = STR("abc123");
	assert_int_equal(retrieve_answer(&want, original, &b->arena, &b->out, &b->cx), E_OK);
	return buf_str(&b->out);
}

static enum err refused(struct bench *b, struct retrieve_want want, const char *original)
{
	buf_reset(&b->out);
	want.hash = STR("abc123");
	return retrieve_answer(&want, str_from(original), &b->arena, &b->out, &b->cx);
}

#define TEN "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n"

static void all_of_a_short_text(void **state)
{
	assert_str(answer(*state, (struct retrieve_want){0}, STR(TEN)),
		"[original abc123: 10 lines, 49 bytes]\n" TEN);
	assert_str(answer(*state, (struct retrieve_want){0}, STR("no end")),
		"[original abc123: 1 line, 6 bytes]\nno end\n");
}

static void parts_by_lines(void **state)
{
	assert_str(answer(*state, (struct retrieve_want){.lines = STR("2-3, 9")}, STR(TEN)),
		"[original abc123: 10 lines, 49 bytes]\n[lines 2-3]\ntwo\nthree\n[line 9]\nnine\n");
	assert_str(answer(*state, (struct retrieve_want){.lines = STR("9:")}, STR(TEN)),
		"[original abc123: 10 lines, 49 bytes]\n[lines 9-10]\nnine\nten\n");
	assert_int_equal(
		refused(*state, (struct retrieve_want){.lines = STR("0-3")}, TEN), E_USAGE);
	assert_int_equal(
		refused(*state, (struct retrieve_want){.lines = STR("4-3")}, TEN), E_USAGE);
	assert_int_equal(refused(*state, (struct retrieve_want){.lines = STR("x")}, TEN), E_USAGE);
	assert_int_equal(
		refused(*state, (struct retrieve_want){.lines = STR("11-12")}, TEN), E_NOT_FOUND);
}

static void pages(void **state)
{
	assert_str(answer(*state, (struct retrieve_want){.offset = 3, .limit = 2}, STR(TEN)),
		"[original abc123: 10 lines, 49 bytes]\n[lines 4-10]\nfour\nfive\n"
		"[cut here; next: offset 5]\n");
	assert_int_equal(refused(*state, (struct retrieve_want){.offset = 10}, TEN), E_NOT_FOUND);
}

static void rows_of_json(void **state)
{
	str doc =
		STR("{\"few\":[1,2],\"items\":[{\"id\":1},{\"id\":2, \"x\": [7, 8]},{\"id\":3}]}");
	str lines = STR("{\"a\":1}\n\n{\"a\":2}\n");

	assert_str(answer(*state, (struct retrieve_want){.rows = STR("2")}, doc),
		"[original abc123: 3 rows, 63 bytes]\n[row 2]\n{\"id\":2, \"x\": [7, 8]}\n");
	assert_str(answer(*state, (struct retrieve_want){.rows = STR("2-")}, lines),
		"[original abc123: 2 rows, 17 bytes]\n[row 2]\n{\"a\":2}\n");
	assert_int_equal(refused(*state, (struct retrieve_want){.rows = STR("1")}, TEN), E_USAGE);
	assert_int_equal(
		refused(*state, (struct retrieve_want){.rows = STR("1"), .lines = STR("1")},
			"[1,2]"),
		E_USAGE);
}

static void the_text_in_a_json_string_has_the_lines(void **state)
{
	str one = STR(
		"{\"id\":\"d8\",\"exit_code\":0,\"output\":\"one\\ntwo \\\"x\\\"\\nthree\\n\"}\n");
	str rows = STR("{\"output\":\"{\\\"a\\\":1}\\n{\\\"a\\\":2}\\n\"}");
	struct buf t;

	assert_str(answer(*state, (struct retrieve_want){.lines = STR("2")}, one),
		"[original abc123: 3 lines, 61 bytes]\n[in "
		"{\"id\":\"d8\",\"exit_code\":0,\"output\":"
		"\xe2\x80\xa6}]\n[line 2]\ntwo \"x\"\n");
	assert_str(answer(*state, (struct retrieve_want){0}, one),
		"[original abc123: 3 lines, 61 bytes]\n[in "
		"{\"id\":\"d8\",\"exit_code\":0,\"output\":"
		"\xe2\x80\xa6}]\none\ntwo \"x\"\nthree\n");
	assert_str(answer(*state, (struct retrieve_want){.rows = STR("2")}, rows),
		"[original abc123: 2 rows, 35 bytes]\n[in {\"output\":\xe2\x80\xa6}]\n[row "
		"2]\n{\"a\":2}\n");
	/* no text with a frame, but data: a line of its own */
	assert_str(answer(*state, (struct retrieve_want){0}, STR("{\"a\":\"b\"}")),
		"[original abc123: 1 line, 9 bytes]\n{\"a\":\"b\"}\n");
	buf_init_arena(&t, &((struct bench *)*state)->arena, LIMIT_INPUT);
	buf_printf(&t, "{\"a\":\"%0300d\\nc\",\"d\":\"%0280d\"}", 1, 1);
	assert_true(str_starts(answer(*state, (struct retrieve_want){0}, buf_str(&t)),
		STR("[original abc123: 1 line, ")));
}

static void a_query_finds_what_fits_best(void **state)
{
	str text = STR("a\nb\nthe disk is full\nc\nd\ne\nf\ng\ndisk\nh\n");
	str doc = STR("[{\"n\":\"apple pie\"},{\"n\":\"pear\"},{\"n\":\"apple\"}]");

	assert_str(
		answer(*state, (struct retrieve_want){.query = STR("disk FULL"), .limit = 1}, text),
		"[original abc123: 10 lines, 38 bytes]\n[lines 1-5]\na\nb\nthe disk is "
		"full\nc\nd\n");
	assert_str(
		answer(*state,
			(struct retrieve_want){.query = STR("disk full"), .limit = 1, .offset = 1},
			text),
		"[original abc123: 10 lines, 38 bytes]\n[lines 7-10]\nf\ng\ndisk\nh\n");
	/* one line of JSON is searched by its rows */
	assert_str(answer(*state, (struct retrieve_want){.query = STR("pear")}, doc),
		"[original abc123: 3 rows, 46 bytes]\n[row 2]\n{\"n\":\"pear\"}\n");
	assert_int_equal(
		refused(*state, (struct retrieve_want){.query = STR("absent")}, TEN), E_NOT_FOUND);
}

/* Every byte of a large original, one page after the other. */
static void assert_all_pages(struct bench *b, str original)
{
	struct retrieve_want want = {0};
	struct buf got;
	unsigned pages_n = 0;

	buf_init(&got, LIMIT_INPUT);
	for (bool is_more = true; is_more; pages_n++) {
		str page = answer(b, want, original), line;
		str cut = STR("[cut here; next: offset ");
		size_t at;

		assert_true(page.n <= RETRIEVE_ANSWER_MAX);
		assert_true(pages_n < 100);
		assert_true(str_next_line(&page, &line, NULL));
		if (page.n && *page.p == '[')
			assert_true(str_next_line(&page, &line, NULL));
		at = str_find(page, cut);
		is_more = at != STR_NONE;
		buf_add(&got, str_sub(page, 0, is_more ? at : page.n));
		if (is_more && got.p[got.n - 1] == '\n' && original.p[got.n - 1] != '\n')
			got.n--; /* a line that was cut has an end of ours */
		if (is_more)
			assert_true(str_u64(str_sub(page, at + cut.n, page.n - 2), &want.offset));
	}
	if (got.n == original.n + 1)
		got.n--;
	assert_true(str_eq(buf_str(&got), original));
	assert_true(pages_n > 1);
	buf_release(&got);
}

static void every_byte_can_be_reached(void **state)
{
	struct bench *b = *state;
	struct buf t;

	buf_init_arena(&t, &b->arena, LIMIT_INPUT);
	for (unsigned i = 0; i < 20000; i++)
		buf_printf(&t, "line %u\n", i);
	assert_all_pages(b, buf_str(&t));
	buf_reset(&t);
	for (unsigned i = 0; i < 60000; i++)
		buf_add_c(&t, "h\xc3\xa4");
	assert_all_pages(b, buf_str(&t));
}

static enum err read_want(struct bench *b, const char *json, struct retrieve_want *out)
{
	struct json_tape t;

	assert_int_equal(json_scan(&b->arena, str_from(json), &t, &b->cx), E_OK);
	return retrieve_want_read(&t, 0, &b->arena, out, &b->cx);
}

static void arguments_of_a_call(void **state)
{
	struct retrieve_want w;

	assert_int_equal(read_want(*state,
				 "{\"hash\":\" abc \",\"lines\":12,\"query\":null,\"offset\":\"3\","
				 "\"limit\":4,\"other\":[]}",
				 &w),
		E_OK);
	assert_str(w.hash, "abc");
	assert_str(w.lines, "12");
	assert_int_equal(w.query.n, 0);
	assert_int_equal(w.offset, 3);
	assert_int_equal(w.limit, 4);
	assert_int_equal(read_want(*state, "{}", &w), E_MALFORMED);
	assert_int_equal(read_want(*state, "[]", &w), E_MALFORMED);
	assert_int_equal(read_want(*state, "{\"hash\":\"a\",\"limit\":-1}", &w), E_MALFORMED);
	assert_int_equal(read_want(*state, "{\"hash\":\"a\",\"lines\":[1]}", &w), E_MALFORMED);
}

static void the_schema_is_json(void **state)
{
	struct bench *b = *state;
	struct json_tape t;

	assert_int_equal(json_scan(&b->arena, str_from(retrieve_tool_schema), &t, &b->cx), E_OK);
	assert_true(json_is(&t, 0, JSON_OBJECT));
	assert_int_not_equal(json_member(&t, 0, "required"), JSON_ABSENT);
}

/* Without a query: the bytes and nothing else, rows with a line end each. */
static void bytes_are_bytes(void **state)
{
	static const struct {
		struct retrieve_want want;
		const char *text, *bytes;
	} cases[] = {
		{{.limit = 0}, TEN, TEN},
		{{.lines = STR("2-3,9")}, TEN, "two\nthree\nnine\n"},
		{{.lines = STR("10")}, "a\nb\nc\nd\ne\nf\ng\nh\ni\nlast", "last"},
		{{.offset = 8}, TEN, "nine\nten\n"},
		{{.offset = 1, .limit = 2}, TEN, "two\nthree\n"},
		{{.lines = STR("4-8"), .offset = 3, .limit = 9}, TEN, "seven\neight\n"},
		{{.rows = STR("2")}, "[{\"a\":1},{\"a\":2},{\"a\":3}]", "{\"a\":2}\n"},
		{{.query = STR("seven"), .limit = 1}, TEN,
			"[original abc123: 10 lines, 49 bytes]\n[lines "
			"5-9]\nfive\nsix\nseven\neight\n"
			"nine\n"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct retrieve_want want = cases[i].want;

		want.hash = STR("abc123");
		buf_reset(&b->out);
		assert_int_equal(
			retrieve_bytes(&want, str_from(cases[i].text), &b->out, &b->cx), E_OK);
		assert_str(buf_str(&b->out), cases[i].bytes);
		assert_int_equal(retrieve_is_part(&want), i > 0);
	}
	buf_reset(&b->out);
	assert_int_equal(
		retrieve_bytes(&(struct retrieve_want){.offset = 10}, STR(TEN), &b->out, &b->cx),
		E_NOT_FOUND);
}

/* Where an answer to a model is cut, a program gets all. */
static void bytes_have_no_limit(void **state)
{
	struct bench *b = *state;
	struct buf text;
	size_t first;

	buf_init(&text, LIMIT_INPUT);
	while (text.n < 4 * RETRIEVE_ANSWER_MAX)
		buf_printf(&text, "line %zu\n", text.n);
	first = str_find_byte(buf_str(&text), '\n') + 1;
	assert_int_equal(retrieve_bytes(&(struct retrieve_want){.lines = STR("2-")}, buf_str(&text),
				 &b->out, &b->cx),
		E_OK);
	assert_true(str_eq(buf_str(&b->out), str_sub(buf_str(&text), first, text.n)));
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_of_a_short_text, setup, teardown),
		cmocka_unit_test_setup_teardown(parts_by_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(pages, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_text_in_a_json_string_has_the_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(rows_of_json, setup, teardown),
		cmocka_unit_test_setup_teardown(a_query_finds_what_fits_best, setup, teardown),
		cmocka_unit_test_setup_teardown(every_byte_can_be_reached, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes_are_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes_have_no_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments_of_a_call, setup, teardown),
		cmocka_unit_test_setup_teardown(the_schema_is_json, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

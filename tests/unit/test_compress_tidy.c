#include <stdio.h>

#include "core/compress/minify.h"
#include "core/compress/tidy.h"
#include "tests/unit/compress_help.h"

struct tidy_case {
	const char *text, *want;
};

static void check(struct bench *b, const struct tidy_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		str once = tidy_text(str_from(cases[i].text), &b->arena);

		assert_str(once, cases[i].want);
		assert_true(tidy_text(once, &b->arena).p == once.p);
	}
}
#define CHECK_CASES(state, ...)                                        \
	do {                                                           \
		static const struct tidy_case cases[] = {__VA_ARGS__}; \
		check(*(state), cases, ARRAY_N(cases));                \
	} while (0)

static void colours_and_titles_go(void **state)
{
	CHECK_CASES(state, {"\x1b[31mred\x1b[0m and \x1b[1;4;38;5;9mbold\x1b[m", "red and bold"},
		{"\x1b]0;a title\x07text", "text"}, {"\x1b]0;a title\x1b\\text", "text"},
		{"\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\", "link"},
		{"\x1b[?25lhidden cursor\x1b[?25h", "hidden cursor"}, {"\x1b(Bplain\x1b=", "plain"},
		{"a\x1b[31mb\nc\x1b[0md\n", "ab\ncd\n"});
}

static void a_line_is_left_as_it_ended(void **state)
{
	CHECK_CASES(state, {"10%\r20%\rdone", "done"}, {"Loading...\rdone", "doneing..."},
		{"abc\rx", "xbc"}, {"abc\b\bX", "aXc"}, {"\b\ba", "a"}, {"a\r\r\rb\n", "b\n"},
		{"one\r\ntwo\r\n", "one\ntwo\n"}, {"one\r\r\n", "one\n"}, {"\r\n", "\n"});
}

static void what_was_erased_does_not_come_back(void **state)
{
	CHECK_CASES(state, {"Downloading\r\x1b[Kdone", "done"},
		{"Downloading\r\x1b[0Kdone", "done"}, {"Downloading\x1b[2K\rdone", "done"},
		{"Downloading\x1b[2K\x1b[1Gdone", "done"}, {"Downloading\x1b[G\x1b[Kdone", "done"},
		{"match\x1b[m\x1b[K:12", "match:12"}, {"abc\x1b[2Kd", "   d"},
		{"abcdef\r\x1b[31mxy\x1b[K", "xy"});
}

static void spinners_and_bars_are_played_too(void **state)
{
	CHECK_CASES(state,
		{"\xe2\xa0\x8b wait\r\xe2\xa0\x99 wait\r\xe2\x9c\x93 done", "\xe2\x9c\x93 done"},
		{"\xe2\x94\x81\xe2\x94\x81    "
		 "1/2\r\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81  2/2",
			"\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81  2/2"},
		{"gr\xc3\xb6\xc3\x9f"
		 "e\rgr\xc3\xbc",
			"gr\xc3\xbc\xc3\x9f"
			"e"});
}

/* Lines of which nobody can say how they look stay as they are, byte for byte. */
static void a_line_in_doubt_stays_as_it_is(void **state)
{
	static const char *const lines[] = {"wide \xe6\x97\xa5\rx", "tab\tbed\rx", "bell\a\rx",
		"\xf0\x9f\x9a\x80 rocket\rx", "bad \xff\rx", "back\x1b[3Dxyz", "right\x1b[5Cxyz",
		"up\x1b[1A\rx", "unfinished \x1b[31", "unknown \x1bQ", "lone \x1b", "\x1b]0;no end",
		"\x1b]0;cut by \x1b[31mcolour", "two \x1b\x1b[m[m", "charset \x1b(\xc3\xa9",
		"x\x1b[3@y", "column\x1b[7Gx", "a\x1b[1Kb\r"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(lines); i++)
		assert_str(tidy_text(str_from(lines[i]), &b->arena), lines[i]);
}

static void a_nul_behind_escape_takes_nothing_with_it(void **state)
{
	static const char text[] = "\x1b\0x and more";
	struct bench *b = *state;
	str s = STR(text);

	assert_true(tidy_text(s, &b->arena).p == s.p);
}

static void movements_between_lines_go_when_no_text_was_overwritten(void **state)
{
	CHECK_CASES(state, {"\x1b[2J\x1b[Hhello", "hello"}, {"a\x1b[1Ab", "ab"},
		{"\x1b"
		 "c"
		 "reset",
			"reset"});
}

static void long_blanks_at_line_ends_go(void **state)
{
	CHECK_CASES(state, {"a    \nb\t \t \nc   \nd", "a\nb\nc   \nd"}, {"        \nx", "\nx"});
}

/* Lines as a terminal of a thousand columns gets them. */
static void what_fills_a_very_wide_terminal_goes(void **state)
{
	struct bench *b = *state;
	char wide[1001], want[200];
	str text = {wide, 1000};

	wide[1000] = '\0';
	memset(wide, '=', 1000);
	memcpy(wide + 490, " FAILURES ", 10);
	(void)snprintf(want, sizeof want, "%.40s FAILURES %.40s", wide, wide);
	assert_str(tidy_text(text, &b->arena), want);
	memset(wide, '_', 1000);
	assert_int_equal(tidy_text(text, &b->arena).n, 40);
	memset(wide, ' ', 1000);
	memcpy(wide, "test_a PASSED", 13);
	memcpy(wide + 994, "[  9%]", 6);
	assert_str(tidy_text(text, &b->arena), "test_a PASSED    [  9%]");
	assert_true(tidy_text(tidy_text(text, &b->arena), &b->arena).n == 23);
	/* a column in the middle, a string of JSON, a row of an ordinary screen */
	memset(wide + 900, 'x', 100);
	assert_true(tidy_text(text, &b->arena).p == wide);
	memset(wide, '=', 1000);
	memcpy(wide, "{\"a\":\"", 6);
	memcpy(wide + 998, "\"}", 2);
	assert_true(tidy_text(text, &b->arena).p == wide);
	text.n = 200;
	memset(wide, '=', 200);
	assert_true(tidy_text(text, &b->arena).p == wide);
}

static void text_without_work_is_the_very_same_slice(void **state)
{
	static const char *const texts[] = {"", "\n", "plain\ntext\n", "  indented\n\ttabs\n",
		"gr\xc3\xb6\xc3\x9f", "a   \n", "\xff\xfe"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		str s = str_from(texts[i]);

		assert_true(tidy_text(s, &b->arena).p == s.p);
	}
}

static void a_very_long_line_with_sequences_is_left_alone(void **state)
{
	struct bench *b = *state;
	str s = repeated(&b->arena, "\x1b[31mx", 20000);

	assert_true(tidy_text(s, &b->arena).p == s.p);
}

/* ---- minify ---------------------------------------------------------------------------------------------- */

static void json_loses_white_space_and_nothing_else(void **state)
{
	static const struct tidy_case cases[] = {
		{"{ \"b\" : 1.0 ,\n\t\"a\":-0 }\n", "{\"b\":1.0,\"a\":-0}"},
		{"[ 1e400, 12345678901234567890 , 0.10 ]", "[1e400,12345678901234567890,0.10]"},
		{"{ \"k\": 1, \"k\": 2 }", "{\"k\":1,\"k\":2}"},
		{"[ \" a  b \", \"\\u0041\\/\\\" \" ]", "[\" a  b \",\"\\u0041\\/\\\" \"]"},
		{"[ \"\\\\\" , \"x\" ]", "[\"\\\\\",\"x\"]"},
		{" [ ] ", "[]"},
		{"\r\n{\r\n}\r\n", "{}"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++)
		assert_str(minify_json(str_from(cases[i].text), &b->arena), cases[i].want);
}

static void what_is_not_one_json_value_is_the_very_same_slice(void **state)
{
	static const char *const texts[] = {"", "  ", "{", "{ } x", "{ \"a\": 1, }", "[ 01 ]",
		"\"a b\"", "1 2", "{}", "[1,2]", "{ } { }", "[ 1 ] // no", "nul l"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		str s = str_from(texts[i]);

		assert_true(minify_json(s, &b->arena).p == s.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(colours_and_titles_go),
		bench_test(a_line_is_left_as_it_ended),
		bench_test(what_was_erased_does_not_come_back),
		bench_test(spinners_and_bars_are_played_too),
		bench_test(a_line_in_doubt_stays_as_it_is),
		bench_test(a_nul_behind_escape_takes_nothing_with_it),
		bench_test(movements_between_lines_go_when_no_text_was_overwritten),
		bench_test(long_blanks_at_line_ends_go),
		bench_test(what_fills_a_very_wide_terminal_goes),
		bench_test(text_without_work_is_the_very_same_slice),
		bench_test(a_very_long_line_with_sequences_is_left_alone),
		bench_test(json_loses_white_space_and_nothing_else),
		bench_test(what_is_not_one_json_value_is_the_very_same_slice),
	};

	return cmocka_run_group_tests_name("compress: tidy and minify", tests, NULL, NULL);
}

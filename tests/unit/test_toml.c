#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/base/toml.h"

/* Every test gets an arena and an error context. */
struct fix {
	struct arena a;
	struct errctx cx;
	struct toml_doc d;
};

static int setup(void **state)
{
	static struct fix f; /* one test runs at a time */

	f = (struct fix){0};
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	arena_release(&f->a);
	return 0;
}

static void parse(struct fix *f, const char *text)
{
	enum err e = toml_parse(&f->a, str_from(text), &f->d, &f->cx);

	if (e)
		print_error("%s\n", f->cx.text);
	assert_int_equal(e, E_OK);
}

static const struct toml_value *value(struct fix *f, const char *path)
{
	const struct toml_item *it = toml_find(&f->d, str_from(path));

	assert_non_null(it);
	return &it->value;
}

static void check_str(str s, const char *want)
{
	assert_int_equal(s.n, strlen(want));
	assert_memory_equal(s.p, want, s.n);
}

static void check_error(struct fix *f, const char *text, const char *want)
{
	enum err e = toml_parse(&f->a, str_from(text), &f->d, &f->cx);

	if (e == E_OK)
		print_error("accepted: %s\n", text);
	assert_int_equal(e, E_CONFIG);
	assert_string_equal(f->cx.text, want);
}

static void reads_every_kind_of_value(void **state)
{
	struct fix *f = *state;

	parse(f,
		"s = \"a\\tb\\u00e9\\\\\"\nl = 'C:\\x'\ni = -1_000\nh = 0xFF\no = 0o17\nb = 0b101\n"
		"f = 1.5e3\nt = true\nn = false\na = [1, 2, # two\n  3,\n]\nempty = []\nplus = "
		"+7\n");
	check_str(value(f, "s")->u.string, "a\tb\xc3\xa9\\");
	check_str(value(f, "l")->u.string, "C:\\x");
	assert_int_equal(value(f, "i")->u.integer, -1000);
	assert_int_equal(value(f, "h")->u.integer, 255);
	assert_int_equal(value(f, "o")->u.integer, 15);
	assert_int_equal(value(f, "b")->u.integer, 5);
	assert_true(value(f, "f")->u.real == 1500.0);
	assert_true(value(f, "t")->u.is_true);
	assert_false(value(f, "n")->u.is_true);
	assert_int_equal(value(f, "a")->u.array.n, 3);
	assert_int_equal(value(f, "a")->u.array.v[2].u.integer, 3);
	assert_int_equal(value(f, "empty")->u.array.n, 0);
	assert_int_equal(value(f, "plus")->u.integer, 7);
}

static void joins_tables_and_dotted_keys_into_paths(void **state)
{
	struct fix *f = *state;

	parse(f, "top = 1\n[a]\nb = 2\nc . d = 3\n[ e . \"x y\" ]\n'f.g' = 4\n");
	assert_int_equal(value(f, "top")->u.integer, 1);
	assert_int_equal(value(f, "a.b")->u.integer, 2);
	assert_int_equal(value(f, "a.c.d")->u.integer, 3);
	assert_int_equal(value(f, "e.\"x y\".\"f.g\"")->u.integer, 4);
	check_str(f->d.items[2].table, "a.c");
	assert_int_equal(f->d.items[2].line, 4);
	check_str(f->d.tables[1].path, "e.\"x y\"");
}

static void spans_point_at_what_was_written(void **state)
{
	struct fix *f = *state;

	parse(f, "[t]\r\n  key = [ 1,\r\n 2 ] # why\r\n");
	check_str(span_str(f->d.text, f->d.items[0].at), "key = [ 1,\r\n 2 ]");
	check_str(span_str(f->d.text, f->d.items[0].value.at), "[ 1,\r\n 2 ]");
	check_str(span_str(f->d.text, f->d.tables[0].header), "[t]");
}

static void accepts_an_empty_text_a_bom_and_no_last_newline(void **state)
{
	struct fix *f = *state;

	parse(f, "");
	assert_int_equal(f->d.n, 0);
	parse(f, "\xef\xbb\xbf# only a comment");
	assert_int_equal(f->d.n, 0);
	parse(f, "\xef\xbb\xbf"
		 "a = 1");
	assert_int_equal(value(f, "a")->u.integer, 1);
}

static void errors_name_line_and_column(void **state)
{
	struct fix *f = *state;

	check_error(f, "a = 1\nb = \xc3\xa9\n", "line 2, column 5: expected a value");
	check_error(f, "k\xc3\xa9 = 1", "line 1, column 2: expected '=' after the key");
	check_error(f, "a = \"\xc3\xa9\" x", "line 1, column 9: expected the end of the line");
	check_error(f, "a = \"open\n", "line 1, column 5: this string does not end on its line");
	check_error(f, "a = [1 2]", "line 1, column 8: expected ',' or ']'");
	check_error(f, "[a\n", "line 1, column 3: expected ']'");
	check_error(f, "= 1", "line 1, column 1: expected a key");
	check_error(f, "a = yes", "line 1, column 5: not a value; text is written in quotes");
	check_error(f, "a = \"\\x\"",
		"line 1, column 7: unknown escape; a backslash is written \\\\ (or use '...')");
	check_error(f, "a = \"\\ud800\"", "line 1, column 8: no such Unicode character");
	check_error(f, "a = \"\\u0000\"", "line 1, column 8: U+0000 cannot be in a value");
	check_error(f, "# ok\n# \x01", "line 2, column 3: a control character in a comment");
	check_error(f, "a = 1\nb = \"\xff\"", "line 2, column 6: not UTF-8");
	check_error(f, "a = 1\rb = 2", "line 1, column 6: expected the end of the line");
}

static void what_is_outside_the_subset_is_said(void **state)
{
	struct fix *f = *state;

	check_error(f, "a = {b = 1}",
		"line 1, column 5: inline tables are not supported here; use [table]");
	check_error(f, "[[a]]", "line 1, column 1: arrays of tables are not supported here");
	check_error(f, "a = \"\"\"x\"\"\"",
		"line 1, column 5: strings over several lines are not supported here");
	check_error(f, "a = 1979-05-27",
		"line 1, column 5: dates are not supported here; write them as a string");
	check_error(f, "a = 07:32:00",
		"line 1, column 5: dates are not supported here; write them as a string");
	check_error(f, "a = -inf", "line 1, column 5: inf and nan are not supported here");
}

static void refuses_numbers_that_toml_does_not_have(void **state)
{
	static const char *const bad[] = {"a = 01", "a = 1__0", "a = _1", "a = 1_", "a = 1.",
		"a = .5", "a = 1e", "a = 1_e5", "a = 0x", "a = 0xg", "a = 0b2", "a = +0x1",
		"a = 00.5", "a = --1", "a = 9223372036854775808", "a = 1e999", "a = 1.2.3",
		"a = 0x8000000000000000"};
	struct fix *f = *state;

	for (size_t i = 0; i < ARRAY_N(bad); i++) {
		if (toml_parse(&f->a, str_from(bad[i]), &f->d, &f->cx) == E_OK)
			fail_msg("accepted: %s", bad[i]);
	}
	parse(f, "min = -9223372036854775807\nmax = 9223372036854775807\nz = 0\nf = 0.5\ne = "
		 "6.6_2e-3_4");
}

static void refuses_to_define_anything_twice(void **state)
{
	struct fix *f = *state;

	check_error(f, "a = 1\na = 2", "line 2, column 1: this key is already defined");
	check_error(f, "a = 1\n\"a\" = 2", "line 2, column 1: this key is already defined");
	check_error(f, "[a]\n[a]", "line 2, column 1: this table is already defined");
	check_error(f, "a = 1\n[a]", "line 2, column 1: this table is already defined");
	check_error(f, "a = 1\na.b = 2", "line 2, column 1: part of this key is already defined");
	check_error(f, "a.b = 1\n[a]", "line 2, column 1: this table is already defined");
	check_error(
		f, "[a.b]\n[a]\nb.c = 1", "line 3, column 1: part of this key is already defined");
	check_error(f, "a = 1\n[a.b]", "line 2, column 1: part of this name is already a value");
	parse(f, "[a.b]\n[a]\nc = 1\n[a.d]\n");
	parse(f, "[a]\nb.c = 1\n[a.b.d]\n");
}

static void nesting_has_a_limit(void **state)
{
	struct fix *f = *state;
	char text[64] = "a = ";

	memset(text + 4, '[', 20);
	check_error(f, text, "line 1, column 21: arrays are nested too deeply");
}

static void check_set(
	struct fix *f, const char *text, const char *path, const char *literal, const char *want)
{
	struct buf b;

	parse(f, text);
	buf_init_arena(&b, &f->a, LIMIT_CONFIG_FILE);
	if (toml_set(&f->a, &f->d, str_from(path), str_from(literal), &b, &f->cx))
		fail_msg("%s", f->cx.text);
	check_str(buf_str(&b), want);
}

static void set_replaces_only_the_value(void **state)
{
	check_set(*state, "# top\n[a]\n  x=1 # one\ny = 2", "a.x", "10",
		"# top\n[a]\n  x=10 # one\ny = 2");
	check_set(*state, "a.x = [1,\n2] # l\n", "a.x", "\"s\"", "a.x = \"s\" # l\n");
}

static void set_adds_a_key_behind_the_last_of_its_table(void **state)
{
	check_set(*state, "[a]\nx = 1 # one\n\n# b\n[b]\ny = 2\n", "a.z", "3",
		"[a]\nx = 1 # one\nz = 3\n\n# b\n[b]\ny = 2\n");
	check_set(*state, "[a]\nx = 1", "a.z", "3", "[a]\nx = 1\nz = 3\n");
	check_set(*state, "[a]\r\nx = 1\r\n", "a.z", "3", "[a]\r\nx = 1\r\nz = 3\r\n");
	check_set(*state, "[a]\n# nothing yet\n[b]\n", "a.z", "3",
		"[a]\nz = 3\n# nothing yet\n[b]\n");
	check_set(*state, "a.x = 1\n[b]\n", "a.z", "3", "a.x = 1\na.z = 3\n[b]\n");
}

static void set_adds_a_table_at_the_end(void **state)
{
	check_set(*state, "", "a.z", "3", "[a]\nz = 3\n");
	check_set(*state, "# mine\n", "a.z", "3", "# mine\n\n[a]\nz = 3\n");
	check_set(*state, "[a.b]\nx = 1", "a.z", "3", "[a.b]\nx = 1\n\n[a]\nz = 3\n");
}

static void set_adds_a_root_key_at_the_start(void **state)
{
	check_set(*state, "[a]\nx = 1\n", "z", "3", "z = 3\n[a]\nx = 1\n");
	check_set(*state, "\xef\xbb\xbf[a]\n", "z", "3", "\xef\xbb\xbfz = 3\n[a]\n");
	check_set(*state, "a=1", "z", "3", "a=1\nz = 3\n");
}

static void set_refuses_what_would_change_more(void **state)
{
	struct fix *f = *state;
	struct buf b;

	buf_init_arena(&b, &f->a, LIMIT_CONFIG_FILE);
	parse(f, "a.b.c = 1\n");
	assert_int_equal(toml_set(&f->a, &f->d, STR("a.z"), STR("1"), &b, &f->cx), E_CONFIG);
	assert_int_equal(toml_set(&f->a, &f->d, STR("a.b"), STR("1"), &b, &f->cx), E_CONFIG);
	assert_int_equal(toml_set(&f->a, &f->d, STR("q.z"), STR("1\nx = 2"), &b, &f->cx), E_CONFIG);
	assert_int_equal(b.n, 0);
}

static void check_unset(struct fix *f, const char *text, const char *path, const char *want)
{
	struct buf b;

	parse(f, text);
	buf_init_arena(&b, &f->a, LIMIT_CONFIG_FILE);
	assert_int_equal(toml_unset(&f->a, &f->d, str_from(path), &b, &f->cx), E_OK);
	check_str(buf_str(&b), want);
}

static void unset_takes_the_line_away(void **state)
{
	check_unset(*state, "[a]\n# keep\nx = 1 # gone\ny = 2\n", "a.x", "[a]\n# keep\ny = 2\n");
	check_unset(*state, "a.x = [1,\n 2]\ny = 3", "a.x", "y = 3");
	check_unset(*state, "\xef\xbb\xbfx = 1\r\ny = 2\r\n", "x", "\xef\xbb\xbfy = 2\r\n");
}

static void unset_of_an_absent_key_is_not_found(void **state)
{
	struct fix *f = *state;
	struct buf b;

	buf_init_arena(&b, &f->a, LIMIT_CONFIG_FILE);
	parse(f, "[a]\nx = 1\n");
	assert_int_equal(toml_unset(&f->a, &f->d, STR("a"), &b, &f->cx), E_NOT_FOUND);
	assert_string_equal(f->cx.text, "no 'a' in the file");
}

static void written_strings_read_back_the_same(void **state)
{
	struct fix *f = *state;
	struct buf b;

	buf_init_arena(&b, &f->a, LIMIT_CONFIG_FILE);
	buf_add_c(&b, "s = ");
	toml_add_string(&b, STR("\"q\" \\ \n\t\r \x01\x7f \xc3\xa9"));
	buf_add_byte(&b, '\0');
	parse(f, b.p);
	check_str(value(f, "s")->u.string, "\"q\" \\ \n\t\r \x01\x7f \xc3\xa9");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_every_kind_of_value),
		TEST(joins_tables_and_dotted_keys_into_paths),
		TEST(spans_point_at_what_was_written),
		TEST(accepts_an_empty_text_a_bom_and_no_last_newline),
		TEST(errors_name_line_and_column),
		TEST(what_is_outside_the_subset_is_said),
		TEST(refuses_numbers_that_toml_does_not_have),
		TEST(refuses_to_define_anything_twice),
		TEST(nesting_has_a_limit),
		TEST(set_replaces_only_the_value),
		TEST(set_adds_a_key_behind_the_last_of_its_table),
		TEST(set_adds_a_table_at_the_end),
		TEST(set_adds_a_root_key_at_the_start),
		TEST(set_refuses_what_would_change_more),
		TEST(unset_takes_the_line_away),
		TEST(unset_of_an_absent_key_is_not_found),
		TEST(written_strings_read_back_the_same),
	};

	return cmocka_run_group_tests_name("toml", tests, NULL, NULL);
}

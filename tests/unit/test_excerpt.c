/* Parts of a text by line numbers and by words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/base/excerpt.h"

static void lines_are_parsed(void **state)
{
	static const struct {
		const char *text;
		uint64_t from, to; /* from 0: refused */
	} cases[] = {{"3:5", 3, 5}, {"3:", 3, UINT64_MAX}, {":5", 1, 5}, {"7", 7, 7}, {"2:2", 2, 2},
		{"", 0, 0}, {":", 0, 0}, {"0", 0, 0}, {"0:3", 0, 0}, {"5:3", 0, 0}, {"a:b", 0, 0},
		{"1:2:3", 0, 0}, {"-1", 0, 0}, {"99999999999999999999", 0, 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct excerpt e = EXCERPT_ALL;
		struct errctx cx = {0};
		enum err err = excerpt_parse_lines(str_from(cases[i].text), &e, &cx);

		if (!cases[i].from) {
			assert_int_equal(err, E_USAGE);
			assert_non_null(strstr(cx.text, "expected A:B"));
			continue;
		}
		assert_int_equal(err, E_OK);
		assert_int_equal(e.from, cases[i].from);
		assert_int_equal(e.to, cases[i].to);
	}
}

static void check(struct excerpt e, const char *text, uint64_t found, const char *want)
{
	struct buf out;

	buf_init(&out, 1000);
	assert_int_equal(excerpt_add(&e, str_from(text), &out), found);
	assert_int_equal(out.err, E_OK);
	assert_true(str_eq_c(buf_str(&out), want));
	buf_release(&out);
}

static void lines_are_taken_with_their_ends(void **state)
{
	(void)state;
	check(EXCERPT_ALL, "a\r\nb\n\nlast", 4, "a\r\nb\n\nlast");
	check((struct excerpt){.from = 2, .to = 3}, "a\nb\nc\nd\n", 2, "b\nc\n");
	check((struct excerpt){.from = 4, .to = 9}, "a\nb\nc\nd", 1, "d");
	check((struct excerpt){.from = 5, .to = 9}, "a\nb\nc\nd", 0, "");
	check(EXCERPT_ALL, "", 0, "");
}

static void lines_with_a_text_in_either_case(void **state)
{
	struct excerpt e = EXCERPT_ALL;

	(void)state;
	e.query = STR("Err");
	check(e, "an ERROR\nfine\nerr\ner\n", 2, "an ERROR\nerr\n");
	e.to = 1;
	check(e, "an ERROR\nfine\nerr\ner\n", 1, "an ERROR\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_parsed),
		cmocka_unit_test(lines_are_taken_with_their_ends),
		cmocka_unit_test(lines_with_a_text_in_either_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

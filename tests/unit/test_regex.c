#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <pthread.h>

#include "core/base/mem.h"
#include "core/base/regex.h"

static struct regex *compile(const char *pattern, unsigned flags)
{
	struct errctx cx = {0};
	struct regex *r;

	if (regex_new(str_from(pattern), flags, &r, &cx))
		fail_msg("%s", cx.text);
	return r;
}

static struct regex_scratch *scratch(void)
{
	struct regex_scratch *s = regex_scratch_new();

	assert_non_null(s);
	return s;
}

/* Where pattern is first found in text: "start-end", or the name of the error. */
static void check(const char *pattern, unsigned flags, str text, const char *want)
{
	struct regex *r = compile(pattern, flags);
	struct regex_scratch *s = scratch();
	struct span at;
	char got[32];
	enum err e = regex_find(r, s, text, 0, &at, 1);

	if (e)
		(void)snprintf(got, sizeof got, "%s", err_name(e));
	else
		(void)snprintf(got, sizeof got, "%u-%u", at.start, at.end);
	assert_string_equal(got, want);
	regex_scratch_free(s);
	regex_free(r);
}

static void finds_the_first_match(void **state)
{
	(void)state;
	check("b+", 0, STR("aabbb"), "2-5");
	check("x", 0, STR("aabbb"), "NOT_FOUND");
	check("^", 0, STR(""), "0-0");
	check("", 0, STR("a"), "0-0");
	check("a\\x00b", 0, STR("a\0b"), "0-3");
}

static void flags_do_what_they_say(void **state)
{
	(void)state;
	check("B", 0, STR("abc"), "NOT_FOUND");
	check("B", REGEX_NOCASE, STR("abc"), "1-2");
	check("^b", 0, STR("a\nb"), "NOT_FOUND");
	check("^b", REGEX_MULTILINE, STR("a\nb"), "2-3");
	check("a.b", 0, STR("a\nb"), "NOT_FOUND");
	check("a.b", REGEX_DOTALL, STR("a\nb"), "0-3");
	check("a.c", REGEX_LITERAL, STR("abc a.c"), "4-7");
	check("A.C", REGEX_LITERAL | REGEX_NOCASE | REGEX_MULTILINE, STR("abc a.c"), "4-7");
	check("^.$", 0, STR("\xc3\xa9"), "NOT_FOUND");
	check("^.$", REGEX_UTF8, STR("\xc3\xa9"), "0-2");
}

static void invalid_utf8_is_text_that_matches_nothing(void **state)
{
	(void)state;
	check("b", REGEX_UTF8, STR("a\xff\xfe b"), "4-5");
	check("a.b", REGEX_UTF8,
		STR("a\xff"
		    "b"),
		"NOT_FOUND");
	check("a.b", 0,
		STR("a\xff"
		    "b"),
		"0-3");
}

static void groups_tell_where_and_whether(void **state)
{
	struct regex *r = compile("(a)|(b)(c)?", 0);
	struct regex_scratch *s = scratch();
	struct span g[5];

	(void)state;
	assert_int_equal(regex_find(r, s, STR("xb"), 0, g, 5), E_OK);
	assert_int_equal(g[0].start, 1);
	assert_int_equal(g[1].start, UINT32_MAX);
	assert_int_equal(g[2].end, 2);
	assert_int_equal(g[3].start, UINT32_MAX);
	assert_int_equal(g[4].start, UINT32_MAX);
	regex_scratch_free(s);
	regex_free(r);
}

static void more_groups_than_fit_are_still_a_match(void **state)
{
	struct regex *r = compile("(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)", 0);
	struct regex_scratch *s = scratch();
	struct span g[REGEX_GROUPS_MAX];

	(void)state;
	assert_int_equal(regex_find(r, s, STR("aaaaaaaaaaaaaaaaaa"), 0, g, REGEX_GROUPS_MAX), E_OK);
	assert_int_equal(g[0].end, 18);
	assert_int_equal(g[15].start, 14);
	regex_scratch_free(s);
	regex_free(r);
}

static void a_search_sees_what_stands_before_its_start(void **state)
{
	struct regex *r = compile("(?<=a)b|^b", 0);
	struct regex_scratch *s = scratch();
	struct span g;

	(void)state;
	assert_int_equal(regex_find(r, s, STR("ab"), 1, &g, 1), E_OK);
	assert_int_equal(regex_find(r, s, STR("xb"), 1, &g, 1), E_NOT_FOUND);
	regex_scratch_free(s);
	regex_free(r);
}

static void bad_patterns_are_refused_with_the_place(void **state)
{
	struct errctx cx = {0};
	struct regex *r;

	(void)state;
	assert_int_equal(regex_new(STR("a(b"), 0, &r, &cx), E_USAGE);
	assert_null(r);
	assert_string_equal(
		cx.text, "regular expression 'a(b': missing closing parenthesis at character 4");
	assert_int_equal(regex_new(STR("a\\Cb"), 0, &r, &cx), E_USAGE);
	assert_int_equal(regex_new(STR("a\xff"), REGEX_UTF8, &r, &cx), E_USAGE);
}

/* Exponential for a backtracking matcher. */
static void a_pattern_that_explodes_gives_up(void **state)
{
	(void)state;
	check("^(a+)+(b|c)\\1$", 0,
		STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab!"), "TIMEOUT");
	/* Our limit, and not the library's own, which is a hundred times as high. */
	check("^(a+)+(b|c)\\1$", 0, STR("aaaaaaaaaaaaaaaaaab!"), "TIMEOUT");
}

static void a_walk_goes_over_all_matches(void **state)
{
	static const struct {
		const char *pattern, *text, *want;
		unsigned flags;
	} cases[] = {
		{"\\d+", "1 22 333", "0-1 2-4 5-8 ", 0},
		{"x*", "axb", "0-0 1-2 2-2 3-3 ", 0},
		{"", "\xc3\xa9!", "0-0 2-2 3-3 ", REGEX_UTF8},
		{"^", "a\nb\n", "0-0 2-2 ", REGEX_MULTILINE},
		{"b\\K", "abab", "2-2 4-4 ", 0},
		{"z", "", "", 0},
		{"$", "", "0-0 ", 0},
	};
	struct regex_scratch *s = scratch();

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct regex *r = compile(cases[i].pattern, cases[i].flags);
		struct regex_walk w = {.text = str_from(cases[i].text)};
		char got[128] = "";
		struct span at;

		while (regex_next(r, s, &w, &at, 1) == E_OK && strlen(got) < sizeof got - 32)
			(void)snprintf(got + strlen(got), 32, "%u-%u ", at.start, at.end);
		assert_string_equal(got, cases[i].want);
		regex_free(r);
	}
	regex_scratch_free(s);
}

struct job {
	const struct regex *regex;
	unsigned found;
};

static void *count_words(void *p)
{
	struct job *job = p;
	struct regex_scratch *s = regex_scratch_new();

	for (int round = 0; s && round < 200; round++) {
		struct regex_walk w = {.text = STR("many words in one line")};

		while (regex_next(job->regex, s, &w, NULL, 0) == E_OK)
			job->found++;
	}
	regex_scratch_free(s);
	return NULL;
}

static void threads_share_a_pattern(void **state)
{
	struct regex *r = compile("\\w+", 0);
	struct job jobs[4];
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		jobs[i] = (struct job){r, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, count_words, &jobs[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(jobs[i].found, 1000);
	}
	regex_free(r);
}

static void running_out_of_memory_is_an_error(void **state)
{
	(void)state;
	for (size_t n = 1; n < 50; n++) {
		struct errctx cx = {0};
		struct regex_scratch *s;
		struct regex *r;
		enum err e;
		bool has_failed;

		mem_fail_after(n);
		e = regex_new(STR("(a|b)+c{2,3}"), 0, &r, &cx);
		s = regex_scratch_new();
		has_failed = mem_failed();
		mem_fail_after(0);
		assert_true(e == E_OK || (e == E_NOMEM && !r));
		regex_free(r);
		regex_scratch_free(s);
		if (!has_failed)
			return;
	}
	fail_msg("it never succeeded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_first_match),
		cmocka_unit_test(flags_do_what_they_say),
		cmocka_unit_test(invalid_utf8_is_text_that_matches_nothing),
		cmocka_unit_test(groups_tell_where_and_whether),
		cmocka_unit_test(more_groups_than_fit_are_still_a_match),
		cmocka_unit_test(a_search_sees_what_stands_before_its_start),
		cmocka_unit_test(bad_patterns_are_refused_with_the_place),
		cmocka_unit_test(a_pattern_that_explodes_gives_up),
		cmocka_unit_test(a_walk_goes_over_all_matches),
		cmocka_unit_test(threads_share_a_pattern),
		cmocka_unit_test(running_out_of_memory_is_an_error),
	};

	return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}

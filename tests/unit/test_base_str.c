#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/str.h"

static void assert_text(str got, const char *want)
{
	if (!str_eq_c(got, want))
		fail_msg("got \"" STR_FMT "\", want \"%s\"", STR_ARG(got), want);
}

static void empty_slices_are_slices(void **state)
{
	str parts = STR_NULL, part;

	(void)state;
	assert_true(str_eq(STR_NULL, STR("")));
	assert_true(str_eq_c(STR_NULL, ""));
	assert_true(str_eq(str_from(NULL), STR_NULL));
	assert_true(str_starts(STR_NULL, STR_NULL) && str_ends(STR_NULL, STR("")));
	assert_false(str_starts(STR_NULL, STR("a")));
	assert_false(str_ends(STR_NULL, STR("a")));
	assert_true(str_find_byte(STR_NULL, 'a') == STR_NONE);
	assert_true(str_rfind_byte(STR_NULL, 'a') == STR_NONE);
	assert_true(str_find(STR_NULL, STR("a")) == STR_NONE);
	assert_int_equal(str_find(STR_NULL, STR_NULL), 0);
	assert_int_equal(str_cmp(STR_NULL, STR("")), 0);
	assert_null(str_sub(STR_NULL, 0, 0).p);
	assert_int_equal(str_trim(STR_NULL).n, 0);
	assert_false(str_split(&parts, ',', &part));
	assert_false(str_next_line(&parts, &part, NULL));
	assert_true(str_glob(STR_NULL, STR_NULL, false));
	assert_true(str_glob(STR_NULL, STR("*"), false));
}

static void bytes_and_texts_are_found(void **state)
{
	static const char with_nul[] = "a\0b\0c";

	(void)state;
	assert_int_equal(str_find_byte(STR("abcabc"), 'b'), 1);
	assert_int_equal(str_rfind_byte(STR("abcabc"), 'b'), 4);
	assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
	assert_true(str_find(STR("abcabc"), STR("cb")) == STR_NONE);
	assert_int_equal(str_find(STR(with_nul), STR("\0c")), 3);
	assert_int_equal(str_find_byte(STR(with_nul), '\0'), 1);
	assert_int_equal(str_find(STR("abc"), STR("abc")), 0);
	assert_true(str_find(STR("abc"), STR("abcd")) == STR_NONE);
}

/* Of two letters, so that there are many that are nearly found; exactly as long as they are, for the sanitizer to see. */
static void texts_of_any_length_are_found_where_they_stand_first(void **state)
{
	unsigned state_of = 1;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		size_t n = i % 190, needle_n = 1 + i % 37;
		char needle[40], *exact = malloc(n ? n : 1);
		const char *want;
		size_t got;

		assert_non_null(exact);
		for (size_t k = 0; k < n; k++) {
			state_of = state_of * 1103515245 + 12345;
			exact[k] = (char)('a' + (state_of >> 16) % 2);
		}
		for (size_t k = 0; k < needle_n; k++) {
			state_of = state_of * 1103515245 + 12345;
			needle[k] = n > needle_n && i % 3
					    ? exact[n - needle_n - (i % (n - needle_n)) + k]
					    : (char)('a' + (state_of >> 16) % 2);
		}
		want = memmem(exact, n, needle, needle_n);
		got = str_find((str){exact, n}, (str){needle, needle_n});
		assert_true(got == (want ? (size_t)(want - exact) : STR_NONE));
		free(exact);
	}
}

static void order_is_by_bytes_then_by_length(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("b"), STR("a")) > 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("ab"), STR("a")) > 0);
	assert_true(str_cmp(STR("a\x7f"), STR("a\x80")) < 0);
	assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
}

static void only_ascii_letters_have_two_cases(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR("AbZ09[@"), STR("aBz09[@")));
	assert_false(str_eq_nocase(STR("@"), STR("`")));
	assert_false(str_eq_nocase(STR("["), STR("{")));
	assert_false(str_eq_nocase(STR("\xc4"), STR("\xe4")));
	assert_false(str_eq_nocase(STR("a"), STR("ab")));
	for (size_t n = 1; n <= 19; n++) {
		for (size_t at = 0; at < n; at++) {
			char a[19], b[19];

			memset(a, 'h', n);
			memset(b, 'h', n);
			assert_true(str_eq_nocase((str){a, n}, (str){b, n}));
			b[at] = 'H';
			assert_true(str_eq_nocase((str){a, n}, (str){b, n}));
			b[at] = 'i';
			assert_false(str_eq_nocase((str){a, n}, (str){b, n}));
			a[at] = '[';
			b[at] = '{';
			assert_false(str_eq_nocase((str){a, n}, (str){b, n}));
		}
	}
}

static void white_space_goes_from_the_ends(void **state)
{
	(void)state;
	assert_text(str_trim(STR(" \t\r\n\v\f a b \n")), "a b");
	assert_text(str_trim_right(STR(" a \n")), " a");
	assert_text(str_trim(STR(" \n ")), "");
	assert_text(str_trim(STR("\xc2\xa0x")), "\xc2\xa0x");
}

static void common_ends_are_counted(void **state)
{
	(void)state;
	assert_int_equal(str_common_prefix(STR("abcd"), STR("abx")), 2);
	assert_int_equal(str_common_prefix(STR("ab"), STR("abc")), 2);
	assert_int_equal(str_common_suffix(STR("xbcd"), STR("cd")), 2);
	assert_int_equal(str_common_suffix(STR("a"), STR("b")), 0);
	assert_int_equal(str_common_prefix(STR_NULL, STR("a")), 0);
}

static void lines_are_taken_one_by_one(void **state)
{
	static const char *const want[] = {"a", "", "b\r", "c"};
	str rest = STR("a\n\nb\r\nc"), line;
	bool has_eol;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(str_next_line(&rest, &line, &has_eol));
		assert_text(line, want[i]);
		assert_true(has_eol == (i < 3));
	}
	assert_false(str_next_line(&rest, &line, &has_eol));
	rest = STR("a\n");
	assert_true(str_next_line(&rest, &line, NULL));
	assert_false(str_next_line(&rest, &line, NULL));
}

static void parts_are_taken_one_by_one(void **state)
{
	static const char *const want[] = {"a", "", "b", ""};
	str rest = STR("a,,b,"), part;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(str_split(&rest, ',', &part));
		assert_text(part, want[i]);
	}
	assert_false(str_split(&rest, ',', &part));
	rest = STR("");
	assert_true(str_split(&rest, ',', &part));
	assert_text(part, "");
	assert_false(str_split(&rest, ',', &part));
}

/* ---- numbers --------------------------------------------------------------------------------------------- */

static void whole_numbers_are_read_whole(void **state)
{
	static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1.", "0x1", "a",
		"18446744073709551616", "99999999999999999999", "184467440737095516150"};
	uint64_t u;

	(void)state;
	assert_true(str_u64(STR("0"), &u) && u == 0);
	assert_true(str_u64(STR("007"), &u) && u == 7);
	assert_true(str_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(str_u64(str_from(bad[i]), &u));
	assert_false(str_u64(STR("1\0"), &u));
}

static void numbers_are_taken_off_the_front(void **state)
{
	str s = STR("12, 007x");
	uint64_t u;
	uint32_t v;

	(void)state;
	assert_true(str_take_u64(&s, UINT64_MAX, &u) && u == 12);
	assert_true(str_eq_c(s, ", 007x"));
	assert_false(str_take_u64(&s, UINT64_MAX, &u));
	assert_true(str_eq_c(s, ", 007x"));
	assert_true(str_take(&s, STR(", ")) && str_take_u32(&s, 7, &v) && v == 7);
	assert_true(str_eq_c(s, "x"));
	s = STR("4294967296");
	assert_false(str_take_u32(&s, UINT32_MAX, &v));
	assert_int_equal(s.n, 10);
	assert_true(str_take_u64(&s, 4294967296, &u) && u == 4294967296 && !s.n);
	assert_false(str_take_u32(&s, UINT32_MAX, &v));
	s = STR("18446744073709551616");
	assert_false(str_take_u64(&s, UINT64_MAX, &u));
}

static void signed_numbers_reach_both_ends(void **state)
{
	static const char *const bad[] = {"", "-", "--1", "+1", "- 1", "9223372036854775808",
		"-9223372036854775809", "-18446744073709551615"};
	int64_t v;

	(void)state;
	assert_true(str_i64(STR("-0"), &v) && v == 0);
	assert_true(str_i64(STR("-42"), &v) && v == -42);
	assert_true(str_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
	assert_true(str_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(str_i64(str_from(bad[i]), &v));
}

static void fractions_are_decimal(void **state)
{
	static const char *const bad[] = {"", " 1", "1 ", "1..2", "e1", "1e", "nan", "inf", "-inf",
		"infinity", "0x10", "0x1p3", "1,5", "1e999", "--1", ".", "-", "1f"};
	double v;

	(void)state;
	assert_true(str_f64(STR("0.5"), &v) && v == 0.5);
	assert_true(str_f64(STR("-2"), &v) && v == -2.0);
	assert_true(str_f64(STR("1e3"), &v) && v == 1000.0);
	assert_true(str_f64(STR(".25"), &v) && v == 0.25);
	assert_true(str_f64(STR("3."), &v) && v == 3.0);
	assert_true(str_f64(STR("+1.5"), &v) && v == 1.5); /* TOML writes so */
	assert_true(str_f64(STR("1E-2"), &v) && fabs(v - 0.01) < 1e-12);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (str_f64(str_from(bad[i]), &v))
			fail_msg("read as a number: %s", bad[i]);
	assert_false(str_f64(STR("1\0"), &v));
}

/* ---- globs ------------------------------------------------------------------------------------------------- */

static void globs_match_as_in_a_shell(void **state)
{
	static const struct {
		const char *s, *pattern;
		bool matches;
	} cases[] = {{"read", "read", true}, {"read", "*", true}, {"read", "r*d", true},
		{"read", "r?ad", true}, {"read", "r??d", true}, {"read", "r???d", false},
		{"read", "*e*", true}, {"read", "*x*", false}, {"read", "", false},
		{"", "?", false}, {"mcp__a__b", "mcp__*__b", true},
		{"mcp__a__c", "mcp__*__b", false}, {"b", "[abc]", true}, {"d", "[abc]", false},
		{"d", "[!abc]", true}, {"d", "[^abc]", true}, {"m", "[a-z]", true},
		{"M", "[a-z]", false}, {"]", "[]]", true}, {"-", "[a-]", true}, {"[", "[", true},
		{"[a", "[a", true}, {"aaaa", "a*a*a*a*", true}, {"aaa", "a*a*a*a", false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (str_glob(str_from(cases[i].s), str_from(cases[i].pattern), false) !=
			cases[i].matches)
			fail_msg("%s, %s", cases[i].s, cases[i].pattern);
	assert_true(str_glob(STR("ReAd"), STR("rEa[D]"), true));
	assert_true(str_glob(STR("M"), STR("[a-z]"), true));
	assert_false(str_glob(STR("ReAd"), STR("read"), false));
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void globs_match_as_fnmatch_does(void **state)
{
	static const char letters[] = "aab*?", sets[][8] = {"[ab]", "[!a]", "[a-c]", "[b]"};
	uint32_t seed = 20260101, matches = 0;

	(void)state;
	for (int round = 0; round < 50000; round++) {
		char s[16] = "", pattern[64] = "";
		size_t n = 0;

		for (uint32_t k = next_random(&seed) % 8, i = 0; i < k; i++)
			s[i] = "abc"[next_random(&seed) % 3];
		for (uint32_t k = next_random(&seed) % 8; k; k--) {
			if (next_random(&seed) % 5 == 0) {
				const char *set = sets[next_random(&seed) % 4];

				memcpy(pattern + n, set, strlen(set));
				n += strlen(set);
			} else {
				pattern[n++] = letters[next_random(&seed) % 5];
			}
		}
		if (str_glob(str_from(s), str_from(pattern), false) !=
			(fnmatch(pattern, s, 0) == 0))
			fail_msg("\"%s\" and \"%s\"", s, pattern);
		matches += fnmatch(pattern, s, 0) == 0;
	}
	assert_true(matches > 2000);
}

static void a_glob_of_many_stars_takes_no_time(void **state)
{
	char s[20000], pattern[2000];

	(void)state;
	memset(s, 'a', sizeof s);
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	pattern[sizeof pattern - 1] = 'b';
	assert_false(str_glob((str){s, sizeof s}, (str){pattern, sizeof pattern}, false));
}

/* Against the definition: texts of two letters, so that almost-needles are many, of all lengths around a block. */
static void find_says_what_looking_at_each_place_says(void **state)
{
	char text[90];
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = seed >> 8 & 63, from = seed >> 14 & 15, needle_n = 1 + (seed >> 20) % 40;
		size_t want = STR_NONE;
		str s, needle;

		for (size_t i = 0; i < sizeof text; i++) {
			seed = seed * 1664525u + 1013904223u;
			text[i] = seed >> 24 & (round & 1 ? 1 : 7) ? 'a' : 'b';
		}
		s = (str){text + from, n};
		needle = (str){text + (seed >> 8 & 31), needle_n};
		for (size_t i = 0; want == STR_NONE && i + needle.n <= s.n; i++)
			if (memcmp(s.p + i, needle.p, needle.n) == 0)
				want = i;
		assert_int_equal(str_find(s, needle), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(find_says_what_looking_at_each_place_says),
		cmocka_unit_test(empty_slices_are_slices),
		cmocka_unit_test(bytes_and_texts_are_found),
		cmocka_unit_test(texts_of_any_length_are_found_where_they_stand_first),
		cmocka_unit_test(order_is_by_bytes_then_by_length),
		cmocka_unit_test(only_ascii_letters_have_two_cases),
		cmocka_unit_test(white_space_goes_from_the_ends),
		cmocka_unit_test(common_ends_are_counted),
		cmocka_unit_test(lines_are_taken_one_by_one),
		cmocka_unit_test(parts_are_taken_one_by_one),
		cmocka_unit_test(whole_numbers_are_read_whole),
		cmocka_unit_test(numbers_are_taken_off_the_front),
		cmocka_unit_test(signed_numbers_reach_both_ends),
		cmocka_unit_test(fractions_are_decimal),
		cmocka_unit_test(globs_match_as_in_a_shell),
		cmocka_unit_test(globs_match_as_fnmatch_does),
		cmocka_unit_test(a_glob_of_many_stars_takes_no_time),
	};

	return cmocka_run_group_tests_name("base: slices", tests, NULL, NULL);
}

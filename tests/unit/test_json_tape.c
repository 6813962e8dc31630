#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/json/scan.h"

struct fixture {
	struct arena arena;
	struct json_tape tape;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->arena);
	free(f);
	return 0;
}

static const struct json_tape *scan(struct fixture *f, str doc)
{
	struct errctx cx = {0};

	if (json_scan(&f->arena, doc, &f->tape, &cx) != E_OK)
		fail_msg("%.*s: %s", STR_ARG(doc), cx.text);
	return &f->tape;
}

static void expect_text(const struct json_tape *t, uint32_t node, const char *text)
{
	assert_true(node < t->n);
	if (!str_eq_c(json_text(t, node), text))
		fail_msg("%.*s instead of %s", STR_ARG(json_text(t, node)), text);
}

static void nodes_stand_in_document_order_with_their_spans(void **state)
{
	static const struct {
		const char *text;
		uint32_t next, n;
		enum json_type type;
	} want[] = {
		{"{\"a\": [1,true,null],\"b\\n\":{},\"c\":\"\"}", 10, 3, JSON_OBJECT},
		{"\"a\"", 2, 0, JSON_STRING},
		{"[1,true,null]", 6, 3, JSON_ARRAY},
		{"1", 4, 0, JSON_NUMBER},
		{"true", 5, 0, JSON_TRUE},
		{"null", 6, 0, JSON_NULL},
		{"\"b\\n\"", 7, 1, JSON_STRING},
		{"{}", 8, 0, JSON_OBJECT},
		{"\"c\"", 9, 0, JSON_STRING},
		{"\"\"", 10, 0, JSON_STRING},
	};
	const struct json_tape *t =
		scan(*state, STR(" {\"a\": [1,true,null],\"b\\n\":{},\"c\":\"\"}\n"));

	assert_int_equal(t->n, ARRAY_N(want));
	for (uint32_t i = 0; i < t->n; i++) {
		expect_text(t, i, want[i].text);
		assert_int_equal(t->v[i].next, want[i].next);
		assert_int_equal(t->v[i].n, want[i].n);
		assert_true(json_is(t, i, want[i].type));
	}
}

static void members_are_found_by_the_name_they_read_as(void **state)
{
	const struct json_tape *t =
		scan(*state, STR("{\"ab\":1,\"\\u0061c\":2,\"\\\"\":3,\"\xc3\xa9\":4,"
				 "\"\\ud83d\\ude00\":5,\"abc\":6,\"\":7}"));

	expect_text(t, json_member(t, 0, "ab"), "1");
	expect_text(t, json_member(t, 0, "ac"), "2");
	expect_text(t, json_member(t, 0, "\""), "3");
	expect_text(t, json_member(t, 0, "\xc3\xa9"), "4");
	expect_text(t, json_member(t, 0, "\xf0\x9f\x98\x80"), "5");
	expect_text(t, json_member(t, 0, "abc"), "6");
	expect_text(t, json_member(t, 0, ""), "7");
	assert_int_equal(json_member(t, 0, "a"), JSON_ABSENT);
	assert_int_equal(json_member(t, 0, "\\u0061c"), JSON_ABSENT);
	assert_int_equal(json_member(t, 1, "ab"), JSON_ABSENT);
}

static void only_members_of_the_object_itself_are_found(void **state)
{
	const struct json_tape *t = scan(*state, STR("{\"x\":{\"y\":1},\"z\":[{\"y\":2}]}"));

	assert_int_equal(json_member(t, 0, "y"), JSON_ABSENT);
	expect_text(t, json_member(t, json_member(t, 0, "x"), "y"), "1");
}

static void of_two_equal_names_the_last_counts(void **state)
{
	const struct json_tape *t = scan(*state, STR("{\"a\":1,\"b\":2,\"\\u0061\":3}"));

	expect_text(t, json_member(t, 0, "a"), "3");
}

static void duplicate_names_are_noticed_in_small_and_large_objects(void **state)
{
	struct fixture *f = *state;
	char doc[4096];
	int n;

	assert_true(json_has_duplicate_key(scan(f, STR("{\"a\":1,\"b\":2,\"\\u0061\":3}")), 0));
	assert_false(json_has_duplicate_key(scan(f, STR("{\"a\":{\"b\":1},\"b\":{\"b\":2}}")), 0));
	assert_false(json_has_duplicate_key(scan(f, STR("[{\"a\":1,\"a\":1}]")), 0));
	assert_true(json_has_duplicate_key(scan(f, STR("[{\"a\":1,\"a\":1}]")), 1));
	assert_false(json_has_duplicate_key(scan(f, STR("{}")), 0));
	for (int is_twice = 0; is_twice < 2; is_twice++) {
		n = snprintf(doc, sizeof doc, "{\"k7\":%d", is_twice);
		for (int i = 0; i < 100; i++)
			n += snprintf(doc + n, sizeof doc - n, ",\"%s%d\":0",
				i % 2 ? "\\u006b" : "k", i == 7 && !is_twice ? 777 : i);
		(void)snprintf(doc + n, sizeof doc - n, "}");
		(void)scan(f, str_from(doc));
		assert_int_equal(json_has_duplicate_key(&f->tape, 0), is_twice);
		mem_fail_after(1); /* slower without memory, but the same answer */
		assert_int_equal(json_has_duplicate_key(&f->tape, 0), is_twice);
		mem_fail_after(0);
	}
}

static void children_are_walked_without_what_is_in_them(void **state)
{
	const struct json_tape *t = scan(*state, STR("[{\"a\":[1,2],\"b\":{\"c\":3}},[4],5]"));
	struct json_iter it = json_iter(t, 0);

	assert_true(json_next(&it) && it.key == JSON_ABSENT);
	expect_text(t, it.value, "{\"a\":[1,2],\"b\":{\"c\":3}}");
	assert_true(json_next(&it));
	expect_text(t, it.value, "[4]");
	assert_true(json_next(&it));
	expect_text(t, it.value, "5");
	assert_false(json_next(&it));
	it = json_iter(t, 1);
	assert_true(json_next(&it));
	expect_text(t, it.key, "\"a\"");
	expect_text(t, it.value, "[1,2]");
	assert_true(json_next(&it));
	expect_text(t, it.key, "\"b\"");
	assert_false(json_next(&it));
}

static void scalars_have_no_children(void **state)
{
	const struct json_tape *t = scan(*state, STR("[1,\"\",[],{}]"));

	for (uint32_t i = 1; i < t->n; i++) {
		struct json_iter it = json_iter(t, i);

		assert_false(json_next(&it));
	}
}

static void strings_without_escapes_are_slices_of_the_document(void **state)
{
	struct fixture *f = *state;
	const struct json_tape *t = scan(f, STR("[\"abc\",\"\"]"));
	str s;

	assert_true(json_string(t, 1, &f->arena, &s));
	assert_true(str_eq(s, STR("abc")) && s.p == t->doc.p + 2);
	assert_true(json_string(t, 2, &f->arena, &s) && s.n == 0);
	assert_false(json_string(t, 0, &f->arena, &s));
}

static void escapes_are_resolved(void **state)
{
	static const struct {
		const char *doc;
		str text;
	} cases[] = {
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", {"\"\\/\b\f\n\r\t", 8}},
		{"\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"",
			{"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10}},
		{"\"a\\u0000b\"", {"a\0b", 3}},
		{"\"\\\\u0041\"", {"\\u0041", 6}},
		{"\"0123456789abcdef0123456789\\n0123456789abcdefgh\"",
			{"0123456789abcdef0123456789\n0123456789abcdefgh", 45}},
		{"\"\xf4\x8f\xbf\xbf\\t\"", {"\xf4\x8f\xbf\xbf\t", 5}},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		const struct json_tape *t = scan(f, str_from(cases[i].doc));
		str s;

		assert_true(json_string(t, 0, &f->arena, &s));
		assert_true(str_eq(s, cases[i].text));
		assert_true(json_unescape(t->doc, &f->arena, &s));
		assert_true(str_eq(s, cases[i].text));
	}
}

static void what_is_no_text_is_refused(void **state)
{
	static const char *const docs[] = {"\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud800x\"",
		"\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\xff\"", "\"\xff\\n\"",
		"\"\xed\xa0\x80\"", "\"\xc3\\u00a9\""};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(docs); i++) {
		const struct json_tape *t = scan(f, str_from(docs[i]));
		str s;

		assert_false(json_string(t, 0, &f->arena, &s));
		assert_false(json_unescape(t->doc, &f->arena, &s));
	}
}

static void a_good_string_beside_a_bad_one_still_reads(void **state)
{
	struct fixture *f = *state;
	const struct json_tape *t = scan(f, STR("[\"\xff\",\"fine\"]"));
	str s;

	assert_false(json_string(t, 1, &f->arena, &s));
	assert_true(json_string(t, 2, &f->arena, &s));
}

static void strings_compare_as_they_read(void **state)
{
	const struct json_tape *t = scan(*state, STR("[\"tool\",\"t\\u006fol\",1,\"\"]"));

	assert_true(json_string_is(t, 1, "tool"));
	assert_true(json_string_is(t, 2, "tool"));
	assert_false(json_string_is(t, 1, "too"));
	assert_false(json_string_is(t, 2, "tools"));
	assert_false(json_string_is(t, 2, "t\\u006fol"));
	assert_false(json_string_is(t, 3, "1"));
	assert_true(json_string_is(t, 4, ""));
}

static void integers_are_read_only_from_plain_digits(void **state)
{
	const struct json_tape *t =
		scan(*state, STR("[0,18446744073709551615,18446744073709551616,-1,1.0,1e2,\"1\"]"));
	uint64_t v = 1;

	assert_true(json_u64(t, 1, &v) && v == 0);
	assert_true(json_u64(t, 2, &v) && v == UINT64_MAX);
	for (uint32_t i = 3; i < t->n; i++)
		assert_false(json_u64(t, i, &v));
}

static void doubles_are_the_nearest(void **state)
{
	const struct json_tape *t = scan(
		*state, STR("[0,-0.0,1.5,1e-400,1e400,0.1,123456789012345678901234567890,\"1\"]"));
	double v = 1;

	assert_true(json_f64(t, 1, &v) && v == 0);
	assert_true(json_f64(t, 2, &v) && v == 0 && signbit(v));
	assert_true(json_f64(t, 3, &v) && v == 1.5);
	assert_true(json_f64(t, 4, &v) && v == 0);
	assert_false(json_f64(t, 5, &v));
	assert_true(json_f64(t, 6, &v) && v == 0.1);
	assert_true(json_f64(t, 7, &v) && v == 123456789012345678901234567890.0);
	assert_false(json_f64(t, 8, &v));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nodes_stand_in_document_order_with_their_spans),
		TEST(members_are_found_by_the_name_they_read_as),
		TEST(only_members_of_the_object_itself_are_found),
		TEST(of_two_equal_names_the_last_counts),
		TEST(duplicate_names_are_noticed_in_small_and_large_objects),
		TEST(children_are_walked_without_what_is_in_them),
		TEST(scalars_have_no_children),
		TEST(strings_without_escapes_are_slices_of_the_document),
		TEST(escapes_are_resolved),
		TEST(what_is_no_text_is_refused),
		TEST(a_good_string_beside_a_bad_one_still_reads),
		TEST(strings_compare_as_they_read),
		TEST(integers_are_read_only_from_plain_digits),
		TEST(doubles_are_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

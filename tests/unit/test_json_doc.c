#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/json/doc.h"

static struct json_doc *parse(const char *text)
{
	struct errctx cx = {0};
	struct json_doc *d;

	if (json_doc_parse(str_from(text), &d, &cx) != E_OK)
		fail_msg("%s: %s", text, cx.text);
	return d;
}

static void expect_print(const struct json_doc *d, bool is_pretty, const char *want)
{
	struct buf out;

	buf_init(&out, LIMIT_CONFIG_FILE);
	assert_int_equal(json_doc_print(d, is_pretty, &out), E_OK);
	buf_add_byte(&out, '\0');
	assert_string_equal(out.p, want);
	buf_release(&out);
}

static void expect_error(const char *text, const char *message)
{
	struct errctx cx = {0};
	struct json_doc *d;

	assert_int_equal(json_doc_parse(str_from(text), &d, &cx), E_MALFORMED);
	assert_null(d);
	assert_string_equal(cx.text, message);
}

static void values_are_read_by_type(void **state)
{
	struct json_doc *d =
		parse("{\"s\":\"x\\ny\",\"t\":true,\"n\":-3,\"f\":1.5,\"big\":9007199254740993,"
		      "\"a\":[1,2,3],\"o\":{\"k\":null}}");
	struct json_value *root = json_doc_root(d);
	str s;
	bool b = false;
	double f = 0;
	int64_t n = 0;

	(void)state;
	assert_true(json_value_str(json_value_get(root, "s"), &s) && str_eq(s, STR("x\ny")));
	assert_true(json_value_bool(json_value_get(root, "t"), &b) && b);
	assert_true(json_value_i64(json_value_get(root, "n"), &n) && n == -3);
	assert_true(json_value_f64(json_value_get(root, "f"), &f) && f == 1.5);
	assert_false(json_value_i64(json_value_get(root, "f"), &n));
	assert_false(json_value_str(json_value_get(root, "n"), &s));
	assert_false(json_value_bool(json_value_get(root, "n"), &b));
	assert_int_equal(json_value_n(json_value_get(root, "a")), 3);
	assert_true(json_value_is(json_value_get(json_value_get(root, "o"), "k"), JSON_NULL));
	json_doc_free(d);
}

static void absent_values_can_be_chained(void **state)
{
	struct json_doc *d = parse("{\"a\":1}");
	str s;

	(void)state;
	assert_null(
		json_value_get(json_value_get(json_value_get(json_doc_root(d), "x"), "y"), "z"));
	assert_null(json_value_get(json_value_get(json_doc_root(d), "a"), "b"));
	assert_false(json_value_str(NULL, &s));
	assert_null(json_value_first(NULL));
	assert_null(json_value_key(NULL));
	assert_int_equal(json_value_n(NULL), 0);
	json_doc_free(d);
}

static void names_are_case_sensitive_and_the_last_of_two_counts(void **state)
{
	struct json_doc *d = parse("{\"A\":1,\"a\":2,\"a\":3}");
	int64_t n = 0;

	(void)state;
	assert_true(json_value_i64(json_value_get(json_doc_root(d), "A"), &n) && n == 1);
	assert_true(json_value_i64(json_value_get(json_doc_root(d), "a"), &n) && n == 3);
	json_doc_free(d);
}

static void parsing_is_strict_and_names_the_place(void **state)
{
	(void)state;
	expect_error("{\"a\": 01}", "number with a leading zero at byte 6 (line 1, column 7)");
	expect_error("[1]\n x", "expected nothing more behind the document, found 'x' at byte 5 "
				"(line 2, column 2)");
	expect_error("[\"\xff\"]", "string that is not Unicode text at byte 1 (line 1, column 2)");
	expect_error(
		"[\"\\ud800\"]", "string that is not Unicode text at byte 1 (line 1, column 2)");
	expect_error("[\"a\\u0000\"]", "\\u0000 in a string at byte 1 (line 1, column 2)");
	expect_error("[1e400]", "number beyond the range of a double at byte 1 (line 1, column 2)");
}

static void nesting_beyond_the_tree_is_refused(void **state)
{
	char text[2 * LIMIT_JSON_DEPTH];
	struct errctx cx = {0};
	struct json_doc *d;

	(void)state;
	memset(text, '[', LIMIT_JSON_DEPTH);
	memset(text + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
	assert_int_equal(json_doc_parse((str){text, sizeof text}, &d, &cx), E_MALFORMED);
	assert_string_equal(
		cx.text, "nested deeper than 1000 levels at byte 1000 (line 1, column 1001)");
	assert_int_equal(json_doc_parse((str){text + 24, sizeof text - 48}, &d, &cx), E_OK);
	json_doc_free(d);
}

static void too_large_a_file_is_refused(void **state)
{
	struct errctx cx = {0};
	struct json_doc *d;

	(void)state;
	assert_int_equal(json_doc_parse((str){"1", LIMIT_CONFIG_FILE + 1}, &d, &cx), E_TOO_BIG);
	assert_null(d);
}

static void a_document_is_built_and_printed(void **state)
{
	struct json_doc *d = json_doc_new(JSON_OBJECT);
	struct json_value *root = json_doc_root(d), *list;

	(void)state;
	json_doc_set_str(d, root, "name", STR("h\"r"));
	list = json_doc_set_array(d, root, "list");
	json_doc_set_f64(d, list, NULL, 1);
	json_doc_set_bool(d, json_doc_set_object(d, list, NULL), "x", false);
	json_doc_set_null(d, list, NULL);
	json_doc_set_object(d, root, "empty");
	expect_print(
		d, false, "{\"name\":\"h\\\"r\",\"list\":[1,{\"x\":false},null],\"empty\":{}}");
	expect_print(d, true,
		"{\n  \"name\": \"h\\\"r\",\n  \"list\": [\n    1,\n    {\n      \"x\": false\n    "
		"},\n"
		"    null\n  ],\n  \"empty\": {}\n}");
	json_doc_free(d);
}

static void setting_replaces_in_place_and_removing_takes_all(void **state)
{
	struct json_doc *d = parse("{\"a\":1,\"b\":[2],\"a\":3,\"c\":4}");
	struct json_value *root = json_doc_root(d);

	(void)state;
	json_doc_set_str(d, root, "b", STR("new"));
	expect_print(d, false, "{\"a\":1,\"b\":\"new\",\"a\":3,\"c\":4}");
	assert_true(json_doc_remove(root, "a"));
	assert_false(json_doc_remove(root, "a"));
	expect_print(d, false, "{\"b\":\"new\",\"c\":4}");
	json_doc_free(d);
}

static void scalars_print_as_roots(void **state)
{
	struct json_doc *d = parse(" \"x\" ");

	(void)state;
	expect_print(d, true, "\"x\"");
	json_doc_free(d);
}

static void text_that_cannot_be_held_is_remembered_as_an_error(void **state)
{
	struct json_doc *d = json_doc_new(JSON_ARRAY);
	struct buf out;

	(void)state;
	json_doc_set_str(d, json_doc_root(d), NULL, (str){"a\0b", 3});
	json_doc_set_str(d, json_doc_root(d), NULL, STR("fine"));
	buf_init(&out, 100);
	assert_int_equal(json_doc_print(d, false, &out), E_MALFORMED);
	buf_release(&out);
	json_doc_free(d);
}

static void every_memory_failure_is_reported(void **state)
{
	bool is_done = false;

	(void)state;
	for (size_t n = 1; !is_done; n++) {
		struct errctx cx = {0};
		struct json_doc *d;
		enum err e;

		mem_fail_after(n);
		e = json_doc_parse(STR("{\"a\":[1,\"x\\n\"]}"), &d, &cx);
		is_done = !mem_failed();
		mem_fail_after(0);
		assert_int_equal(e, is_done ? E_OK : E_NOMEM);
		json_doc_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_by_type),
		cmocka_unit_test(absent_values_can_be_chained),
		cmocka_unit_test(names_are_case_sensitive_and_the_last_of_two_counts),
		cmocka_unit_test(parsing_is_strict_and_names_the_place),
		cmocka_unit_test(nesting_beyond_the_tree_is_refused),
		cmocka_unit_test(too_large_a_file_is_refused),
		cmocka_unit_test(a_document_is_built_and_printed),
		cmocka_unit_test(setting_replaces_in_place_and_removing_takes_all),
		cmocka_unit_test(scalars_print_as_roots),
		cmocka_unit_test(text_that_cannot_be_held_is_remembered_as_an_error),
		cmocka_unit_test(every_memory_failure_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>

#include "core/json/write.h"

static struct json_writer begin(struct buf *out, bool is_pretty)
{
	struct json_writer w;

	buf_init(out, 64 << 10);
	json_write_init(&w, out, is_pretty);
	return w;
}

static void end(struct buf *out, const char *want)
{
	assert_int_equal(out->err, E_OK);
	buf_add_byte(out, '\0');
	assert_string_equal(out->p, want);
	buf_release(out);
}

static void write_sample(struct json_writer *w)
{
	json_write_object(w, NULL);
	json_write_str(w, "s", STR("a\"b\n"));
	json_write_array(w, "list");
	json_write_u64(w, NULL, UINT64_MAX);
	json_write_i64(w, NULL, INT64_MIN);
	json_write_bool(w, NULL, true);
	json_write_object(w, NULL);
	json_write_end(w);
	json_write_array(w, NULL);
	json_write_end(w);
	json_write_end(w);
	json_write_null(w, "none");
	json_write_c(w, "c", NULL);
	json_write_raw(w, "raw", STR("[1, 2]"));
	json_write_key(w, STR("k"));
	json_write_bool(w, NULL, false);
	json_write_end(w);
}

static void compact_output_has_no_white_space(void **state)
{
	struct buf out;
	struct json_writer w = begin(&out, false);

	(void)state;
	write_sample(&w);
	end(&out, "{\"s\":\"a\\\"b\\n\",\"list\":[18446744073709551615,-9223372036854775808,true,{}"
		  ",[]],"
		  "\"none\":null,\"c\":null,\"raw\":[1, 2],\"k\":false}");
}

static void pretty_output_is_indented_by_two(void **state)
{
	struct buf out;
	struct json_writer w = begin(&out, true);

	(void)state;
	write_sample(&w);
	end(&out, "{\n  \"s\": \"a\\\"b\\n\",\n  \"list\": [\n    18446744073709551615,\n"
		  "    -9223372036854775808,\n    true,\n    {},\n    []\n  ],\n  \"none\": null,\n"
		  "  \"c\": null,\n  \"raw\": [1, 2],\n  \"k\": false\n}");
}

static void a_scalar_can_be_the_root(void **state)
{
	struct buf out;
	struct json_writer w = begin(&out, true);

	(void)state;
	json_write_str(&w, NULL, STR("x"));
	end(&out, "\"x\"");
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"\xff", "\"\xEF\xBF\xBD\""},
		{"a\xff\"", "\"a\xEF\xBF\xBD\\\"\""},
		{"\xc3", "\"\xEF\xBF\xBD\""},
		{"\xe2\x82x", "\"\xEF\xBF\xBDx\""},
		{"\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{"\xf0\x9f\x98\x80\x80", "\"\xf0\x9f\x98\x80\xEF\xBF\xBD\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out;
		struct json_writer w = begin(&out, false);

		json_write_c(&w, NULL, cases[i].text);
		end(&out, cases[i].want);
	}
}

static void doubles_are_spelled_as_short_as_reads_back(void **state)
{
	static const double numbers[] = {0, 1, -1, 0.1, 0.5, 1e21, 1.0 / 3, 100, 5e-324, DBL_MAX,
		123456.789, 1e15, 123456789012345678.0, 0.30000000000000004};

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct buf out;
		struct json_writer w = begin(&out, false);

		json_write_f64(&w, NULL, numbers[i]);
		buf_add_byte(&out, '\0');
		assert_true(strtod(out.p, NULL) == numbers[i]);
		buf_release(&out);
	}
}

static void doubles_look_like_people_write_them(void **state)
{
	struct buf out;
	struct json_writer w = begin(&out, false);

	(void)state;
	json_write_array(&w, NULL);
	json_write_f64(&w, NULL, 0.1);
	json_write_f64(&w, NULL, 12);
	json_write_f64(&w, NULL, -1e300);
	json_write_f64(&w, NULL, (double)NAN);
	json_write_f64(&w, NULL, (double)INFINITY);
	json_write_fixed(&w, NULL, 12.3456, 2);
	json_write_fixed(&w, NULL, -DBL_MAX, 0);
	json_write_end(&w);
	assert_true(str_starts(
		buf_str(&out), STR("[0.1,12,-1e+300,null,null,12.35,-17976931348623157")));
	buf_release(&out);
}

static void the_buffer_remembers_that_it_was_too_small(void **state)
{
	struct buf out;
	struct json_writer w;

	(void)state;
	buf_init(&out, 8);
	json_write_init(&w, &out, true);
	json_write_object(&w, NULL);
	json_write_str(&w, "key", STR("too long a \xff value"));
	json_write_end(&w);
	assert_int_equal(out.err, E_TOO_BIG);
	buf_release(&out);
}

static void nesting_goes_to_the_limit(void **state)
{
	struct buf out;
	struct json_writer w = begin(&out, false);

	(void)state;
	for (unsigned i = 0; i < LIMIT_JSON_DEPTH; i++)
		json_write_array(&w, NULL);
	for (unsigned i = 0; i < LIMIT_JSON_DEPTH; i++)
		json_write_end(&w);
	assert_int_equal(out.n, 2 * LIMIT_JSON_DEPTH);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_output_has_no_white_space),
		cmocka_unit_test(pretty_output_is_indented_by_two),
		cmocka_unit_test(a_scalar_can_be_the_root),
		cmocka_unit_test(bytes_that_are_not_utf8_become_replacement_characters),
		cmocka_unit_test(doubles_are_spelled_as_short_as_reads_back),
		cmocka_unit_test(doubles_look_like_people_write_them),
		cmocka_unit_test(the_buffer_remembers_that_it_was_too_small),
		cmocka_unit_test(nesting_goes_to_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

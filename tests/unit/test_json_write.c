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

/* RFC 8259 section 7, spelled out. */
static void escape_naively(struct buf *out, str text)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

	buf_add_byte(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		const char *known = c ? strchr(from, c) : NULL;

		if (known)
			buf_printf(out, "\\%c", to[known - from]);
		else if (c < 0x20)
			buf_printf(out, "\\u%04x", c);
		else
			buf_add_byte(out, (char)c);
	}
	buf_add_byte(out, '"');
}

static void every_byte_is_escaped_right_at_every_place(void **state)
{
	char text[40];

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		for (size_t n = 1; n <= sizeof text; n++) {
			struct buf got, want;

			memset(text, 'a', sizeof text);
			text[n - 1] = text[n / 2] = (char)c;
			buf_init(&got, 6 * sizeof text + 2);
			buf_init(&want, 6 * sizeof text + 2);
			buf_add_json_string(&got, (str){text, n});
			escape_naively(&want, (str){text, n});
			assert_int_equal(got.err, E_OK);
			assert_true(str_eq(buf_str(&got), buf_str(&want)));
			buf_release(&got);
			buf_release(&want);
		}
	}
}

static void a_string_fits_when_the_maximum_is_its_exact_length(void **state)
{
	static const char text[] = "0123456789abcdef\n0123456789abcdef\"0123456789";
	struct buf out;

	(void)state;
	buf_init(&out, sizeof text - 1 + 4);
	buf_add_json_string(&out, STR(text));
	assert_int_equal(out.err, E_OK);
	buf_release(&out);
	buf_init(&out, sizeof text - 1 + 3);
	buf_add_json_string(&out, STR(text));
	assert_int_equal(out.err, E_TOO_BIG);
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
		cmocka_unit_test(every_byte_is_escaped_right_at_every_place),
		cmocka_unit_test(a_string_fits_when_the_maximum_is_its_exact_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

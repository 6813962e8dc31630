#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "core/base/limits.h"
#include "core/base/log.h"

static int64_t wall(void *self)
{
	(void)self;
	return 1767323045678; /* 2026-01-02T03:04:05.678Z */
}

static const struct clock fixed_clock = {.wall_ms = wall};

struct lines {
	char text[LIMIT_LOG_LINE + 1];
	size_t n, calls;
};

static void keep(void *self, enum log_level level, str line)
{
	struct lines *l = self;

	(void)level;
	memcpy(l->text, line.p, line.n);
	l->text[line.n] = '\0';
	l->n = line.n;
	l->calls++;
}

static struct log log_to(struct lines *l, enum log_format format)
{
	return (struct log){LOG_LEVEL_INFO, format, keep, l, &fixed_clock};
}

#define HEAD_JSON "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"info\",\"event\":\"e\""
#define HEAD_TEXT "2026-01-02T03:04:05.678Z info e"

static void an_event_is_one_line_of_json(void **state)
{
	struct lines l = {0};
	struct log log = log_to(&l, LOG_FORMAT_JSON);

	(void)state;
	LOG(&log, LOG_LEVEL_INFO, "e", log_s("s", STR("a b")), log_u("u", UINT64_MAX),
		log_i("i", INT64_MIN), log_f("f", 0.25), log_b("b", true), log_f("nan", NAN));
	assert_string_equal(l.text,
		HEAD_JSON ",\"s\":\"a b\",\"u\":18446744073709551615,\"i\":-9223372036854775808,"
			  "\"f\":0.25,\"b\":true,\"nan\":null}\n");
}

static void an_event_is_one_line_of_text(void **state)
{
	struct lines l = {0};
	struct log log = log_to(&l, LOG_FORMAT_TEXT);

	(void)state;
	LOG(&log, LOG_LEVEL_INFO, "e", log_s("bare", STR("/a/b")), log_s("quoted", STR("a b")),
		log_s("empty", STR_NULL), log_u("n", 3));
	assert_string_equal(l.text, HEAD_TEXT " bare=/a/b quoted=\"a b\" empty=\"\" n=3\n");
}

static void less_important_events_are_not_passed_on(void **state)
{
	struct lines l = {0};
	struct log log = log_to(&l, LOG_FORMAT_TEXT);

	(void)state;
	LOG(&log, LOG_LEVEL_DEBUG, "e", log_u("n", 1));
	assert_int_equal(l.calls, 0);
	LOG(NULL, LOG_LEVEL_ERROR, "e", log_u("n", 1));
	log_event(&log, LOG_LEVEL_ERROR, "e", NULL, 0);
	assert_int_equal(l.calls, 1);
}

static void no_field_can_forge_a_line_or_reach_the_terminal(void **state)
{
	struct lines l = {0};
	struct log log = log_to(&l, LOG_FORMAT_TEXT);
	str nasty = STR("a\n\t\x1b[2J\x7f\xc2\x9b\"\\");

	(void)state;
	LOG(&log, LOG_LEVEL_INFO, "e", log_s("s", nasty));
	assert_string_equal(l.text, HEAD_TEXT " s=\"a\\n\\t\\u001b[2J\\u007f\\u009b\\\"\\\\\"\n");
	log.format = LOG_FORMAT_JSON;
	LOG(&log, LOG_LEVEL_INFO, "e", log_s("s", nasty));
	assert_string_equal(
		l.text, HEAD_JSON ",\"s\":\"a\\n\\t\\u001b[2J\\u007f\\u009b\\\"\\\\\"}\n");
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
	struct lines l = {0};
	struct log log = log_to(&l, LOG_FORMAT_JSON);

	(void)state;
	LOG(&log, LOG_LEVEL_INFO, "e",
		log_s("s", STR("\xc3\xa4 \xff \xc0\x80 \xed\xa0\x80 \xe2\x82")));
#define BAD "\xef\xbf\xbd"
	assert_string_equal(l.text,
		HEAD_JSON ",\"s\":\"\xc3\xa4 " BAD " " BAD BAD " " BAD BAD BAD " " BAD BAD "\"}\n");
}

static void long_values_and_too_many_fields_are_cut_and_it_says_so(void **state)
{
	static char long_text[LOG_STR_MAX + 10];
	struct lines l = {0};
	struct log log = log_to(&l, LOG_FORMAT_JSON);
	struct log_field many[10];

	(void)state;
	memset(long_text, 'x', sizeof long_text);
	for (size_t i = 0; i < ARRAY_N(many); i++)
		many[i] = log_s("f", (str){long_text, sizeof long_text});
	log_event(&log, LOG_LEVEL_INFO, "e", many, 1);
	assert_true(str_ends((str){l.text, l.n}, STR("x\",\"cut\":true}\n")));
	log_event(&log, LOG_LEVEL_INFO, "e", many, ARRAY_N(many));
	assert_true(l.n <= LIMIT_LOG_LINE);
	assert_true(l.n > 3 * LOG_STR_MAX);
	assert_true(str_ends((str){l.text, l.n}, STR("x\",\"cut\":true}\n")));
	log.format = LOG_FORMAT_TEXT;
	memset(long_text, '\n', sizeof long_text);
	log_event(&log, LOG_LEVEL_INFO, "e", many, ARRAY_N(many));
	assert_true(l.n <= LIMIT_LOG_LINE);
	assert_true(str_ends((str){l.text, l.n}, STR("\\n\" cut=true\n")));
}

static void levels_have_names(void **state)
{
	enum log_level level;

	(void)state;
	assert_true(log_level_parse(STR("warn"), &level));
	assert_int_equal(level, LOG_LEVEL_WARN);
	assert_false(log_level_parse(STR("Warn"), &level));
	assert_string_equal(log_level_name(LOG_LEVEL_DEBUG), "debug");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_one_line_of_json),
		cmocka_unit_test(an_event_is_one_line_of_text),
		cmocka_unit_test(less_important_events_are_not_passed_on),
		cmocka_unit_test(no_field_can_forge_a_line_or_reach_the_terminal),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(long_values_and_too_many_fields_are_cut_and_it_says_so),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

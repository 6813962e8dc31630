#include "core/compress/log/error.h"
#include "core/compress/log/line.h"
#include "core/compress/log/row.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_text.h"

static void stamps_end_where_they_end(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {{"2026-01-02T03:04:05Z x", 20}, {"2026-01-02 03:04:05,678 x", 23},
		{"2026-01-02T03:04:05.678+02:00", 29}, {"2026/01/02 03:04:05 x", 19},
		{"17/06/09 20:10:40 INFO", 17}, {"Jun 14 15:16:01 combo", 15},
		{"Jul  2 04:15:43 combo", 15}, {"Sun Dec 04 04:47:44 2005] x", 24},
		{"10/Oct/2000:13:55:36 -0700] x", 26}, {"03-17 16:13:38.811  1702", 18},
		{"10.30 16:49:06] x", 14}, {"081109 203615 148 INFO", 13}, {"14:12:19     INFO", 8},
		{"2005-06-03-15.42.50.675872 R02", 26}, {"1117838570 2005", 10},
		{"1739484099733\tMarionette", 13}, {"2026-01-02", 0}, {"12", 0}, {"", 0},
		{"14:12:19x", 0}, {"Jun 14 15:16", 0}, {"123:45:67", 0}, {"17/06", 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++)
		if (log_stamp_n(str_from(cases[i].text)) != cases[i].n)
			fail_msg("%zu: %s", log_stamp_n(str_from(cases[i].text)), cases[i].text);
}

static enum log_error error_of(const char *text)
{
	struct log_line l;

	assert_true(log_line_scan(str_from(text), &l));
	return log_error_of(str_from(text), l.w, l.n);
}

static void errors_are_known_by_level_and_words(void **state)
{
	static const struct {
		const char *text;
		enum log_error want;
	} cases[] = {{"2026-01-02 10:00:00 ERROR stopped", LOG_ERROR},
		{"2026-01-02 10:00:00 WARN slow", LOG_ERROR},
		{"[Sun Dec 04 04:47:44 2005] [error] mod_jk child", LOG_ERROR},
		{"level=error msg=x", LOG_ERROR}, {"{\"level\":\"warn\",\"msg\":\"x\"}", LOG_ERROR},
		{"{\"severity\":\"INFO\",\"msg\":\"x\"}", LOG_FINE},
		{"E0102 15:04:05.123456       1 server.go:80] x", LOG_ERROR},
		{"I0102 15:04:05.123456       1 server.go:80] x", LOG_FINE},
		{"03-17 16:13:38.811  1702  2395 E Window: x", LOG_ERROR},
		{"03-17 16:13:38.811  1702  2395 D Window: x", LOG_FINE},
		{"{\"level\":50,\"msg\":\"x\"}", LOG_BY_VALUE}, {"Connection refused", LOG_WORDED},
		{"java.lang.NullPointerException: x", LOG_WORDED},
		{"Traceback (most recent call last):", LOG_WORDED},
		{"TypeError: x is not a function", LOG_WORDED},
		{"10:00:00 INFO TEST-UNEXPECTED-FAIL | a | b", LOG_WORDED},
		{"10:00:00 INFO error: no such file", LOG_WORDED},
		{"10:00:00 INFO JavaScript warning: x", LOG_FINE},
		{"10:00:00 INFO parity error corrected", LOG_FINE},
		{"parity error corrected", LOG_WORDED}, {"0 errors", LOG_BY_VALUE},
		{"3 errors", LOG_BY_VALUE}, {"errors=0", LOG_BY_VALUE}, {"0", LOG_FINE},
		{"0Error", LOG_WORDED}, {"Tests:       1 failed, 3 passed", LOG_ERROR},
		{"no errors", LOG_FINE}, {"{\"error\":null}", LOG_FINE},
		{"{\"error\":\"\",\"a\":1}", LOG_FINE}, {"opened /var/log/error.log", LOG_FINE},
		{"GET /error/page", LOG_FINE}, {"on-error-resume is set", LOG_FINE},
		{"test_error_is_shown ... ok", LOG_FINE},
		{"test_error_is_shown ... FAILED", LOG_ERROR}, {"E   assert 1 == 2", LOG_ERROR},
		{"FAILED tests/test_a.py::test_b - x", LOG_ERROR},
		{"PASSED tests/test_error.py::test_fails", LOG_FINE},
		{"=== 1 passed in 0.1s ===", LOG_ERROR}, {"Ran 12 tests in 0.3s", LOG_ERROR},
		{"test result: ok. 3 passed; 0 failed", LOG_ERROR},
		{"\"GET / HTTP/1.1\" 200 12", LOG_FINE}, {"\"GET / HTTP/1.1\" 503 12", LOG_WORDED},
		{"", LOG_FINE}, {"terror in errorland", LOG_FINE}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++)
		if (error_of(cases[i].text) != cases[i].want)
			fail_msg("%d: %s", error_of(cases[i].text), cases[i].text);
}

static void numbers_decide_where_they_have_to(void **state)
{
	(void)state;
	assert_true(log_is_error(STR("3 errors")));
	assert_false(log_is_error(STR("0 errors")));
	assert_true(log_is_error(STR("errors: 12")));
	assert_false(log_is_error(STR("errors: 0")));
	assert_true(log_is_error(STR("\"GET / HTTP/1.1\" 503 12")));
	assert_false(log_is_error(STR("\"GET / HTTP/1.1\" 404 12")));
	assert_true(log_is_error(STR("{\"level\":50}")));
	assert_false(log_is_error(STR("{\"level\":30}")));
}

static uint64_t shape(const char *text)
{
	struct log_line l;

	assert_true(log_line_scan(str_from(text), &l));
	return l.shape;
}

static str mask_of(const char *text, char *out)
{
	struct log_line l;

	assert_true(log_line_scan(str_from(text), &l));
	return (str){out, log_mask(str_from(text), l.w, l.n, out)};
}

static void masks_are_texts(void **state)
{
	static const char *const cases[][2] = {{"a 17 b-3 -4 x7y.z", "a 0 b-0 0 0.z"},
		{"2026-01-02T03:04:05.1Z  ok", "00:00:00  ok"},
		{"03-17 16:13:38.811  1702  2395 E a", "00-00 00:00:00 0 0 E a"},
		{"E0102 15:04:05.12  1 a.go:80] x", "E0000 00:00:00 0 a.go:0] x"},
		{"E0425 worker1 pool2", "E0 0 0"}, {"E     5 == 6", "E  0 == 0"},
		{"a Http2Exception 9Error: 2Errors", "a 0Exception 0Error: 0"},
		{"a \"GET / HTTP/1.1\" 503 12", "a \"GET / HTTP/0.0\" 500 0"},
		{"a \"GET / HTTP/1.1\" 404 12", "a \"GET / HTTP/0.0\" 0 0"}, {"", ""},
		{"  ", "  "}};
	char out[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++)
		assert_str(mask_of(cases[i][0], out), cases[i][1]);
}

/* A line of what masks are about, by chance. */
static size_t random_line(struct rng *r, char *out)
{
	static const char *const parts[] = {"0", "17", "Error", "Exception", "x", " ", "  ", "-",
		":", "E", "0102", "15:04:05", "03-17 16:13:38", "\"", " HTTP/1.1\" 503", "error",
		"=", "/", "WARN", ".", "[", "]", "level", "failed", "_", "Tests:", "a"};
	size_t n = 0;

	for (uint32_t k = rng_below(r, 9); k; k--) {
		const char *part = RNG_PICK(r, parts);

		memcpy(out + n, part, strlen(part));
		n += strlen(part);
	}
	return n;
}

/* Lines are of one shape where their masks are the same text, and nowhere else; and of one mind about errors then. */
static void lines_of_one_mask_are_of_one_mind(void **state)
{
	enum { LINES = 20000 };
	struct rng r = rng_new(7);
	struct arena a = ARENA_INIT;
	struct map by_mask, by_shape;

	(void)state;
	map_init(&by_mask, &a);
	map_init(&by_shape, &a);
	for (int i = 0; i < LINES; i++) {
		char bytes[256], mask[256];
		str line = {bytes, random_line(&r, bytes)}, m, key, *other;
		struct log_line l;

		assert_true(log_line_scan(line, &l));
		m = (str){mask, log_mask(line, l.w, l.n, mask)};
		assert_true(m.n <= line.n);
		key = (str){(const char *)&l.shape, sizeof l.shape};
		other = map_find(&by_shape, key);
		if (other)
			assert_true(str_eq(*other, m));
		else
			assert_null(map_find(&by_mask, m));
		if (other)
			continue;
		other = arena_new(&a, str);
		*other = arena_str(&a, m);
		*map_at(&by_shape, arena_str(&a, key)) = other;
		*map_at(&by_mask, *other) = other;
	}
	arena_release(&a);
}

static void masks_are_the_same_but_for_numbers(void **state)
{
	static const char *const same[][2] = {{"a 1 b", "a 22 b"}, {"a blk_-17 b", "a blk_3 b"},
		{"id 0a1b", "id ffff0"}, {"ip 10.0.0.1:80", "ip 192.168.1.2:8080"},
		{"x     7 y", "x 12345 y"}, {"10:00:00 a", "23:59:59 a"},
		{"Jun 14 15:16:01 a", "Jul  2 04:15:43 a"}};
	static const char *const other[][2] = {{"a 1 b", "a 1 c"}, {"a 1 b", "a, 1 b"},
		{"session opened 1", "session closed 1"}, {"a b", "b a"}, {"ab", "a b"},
		{"I0102 a", "E0102 a"}, {"a 1", "a one"}, {"a (1)", "a [1]"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(same); i++)
		assert_true(shape(same[i][0]) == shape(same[i][1]));
	for (size_t i = 0; i < ARRAY_N(other); i++)
		assert_true(shape(other[i][0]) != shape(other[i][1]));
}

static void times_are_cut_and_joined(void **state)
{
	static const char *const cases[][3] = {
		{"2026-01-02 10:00:00,1", "2026-01-02 10:00:00,1", "="},
		{"2026-01-02 10:00:00,1", "2026-01-02 10:00:00,2", ",2"},
		{"2026-01-02 10:00:00", "2026-01-02 10:00:07", ":07"},
		{"2026-01-02 10:00:00", "2026-01-02 11:00:00", "11:00:00"},
		{"2026-01-02T10:00:00", "2026-01-02T10:30:00", ":30:00"},
		{"2026-01-02T10:00:00", "2027-01-02T10:00:00", "2027-01-02T10:00:00"},
		{"081109 203615", "081109 203616", "203616"}, {"", "10:00:00", "10:00:00"},
		{"9:00:00", "10:00:00", "10:00:00"}, {"10:00:00.9", "10:00:00.10", "10:00:00.10"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		str before = str_from(cases[i][0]),
		    cut = log_time_cut(before, str_from(cases[i][1]));
		struct log_time t = {.n = before.n};

		memcpy(t.bytes, before.p, before.n);
		assert_str(cut, cases[i][2]);
		assert_true(log_time_join(&t, cut));
		assert_str(((str){t.bytes, t.n}), cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps_end_where_they_end),
		cmocka_unit_test(errors_are_known_by_level_and_words),
		cmocka_unit_test(numbers_decide_where_they_have_to),
		cmocka_unit_test(masks_are_texts),
		cmocka_unit_test(lines_of_one_mask_are_of_one_mind),
		cmocka_unit_test(masks_are_the_same_but_for_numbers),
		cmocka_unit_test(times_are_cut_and_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

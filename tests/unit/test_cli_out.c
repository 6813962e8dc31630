#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <unistd.h>

#include "cli/out.h"

static void check_buf(struct buf *b, const char *want)
{
	buf_add_byte(b, '\0');
	assert_string_equal(b->p, want);
	buf_release(b);
}

static void check_count(uint64_t n, const char *want)
{
	struct buf b;

	buf_init(&b, 64);
	out_add_count(&b, n);
	check_buf(&b, want);
}

static void numbers_have_separators(void **state)
{
	(void)state;
	check_count(0, "0");
	check_count(999, "999");
	check_count(1000, "1,000");
	check_count(1234567, "1,234,567");
	check_count(UINT64_MAX, "18,446,744,073,709,551,615");
}

static void check_folded(const char *text, unsigned indent, unsigned width, const char *want)
{
	struct buf b;

	buf_init(&b, 1024);
	out_add_folded(&b, str_from(text), indent, width);
	check_buf(&b, want);
}

static void text_is_folded_at_blanks(void **state)
{
	(void)state;
	check_folded("one two three", 0, 7, "one two\nthree\n");
	check_folded("one  two", 2, 80, "  one two\n");
	check_folded("a longerthanthewidth b", 1, 6, " a\n longerthanthewidth\n b\n");
	check_folded("\xc3\xa9\xc3\xa9\xc3\xa9 x", 0, 5, "\xc3\xa9\xc3\xa9\xc3\xa9 x\n");
	check_folded("", 2, 5, "");
}

static void colour_follows_flag_then_variables(void **state)
{
	const struct out_env none = {NULL, NULL, "xterm", NULL};
	const struct out_env no_color = {"1", "1", "xterm", NULL};
	const struct out_env forced = {"", "1", NULL, NULL};
	const struct out_env not_forced = {NULL, "0", "xterm", NULL};
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_false(out_use_color(fds[1], OUT_COLOR_AUTO, &none));
	assert_true(out_use_color(fds[1], OUT_COLOR_ALWAYS, &no_color));
	assert_false(out_use_color(fds[1], OUT_COLOR_NEVER, &forced));
	assert_false(out_use_color(fds[1], OUT_COLOR_AUTO, &no_color));
	assert_true(out_use_color(fds[1], OUT_COLOR_AUTO, &forced));
	assert_false(out_use_color(fds[1], OUT_COLOR_AUTO, &not_forced));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void width_without_a_terminal_is_80(void **state)
{
	const struct out_env env = {.columns = "120"};
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(out_width(fds[1], &env), 80);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void write_errors_are_told(void **state)
{
	struct errctx cx = {0};

	(void)state;
	assert_int_equal(out_write(-1, STR("x"), &cx), E_IO);
	assert_string_equal(cx.text, "output: Bad file descriptor");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_separators),
		cmocka_unit_test(text_is_folded_at_blanks),
		cmocka_unit_test(colour_follows_flag_then_variables),
		cmocka_unit_test(width_without_a_terminal_is_80),
		cmocka_unit_test(write_errors_are_told),
	};

	return cmocka_run_group_tests_name("cli_out", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "core/base/limits.h"
#include "proxy/request_log_line.h"
#include "tests/unit/request_log_row.h"

/* The line of a row, in memory of the arena. */
static const char *line_of(struct arena *a, const struct request_log_row *row, bool has_messages)
{
	struct buf out;

	buf_init_arena(&out, a, LIMIT_JSONL_LINE);
	request_log_line(row, has_messages, a, &out);
	assert_int_equal(out.err, E_OK);
	assert_ptr_equal(memchr(out.p, '\n', out.n), out.p + out.n - 1);
	return arena_cstr(a, buf_str(&out));
}

static void a_line_has_all_that_is_known(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(line_of(&a, &full_row, false),
		"{\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"request_id\":\"01ABC\","
		"\"provider\":\"anthropic\",\"endpoint\":\"messages\",\"format\":\"anthropic\","
		"\"client\":\"claude-code\",\"method\":\"POST\","
		"\"path\":\"/v1/messages?key=<redacted:url-secret>\",\"model\":\"claude-x\","
		"\"project\":\"p\",\"token\":null,\"session\":\"s\",\"status\":200,\"stream\":true,"
		"\"cached\":false,\"client_gone\":false,\"complete\":true,\"reason\":\"changed\","
		"\"transforms\":[\"gutter*3\",\"reference*2\"],\"error\":null,"
		"\"tokens_before\":1000,\"tokens_after\":750,\"tokens_saved\":250,"
		"\"savings_percent\":25.00,\"input_tokens\":1,\"output_tokens\":2,"
		"\"cache_read_tokens\":3,\"cache_write_5m_tokens\":4,"
		"\"cache_write_1h_tokens\":5,\"cost_usd\":1.234567891,"
		"\"latency_ms\":1500.250,\"overhead_ms\":0.420,\"ttfb_ms\":null,"
		"\"bytes_in\":10,\"bytes_sent\":9,\"bytes_out\":8,\"attempts\":1,\"rounds\":2,"
		"\"retrievals\":3,\"cache_break\":{\"by\":\"tools\",\"at\":\"tools[3] "
		"Bash\",\"byte\":77,\"tokens\":5000,\"cost_usd\":0.000012345}}\n");
	arena_release(&a);
}

static void what_is_not_known_is_null_and_savings_may_be_negative(void **state)
{
	struct request_log_row row = {.tokens_before = 10,
		.tokens_after = 15,
		.error = STR("bad \xff key sk-"
			     "ant-aaaaaaaaaaaaaaaaaaaa\n")};
	struct arena a = ARENA_INIT;
	const char *line = line_of(&a, &row, false);

	(void)state;
	assert_non_null(strstr(line, "\"provider\":null,"));
	assert_non_null(strstr(line, "\"model\":null,"));
	assert_non_null(strstr(line, "\"transforms\":[],"));
	assert_non_null(strstr(line, "\"tokens_saved\":-5,\"savings_percent\":-50.00,"));
	assert_non_null(strstr(line, "\"input_tokens\":null,"));
	assert_non_null(strstr(line, "\"cost_usd\":null,"));
	assert_non_null(
		strstr(line, "\"error\":\"bad \xef\xbf\xbd key <redacted:anthropic-key>\\n\","));
	row.has_cost = true;
	row.cost_nano = -5;
	assert_non_null(strstr(line_of(&a, &row, false), "\"cost_usd\":-0.000000005,"));
	arena_release(&a);
}

static void messages_are_values_on_one_line(void **state)
{
	struct request_log_row row = full_row;
	struct arena a = ARENA_INIT;
	const char *line;

	(void)state;
	row.request = STR("{\n\"a\": 1.0,\r\n\t\"b\":\"x\\n\"}");
	row.sent = row.request;
	row.response = STR("data: \"\x01\"\n");
	line = line_of(&a, &row, true);
	assert_non_null(strstr(line, ",\"request\":{ \"a\": 1.0,  \t\"b\":\"x\\n\"},\"response\":"
				     "\"data: \\\"\\u0001\\\"\\n\"}\n"));
	assert_null(strstr(line_of(&a, &row, false), "\"request\":"));
	row.sent = STR("{\"k\":\"gh"
		       "p_aaaaaaaaaaaaaaaaaaaaaaaa\"}");
	line = line_of(&a, &row, true);
	assert_non_null(
		strstr(line, "},\"sent\":{\"k\":\"<redacted:github-token>\"},\"response\""));
	row.request = STR("no \"JSON\"");
	line = line_of(&a, &row, true);
	assert_non_null(strstr(line, ",\"request\":\"no \\\"JSON\\\"\",\"sent\""));
	row.request = STR("{\"a\":\"\xff\"}"); /* no text: other readers would refuse the line */
	line = line_of(&a, &row, true);
	assert_non_null(strstr(line, "\"request\":\"{\\\"a\\\":\\\"\xef\xbf\xbd\\\"}\""));
	row.request = row.sent = row.response = STR_NULL;
	assert_non_null(strstr(line_of(&a, &row, true), "\"request\":null,\"response\":\"\"}"));
	arena_release(&a);
}

static void what_is_too_long_is_cut_and_says_so(void **state)
{
	struct request_log_row row = full_row;
	struct arena a = ARENA_INIT;
	char *text = malloc(LOG_RESPONSE_MAX + 10);
	const char *line;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LOG_RESPONSE_MAX + 10);
	memcpy(text + LOG_RESPONSE_MAX - 1, "\xc3\xa4", 2); /* a character across the limit */
	row.response = (str){text, LOG_RESPONSE_MAX + 10};
	row.request = (str){NULL, LOG_BODY_MAX + 1};
	row.sent = (str){NULL, LOG_BODY_MAX + 1};
	line = line_of(&a, &row, true);
	assert_non_null(strstr(line, "\"request\":null,\"request_omitted_bytes\":33554433,"
				     "\"sent\":null,\"sent_omitted_bytes\":33554433,"));
	assert_non_null(strstr(line, "x\",\"response_omitted_bytes\":11}\n"));
	free(text);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_all_that_is_known),
		cmocka_unit_test(what_is_not_known_is_null_and_savings_may_be_negative),
		cmocka_unit_test(messages_are_values_on_one_line),
		cmocka_unit_test(what_is_too_long_is_cut_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

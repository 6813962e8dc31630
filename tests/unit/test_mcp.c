#include "tests/unit/mcp_help.h"

#include "core/base/mem.h"

static void the_revision_of_the_client_is_taken_and_else_the_newest(void **state)
{
	static const struct {
		const char *ask, *get;
	} rows[] = {
		{INIT("2024-11-05"), "\"protocolVersion\":\"2024-11-05\""},
		{INIT("2025-03-26"), "\"protocolVersion\":\"2025-03-26\""},
		{INIT("2025-06-18"), "\"protocolVersion\":\"2025-06-18\""},
		{INIT("2025-11-25"), "\"protocolVersion\":\"2025-11-25\""},
		{INIT("2099-01-01"), "\"protocolVersion\":\"2025-11-25\""},
		{INIT(""), "\"protocolVersion\":\"2025-11-25\""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		ask_has(f, rows[i].ask, rows[i].get, true);
		mcp_free(f->m);
		begin(f, 4);
	}
	ask(f, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":"
		"\"protocolVersion must be a string\"}}");
}

static void initialize_comes_first_and_once(void **state)
{
	struct fixture *f = *state;

	ask(f, "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}");
	ask_has(f, CALL("1", "echo"), "\"code\":-32600", true);
	ask_has(f, INIT("2025-06-18"), "\"capabilities\":{\"tools\":{\"listChanged\":false}", true);
	ask_has(f, INIT("2025-06-18"), "initialized already", true);
	ask_has(f, CALL("1", "echo"), "\"text\":\"nothing\"", true);
}

static void what_is_no_request_is_answered_with_its_error(void **state)
{
	static const struct {
		const char *line, *id;
		int code;
	} rows[] = {
		{"{", "null", -32700},
		{"nonsense", "null", -32700},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", "null", -32700},
		{"1", "null", -32600},
		{"[]", "null", -32600},
		{"{}", "null", -32600},
		{"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", "1", -32600},
		{"{\"id\":1,\"method\":\"ping\"}", "1", -32600},
		{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", "null", -32600},
		{"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", "null", -32600},
		{"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", "null", -32600},
		{"{\"jsonrpc\":\"2.0\",\"id\":-7,\"method\":1}", "-7", -32600},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}", "1", -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/list\"}", "1", -32601},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}", "1", -32602},
		{CALL("1", "none"), "1", -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
		 "\"echo\",\"arguments\":[]}}",
			"1", -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":"
		 "\"50\"}}",
			"1", -32602},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{"
		 "\"level\":\"loud\"}}",
			"1", -32602},
	};
	struct fixture *f = *state;
	char want[128];

	initialize(f);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		(void)snprintf(want, sizeof want,
			"{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,", rows[i].id,
			rows[i].code);
		ask_has(f, rows[i].line, want, true);
	}
}

static void notifications_and_answers_are_not_answered(void **state)
{
	struct fixture *f = *state;

	initialize(f);
	ask(f, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}", "");
	ask(f, "{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}", "");
	ask(f, "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{}}", "");
	ask(f, "{\"jsonrpc\":\"2.0\",\"id\":5,\"error\":{\"code\":1,\"message\":\"\"}}", "");
	ask(f,
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
		"cancelled\",\"params\":{\"requestId\":9}}",
		"");
	ask(f, "", "");
	ask(f, " \r", "");
}

static void each_revision_gets_the_members_that_it_knows(void **state)
{
	static const struct {
		const char *init;
		bool has_annotations, has_schema;
	} rows[] = {
		{INIT("2024-11-05"), false, false},
		{INIT("2025-03-26"), true, false},
		{INIT("2025-06-18"), true, true},
		{INIT("2025-11-25"), true, true},
	};
	static const char list[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		ask_has(f, rows[i].init, "\"title\":\"Test\"", rows[i].has_schema);
		ask_has(f, list, "\"annotations\":{\"title\":\"Echo\",\"readOnlyHint\":true",
			rows[i].has_annotations);
		ask_has(f, list, "\"outputSchema\"", rows[i].has_schema);
		ask_has(f, CALL("1", "echo"), "\"structuredContent\":{\"n\":1}",
			rows[i].has_schema);
		mcp_free(f->m);
		begin(f, 4);
	}
}

static void a_long_list_comes_in_pages(void **state)
{
	struct fixture *f = *state;

	mcp_free(f->m);
	begin(f, TOOLS);
	initialize(f);
	feed(f, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n");
	assert_int_equal(count(f, "\"inputSchema\""), MCP_PAGE);
	assert_int_equal(count(f, "\"nextCursor\":\"50\""), 1);
	buf_reset(&f->out);
	feed(f, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
		"list\",\"params\":{\"cursor\":\"50\"}}\n");
	assert_int_equal(count(f, "\"inputSchema\""), TOOLS - MCP_PAGE);
	assert_int_equal(count(f, "nextCursor"), 0);
	ask_has(f,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
		"list\",\"params\":{\"cursor\":\"51\"}}",
		"-32602", true);
}

static void batches_are_of_one_revision_and_answered_by_one_array(void **state)
{
	static const char both[] =
		"[" CALL("1", "echo") ",{\"jsonrpc\":\"2.0\",\"method\":\"x\"},"
				      "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}," CALL(
					      "3", "none") ",7]";
	struct fixture *f = *state;
	str line;
	str rest;

	ask_has(f, both, "-32600", true);
	feed(f, INIT("2025-03-26") "\n");
	buf_reset(&f->out);
	feed(f, both);
	assert_int_equal(mcp_finish(f->m, &f->cx), E_OK);
	rest = buf_str(&f->out);
	assert_true(str_next_line(&rest, &line, NULL));
	assert_int_equal(rest.n, 0);
	assert_int_equal(line.p[0], '[');
	assert_int_equal(line.p[line.n - 1], ']');
	assert_int_equal(count(f, "\"jsonrpc\""), 4);
	assert_int_equal(count(f, "\"id\":1,\"result\""), 1);
	assert_int_equal(count(f, "\"id\":2,\"result\":{}"), 1);
	assert_int_equal(count(f, "\"id\":3,\"error\""), 1);
	assert_int_equal(count(f, "\"id\":null,\"error\""), 1);
	ask(f, "[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]", "");
	ask_has(f, "[]", "a batch of nothing", true);
	ask_has(f, "[" INIT("2025-03-26") "]", "must not be in a batch", true);
	mcp_free(f->m);
	begin(f, 4);
	initialize(f);
	ask_has(f, both, "2025-03-26 alone", true);
}

static void calls_are_answered_when_they_are_ready(void **state)
{
	struct fixture *f = *state;
	size_t first, second;

	initialize(f);
	feed(f, CALL("1", "wait") "\n" CALL("2", "release") "\n");
	assert_int_equal(mcp_finish(f->m, &f->cx), E_OK);
	first = str_find(buf_str(&f->out), STR("\"id\":1,"));
	second = str_find(buf_str(&f->out), STR("\"id\":2,"));
	assert_true(first != STR_NONE && second != STR_NONE);
	assert_int_equal(count(f, "waited"), 1);
}

static void a_cancelled_call_is_not_answered(void **state)
{
	struct fixture *f = *state;

	initialize(f);
	feed(f, CALL("\"a\"", "wait") "\n");
	pthread_mutex_lock(&f->lock);
	while (!f->running)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
	feed(f, CALL("\"a\"", "echo") "\n"
				      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
				      "cancelled\",\"params\":{"
				      "\"requestId\":\"a\"}}\n" CALL("2", "release") "\n");
	assert_int_equal(mcp_finish(f->m, &f->cx), E_OK);
	assert_int_equal(count(f, "a call with this id is at work"), 1);
	assert_int_equal(count(f, "released"), 1);
	assert_int_equal(count(f, "\"jsonrpc\""), 2);
	/* its id may be used again */
	ask_has(f, CALL("\"a\"", "echo"), "\"id\":\"a\",\"result\"", true);
}

static void a_cancelled_call_is_left_out_of_its_batch(void **state)
{
	struct fixture *f = *state;

	feed(f, INIT("2025-03-26") "\n");
	buf_reset(&f->out);
	feed(f, "[" CALL("1", "wait") "," CALL(
			"2", "echo") "]\n"
				     "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
				     "cancelled\",\"params\":{\"requestId\":1}}\n" CALL(
					     "3", "release") "\n");
	assert_int_equal(mcp_finish(f->m, &f->cx), E_OK);
	assert_int_equal(count(f, "\"id\":1,"), 0);
	assert_int_equal(count(f, "[{\"jsonrpc\":\"2.0\",\"id\":2,"), 1);
}

/* More than may be at work at once, and the first ones hold all threads but one. */
static void hundreds_of_calls_are_all_answered(void **state)
{
	struct fixture *f = *state;
	char line[256];

	initialize(f);
	for (int i = 0; i < MCP_THREADS - 1; i++) {
		(void)snprintf(line, sizeof line, CALL("%d", "wait") "\n", i);
		feed(f, line);
	}
	for (int i = 1000; i < 1000 + 3 * MCP_CALLS_MAX; i++) {
		(void)snprintf(line, sizeof line, CALL("%d", "echo") "\n", i);
		feed(f, line);
	}
	feed(f, CALL("2", "release") "\n"); /* the id of one that waits */
	feed(f, CALL("5000", "release") "\n");
	assert_int_equal(mcp_finish(f->m, &f->cx), E_OK);
	assert_int_equal(count(f, "\"isError\":false"), MCP_THREADS - 1 + 3 * MCP_CALLS_MAX + 1);
	assert_int_equal(count(f, "\"error\""), 1);
}

static void what_a_tool_fails_with_is_an_answer(void **state)
{
	struct fixture *f = *state;

	initialize(f);
	ask_has(f,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
		"call\",\"params\":{\"name\":\"echo\","
		"\"arguments\":{\"text\":1}}}",
		"\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"text must be a string\"}],"
		"\"isError\":true}",
		true);
	ask_has(f, CALL("1", "runs_out"),
		"{\"content\":[{\"type\":\"text\",\"text\":\"out of memory\"}],\"isError\":true}",
		true);
}

static void lines_may_come_in_any_pieces(void **state)
{
	static const char text[] = "\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n"
				   "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}";
	struct fixture *f = *state;

	initialize(f);
	for (size_t i = 0; i < sizeof text - 1; i++)
		assert_int_equal(mcp_feed(f->m, (str){text + i, 1}, &f->cx), E_OK);
	assert_int_equal(count(f, "\"result\":{}"), 1);
	/* the last line need not end */
	assert_int_equal(mcp_finish(f->m, &f->cx), E_OK);
	assert_int_equal(count(f, "\"result\":{}"), 2);
}

static void a_line_that_is_too_long_is_refused_once(void **state)
{
	static const char pong[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";
	struct fixture *f = *state;
	enum { PIECE = 1 << 20 };
	char *piece = malloc(PIECE);

	assert_non_null(piece);
	memset(piece, 'x', PIECE);
	initialize(f);
	for (int i = 0; i <= MCP_LINE_MAX / PIECE; i++)
		assert_int_equal(mcp_feed(f->m, (str){piece, PIECE}, &f->cx), E_OK);
	assert_int_equal(f->out.n, 0);
	ask_has(f, "", "a message has at most 64 MB", true);
	ask(f, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", pong);
	free(piece);
}

static void what_is_logged_is_what_was_asked_for(void **state)
{
	struct fixture *f = *state;

	initialize(f);
	ask_has(f, CALL("1", "echo"), "notifications/message", false);
	mcp_log(f->m, "warning", STR("the \"store\""));
	assert_int_equal(
		count(f, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{"
			 "\"level\":\"warning\",\"logger\":\"test\",\"data\":\"the "
			 "\\\"store\\\"\"}}\n"),
		1);
	feed(f, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/"
		"setLevel\",\"params\":{\"level\":\"debug\"}}\n");
	ask_has(f, CALL("1", "echo"), "\"data\":\"echo: answered, ", true);
	feed(f, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/"
		"setLevel\",\"params\":{\"level\":\"error\"}}\n");
	buf_reset(&f->out);
	mcp_log(f->m, "warning", STR("the store"));
	assert_int_equal(f->out.n, 0);
}

static void a_closed_pipe_ends_the_server(void **state)
{
	struct fixture *f = *state;

	initialize(f);
	f->is_broken = true;
	assert_int_equal(
		mcp_feed(f->m, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n"), &f->cx),
		E_IO);
	assert_string_equal(f->cx.text, "the pipe is closed");
	assert_int_equal(mcp_feed(f->m, STR("x\n"), &f->cx), E_IO);
}

static void memory_may_run_out_anywhere(void **state)
{
	static const char lines[] = INIT("2025-06-18") "\n" CALL(
		"1", "echo") "\n"
			     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n"
			     "{\"jsonrpc\":\"2.0\",\"id\":\"\\u0041\",\"method\":\"\\u0041\"}\n";
	struct fixture *f = *state;
	bool has_failed = true;

	for (size_t n = 1; has_failed && n < 500; n++) {
		buf_reset(&f->out);
		mem_fail_after(n);
		(void)!mcp_feed(f->m, STR(lines), &f->cx);
		(void)!mcp_finish(f->m, &f->cx);
		has_failed = mem_failed();
		mem_fail_after(0);
		mcp_free(f->m);
		begin(f, 4);
	}
	assert_false(has_failed);
	ask_has(f, INIT("2025-06-18"), "\"result\"", true);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_revision_of_the_client_is_taken_and_else_the_newest),
		TEST(initialize_comes_first_and_once),
		TEST(what_is_no_request_is_answered_with_its_error),
		TEST(notifications_and_answers_are_not_answered),
		TEST(each_revision_gets_the_members_that_it_knows),
		TEST(a_long_list_comes_in_pages),
		TEST(batches_are_of_one_revision_and_answered_by_one_array),
		TEST(calls_are_answered_when_they_are_ready),
		TEST(a_cancelled_call_is_not_answered),
		TEST(a_cancelled_call_is_left_out_of_its_batch),
		TEST(hundreds_of_calls_are_all_answered),
		TEST(what_a_tool_fails_with_is_an_answer),
		TEST(lines_may_come_in_any_pieces),
		TEST(a_line_that_is_too_long_is_refused_once),
		TEST(what_is_logged_is_what_was_asked_for),
		TEST(a_closed_pipe_ends_the_server),
		TEST(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

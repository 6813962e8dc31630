#include "tests/unit/wire_help.h"

static void bodies_are_recognised_by_their_shape(void **state)
{
	static const struct {
		enum wire_format want;
		const char *body;
	} CASES[] = {
		{WIRE_ANTHROPIC, "{'system':'s','messages':[{'role':'user','content':'x'}]}"},
		{WIRE_ANTHROPIC, "{'model':'claude-x','messages':[{'role':'user','content':'x'}]}"},
		{WIRE_ANTHROPIC, "{'messages':[{'role':'assistant','content':["
				 "{'type':'tool_use','id':'a','name':'b','input':{}}]}]}"},
		{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':["
				 "{'type':'text','text':'x'},{'type':'image','source':{}}]}]}"},
		{WIRE_ANTHROPIC, "{'messages':[],'tools':[{'name':'x','input_schema':{}}]}"},
		{WIRE_ANTHROPIC, "{'anthropic_version':'bedrock-2023-05-31','messages':[]}"},
		{WIRE_OPENAI_CHAT, "{'messages':[]}"},
		{WIRE_OPENAI_CHAT, "{'model':'gpt','messages':[{'role':'user','content':'x'}]}"},
		{WIRE_OPENAI_CHAT, "{'model':'anthropic/claude-x','messages':["
				   "{'role':'system','content':'x'}]}"},
		{WIRE_OPENAI_CHAT, "{'model':'claude-x','messages':[{'role':'user','content':'x'},"
				   "{'role':'assistant','tool_calls':[]}]}"},
		{WIRE_OPENAI_CHAT, "{'messages':[{'role':'tool','content':'x'}]}"},
		{WIRE_OPENAI_CHAT, "{'model':'claude-x','messages':[],'stream_options':{}}"},
		{WIRE_OPENAI_CHAT, "{'messages':[],'tools':[{'type':'function','function':{}}]}"},
		{WIRE_OPENAI_RESPONSES, "{'input':[]}"},
		{WIRE_OPENAI_RESPONSES, "{'model':'m','input':'x'}"},
		{WIRE_OPENAI_RESPONSES, "{'instructions':'x','previous_response_id':'r'}"},
		{WIRE_GEMINI, "{'contents':[]}"},
		{WIRE_GEMINI, "{'model':'m','request':{'contents':[]}}"},
		{WIRE_NONE, "{}"},
		{WIRE_NONE, "[]"},
		{WIRE_NONE, "7"},
		{WIRE_NONE, "'messages'"},
		{WIRE_NONE, "{'messages':'x','contents':7,'input':{}}"},
		{WIRE_NONE, "{'input':'x'}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct json_tape t = scanned(&a, quoted(&a, CASES[i].body));
		enum wire_format got = wire_detect(&t);

		if (got != CASES[i].want)
			fail_msg("%s: %s", wire_format_name(got), CASES[i].body);
		arena_release(&a);
	}
}

static void lists_of_messages_are_recognised_by_their_elements(void **state)
{
	static const struct {
		enum wire_format want;
		const char *list;
	} CASES[] = {
		{WIRE_ANTHROPIC, "[{'role':'user','content':'x'},"
				 "{'role':'user','content':[{'type':'tool_result'}]}]"},
		{WIRE_OPENAI_CHAT, "[{'role':'assistant','tool_calls':[]}]"},
		{WIRE_OPENAI_RESPONSES, "[{'type':'function_call','call_id':'x'}]"},
		{WIRE_OPENAI_RESPONSES, "[{'type':'message','role':'user','content':["
					"{'type':'input_text','text':'x'}]}]"},
		{WIRE_OPENAI_RESPONSES, "[{'type':'reasoning'}]"},
		{WIRE_GEMINI, "[{'role':'user','parts':[]}]"},
		{WIRE_NONE, "[{'role':'user','content':'x'}]"},
		{WIRE_NONE, "[1,'a',null,[],{}]"},
		{WIRE_NONE, "{}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct json_tape t = scanned(&a, quoted(&a, CASES[i].list));

		assert_int_equal(wire_detect_messages(&t, 0), CASES[i].want);
		arena_release(&a);
	}
}

static void formats_have_names(void **state)
{
	enum wire_format got = WIRE_NONE;

	(void)state;
	for (enum wire_format f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++) {
		assert_true(wire_format_parse(str_from(wire_format_name(f)), &got));
		assert_int_equal(got, f);
	}
	assert_false(wire_format_parse(STR("none"), &got));
	assert_false(wire_format_parse(STR("anthropi"), &got));
}

static void walk_line(struct arena *a, struct wire_calls *calls, const char *line, const char *want)
{
	struct json_tape t = scanned(a, quoted(a, line));
	struct wire_piece piece = {.format = WIRE_ANTHROPIC,
		.node = json_member(&t, 0, "message"),
		.path = STR("message")};
	struct wire_doc d = {0};
	struct errctx cx = {0};

	assert_int_equal(wire_walk_piece(a, &t, &piece, &d, &cx), E_OK);
	wire_resolve(a, &d, calls);
	assert_string_equal(rendered(a, &d), quoted(a, want).p);
	assert_spans_are_sound(&d);
}

static void tools_are_known_from_earlier_documents(void **state)
{
	struct arena a = ARENA_INIT;
	struct wire_calls calls = {0};

	(void)state;
	walk_line(&a, &calls, "{'message':{'role':'user','content':'go'}}",
		"user text message.content = 'go'\n");
	walk_line(&a, &calls,
		"{'message':{'role':'assistant','content':[{'type':'text','text':'ok'},"
		"{'type':'tool_use','id':'t','name':'Read','input':{}}]}}",
		"assistant text message.content[0].text = 'ok'\n"
		"assistant call message.content[1].input Read#t = {}\n");
	walk_line(&a, &calls,
		"{'message':{'role':'user','content':["
		"{'type':'tool_result','tool_use_id':'t','content':'r'},"
		"{'type':'tool_result','tool_use_id':'u','content':'?'}]}}",
		"tool result message.content[0].content Read#t = 'r'\n"
		"tool result message.content[1].content #u = '?'\n");
	arena_release(&a);
}

static void old_calls_are_forgotten_and_long_names_not_kept(void **state)
{
	static const char LONG[CALLS_NAME + 1] = {0};
	struct wire_calls calls = {0};
	char id[3] = {0, 0, 'x'};

	(void)state;
	for (int i = 0; i < CALLS_KEPT; i++) {
		id[0] = (char)i;
		id[1] = (char)(i >> 8);
		wire_calls_add(&calls, (str){id, 3}, STR("n"));
	}
	id[0] = id[1] = 0;
	assert_true(str_eq(wire_calls_name(&calls, (str){id, 3}), STR("n")));
	wire_calls_add(&calls, STR("new"), (str){LONG, sizeof LONG});
	assert_int_equal(wire_calls_name(&calls, (str){id, 3}).n, 0);
	id[0] = 1;
	assert_int_equal(wire_calls_name(&calls, (str){id, 3}).n, 1);
	assert_int_equal(wire_calls_name(&calls, STR("new")).n, 0);
	wire_calls_add(&calls, STR("new"), STR("again"));
	assert_true(str_eq(wire_calls_name(&calls, STR("new")), STR("again")));
}

static void pieces_of_one_document_are_appended(void **state)
{
	struct arena a = ARENA_INIT;
	struct json_tape t = scanned(&a, quoted(&a, "{'a':[{'role':'user','content':'x'}],"
						    "'b':{'role':'user','content':'y'},'c':7}"));
	struct wire_piece piece = {.format = WIRE_OPENAI_CHAT, .path = STR("a")};
	struct wire_doc d = {0};
	struct errctx cx = {0};

	(void)state;
	piece.node = json_member(&t, 0, "a");
	assert_int_equal(wire_walk_piece(&a, &t, &piece, &d, &cx), E_OK);
	piece.node = json_member(&t, 0, "b");
	piece.path = STR("b");
	assert_int_equal(wire_walk_piece(&a, &t, &piece, &d, &cx), E_OK);
	piece.node = json_member(&t, 0, "c");
	assert_int_equal(wire_walk_piece(&a, &t, &piece, &d, &cx), E_MALFORMED);
	assert_string_equal(
		rendered(&a, &d), "user text a[0].content = \"x\"\nuser text b.content = \"y\"\n");
	assert_int_equal(d.message_n, 2);
	assert_int_equal(d.blocks[1].message, 1);
	arena_release(&a);
}

static void a_content_takes_the_role_that_it_is_given(void **state)
{
	static const struct {
		enum wire_format format;
		enum wire_role role;
		const char *content, *want;
	} CASES[] = {
		{WIRE_ANTHROPIC, WIRE_ASSISTANT, "'x'", "assistant text p = 'x'\n"},
		{WIRE_ANTHROPIC, WIRE_TOOL, "'x'", "tool result p = 'x'\n"},
		{WIRE_OPENAI_CHAT, WIRE_TOOL, "[{'type':'text','text':'x'}]",
			"tool result p[0].text = 'x'\n"},
		{WIRE_GEMINI, WIRE_USER,
			"[{'text':'a'},{'functionResponse':{'name':'f','response':{'output':'x'}}}"
			"]",
			"user text p[0].text = 'a'\n"
			"tool result p[1].functionResponse.response.output f# = 'x'\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct json_tape t = scanned(&a, quoted(&a, CASES[i].content));
		struct wire_piece piece = {.format = CASES[i].format,
			.path = STR("p"),
			.is_content = true,
			.role = CASES[i].role};
		struct wire_doc d = {0};

		assert_int_equal(wire_walk_piece(&a, &t, &piece, &d, NULL), E_OK);
		assert_string_equal(rendered(&a, &d), quoted(&a, CASES[i].want).p);
		assert_int_equal(d.message_n, 1);
		arena_release(&a);
	}
}

static void blocks_of_other_shapes_are_added_by_hand(void **state)
{
	struct arena a = ARENA_INIT;
	struct json_tape t = scanned(&a, quoted(&a, "{'in':{'a':1},'out':'x','odd':7}"));
	struct wire_block b = {.role = WIRE_ASSISTANT,
		.kind = WIRE_TOOL_CALL,
		.tool = STR("Read"),
		.call_id = STR("1")};
	struct wire_doc d = {0};

	(void)state;
	wire_add(&a, &t, &b, json_member(&t, 0, "in"), STR("in"), &d);
	b = (struct wire_block){
		.role = WIRE_TOOL, .kind = WIRE_TOOL_RESULT, .call_id = STR("1"), .part = 1};
	wire_add(&a, &t, &b, json_member(&t, 0, "out"), STR("out"), &d);
	wire_add(&a, &t, &b, json_member(&t, 0, "odd"), STR("odd"), &d);
	wire_resolve(&a, &d, NULL);
	assert_string_equal(rendered(&a, &d), "assistant call in Read#1 = {\"a\":1}\n"
					      "tool result out Read#1 ->0 = \"x\"\n"
					      "tool opaque odd #1 = 7\n");
	arena_release(&a);
}

/* Ten thousand calls in one message and ten thousand results in the next: linear, or this takes minutes. */
static void many_calls_are_resolved_in_linear_time(void **state)
{
	enum { N = 10000 };
	struct arena a = ARENA_INIT;
	struct buf b;
	struct json_tape t;
	struct wire_doc d;
	struct errctx cx = {0};

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	buf_add_c(&b, "{\"messages\":[{\"role\":\"assistant\",\"content\":[0");
	for (int i = 0; i < N; i++)
		buf_printf(&b,
			",{\"type\":\"tool_use\",\"id\":\"t%d\",\"name\":\"n%d\",\"input\":{}}", i,
			i);
	buf_add_c(&b, "]},{\"role\":\"user\",\"content\":[0");
	for (int i = N - 1; i >= 0; i--)
		buf_printf(&b,
			",{\"type\":\"tool_result\",\"tool_use_id\":\"t%d\",\"content\":\"\"}", i);
	buf_add_c(&b, "]}]}");
	t = scanned(&a, buf_str(&b));
	assert_int_equal(wire_walk(&a, &t, WIRE_ANTHROPIC, &d, &cx), E_OK);
	assert_int_equal(d.n, 2 * N + 2);
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(d.blocks[N + 2 + i].call, N - i);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_recognised_by_their_shape),
		cmocka_unit_test(lists_of_messages_are_recognised_by_their_elements),
		cmocka_unit_test(formats_have_names),
		cmocka_unit_test(tools_are_known_from_earlier_documents),
		cmocka_unit_test(old_calls_are_forgotten_and_long_names_not_kept),
		cmocka_unit_test(pieces_of_one_document_are_appended),
		cmocka_unit_test(a_content_takes_the_role_that_it_is_given),
		cmocka_unit_test(blocks_of_other_shapes_are_added_by_hand),
		cmocka_unit_test(many_calls_are_resolved_in_linear_time),
	};

	return cmocka_run_group_tests_name("wire: formats and pieces", tests, NULL, NULL);
}

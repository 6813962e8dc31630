#include "tests/unit/wire_help.h"

static void blocks_of_anthropic_bodies_are_listed_in_reading_order(void **state)
{
	static const struct wire_case CASES[] = {
		{"content as a string",
			"{'model':'m','messages':[{'role':'user','content':'hi'},"
			"{'role':'assistant','content':'yo'}]}",
			"user text messages[0].content = 'hi'\n"
			"assistant text messages[1].content = 'yo'\n"},
		{"content before role", "{'messages':[{'content':'hi','role':'assistant'}]}",
			"assistant text messages[0].content = 'hi'\n"},
		{"content as a list, with breakpoints",
			"{'messages':[{'role':'user','content':["
			"{'type':'text','text':'a'},"
			"{'type':'text','text':'b','cache_control':{'type':'ephemeral'}},"
			"{'type':'text','text':'c','cache_control':null}]}]}",
			"user text messages[0].content[0].text = 'a'\n"
			"user text messages[0].content[1].text cache = 'b'\n"
			"user text messages[0].content[2].text = 'c'\n"},
		{"the system prompt first, though it stands last",
			"{'messages':[{'role':'user','content':'hi'}],'system':'be good'}",
			"system text system = 'be good'\n"
			"user text messages[0].content = 'hi'\n"},
		{"the system prompt as a list",
			"{'system':[{'type':'text','text':'a','cache_control':{}},"
			"{'type':'new','x':1}],'messages':[]}",
			"system text system[0].text cache = 'a'\n"
			"system opaque system[1] = {'type':'new','x':1}\n"},
		{"system messages in mid-conversation",
			"{'messages':[{'role':'user','content':'a'},"
			"{'role':'system','content':'new tools'},"
			"{'role':'system','content':[{'type':'text','text':'b'}]}]}",
			"user text messages[0].content = 'a'\n"
			"system text messages[1].content = 'new tools'\n"
			"system text messages[2].content[0].text = 'b'\n"},
		{"a call and its result as a string",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'t1','name':'Read','input':{'path':'a'}}]},"
			"{'role':'user','content':[{'type':'tool_result','tool_use_id':'t1',"
			"'content':'text','is_error':true,'cache_control':{}}]}]}",
			"assistant call messages[0].content[0].input Read#t1 = {'path':'a'}\n"
			"tool result messages[1].content[0].content Read#t1 ->0 error cache = "
			"'text'\n"},
		{"results in the order of completion",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'a','name':'A','input':{}},"
			"{'type':'tool_use','id':'b','name':'B','input':{}}]},"
			"{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'b','content':'1','is_error':false},"
			"{'type':'tool_result','tool_use_id':'a','content':'2'},"
			"{'type':'text','text':'go on'}]}]}",
			"assistant call messages[0].content[0].input A#a = {}\n"
			"assistant call messages[0].content[1].input B#b = {}\n"
			"tool result messages[1].content[0].content B#b ->1 = '1'\n"
			"tool result messages[1].content[1].content A#a ->0 = '2'\n"
			"user text messages[1].content[2].text = 'go on'\n"},
		{"a result before its call, and one without",
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'b','content':'1'},"
			"{'type':'tool_result','tool_use_id':'zz','content':'2'},"
			"{'type':'tool_result','content':'3'}]},"
			"{'role':'assistant','content':["
			"{'type':'tool_use','id':'b','name':'B','input':{}}]}]}",
			"tool result messages[0].content[0].content B#b ->3 = '1'\n"
			"tool result messages[0].content[1].content #zz = '2'\n"
			"tool result messages[0].content[2].content = '3'\n"
			"assistant call messages[1].content[0].input B#b = {}\n"},
		{"an id used again: the call before the result counts",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'x','name':'A','input':1}]},"
			"{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'x','content':'1'}]},"
			"{'role':'assistant','content':["
			"{'type':'tool_use','id':'x','name':'B','input':2}]},"
			"{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'x','content':'2'}]}]}",
			"assistant call messages[0].content[0].input A#x = 1\n"
			"tool result messages[1].content[0].content A#x ->0 = '1'\n"
			"assistant call messages[2].content[0].input B#x = 2\n"
			"tool result messages[3].content[0].content B#x ->2 = '2'\n"},
	};

	(void)state;
	check_cases(WIRE_ANTHROPIC, CASES, ARRAY_N(CASES));
}

static void tools_and_unknown_blocks_of_anthropic_bodies_are_listed(void **state)
{
	static const struct wire_case CASES[] = {
		{"a result as a list: text, image, references",
			"{'messages':[{'role':'user','content':[{'type':'tool_result',"
			"'tool_use_id':'t','cache_control':{'type':'ephemeral'},'content':["
			"{'type':'text','text':'a'},"
			"{'type':'image','source':{'data':'xx'}},"
			"{'type':'tool_reference','tool_name':'mcp__s__t'},"
			"{'type':'text','text':'b'}]}]}]}",
			"tool result messages[0].content[0].content[0].text #t = 'a'\n"
			"tool opaque messages[0].content[0].content[1] #t = "
			"{'type':'image','source':{'data':'xx'}}\n"
			"tool opaque messages[0].content[0].content[2] #t = "
			"{'type':'tool_reference','tool_name':'mcp__s__t'}\n"
			"tool result messages[0].content[0].content[3].text #t cache = 'b'\n"},
		{"results that say nothing",
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'a'},"
			"{'type':'tool_result','tool_use_id':'b','content':[]},"
			"{'type':'tool_result','tool_use_id':'c','content':''},"
			"{'type':'tool_result','tool_use_id':'d','content':7}]}]}",
			"tool opaque messages[0].content[0] #a = "
			"{'type':'tool_result','tool_use_id':'a'}\n"
			"tool opaque messages[0].content[1] #b = "
			"{'type':'tool_result','tool_use_id':'b','content':[]}\n"
			"tool result messages[0].content[2].content #c = ''\n"
			"tool opaque messages[0].content[3].content #d = 7\n"},
		{"everything else is opaque",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'thinking','thinking':'hm','signature':'s'},"
			"{'type':'redacted_thinking','data':'x'},"
			"{'type':'server_tool_use','id':'s1','name':'web_search','input':{}},"
			"{'type':'web_search_tool_result','tool_use_id':'s1','content':[]},"
			"{'type':'mcp_tool_use','id':'m1','name':'n','input':{}},"
			"{'type':'mcp_tool_result','tool_use_id':'m1','content':["
			"{'type':'text','text':'x'}]},"
			"{'type':'container_upload','file_id':'f'},"
			"'a bare string', 3, null, {}]}]}",
			"assistant opaque messages[0].content[0] = "
			"{'type':'thinking','thinking':'hm','signature':'s'}\n"
			"assistant opaque messages[0].content[1] = "
			"{'type':'redacted_thinking','data':'x'}\n"
			"assistant opaque messages[0].content[2] = "
			"{'type':'server_tool_use','id':'s1','name':'web_search','input':{}}\n"
			"assistant opaque messages[0].content[3] = "
			"{'type':'web_search_tool_result','tool_use_id':'s1','content':[]}\n"
			"assistant opaque messages[0].content[4] = "
			"{'type':'mcp_tool_use','id':'m1','name':'n','input':{}}\n"
			"assistant opaque messages[0].content[5] = "
			"{'type':'mcp_tool_result','tool_use_id':'m1','content':["
			"{'type':'text','text':'x'}]}\n"
			"assistant opaque messages[0].content[6] = "
			"{'type':'container_upload','file_id':'f'}\n"
			"assistant opaque messages[0].content[7] = 'a bare string'\n"
			"assistant opaque messages[0].content[8] = 3\n"
			"assistant opaque messages[0].content[9] = null\n"
			"assistant opaque messages[0].content[10] = {}\n"},
		{"doubtful messages",
			"{'messages':[{'role':'robot','content':'a'},{'content':'b'},7,"
			"{'role':'user','content':{'type':'text'}},{'role':'user'},"
			"{'role':'user','content':null},{'role':'user','content':[]}]}",
			"user opaque messages[0] = {'role':'robot','content':'a'}\n"
			"user opaque messages[1] = {'content':'b'}\n"
			"user opaque messages[2] = 7\n"
			"user opaque messages[3].content = {'type':'text'}\n"},
		{"a text that is no string",
			"{'messages':[{'role':'user','content':[{'type':'text','text':7},"
			"{'type':'text'}]}]}",
			"user opaque messages[0].content[0] = {'type':'text','text':7}\n"
			"user opaque messages[0].content[1] = {'type':'text'}\n"},
		{"a call without an input",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'a','name':'A'}]},"
			"{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'a','content':'1'}]}]}",
			"assistant call messages[0].content[0].input A#a = "
			"{'type':'tool_use','id':'a','name':'A'}\n"
			"tool result messages[1].content[0].content A#a ->0 = '1'\n"},
		{"names with escapes read as text",
			"{'messages':[{'role':'assistant','content':["
			"{'ty\\u0070e':'tool_\\u0075se','id':'a\\n','name':'\\u0041','input':{}}]}]"
			"}",
			"assistant call messages[0].content[0].input A#a\n = {}\n"},
	};

	(void)state;
	check_cases(WIRE_ANTHROPIC, CASES, ARRAY_N(CASES));
}

static void a_key_that_occurs_twice_makes_its_block_opaque(void **state)
{
	static const struct wire_case CASES[] = {
		{"in a part",
			"{'messages':[{'role':'user','content':["
			"{'type':'text','text':'a','text':'b'},{'type':'text','text':'c'}]}]}",
			"user opaque messages[0].content[0] = "
			"{'type':'text','text':'a','text':'b'}\n"
			"user text messages[0].content[1].text = 'c'\n"},
		{"spelled in another way",
			"{'messages':[{'role':'user','content':["
			"{'type':'text','text':'a','te\\u0078t':'b'}]}]}",
			"user opaque messages[0].content[0] = "
			"{'type':'text','text':'a','te\\u0078t':'b'}\n"},
		{"of which we do not know the meaning",
			"{'messages':[{'role':'user','content':["
			"{'type':'text','text':'a','zz':1,'zz':1}]}]}",
			"user opaque messages[0].content[0] = "
			"{'type':'text','text':'a','zz':1,'zz':1}\n"},
		{"in a message", "{'messages':[{'role':'user','role':'user','content':'a'}]}",
			"user opaque messages[0] = {'role':'user','role':'user','content':'a'}\n"},
		{"in a nested part",
			"{'messages':[{'role':'user','content':[{'type':'tool_result',"
			"'tool_use_id':'t','content':[{'type':'text','text':'a','text':'b'}]}]}]}",
			"tool opaque messages[0].content[0].content[0] #t = "
			"{'type':'text','text':'a','text':'b'}\n"},
		{"but not in what the model wrote",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'a','name':'A','input':{'x':1,'x':2}}]}]}",
			"assistant call messages[0].content[0].input A#a = {'x':1,'x':2}\n"},
	};

	(void)state;
	check_cases(WIRE_ANTHROPIC, CASES, ARRAY_N(CASES));
}

static void a_body_of_claude_code_is_read_as_a_whole(void **state)
{
	struct arena a = ARENA_INIT;
	struct wire_doc d = walked(&a, WIRE_ANTHROPIC,
		"{'model':'claude-opus-4-8','messages':["
		"{'role':'user','content':[{'type':'text','text':'<system-reminder>'},"
		"{'type':'text','text':'fix it'}]},"
		"{'role':'system','content':'tools: mcp__s__t'},"
		"{'role':'assistant','content':[{'type':'thinking','thinking':'','signature':'s'},"
		"{'type':'text','text':'I look.'},"
		"{'type':'tool_use','id':'toolu_1','name':'Bash','input':{'command':'ls'}}]},"
		"{'role':'user','content':[{'tool_use_id':'toolu_1','type':'tool_result',"
		"'content':'a\\nb','is_error':false,'cache_control':{'type':'ephemeral'}}]}],"
		"'system':[{'type':'text','text':'x-anthropic-billing-header: cc_version=1;'},"
		"{'type':'text','text':'You are','cache_control':{'type':'ephemeral'}}],"
		"'tools':[{'name':'Bash','input_schema':{}},"
		"{'name':'mcp__headroom__headroom_retrieve','input_schema':{}}],"
		"'metadata':{'user_id':'u'},'max_tokens':64000,'thinking':{'type':'adaptive'},"
		"'context_management':{'edits':[{'type':'clear_thinking_20251015','keep':'all'}]},"
		"'stream':true}");

	(void)state;
	assert_true(str_eq(d.model, STR("claude-opus-4-8")));
	assert_int_equal(d.format, WIRE_ANTHROPIC);
	assert_int_equal(d.message_n, 4);
	assert_int_equal(d.n, 9);
	assert_int_equal(d.tool_n, 2);
	assert_int_equal(d.tape.doc.p[d.tools.start], '[');
	assert_int_equal(d.tape.doc.p[d.tools.end - 1], ']');
	assert_true(d.has_retrieve_tool);
	assert_true(d.is_stream);
	assert_false(d.clears_results);
	assert_false(d.clears_inputs);
	assert_int_equal(d.blocks[0].message, WIRE_NO_MESSAGE);
	assert_true(str_eq(d.blocks[8].tool, STR("Bash")));
	assert_spans_are_sound(&d);
	arena_release(&a);
}

static void edits_of_the_context_say_what_may_be_cleared(void **state)
{
	static const struct {
		const char *edits;
		bool results, inputs;
	} CASES[] = {
		{"[]", false, false},
		{"[{'type':'clear_thinking_20251015'}]", false, false},
		{"[{'type':'clear_tool_uses_20250919'}]", true, false},
		{"[{'type':'clear_tool_uses_20250919','clear_tool_inputs':false}]", true, false},
		{"[{'type':'clear_tool_uses_20250919','clear_tool_inputs':true}]", true, true},
		{"[{'type':'clear_tool_uses_20250919','clear_tool_inputs':['Read']}]", true, true},
		{"[{'type':'clear_thinking_20251015'},{'type':'compact_20260112'}]", true, true},
		{"[{'type':'something_new'}]", true, true},
		{"[7]", true, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		str body = arena_printf(
			&a, "{'messages':[],'context_management':{'edits':%s}}", CASES[i].edits);
		struct wire_doc d = walked(&a, WIRE_ANTHROPIC, body.p);

		assert_int_equal(d.clears_results, CASES[i].results);
		assert_int_equal(d.clears_inputs, CASES[i].inputs);
		arena_release(&a);
	}
}

static void what_is_no_messages_request_is_malformed(void **state)
{
	static const char *const BODIES[] = {"[]", "7", "{}", "{'messages':{}}", "{'messages':'x'}",
		"{'messages':[],'messages':[]}", "{'contents':[]}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(BODIES); i++) {
		struct arena a = ARENA_INIT;
		struct json_tape t = scanned(&a, quoted(&a, BODIES[i]));
		struct wire_doc d;
		struct errctx cx = {0};

		assert_int_equal(wire_walk(&a, &t, WIRE_ANTHROPIC, &d, &cx), E_MALFORMED);
		assert_true(cx.text[0] != '\0');
		arena_release(&a);
	}
}

static void the_name_of_the_retrieve_tool_is_recognised(void **state)
{
	static const struct {
		const char *name;
		bool is_it;
	} CASES[] = {
		{"headroom_retrieve", true},
		{"mcp__headroom__headroom_retrieve", true},
		{"mcp_headroom_headroom_retrieve", true},
		{"headroom_headroom_retrieve", true},
		{"headroom-headroom_retrieve", true},
		{"my_headroom_retrieve", false},
		{"headroom_retrieve_all", false},
		{"Read", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		str body =
			arena_printf(&a, "{'messages':[],'tools':[{'name':'%s'}]}", CASES[i].name);
		struct wire_doc d = walked(&a, WIRE_ANTHROPIC, body.p);

		assert_int_equal(d.has_retrieve_tool, CASES[i].is_it);
		assert_int_equal(d.tool_n, 1);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_anthropic_bodies_are_listed_in_reading_order),
		cmocka_unit_test(tools_and_unknown_blocks_of_anthropic_bodies_are_listed),
		cmocka_unit_test(a_key_that_occurs_twice_makes_its_block_opaque),
		cmocka_unit_test(a_body_of_claude_code_is_read_as_a_whole),
		cmocka_unit_test(edits_of_the_context_say_what_may_be_cleared),
		cmocka_unit_test(what_is_no_messages_request_is_malformed),
		cmocka_unit_test(the_name_of_the_retrieve_tool_is_recognised),
	};

	return cmocka_run_group_tests_name("wire: Anthropic Messages", tests, NULL, NULL);
}

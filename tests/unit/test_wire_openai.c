#include "tests/unit/wire_help.h"

static void blocks_of_chat_bodies_are_listed_in_order(void **state)
{
	static const struct wire_case CASES[] = {
		{"all roles",
			"{'messages':[{'role':'system','content':'a'},"
			"{'role':'developer','content':'b'},{'role':'user','content':'c'},"
			"{'role':'assistant','content':'d'},"
			"{'role':'tool','tool_call_id':'t','content':'e'}]}",
			"system text messages[0].content = 'a'\n"
			"system text messages[1].content = 'b'\n"
			"user text messages[2].content = 'c'\n"
			"assistant text messages[3].content = 'd'\n"
			"tool result messages[4].content #t = 'e'\n"},
		{"parts",
			"{'messages':[{'role':'user','content':[{'type':'text','text':'a'},"
			"{'type':'image_url','image_url':{'url':'u'}},"
			"{'type':'input_audio','input_audio':{}},"
			"{'type':'text','text':'b','cache_control':{'type':'ephemeral'}}]},"
			"{'role':'assistant','content':[{'type':'refusal','refusal':'no'}]}]}",
			"user text messages[0].content[0].text = 'a'\n"
			"user opaque messages[0].content[1] = "
			"{'type':'image_url','image_url':{'url':'u'}}\n"
			"user opaque messages[0].content[2] = "
			"{'type':'input_audio','input_audio':{}}\n"
			"user text messages[0].content[3].text cache = 'b'\n"
			"assistant opaque messages[1].content[0] = "
			"{'type':'refusal','refusal':'no'}\n"},
		{"calls and results, in another order",
			"{'messages':[{'role':'assistant','content':null,'tool_calls':["
			"{'id':'a','type':'function','function':"
			"{'name':'read','arguments':'{\\'p\\':1}'}},"
			"{'id':'b','type':'custom','custom':{'name':'patch','input':'*** x'}}]},"
			"{'role':'tool','tool_call_id':'b','content':'1'},"
			"{'role':'tool','tool_call_id':'a','content':["
			"{'type':'text','text':'2'},{'type':'text','text':'3'}]}]}",
			"assistant call messages[0].tool_calls[0].function.arguments read#a = "
			"'{\\'p\\':1}'\n"
			"assistant call messages[0].tool_calls[1].custom.input patch#b = '*** x'\n"
			"tool result messages[1].content patch#b ->1 = '1'\n"
			"tool result messages[2].content[0].text read#a ->0 = '2'\n"
			"tool result messages[2].content[1].text read#a ->0 = '3'\n"},
		{"functions of the first API",
			"{'messages':[{'role':'assistant','content':'x',"
			"'function_call':{'name':'f','arguments':'{}'}},"
			"{'role':'function','name':'f','content':'r'}]}",
			"assistant text messages[0].content = 'x'\n"
			"assistant call messages[0].function_call.arguments f# = '{}'\n"
			"tool result messages[1].content f# ->1 = 'r'\n"},
		{"members of some providers only",
			"{'messages':[{'role':'assistant','reasoning_content':'hm','content':'x',"
			"'refusal':null,'audio':{'id':'i'},'prefix':true,'function_call':null}]}",
			"assistant opaque messages[0].reasoning_content = 'hm'\n"
			"assistant text messages[0].content = 'x'\n"
			"assistant opaque messages[0].audio = {'id':'i'}\n"},
		{"a breakpoint on a message",
			"{'messages':[{'role':'system','content':'a','cache_control':{}}]}",
			"system text messages[0].content cache = 'a'\n"},
		{"doubtful calls",
			"{'messages':[{'role':'assistant','tool_calls':["
			"{'id':'a','type':'new','new':{}},7,"
			"{'id':'b','function':{'name':'f','arguments':{'x':1}}},"
			"{'id':'c','function':{'name':'f'}},"
			"{'id':'d','function':{'name':'f','name':'g','arguments':''}}]}]}",
			"assistant opaque messages[0].tool_calls[0].function #a = "
			"{'id':'a','type':'new','new':{}}\n"
			"assistant opaque messages[0].tool_calls[1] = 7\n"
			"assistant call messages[0].tool_calls[2].function.arguments f#b = "
			"{'x':1}\n"
			"assistant call messages[0].tool_calls[3].function.arguments f#c = "
			"{'name':'f'}\n"
			"assistant opaque messages[0].tool_calls[4].function #d = "
			"{'id':'d','function':{'name':'f','name':'g','arguments':''}}\n"},
		{"doubtful messages",
			"{'messages':[{'role':'x','content':'a'},[],"
			"{'role':'tool','content':'a','content':'b'}]}",
			"user opaque messages[0] = {'role':'x','content':'a'}\n"
			"user opaque messages[1] = []\n"
			"user opaque messages[2] = {'role':'tool','content':'a','content':'b'}\n"},
	};

	(void)state;
	check_cases(WIRE_OPENAI_CHAT, CASES, ARRAY_N(CASES));
}

static void blocks_of_responses_bodies_are_listed_in_order(void **state)
{
	static const struct wire_case CASES[] = {
		{"a string as input", "{'model':'m','instructions':'be','input':'hi'}",
			"system text instructions = 'be'\nuser text input = 'hi'\n"},
		{"messages",
			"{'input':[{'role':'user','content':'a'},"
			"{'type':'message','role':'developer','content':["
			"{'type':'input_text','text':'b'}]},"
			"{'type':'message','role':'assistant','id':'i','content':["
			"{'type':'output_text','text':'c','annotations':[]},"
			"{'type':'refusal','refusal':'no'}]},"
			"{'type':'message','role':'user','content':["
			"{'type':'input_image','image_url':'u'}]}]}",
			"user text input[0].content = 'a'\n"
			"system text input[1].content[0].text = 'b'\n"
			"assistant text input[2].content[0].text = 'c'\n"
			"assistant opaque input[2].content[1] = {'type':'refusal','refusal':'no'}\n"
			"user opaque input[3].content[0] = "
			"{'type':'input_image','image_url':'u'}\n"},
		{"calls and what came of them",
			"{'input':[{'type':'function_call','call_id':'a','name':'exec_command',"
			"'arguments':'{}'},"
			"{'type':'custom_tool_call','call_id':'b','name':'apply_patch','input':'*'}"
			","
			"{'type':'local_shell_call','call_id':'c','action':{'command':['ls']}},"
			"{'type':'shell_call','call_id':'d','action':{'commands':['ls']}},"
			"{'type':'apply_patch_call','call_id':'e','operation':{'diff':''}},"
			"{'type':'custom_tool_call_output','call_id':'b','output':["
			"{'type':'input_text','text':'1'},{'type':'input_image','image_url':'u'},"
			"{'type':'input_text','text':'2'}]},"
			"{'type':'function_call_output','call_id':'a','output':'3'},"
			"{'type':'local_shell_call_output','id':'c','output':'4'},"
			"{'type':'shell_call_output','call_id':'d','output':["
			"{'stdout':'5','stderr':'','outcome':{'type':'exit','exit_code':0}}]},"
			"{'type':'apply_patch_call_output','call_id':'e','status':'completed'}]}",
			"assistant call input[0].arguments exec_command#a = '{}'\n"
			"assistant call input[1].input apply_patch#b = '*'\n"
			"assistant call input[2].action local_shell#c = {'command':['ls']}\n"
			"assistant call input[3].action shell#d = {'commands':['ls']}\n"
			"assistant call input[4].operation apply_patch#e = {'diff':''}\n"
			"tool result input[5].output[0].text apply_patch#b ->1 = '1'\n"
			"tool opaque input[5].output[1] #b = "
			"{'type':'input_image','image_url':'u'}\n"
			"tool result input[5].output[2].text apply_patch#b ->1 = '2'\n"
			"tool result input[6].output exec_command#a ->0 = '3'\n"
			"tool result input[7].output local_shell#c ->2 = '4'\n"
			"tool result input[8].output[0].stdout shell#d ->3 = '5'\n"
			"tool result input[8].output[0].stderr shell#d ->3 = ''\n"
			"tool opaque input[9] #e = {'type':'apply_patch_call_output',"
			"'call_id':'e','status':'completed'}\n"},
		{"what the provider ran or sealed is opaque",
			"{'input':[{'type':'reasoning','id':'r','encrypted_content':'x'},"
			"{'type':'web_search_call','id':'w','action':{'query':'q'}},"
			"{'type':'mcp_call','id':'m','name':'n','arguments':'{}','output':'o'},"
			"{'type':'item_reference','id':'i'},7,{'type':'compaction'},"
			"{'type':'computer_call_output','call_id':'k','output':{'image':'u'}}]}",
			"assistant opaque input[0] = "
			"{'type':'reasoning','id':'r','encrypted_content':'x'}\n"
			"assistant opaque input[1] = "
			"{'type':'web_search_call','id':'w','action':{'query':'q'}}\n"
			"assistant opaque input[2] = {'type':'mcp_call','id':'m','name':'n',"
			"'arguments':'{}','output':'o'}\n"
			"assistant opaque input[3] = {'type':'item_reference','id':'i'}\n"
			"user opaque input[4] = 7\n"
			"assistant opaque input[5] = {'type':'compaction'}\n"
			"tool opaque input[6].output #k = {'image':'u'}\n"},
		{"a key that occurs twice",
			"{'input':[{'type':'function_call_output','call_id':'a','output':'1',"
			"'output':'2'}]}",
			"user opaque input[0] = {'type':'function_call_output','call_id':'a',"
			"'output':'1','output':'2'}\n"},
	};

	(void)state;
	check_cases(WIRE_OPENAI_RESPONSES, CASES, ARRAY_N(CASES));
}

static void tools_of_codex_stand_in_the_input(void **state)
{
	struct arena a = ARENA_INIT;
	struct wire_doc d = walked(&a, WIRE_OPENAI_RESPONSES,
		"{'model':'gpt-6','input':[{'type':'additional_tools','role':'developer','tools':["
		"{'type':'namespace','name':'functions','tools':["
		"{'type':'custom','name':'exec'},{'type':'function','name':'wait'}]},"
		"{'type':'namespace','name':'mcp__headroom','tools':["
		"{'type':'function','name':'headroom_retrieve'}]},"
		"{'type':'web_search'}]},"
		"{'type':'message','role':'user','id':'x','content':["
		"{'type':'input_text','text':'hi'}],"
		"'internal_chat_message_metadata_passthrough':{'create_time':1.5}}],"
		"'store':false,'stream':true}");

	(void)state;
	assert_int_equal(d.tool_n, 4);
	assert_true(d.has_retrieve_tool);
	assert_true(d.is_stream);
	assert_int_equal(d.message_n, 2);
	assert_true(str_starts(span_str(d.tape.doc, d.tools), STR("[{\"type\":\"namespace\"")));
	assert_int_equal(d.n, 2);
	assert_int_equal(d.blocks[0].kind, WIRE_OPAQUE);
	assert_int_equal(d.blocks[0].role, WIRE_SYSTEM);
	assert_true(str_eq(span_str(d.tape.doc, d.blocks[1].at), STR("\"hi\"")));
	arena_release(&a);
}

static void tools_of_both_apis_are_counted(void **state)
{
	static const struct {
		enum wire_format format;
		const char *body;
		uint32_t n;
		bool has_retrieve;
	} CASES[] = {
		{WIRE_OPENAI_CHAT,
			"{'messages':[],'tools':[{'type':'function','function':{'name':'a'}},"
			"{'type':'custom','custom':{'name':'headroom_retrieve'}}]}",
			2, true},
		{WIRE_OPENAI_CHAT, "{'messages':[],'functions':[{'name':'headroom_retrieve'}]}", 1,
			true},
		{WIRE_OPENAI_CHAT, "{'messages':[],'tools':[]}", 0, false},
		{WIRE_OPENAI_RESPONSES,
			"{'input':[],'tools':[{'type':'function','name':'headroom_retrieve'},"
			"{'type':'web_search'}]}",
			2, true},
		{WIRE_OPENAI_RESPONSES, "{'input':[]}", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct wire_doc d = walked(&a, CASES[i].format, CASES[i].body);

		assert_int_equal(d.tool_n, CASES[i].n);
		assert_int_equal(d.has_retrieve_tool, CASES[i].has_retrieve);
		arena_release(&a);
	}
}

static void a_provider_that_shortens_history_is_noted(void **state)
{
	static const struct {
		const char *body;
		bool clears;
	} CASES[] = {
		{"{'input':[]}", false},
		{"{'input':[],'truncation':'disabled'}", false},
		{"{'input':[],'truncation':'auto'}", true},
		{"{'input':[],'context_management':[{'type':'compaction'}]}", true},
		{"{'input':[],'context_management':null}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct wire_doc d = walked(&a, WIRE_OPENAI_RESPONSES, CASES[i].body);

		assert_int_equal(d.clears_results, CASES[i].clears);
		assert_int_equal(d.clears_inputs, CASES[i].clears);
		arena_release(&a);
	}
}

static void what_is_of_neither_api_is_malformed(void **state)
{
	static const struct {
		enum wire_format format;
		const char *body;
	} CASES[] = {
		{WIRE_OPENAI_CHAT, "[]"},
		{WIRE_OPENAI_CHAT, "{'messages':7}"},
		{WIRE_OPENAI_CHAT, "{'messages':[],'model':'a','model':'b'}"},
		{WIRE_OPENAI_RESPONSES, "'x'"},
		{WIRE_OPENAI_RESPONSES, "{'model':'m'}"},
		{WIRE_OPENAI_RESPONSES, "{'input':[],'input':[]}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		struct json_tape t = scanned(&a, quoted(&a, CASES[i].body));
		struct wire_doc d;
		struct errctx cx = {0};

		assert_int_equal(wire_walk(&a, &t, CASES[i].format, &d, &cx), E_MALFORMED);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_chat_bodies_are_listed_in_order),
		cmocka_unit_test(blocks_of_responses_bodies_are_listed_in_order),
		cmocka_unit_test(tools_of_codex_stand_in_the_input),
		cmocka_unit_test(tools_of_both_apis_are_counted),
		cmocka_unit_test(a_provider_that_shortens_history_is_noted),
		cmocka_unit_test(what_is_of_neither_api_is_malformed),
	};

	return cmocka_run_group_tests_name("wire: OpenAI Chat and Responses", tests, NULL, NULL);
}

#include "tests/unit/wire_help.h"

static void blocks_of_gemini_bodies_are_listed_in_order(void **state)
{
	static const struct wire_case CASES[] = {
		{"texts",
			"{'contents':[{'role':'user','parts':[{'text':'a'},{'text':'b'}]},"
			"{'role':'model','parts':[{'text':'c'}]},{'parts':[{'text':'d'}]}],"
			"'systemInstruction':{'role':'user','parts':[{'text':'be'}]}}",
			"system text systemInstruction.parts[0].text = 'be'\n"
			"user text contents[0].parts[0].text = 'a'\n"
			"user text contents[0].parts[1].text = 'b'\n"
			"assistant text contents[1].parts[0].text = 'c'\n"
			"user text contents[2].parts[0].text = 'd'\n"},
		{"calls and results by id, in another order",
			"{'contents':[{'role':'model','parts':["
			"{'functionCall':{'id':'1','name':'read','args':{'p':1}},"
			"'thoughtSignature':'s'},"
			"{'functionCall':{'id':'2','name':'read','args':{'p':2}}}]},"
			"{'role':'user','parts':["
			"{'functionResponse':{'id':'2','name':'read','response':{'output':'b'}}},"
			"{'functionResponse':{'id':'1','name':'read','response':{'error':'a'}}}]}]"
			"}",
			"assistant call contents[0].parts[0].functionCall.args read#1 = {'p':1}\n"
			"assistant call contents[0].parts[1].functionCall.args read#2 = {'p':2}\n"
			"tool result contents[1].parts[0].functionResponse.response.output "
			"read#2 ->1 = 'b'\n"
			"tool result contents[1].parts[1].functionResponse.response.error "
			"read#1 ->0 error = 'a'\n"},
		{"without ids: by name and order, within the turn",
			"{'contents':[{'role':'model','parts':["
			"{'functionCall':{'name':'x','args':{'n':1}}},"
			"{'functionCall':{'name':'y','args':{'n':2}}},"
			"{'functionCall':{'name':'x','args':{'n':3}}}]},"
			"{'role':'function','parts':["
			"{'functionResponse':{'name':'x','response':{'output':'1'}}},"
			"{'functionResponse':{'name':'x','response':{'output':'3'}}}]},"
			"{'role':'model','parts':[{'functionCall':{'name':'z','args':{}}}]},"
			"{'role':'function','parts':["
			"{'functionResponse':{'name':'y','response':{'output':'late'}}},"
			"{'functionResponse':{'name':'z','response':{'output':'4','content':'5'}}}"
			"]}]}",
			"assistant call contents[0].parts[0].functionCall.args x# = {'n':1}\n"
			"assistant call contents[0].parts[1].functionCall.args y# = {'n':2}\n"
			"assistant call contents[0].parts[2].functionCall.args x# = {'n':3}\n"
			"tool result contents[1].parts[0].functionResponse.response.output "
			"x# ->0 = '1'\n"
			"tool result contents[1].parts[1].functionResponse.response.output "
			"x# ->2 = '3'\n"
			"assistant call contents[2].parts[0].functionCall.args z# = {}\n"
			"tool result contents[3].parts[0].functionResponse.response.output "
			"y# = 'late'\n"
			"tool result contents[3].parts[1].functionResponse.response.output "
			"z# ->5 = '4'\n"
			"tool result contents[3].parts[1].functionResponse.response.content "
			"z# ->5 = '5'\n"},
		{"the other spelling",
			"{'system_instruction':{'parts':[{'text':'be'}]},'contents':["
			"{'role':'model','parts':[{'function_call':{'name':'x','args':{}}}]},"
			"{'role':'user','parts':["
			"{'function_response':{'name':'x','response':{'result':'r'}}}]}]}",
			"system text system_instruction.parts[0].text = 'be'\n"
			"assistant call contents[0].parts[0].function_call.args x# = {}\n"
			"tool result contents[1].parts[0].function_response.response.result "
			"x# ->1 = 'r'\n"},
		{"all else is opaque",
			"{'contents':[{'role':'model','parts':["
			"{'inlineData':{'data':'x'}},{'fileData':{}},{'text':'hm','thought':true},"
			"{'executableCode':{'code':'x'}},{'thoughtSignature':'s'},7,"
			"{'text':'a','text':'b'}]},7,{'parts':'x'},{'parts':{}}]}",
			"assistant opaque contents[0].parts[0] = {'inlineData':{'data':'x'}}\n"
			"assistant opaque contents[0].parts[1] = {'fileData':{}}\n"
			"assistant opaque contents[0].parts[2] = {'text':'hm','thought':true}\n"
			"assistant opaque contents[0].parts[3] = {'executableCode':{'code':'x'}}\n"
			"assistant opaque contents[0].parts[4] = {'thoughtSignature':'s'}\n"
			"assistant opaque contents[0].parts[5] = 7\n"
			"assistant opaque contents[0].parts[6] = {'text':'a','text':'b'}\n"
			"user opaque contents[1] = 7\n"
			"user text contents[2].parts = 'x'\n"
			"user opaque contents[3].parts = {}\n"},
		{"what a response holds besides strings",
			"{'contents':[{'role':'user','parts':["
			"{'functionResponse':{'id':'i','name':'x','response':"
			"{'exit':3,'output':'o','more':{'a':'b'}},'parts':[{'inlineData':{}}]}},"
			"{'functionResponse':{'name':'x','response':{}}},"
			"{'functionResponse':{'name':'x'}},"
			"{'functionResponse':{'name':'x','response':{'a':'b','a':'c'}}}]}]}",
			"tool opaque contents[0].parts[0].functionResponse.response.exit x#i = 3\n"
			"tool result contents[0].parts[0].functionResponse.response.output "
			"x#i = 'o'\n"
			"tool opaque contents[0].parts[0].functionResponse.response.more "
			"x#i = {'a':'b'}\n"
			"tool opaque contents[0].parts[0].functionResponse.parts "
			"x#i = [{'inlineData':{}}]\n"
			"tool opaque contents[0].parts[1].functionResponse x# = "
			"{'name':'x','response':{}}\n"
			"tool opaque contents[0].parts[2].functionResponse = {'name':'x'}\n"
			"tool opaque contents[0].parts[3].functionResponse = "
			"{'name':'x','response':{'a':'b','a':'c'}}\n"},
		{"a body wrapped by the Code Assist service",
			"{'model':'m','project':'p','request':{'contents':["
			"{'role':'user','parts':[{'text':'a'}]}]}}",
			"user text request.contents[0].parts[0].text = 'a'\n"},
	};

	(void)state;
	check_cases(WIRE_GEMINI, CASES, ARRAY_N(CASES));
}

static void declarations_are_counted_as_tools(void **state)
{
	struct arena a = ARENA_INIT;
	struct wire_doc d = walked(&a, WIRE_GEMINI,
		"{'contents':[],'tools':[{'functionDeclarations':[{'name':'a'},"
		"{'name':'headroom_retrieve'}]},{'googleSearch':{}},"
		"{'function_declarations':[{'name':'b'}]}]}");

	(void)state;
	assert_int_equal(d.tool_n, 3);
	assert_true(d.has_retrieve_tool);
	arena_release(&a);
}

static void a_long_name_in_a_path_is_cut(void **state)
{
	struct arena a = ARENA_INIT;
	char name[1001] = {0};
	struct wire_doc d;
	str body;

	(void)state;
	memset(name, 'n', sizeof name - 1);
	body = arena_printf(&a,
		"{'contents':[{'parts':[{'functionResponse':{'name':'x','response':{'%s':'v'}}}]}]"
		"}",
		name);
	d = walked(&a, WIRE_GEMINI, body.p);
	assert_int_equal(d.n, 1);
	assert_true(d.blocks[0].path.n < 200);
	assert_true(str_eq(span_str(d.tape.doc, d.blocks[0].at), STR("\"v\"")));
	arena_release(&a);
}

static void what_is_no_gemini_request_is_malformed(void **state)
{
	static const char *const BODIES[] = {"[]", "{}", "{'contents':{}}", "{'request':{}}",
		"{'request':{'contents':[],'contents':[]}}", "{'contents':[],'contents':[]}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(BODIES); i++) {
		struct arena a = ARENA_INIT;
		struct json_tape t = scanned(&a, quoted(&a, BODIES[i]));
		struct wire_doc d;
		struct errctx cx = {0};

		assert_int_equal(wire_walk(&a, &t, WIRE_GEMINI, &d, &cx), E_MALFORMED);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_gemini_bodies_are_listed_in_order),
		cmocka_unit_test(declarations_are_counted_as_tools),
		cmocka_unit_test(a_long_name_in_a_path_is_cut),
		cmocka_unit_test(what_is_no_gemini_request_is_malformed),
	};

	return cmocka_run_group_tests_name("wire: Gemini", tests, NULL, NULL);
}

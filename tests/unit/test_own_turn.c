/* Turns in which tools of ours were called: what a client's message is known by, and what is put in its place. */
#include "tests/unit/wire_help.h"

#include "core/wire/own_turn.h"

/* ---- what it is known by ----------------------------------------------------------------------------------- */

static const struct {
	const char *one, *other;
	enum wire_format format;
	bool is_same;
} PAIRS[] = {
	{.format = WIRE_ANTHROPIC,
		.one = "{'role':'assistant','content':'a b'}",
		"{'role':'assistant','content':[{'type':'thinking','thinking':'x'},{'type':'text','"
		"text':"
		"'a'},{'type':'text','text':' \\u0062\\n'}]}",
		.is_same = true},
	{.format = WIRE_ANTHROPIC,
		.one = "{'role':'assistant','content':'a'}",
		"{'role':'assistant','content':'b'}",
		.is_same = false},
	{.format = WIRE_ANTHROPIC,
		.one = "{'role':'assistant','content':[{'type':'tool_use','id':'a','name':'B','"
		       "input':{'x'"
		       ":1}}"
		       "]}",
		"{'content':[{'name':'B','type':'tool_use','input':{ 'x' : 1.0 },'id':'a',"
		"'cache_control':{'type':'ephemeral'}}],'role':'assistant'}",
		.is_same = true},
	{.format = WIRE_ANTHROPIC,
		.one = "{'role':'assistant','content':[{'type':'tool_use','id':'a','name':'B','"
		       "input':{}}]"
		       "}",
		"{'role':'assistant','content':[{'type':'tool_use','id':'b','name':'B','input':{}}]"
		"}",
		.is_same = false},
	{.format = WIRE_OPENAI_CHAT,
		.one = "{'role':'assistant','content':'a','tool_calls':null}",
		"{'role':'assistant','content':[{'type':'text','text':'a'}],'refusal':'x'}",
		.is_same = true},
	{.format = WIRE_OPENAI_RESPONSES,
		.one = "{'type':'reasoning','encrypted_content':'x'},{'type':'message','role':'"
		       "assistant',"
		       "'content':[{'type':'output_text','text':'a'}]},{'type':'message','role':'"
		       "assistant',"
		       "'content':[{'type':'output_text','text':'b'}]}",
		"{'role':'assistant','content':'ab'}",
		.is_same = true},
	{.format = WIRE_OPENAI_RESPONSES,
		.one = "{'type':'function_call','call_id':'a','name':'B','arguments':'{}'}",
		"{'type':'function_call','call_id':'a','name':'C','arguments':'{}'}",
		.is_same = false},
	{.format = WIRE_GEMINI,
		.one = "{'role':'model','parts':[{'functionCall':{'name':'B','args':{'x':'\\u0061'}"
		       "}}]}",
		"{'role':'model','parts':[{'functionCall':{'id':'made-up','name':'B','args':{ "
		"'x':'a'}}"
		"}]}",
		.is_same = true},
	{.format = WIRE_GEMINI,
		.one = "{'role':'model','parts':[{'functionCall':{'name':'B','args':{'x':'a'}}}]}",
		"{'role':'model','parts':[{'functionCall':{'name':'B','args':{'x':'b'}}}]}",
		.is_same = false},
	{.format = WIRE_GEMINI,
		.one = "{'role':'model','parts':[{'functionCall':{'name':'B','args':{'x':['a']}}}]"
		       "}",
		"{'role':'model','parts':[{'functionCall':{'name':'B','args':{'x':[['a']]}}}]}",
		.is_same = false},
};

static void a_message_is_known_by_what_clients_send_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(PAIRS); i++) {
		struct arena a = ARENA_INIT;
		struct hash128 one, other;

		assert_true(own_messages_hash(PAIRS[i].format, quoted(&a, PAIRS[i].one), &a, &one));
		assert_true(
			own_messages_hash(PAIRS[i].format, quoted(&a, PAIRS[i].other), &a, &other));
		if (hash128_eq(one, other) != PAIRS[i].is_same)
			fail_msg("%s\n%s", PAIRS[i].one, PAIRS[i].other);
		arena_release(&a);
	}
}

/* ---- what is put in its place ------------------------------------------------------------------------------ */

#define CACHE "'cache_control':{'type':'ephemeral'}"

static const struct {
	enum wire_format format;
	const char *body, *messages, *results, *want; /* want NULL: refused */
} PUT[] = {
	/* alone */
	{WIRE_ANTHROPIC,
		"{'messages':[{'role':'user','content':'q'}, {'role':'assistant','content':'a'} ,"
		"{'role':'user','content':'r'}]}",
		"{'m':1},{'m':2}", "",
		"{'messages':[{'role':'user','content':'q'}, {'m':1},{'m':2} ,{'role':'user',"
		"'content':'r'}]}"},
	/* beside the client's: behind its last result, before its texts */
	{WIRE_ANTHROPIC,
		"{'messages':[{'role':'assistant','content':'a'},{'role':'user','content':[{'type':"
		"'tool_result','tool_use_id':'a'},{'type':'tool_result','tool_use_id':'b'},{'type':"
		"'text','text':'t'}]}]}",
		"{'m':1}", "{'r':1},{'r':2}",
		"{'messages':[{'m':1},{'role':'user','content':[{'type':'tool_result','tool_use_id'"
		":'a'"
		"},{'type':'tool_result','tool_use_id':'b'},{'r':1},{'r':2},{'type':'text','text':'"
		"t'}"
		"]}]}"},
	{WIRE_ANTHROPIC,
		"{'messages':[{'role':'assistant','content':'a'},{'role':'user','content':'t'}]}",
		"{'m':1}", "{'r':1}", NULL},
	{WIRE_ANTHROPIC, "{'messages':[{'role':'assistant','content':'a'}]}", "{'m':1}", "{'r':1}",
		NULL},
	{WIRE_OPENAI_CHAT,
		"{'messages':[{'role':'assistant','content':'a'},{'role':'tool','tool_call_id':'a',"
		"'content':'x'},{'role':'tool','tool_call_id':'b','content':'y'},{'role':'user',"
		"'content':'t'}]}",
		"{'m':1}", "{'r':1}",
		"{'messages':[{'m':1},{'role':'tool','tool_call_id':'a','content':'x'},{'role':'"
		"tool',"
		"'tool_call_id':'b','content':'y'},{'r':1},{'role':'user','content':'t'}]}"},
	{WIRE_OPENAI_CHAT,
		"{'messages':[{'role':'assistant','content':'a'},{'role':'user','content':'t'}]}",
		"{'m':1}", "{'r':1}", NULL},
	/* a run of items is one turn */
	{WIRE_OPENAI_RESPONSES,
		"{'input':[{'role':'user','content':'q'},{'type':'reasoning','id':'r'},{'type':"
		"'function_call','call_id':'a','name':'B','arguments':'{}'},{'type':"
		"'function_call_output','call_id':'a','output':'x'}]}",
		"{'m':1},{'m':2}", "{'r':1}",
		"{'input':[{'role':'user','content':'q'},{'m':1},{'m':2},{'type':"
		"'function_call_output','call_id':'a','output':'x'},{'r':1}]}"},
	{WIRE_GEMINI,
		"{'request':{'contents':[{'role':'model','parts':[{'text':'a'}]},{'role':'user',"
		"'parts':[{'functionResponse':{'name':'B','response':{'output':'x'}}},{'text':'t'}]"
		"}]}"
		"}",
		"{'m':1}", "{'r':1}",
		"{'request':{'contents':[{'m':1},{'role':'user','parts':[{'functionResponse':{'"
		"name':"
		"'B','response':{'output':'x'}}},{'r':1},{'text':'t'}]}]}}"},
	/* a breakpoint stays one */
	{WIRE_ANTHROPIC,
		"{'messages':[{'role':'assistant','content':[{'type':'text','text':'a'," CACHE
		"}]}]}",
		"{'role':'user','content':[{'type':'tool_result','tool_use_id':'o'}]},{'role':"
		"'assistant','content':[{'type':'text','text':'x'},{'type':'text','text':''},{'"
		"type':"
		"'thinking','thinking':'t'}]}",
		"",
		"{'messages':[{'role':'user','content':[{'type':'tool_result','tool_use_id':'o'}]},"
		"{'role':'assistant','content':[{'type':'text','text':'x'," CACHE
		"},{'type':'text','text':''},{'type':'thinking','thinking':'t'}]}]}"},
	{WIRE_ANTHROPIC,
		"{'messages':[{'role':'assistant','content':[{'type':'text','text':'a'," CACHE
		"}]}]}",
		"{'role':'assistant','content':[{'type':'text','text':'x'}]},{'role':'assistant',"
		"'content':[]}",
		"",
		"{'messages':[{'role':'assistant','content':[{'type':'text','text':'x'," CACHE
		"}]},{'role':'assistant','content':[]}]}"},
	{WIRE_OPENAI_CHAT, "{'messages':[{'role':'assistant','content':'a'," CACHE "}]}",
		"{'role':'assistant','content':'x'}", "",
		"{'messages':[{'role':'assistant','content':[{'type':'text','text':'x'," CACHE
		"}]}]}"},
	{WIRE_ANTHROPIC,
		"{'messages':[{'role':'assistant','content':[{'type':'text','text':'a',"
		"'cache_control':null}]}]}",
		"{'m':1}", "", "{'messages':[{'m':1}]}"},
};

static void check_put(size_t i)
{
	struct arena a = ARENA_INIT;
	struct wire_doc d = walked(&a, PUT[i].format, PUT[i].body);
	struct own_turn turn = {quoted(&a, PUT[i].messages), quoted(&a, PUT[i].results)};
	struct own_run run;
	own_edits edits = {0};
	struct buf b;

	assert_true(own_run_next(&d, 0, &run));
	assert_int_equal(own_turn_put(&d, &run, &turn, &a, &edits), PUT[i].want != NULL);
	assert_int_equal(edits.n > 0, PUT[i].want != NULL);
	if (PUT[i].want) {
		buf_init_arena(&b, &a, LIMIT_INPUT);
		assert_int_equal(patch_apply(d.tape.doc, edits.v, edits.n, &b), E_OK);
		if (!str_eq(buf_str(&b), quoted(&a, PUT[i].want)))
			fail_msg("got:  " STR_FMT "\nwant: %s", STR_ARG(buf_str(&b)), PUT[i].want);
	}
	arena_release(&a);
}

static void what_was_said_is_put_in_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(PUT); i++)
		check_put(i);
}

static void messages_of_the_assistant_in_a_row_are_one_run(void **state)
{
	struct arena a = ARENA_INIT;
	struct wire_doc d = walked(&a, WIRE_ANTHROPIC,
		"{'system':'s','messages':[{'role':'assistant','content':'a'},{'role':'assistant',"
		"'content':'b'},{'role':'assistant','content':[]},{'role':'assistant','content':'c'"
		"},"
		"{'role':'user','content':'q'},{'role':'assistant','content':'d'}]}");
	static const uint32_t want[][2] = {{1, 3}, {3, 4}, {5, 6}};
	struct own_run run;
	uint32_t from = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(want); i++, from = run.end) {
		assert_true(own_run_next(&d, from, &run));
		assert_int_equal(run.first, want[i][0]);
		assert_int_equal(run.end, want[i][1]);
	}
	assert_false(own_run_next(&d, from, &run));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_known_by_what_clients_send_back),
		cmocka_unit_test(what_was_said_is_put_in_its_place),
		cmocka_unit_test(messages_of_the_assistant_in_a_row_are_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

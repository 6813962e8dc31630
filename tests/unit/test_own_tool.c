/* Tools of ours in requests of all dialects: what is written, where it goes, and that nothing else changes. */
#include "tests/unit/random_session.h"
#include "tests/unit/wire_help.h"

#include "core/wire/own_tool.h"

static const struct own_tool TOOL = {
	{"ours", 4}, {"Does \"it\".", 10}, {"{\"type\":\"object\"}", 17}};

static str applied(struct arena *a, str body, const struct patch_edit *edit)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	assert_int_equal(patch_apply(body, edit, 1, &b), E_OK);
	return buf_str(&b);
}

static void assert_text(struct arena *a, str got, const char *want)
{
	str w = quoted(a, want);

	if (!str_eq(got, w))
		fail_msg("got:  " STR_FMT "\nwant: " STR_FMT, STR_ARG(got), STR_ARG(w));
}

/* ---- declarations ------------------------------------------------------------------------------------------ */

static const struct {
	enum wire_format format;
	const char *body, *want; /* want NULL: refused */
} DECLARED[] = {
	{WIRE_ANTHROPIC,
		"{'tools':[{'name':'a','cache_control':{'type':'ephemeral'}} ] "
		",'tool_choice':{'type':"
		"'any','disable_parallel_tool_use':true},'messages':[]}",
		"{'tools':[{'name':'a','cache_control':{'type':'ephemeral'}},{'name':'ours',"
		"'description':'Does \\'it\\'.','input_schema':{'type':'object'}} ] "
		",'tool_choice':{'type':'any','disable_parallel_tool_use':true},'messages':[]}"},
	{WIRE_OPENAI_CHAT,
		"{'messages':[],'tools':[{'type':'function','function':{'name':'a'}}],"
		"'parallel_tool_calls':false}",
		"{'messages':[],'tools':[{'type':'function','function':{'name':'a'}},{'type':"
		"'function','function':{'name':'ours','description':'Does \\'it\\'.','parameters':"
		"{'type':'object'}}}],'parallel_tool_calls':false}"},
	{WIRE_OPENAI_RESPONSES, "{'input':'x','tools':[{'type':'function','name':'a'}]}",
		"{'input':'x','tools':[{'type':'function','name':'a'},{'type':'function','name':'"
		"ours',"
		"'description':'Does \\'it\\'.','parameters':{'type':'object'},'strict':false}]}"},
	{WIRE_OPENAI_RESPONSES,
		"{'input':[{'type':'additional_tools','role':'developer','tools':[{'type':'"
		"namespace',"
		"'name':'n','tools':[{'type':'function','name':'a'}]}]}]}",
		"{'input':[{'type':'additional_tools','role':'developer','tools':[{'type':'"
		"namespace',"
		"'name':'n','tools':[{'type':'function','name':'a'}]},{'type':'function','name':'"
		"ours',"
		"'description':'Does "
		"\\'it\\'.','parameters':{'type':'object'},'strict':false}]}]}"},
	{WIRE_GEMINI,
		"{'contents':[],'tools':[{'functionDeclarations':[{'name':'a'}]},{'googleSearch':{}"
		"}]}",
		"{'contents':[],'tools':[{'functionDeclarations':[{'name':'a'},{'name':'ours',"
		"'description':'Does "
		"\\'it\\'.','parameters':{'type':'object'}}]},{'googleSearch':{}}"
		"]}"},
	{WIRE_GEMINI,
		"{'model':'m','request':{'contents':[],'tools':[{'function_declarations':[{'name':'"
		"a'}]"
		"}]}}",
		"{'model':'m','request':{'contents':[],'tools':[{'function_declarations':[{'name':'"
		"a'}"
		",{'name':'ours','description':'Does "
		"\\'it\\'.','parameters':{'type':'object'}}]}]}}"},
	{WIRE_ANTHROPIC, "{'messages':[]}", NULL},
	{WIRE_ANTHROPIC, "{'messages':[],'tools':[]}", NULL},
	{WIRE_ANTHROPIC, "{'messages':[],'tools':[{'name':'b'},{'name':'ours'}]}", NULL},
	{WIRE_OPENAI_CHAT, "{'messages':[],'functions':[{'name':'a'}]}", NULL},
	{WIRE_OPENAI_CHAT,
		"{'messages':[],'tools':[{'type':'function','function':{'name':'ours'}}]}", NULL},
	{WIRE_OPENAI_RESPONSES, "{'input':'x'}", NULL},
	{WIRE_GEMINI, "{'contents':[],'tools':[{'googleSearch':{}}]}", NULL},
	{WIRE_GEMINI, "{'contents':[],'tools':[{'functionDeclarations':[{'name':'ours'}]}]}", NULL},
};

/* As the engine does it: unless one of that name is there, behind the last of the client's. */
static bool declare(const struct wire_doc *doc, const struct own_tool *tools, size_t n,
	struct arena *a, struct patch_edit *out)
{
	struct buf b;

	for (size_t i = 0; i < n; i++)
		if (own_tool_is_declared(doc, tools[i].name))
			return false;
	buf_init_arena(&b, a, LIMIT_INPUT);
	own_tool_write_declaration(doc->format, tools, n, &b);
	return own_tool_place(doc, buf_str(&b), a, out);
}

static void a_tool_is_declared_behind_those_of_the_client(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(DECLARED); i++) {
		struct arena a = ARENA_INIT;
		struct wire_doc d = walked(&a, DECLARED[i].format, DECLARED[i].body);
		struct patch_edit edit;

		assert_int_equal(declare(&d, &TOOL, 1, &a, &edit), DECLARED[i].want != NULL);
		if (DECLARED[i].want)
			assert_text(&a, applied(&a, d.tape.doc, &edit), DECLARED[i].want);
		arena_release(&a);
	}
}

static void several_tools_are_declared_at_once(void **state)
{
	struct own_tool tools[] = {TOOL, TOOL};
	struct arena a = ARENA_INIT;
	struct wire_doc d = walked(&a, WIRE_ANTHROPIC, "{'messages':[],'tools':[{'name':'a'}]}"),
			again;
	struct patch_edit edit;

	(void)state;
	tools[1].name = STR("theirs");
	assert_true(declare(&d, tools, 2, &a, &edit));
	again = (struct wire_doc){0};
	{
		struct json_tape t = scanned(&a, applied(&a, d.tape.doc, &edit));

		assert_int_equal(wire_walk(&a, &t, WIRE_ANTHROPIC, &again, NULL), E_OK);
	}
	assert_int_equal(again.tool_n, 3);
	assert_true(own_tool_is_declared(&again, STR("ours")));
	assert_true(own_tool_is_declared(&again, STR("theirs")));
	assert_false(own_tool_is_declared(&again, STR("nobodys")));
	arena_release(&a);
}

/* ---- results ----------------------------------------------------------------------------------------------- */

static const struct own_result RESULTS[] = {
	{.call = {{"c1", 2}, {"ours", 4}, {"{}", 2}}, .text = {"a\n\"b\"", 5}},
	{.call = {{NULL, 0}, {"ours", 4}, {"{}", 2}}, .text = {"no", 2}, .is_error = true},
};

static const struct {
	enum wire_format format;
	const char *message, *blocks; /* blocks NULL: the same */
} WRITTEN[] = {
	{WIRE_ANTHROPIC,
		"{'role':'user','content':[{'type':'tool_result','tool_use_id':'c1','content':"
		"'a\\n\\'b\\''},{'type':'tool_result','tool_use_id':'','content':'no','is_error':"
		"true}"
		"]}",
		"{'type':'tool_result','tool_use_id':'c1','content':'a\\n\\'b\\''},{'type':"
		"'tool_result','tool_use_id':'','content':'no','is_error':true}"},
	{WIRE_OPENAI_CHAT,
		"{'role':'tool','tool_call_id':'c1','content':'a\\n\\'b\\''},{'role':'tool',"
		"'tool_call_id':'','content':'no'}",
		NULL},
	{WIRE_OPENAI_RESPONSES,
		"{'type':'function_call_output','call_id':'c1','output':'a\\n\\'b\\''},{'type':"
		"'function_call_output','call_id':'','output':'no'}",
		NULL},
	{WIRE_GEMINI,
		"{'role':'user','parts':[{'functionResponse':{'id':'c1','name':'ours','response':{"
		"'output':'a\\n\\'b\\''}}},{'functionResponse':{'name':'ours','response':{'error':'"
		"no'"
		"}}}]}",
		"{'functionResponse':{'id':'c1','name':'ours','response':{'output':'a\\n\\'b\\''}}}"
		","
		"{'functionResponse':{'name':'ours','response':{'error':'no'}}}"},
};

static void results_are_written_in_each_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(WRITTEN); i++) {
		struct arena a = ARENA_INIT;
		struct buf message, blocks;

		buf_init_arena(&message, &a, LIMIT_INPUT);
		buf_init_arena(&blocks, &a, LIMIT_INPUT);
		own_tool_write_results(WRITTEN[i].format, RESULTS, ARRAY_N(RESULTS), &message);
		own_tool_write_result_blocks(WRITTEN[i].format, RESULTS, ARRAY_N(RESULTS), &blocks);
		assert_text(&a, buf_str(&message), WRITTEN[i].message);
		assert_text(&a, buf_str(&blocks),
			WRITTEN[i].blocks ? WRITTEN[i].blocks : WRITTEN[i].message);
		arena_release(&a);
	}
}

/* ---- append ------------------------------------------------------------------------------------------------ */

static const struct {
	enum wire_format format;
	const char *body, *want;
} APPENDED[] = {
	{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':'x'} ],'z':1}",
		"{'messages':[{'role':'user','content':'x'},{'m':1} ],'z':1}"},
	{WIRE_OPENAI_CHAT, "{'messages':[ ]}", "{'messages':[{'m':1} ]}"},
	{WIRE_OPENAI_RESPONSES, "{'input':'x\\n','z':1}",
		"{'input':[{'role':'user','content':'x\\n'},{'m':1}],'z':1}"},
	{WIRE_OPENAI_RESPONSES, "{'input':[{'role':'user','content':'x'}]}",
		"{'input':[{'role':'user','content':'x'},{'m':1}]}"},
	{WIRE_OPENAI_RESPONSES, "{'instructions':'x'}", NULL},
	{WIRE_GEMINI, "{'request':{'contents':[{'parts':[]}]}}",
		"{'request':{'contents':[{'parts':[]},{'m':1}]}}"},
};

static void messages_go_to_the_end_of_the_history(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(APPENDED); i++) {
		struct arena a = ARENA_INIT;
		struct wire_doc d = walked(&a, APPENDED[i].format, APPENDED[i].body);
		struct patch_edit edit;

		assert_int_equal(
			own_tool_append(&d, STR("{\"m\":1}"), &a, &edit), APPENDED[i].want != NULL);
		if (APPENDED[i].want)
			assert_text(&a, applied(&a, d.tape.doc, &edit), APPENDED[i].want);
		arena_release(&a);
	}
}

/* ---- for every session ------------------------------------------------------------------------------------- */

/* A session's body with tools, as its first member or, where the body is wrapped, of the inner object. */
static str with_tools(struct arena *a, str body, enum wire_format f)
{
	static const char *const TOOLS[WIRE_FORMAT_N] = {
		[WIRE_ANTHROPIC] = "'tools':[{'name':'Read','input_schema':{}}],",
		[WIRE_OPENAI_CHAT] = "'tools':[{'type':'function','function':{'name':'Read'}}],",
		[WIRE_OPENAI_RESPONSES] = "'tools':[{'type':'function','name':'Read'}],",
		[WIRE_GEMINI] = "'tools':[{'functionDeclarations':[{'name':'Read'}]}],",
	};
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_byte(&b, '{');
	buf_add(&b, quoted(a, TOOLS[f]));
	buf_add(&b, str_sub(body, 1, body.n));
	return buf_str(&b);
}

/* Every block of was is in is, in its order, with its hash; returns how many is has besides. */
static uint32_t assert_holds(const struct wire_doc *was, const struct wire_doc *is)
{
	assert_true(is->n >= was->n);
	for (uint32_t i = 0; i < was->n; i++)
		assert_true(hash128_eq(was->blocks[i].hash, is->blocks[i].hash));
	return is->n - was->n;
}

static struct wire_doc walk_again(struct arena *a, enum wire_format f, str body)
{
	struct json_tape t = scanned(a, body);
	struct wire_doc d;

	assert_int_equal(wire_walk(a, &t, f, &d, NULL), E_OK);
	return d;
}

static void check_session(uint64_t seed)
{
	struct arena a = ARENA_INIT;
	enum wire_format f = (enum wire_format)(1 + seed % (WIRE_FORMAT_N - 1));
	struct session *s = session_new(&a, seed, 3);
	str body = with_tools(&a, session_body(s, f, 3, &a), f), sent;
	struct wire_doc was = walk_again(&a, f, body), is;
	struct own_result result = RESULTS[0];
	struct patch_edit edit;
	struct buf messages;

	assert_true(declare(&was, &TOOL, 1, &a, &edit));
	sent = applied(&a, body, &edit);
	is = walk_again(&a, f, sent);
	assert_int_equal(assert_holds(&was, &is), 0);
	assert_int_equal(is.tool_n, 2);
	assert_true(own_tool_is_declared(&is, STR("ours")));
	assert_true(str_starts(sent, str_sub(body, 0, edit.at.start)));
	assert_true(str_ends(sent, str_sub(body, edit.at.end, body.n)));
	assert_int_equal(sent.n, body.n + edit.text.n);

	buf_init_arena(&messages, &a, LIMIT_INPUT);
	own_tool_write_results(f, &result, 1, &messages);
	assert_true(own_tool_append(&is, buf_str(&messages), &a, &edit));
	assert_int_equal(edit.at.start, edit.at.end);
	was = is;
	is = walk_again(&a, f, applied(&a, sent, &edit));
	assert_int_equal(assert_holds(&was, &is), 1);
	assert_int_equal(is.blocks[is.n - 1].kind, WIRE_TOOL_RESULT);
	arena_release(&a);
}

static void nothing_else_of_a_request_changes(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 64; seed++)
		check_session(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tool_is_declared_behind_those_of_the_client),
		cmocka_unit_test(several_tools_are_declared_at_once),
		cmocka_unit_test(results_are_written_in_each_dialect),
		cmocka_unit_test(messages_go_to_the_end_of_the_history),
		cmocka_unit_test(nothing_else_of_a_request_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

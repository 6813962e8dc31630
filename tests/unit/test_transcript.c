#include "core/transcript/transcript.h"
#include "tests/unit/wire_help.h"

static void recordings_are_recognised_by_their_first_bytes(void **state)
{
	static const struct {
		enum transcript_kind want;
		const char *first, *name;
	} CASES[] = {
		{TRANSCRIPT_CLAUDE,
			"{'type':'summary','summary':'s','leafUuid':'x'}\n"
			"{'parentUuid':null,'isSidechain':false,'sessionId':'s','type':'user',"
			"'message':{'role':'user','content':'x'},'uuid':'u'}\n",
			""},
		{TRANSCRIPT_CLAUDE,
			"{'type':'file-history-snapshot','messageId':'m','snapshot':{}}\n"
			"{'parentUuid':null,'type':'attachment','uuid':'u','sessionId':'s'}\n",
			""},
		{TRANSCRIPT_CLAUDE, "{'type':'user','message':{'content':'x'}}", ""},
		{TRANSCRIPT_CLAUDE, "{broken\n{'type':'user','message':{'content':'x'}}\n", ""},
		{TRANSCRIPT_CLAUDE, "{'parentUuid':'p','type':'user','message':{'cont", ""},
		{TRANSCRIPT_CODEX,
			"{'timestamp':'t','type':'session_meta','payload':{'id':'i','cwd':'/'}}\n",
			""},
		{TRANSCRIPT_CODEX, "{'id':'i','timestamp':'t','instructions':null,'git':{}}\n", ""},
		{TRANSCRIPT_PI,
			"{'type':'session','version':3,'id':'i','timestamp':'t','cwd':'/'}\n", ""},
		{TRANSCRIPT_PI, "{'type':'message','message':{'role':'toolResult'}}", ""},
		{TRANSCRIPT_GEMINI,
			"{'sessionId':'s','projectHash':'p','startTime':'t'}\n{'id':'1'}", ""},
		{TRANSCRIPT_GEMINI_FILE,
			"{\n  'sessionId': 's',\n  'projectHash': 'p',\n  'messages': [\n   {", ""},
		{TRANSCRIPT_OPENCODE, "{\n  'info': {'id':'s'},\n  'messages': []\n}", ""},
		{TRANSCRIPT_OPENCODE,
			"{'id':'p','messageID':'m','sessionID':'s','type':'tool','state':{}}", ""},
		{TRANSCRIPT_PROXY_LOG, "{'request_id':'r','timestamp':'t','request_messages':[]}\n",
			""},
		{TRANSCRIPT_PROXY_LOG, "{'request_id':'r','input_tokens_original':5}\n", ""},
		{TRANSCRIPT_PROXY_LOG,
			"{'event':'e'}\n{'request_id':'r','tokens_before':5,'request':{}}\n", ""},
		{TRANSCRIPT_REQUESTS, "{'ts':1,'session':'s','request':{'messages':[]}}\n", ""},
		{TRANSCRIPT_REQUESTS, "{'messages':[]}\n{'messages':[]}\n", ""},
		{TRANSCRIPT_REQUESTS, "{'messages':[]}\n", "log.jsonl"},
		{TRANSCRIPT_REQUEST, "{'messages':[]}\n", "log.json"},
		{TRANSCRIPT_REQUEST, "{\n 'model': 'm',\n 'input': [\n", ""},
		{TRANSCRIPT_REQUEST, "\xef\xbb\xbf {'contents':[", ""},
		{TRANSCRIPT_REQUEST, "{'messages':[],'info':{},'trajectory_format':'f'}", ""},
		{TRANSCRIPT_MESSAGES, "[{'role':'user','content':'x'}]", ""},
		{TRANSCRIPT_MESSAGES, "[\n  {'parts':[{'text':'x'}],'role':'user'}", ""},
		{TRANSCRIPT_MESSAGES, "[{'type':'function_call_output','call_id':'c'}]", ""},
		{TRANSCRIPT_NONE, "[{'name':'x'},{'role':'user'}]", ""},
		{TRANSCRIPT_NONE, "{'a':{'messages':[]}}", ""},
		{TRANSCRIPT_NONE, "{'a':\n{'messages':[]}}", ""},
		{TRANSCRIPT_NONE, "{'a':['messages','input'],'b':'request'}", ""},
		{TRANSCRIPT_NONE, "", ""},
		{TRANSCRIPT_NONE, "a line\n{'x':1}\n", ""},
		{TRANSCRIPT_NONE, "'messages'", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		enum transcript_kind got =
			transcript_detect(quoted(&a, CASES[i].first), str_from(CASES[i].name));

		if (got != CASES[i].want)
			fail_msg("%s: %s", transcript_kind_name(got), CASES[i].first);
		arena_release(&a);
	}
}

static void kinds_have_names(void **state)
{
	enum transcript_kind got = TRANSCRIPT_NONE;

	(void)state;
	for (enum transcript_kind k = TRANSCRIPT_NONE + 1; k < TRANSCRIPT_KIND_N; k++) {
		assert_true(transcript_kind_parse(str_from(transcript_kind_name(k)), &got));
		assert_int_equal(got, k);
	}
	assert_false(transcript_kind_parse(STR("none"), &got));
	assert_true(transcript_is_lines(TRANSCRIPT_CLAUDE));
	assert_false(transcript_is_lines(TRANSCRIPT_REQUEST));
	assert_false(transcript_is_lines(TRANSCRIPT_NONE));
}

/* Reads lines and lists them: a head per line that says something, then its blocks. */
static const char *read_all(struct arena *a, enum transcript_kind kind, const char *text)
{
	struct transcript *r = transcript_new(a, kind);
	str rest = quoted(a, text), line = STR_NULL;
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	while (transcript_is_lines(kind) ? str_next_line(&rest, &line, NULL) : rest.n > 0) {
		struct transcript_line out;
		struct json_tape t;

		if (!transcript_is_lines(kind)) {
			line = rest;
			rest = STR_NULL;
		}
		t = scanned(a, line);
		transcript_read(r, a, &t, &out);
		assert_spans_are_sound(&out.doc);
		if (out.is_request)
			buf_printf(&b, "request " STR_FMT " " STR_FMT "\n", STR_ARG(out.session),
				STR_ARG(span_str(line, out.request)));
		if (out.doc.n)
			buf_printf(&b, "%s" STR_FMT "\n%s", out.starts_anew ? "* " : "- ",
				STR_ARG(out.session), rendered(a, &out.doc));
	}
	buf_add_byte(&b, '\0');
	return b.p;
}

struct read_case {
	const char *name;
	enum transcript_kind kind;
	const char *text, *want;
};

static void check_reads(const struct read_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		str got = str_from(read_all(&a, cases[i].kind, cases[i].text));
		str want = quoted(&a, cases[i].want);

		if (!str_eq(got, want))
			fail_msg("%s\ngot:\n" STR_FMT "want:\n" STR_FMT, cases[i].name,
				STR_ARG(got), STR_ARG(want));
		arena_release(&a);
	}
}

static void lines_of_claude_code_continue_their_session(void **state)
{
	static const struct read_case CASES[] = {
		{"a turn with a call", TRANSCRIPT_CLAUDE,
			"{'type':'user','message':{'role':'user','content':'go'},'uuid':'1',"
			"'parentUuid':null,'sessionId':'s'}\n"
			"{'type':'assistant','message':{'id':'m','role':'assistant','content':["
			"{'type':'tool_use','id':'t','name':'Read','input':{}}]},'uuid':'2',"
			"'parentUuid':'1','sessionId':'s'}\n"
			"{'type':'progress','uuid':'3','parentUuid':'2','sessionId':'s'}\n"
			"{'type':'user','message':{'role':'user','content':["
			"{'tool_use_id':'t','type':'tool_result','content':'r'}]},'uuid':'4',"
			"'parentUuid':'2','sessionId':'s','toolUseResult':{'file':'r'}}\n",
			"* s\nuser text message.content = 'go'\n"
			"- s\nassistant call message.content[0].input Read#t = {}\n"
			"- s\ntool result message.content[0].content Read#t = 'r'\n"},
		{"sub-agents are sessions of their own", TRANSCRIPT_CLAUDE,
			"{'type':'user','message':{'content':'a'},'sessionId':'s'}\n"
			"{'type':'user','message':{'content':'b'},'sessionId':'s',"
			"'isSidechain':true,'agentId':'x'}\n"
			"{'type':'assistant','message':{'content':'c'},'sessionId':'s'}\n"
			"{'type':'assistant','message':{'content':'d'},'sessionId':'s',"
			"'isSidechain':true,'agentId':'x'}\n",
			"* s\nuser text message.content = 'a'\n"
			"* s/x\nuser text message.content = 'b'\n"
			"- s\nassistant text message.content = 'c'\n"
			"- s/x\nassistant text message.content = 'd'\n"},
		{"a compaction ends what is in context", TRANSCRIPT_CLAUDE,
			"{'type':'user','message':{'content':'a'},'uuid':'1','parentUuid':null,"
			"'sessionId':'s'}\n"
			"{'type':'system','subtype':'compact_boundary','uuid':'2','parentUuid':"
			"null,"
			"'logicalParentUuid':'1','sessionId':'s'}\n"
			"{'type':'user','isCompactSummary':true,'message':{'content':'sum'},"
			"'uuid':'3','parentUuid':'2','sessionId':'s'}\n"
			"{'type':'assistant','message':{'content':'b'},'uuid':'4','parentUuid':'3',"
			"'sessionId':'s'}\n",
			"* s\nuser text message.content = 'a'\n"
			"* s\nuser text message.content = 'sum'\n"
			"- s\nassistant text message.content = 'b'\n"},
		{"going back to an earlier prompt, too", TRANSCRIPT_CLAUDE,
			"{'type':'user','message':{'content':'a'},'uuid':'1','parentUuid':null}\n"
			"{'type':'assistant','message':{'content':'b'},'uuid':'2',"
			"'parentUuid':'1'}\n"
			"{'type':'user','message':{'content':'c'},'uuid':'3','parentUuid':'2'}\n"
			"{'type':'assistant','message':{'content':'d'},'uuid':'4',"
			"'parentUuid':'3'}\n"
			"{'type':'user','message':{'content':'c2'},'uuid':'5','parentUuid':'2'}\n",
			"* \nuser text message.content = 'a'\n"
			"- \nassistant text message.content = 'b'\n"
			"- \nuser text message.content = 'c'\n"
			"- \nassistant text message.content = 'd'\n"
			"* \nuser text message.content = 'c2'\n"},
		{"what the program says by itself is not sent", TRANSCRIPT_CLAUDE,
			"{'type':'assistant','isApiErrorMessage':true,'message':{'content':'x'}}\n"
			"{'type':'summary','summary':'x'}\n7\n{}\n[]\n"
			"{'type':'user','type':'user','message':{'content':'x'}}\n"
			"{'type':'user','message':{'content':'x','content':'y'}}\n",
			""},
		{"call and result in one line, as other programs write", TRANSCRIPT_CLAUDE,
			"{'type':'tool','message':{'tool_name':'Grep','tool_input':{'p':1},"
			"'tool_output':'o'}}\n",
			"* \nassistant call message.tool_input Grep# = {'p':1}\n"
			"tool result message.tool_output Grep# ->0 = 'o'\n"},
	};

	(void)state;
	check_reads(CASES, ARRAY_N(CASES));
}

static void sub_agents_without_a_name_are_told_apart_by_their_chains(void **state)
{
	struct arena a = ARENA_INIT;
	struct transcript *r = transcript_new(&a, TRANSCRIPT_CLAUDE);
	static const char *const LINES[] = {
		"{'type':'user','message':{'content':'a'},'isSidechain':true,'uuid':'1',"
		"'parentUuid':null,'sessionId':'s'}",
		"{'type':'user','message':{'content':'b'},'isSidechain':true,'uuid':'2',"
		"'parentUuid':null,'sessionId':'s'}",
		"{'type':'assistant','message':{'content':'c'},'isSidechain':true,'uuid':'3',"
		"'parentUuid':'1','sessionId':'s'}",
		"{'type':'assistant','message':{'content':'d'},'isSidechain':true,'uuid':'4',"
		"'parentUuid':'2','sessionId':'s'}"};
	struct transcript_line out[ARRAY_N(LINES)];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(LINES); i++) {
		struct json_tape t = scanned(&a, quoted(&a, LINES[i]));

		transcript_read(r, &a, &t, &out[i]);
		assert_int_equal(out[i].starts_anew, i < 2);
	}
	assert_true(str_eq(out[0].session, out[2].session));
	assert_true(str_eq(out[1].session, out[3].session));
	assert_false(str_eq(out[0].session, out[1].session));
	arena_release(&a);
}

static void lines_of_codex_are_items(void **state)
{
	static const struct read_case CASES[] = {
		{"a rollout", TRANSCRIPT_CODEX,
			"{'timestamp':'t','type':'session_meta','payload':{'id':'s'}}\n"
			"{'type':'response_item','payload':{'type':'message','role':'user',"
			"'content':[{'type':'input_text','text':'go'}]}}\n"
			"{'type':'event_msg','payload':{'type':'user_message','message':'go'}}\n"
			"{'type':'response_item','payload':{'type':'function_call','call_id':'c',"
			"'name':'shell','arguments':'{}'}}\n"
			"{'type':'response_item','payload':{'type':'function_call_output',"
			"'call_id':'c','output':'o'}}\n",
			"* s\nuser text payload.content[0].text = 'go'\n"
			"- s\nassistant call payload.arguments shell#c = '{}'\n"
			"- s\ntool result payload.output shell#c = 'o'\n"},
		{"compaction with and without the new history", TRANSCRIPT_CODEX,
			"{'type':'response_item','payload':{'role':'user','content':'a'}}\n"
			"{'type':'compacted','payload':{'message':'sum'}}\n"
			"{'type':'response_item','payload':{'role':'user','content':'b'}}\n"
			"{'type':'compacted','payload':{'message':'','replacement_history':["
			"{'role':'user','content':'c'}]}}\n"
			"{'type':'event_msg','payload':{'type':'thread_rolled_back','num_turns':1}}"
			"\n"
			"{'type':'response_item','payload':{'role':'user','content':'d'}}\n",
			"* \nuser text payload.content = 'a'\n"
			"* \nuser text payload.message = 'sum'\n"
			"- \nuser text payload.content = 'b'\n"
			"* \nuser text payload.replacement_history[0].content = 'c'\n"
			"* \nuser text payload.content = 'd'\n"},
		{"bare items of the first versions", TRANSCRIPT_CODEX,
			"{'id':'s','timestamp':'t','instructions':null}\n"
			"{'record_type':'state'}\n"
			"{'type':'message','role':'user','content':["
			"{'type':'input_text','text':'go'}]}\n",
			"* s\nuser text content[0].text = 'go'\n"},
	};

	(void)state;
	check_reads(CASES, ARRAY_N(CASES));
}

static void records_of_gemini_hold_calls_beside_results(void **state)
{
	static const struct read_case CASES[] = {
		{"one document", TRANSCRIPT_GEMINI_FILE,
			"{'sessionId':'s','projectHash':'p','messages':["
			"{'id':'1','type':'user','content':'go'},"
			"{'id':'2','type':'gemini','content':'ok','toolCalls':["
			"{'id':'c','name':'read','args':{'p':1},'result':[{'functionResponse':"
			"{'id':'c','name':'read','response':{'output':'o'}}}],'resultDisplay':'o'},"
			"{'id':'d','name':'x','args':{},'result':'r','status':'error'}]},"
			"{'id':'3','type':'info','content':'note'},"
			"{'id':'4','type':'user','content':[{'text':'more'}]}]}",
			"* s\nuser text messages[0].content = 'go'\n"
			"assistant text messages[1].content = 'ok'\n"
			"assistant call messages[1].toolCalls[0].args read#c = {'p':1}\n"
			"tool result messages[1].toolCalls[0].result[0].functionResponse.response"
			".output read#c ->2 = 'o'\n"
			"assistant call messages[1].toolCalls[1].args x#d = {}\n"
			"tool result messages[1].toolCalls[1].result x#d ->4 error = 'r'\n"
			"user text messages[3].content[0].text = 'more'\n"},
		{"lines; the same id again, and going back", TRANSCRIPT_GEMINI,
			"{'sessionId':'s','projectHash':'p'}\n"
			"{'id':'1','type':'user','content':'go'}\n"
			"{'id':'2','type':'gemini','content':'ok'}\n"
			"{'id':'2','type':'gemini','content':'ok','toolCalls':["
			"{'id':'c','name':'read','args':{}}]}\n"
			"{'$set':{'lastUpdated':'t'}}\n"
			"{'$rewindTo':'1'}\n"
			"{'id':'3','type':'user','content':'again'}\n",
			"* s\nuser text content = 'go'\n"
			"- s\nassistant text content = 'ok'\n"
			"* s\nassistant text content = 'ok'\n"
			"assistant call toolCalls[0].args read#c = {}\n"
			"* s\nuser text content = 'again'\n"},
	};

	(void)state;
	check_reads(CASES, ARRAY_N(CASES));
}

static void sessions_of_opencode_and_pi_are_read(void **state)
{
	static const struct read_case CASES[] = {
		{"an export of OpenCode", TRANSCRIPT_OPENCODE,
			"{'info':{'id':'s'},'messages':[{'info':{'role':'user'},'parts':["
			"{'type':'text','text':'go'},{'type':'text','text':'n','ignored':true}]},"
			"{'info':{'role':'assistant'},'parts':[{'type':'step-start'},"
			"{'type':'reasoning','text':'hm'},"
			"{'type':'tool','callID':'c','tool':'bash','state':{'status':'completed',"
			"'input':{'command':'ls'},'output':'o','metadata':{'output':'o'}}},"
			"{'type':'tool','callID':'d','tool':'read','state':{'status':'error',"
			"'input':{},'error':'e'}},"
			"{'type':'tool','callID':'e','tool':'read','state':{'status':'completed',"
			"'input':{},'output':'gone','time':{'compacted':1}}}]}]}",
			"* s\nuser text messages[0].parts[0].text = 'go'\n"
			"assistant opaque messages[1].parts[1].text = 'hm'\n"
			"assistant call messages[1].parts[2].state.input bash#c = "
			"{'command':'ls'}\n"
			"tool result messages[1].parts[2].state.output bash#c ->2 = 'o'\n"
			"assistant call messages[1].parts[3].state.input read#d = {}\n"
			"tool result messages[1].parts[3].state.error read#d ->4 error = 'e'\n"
			"assistant call messages[1].parts[4].state.input read#e = {}\n"
			"tool opaque messages[1].parts[4].state.output read#e = 'gone'\n"},
		{"a part of OpenCode's storage", TRANSCRIPT_OPENCODE,
			"{'id':'p','sessionID':'s','messageID':'m','type':'tool','callID':'c',"
			"'tool':'bash','state':{'input':{},'output':'o'}}",
			"* s\nassistant call state.input bash#c = {}\n"
			"tool result state.output bash#c ->0 = 'o'\n"},
		{"pi", TRANSCRIPT_PI,
			"{'type':'session','id':'s','cwd':'/'}\n"
			"{'type':'message','id':'1','parentId':null,'message':"
			"{'role':'user','content':'go'}}\n"
			"{'type':'message','id':'2','parentId':'1','message':{'role':'assistant',"
			"'content':[{'type':'thinking','thinking':'hm'},{'type':'text','text':'ok'}"
			","
			"{'type':'toolCall','id':'c','name':'bash','arguments':{'x':1}}]}}\n"
			"{'type':'message','id':'3','parentId':'2','message':{'role':'toolResult',"
			"'toolCallId':'c','toolName':'bash','isError':true,'content':["
			"{'type':'text','text':'o'},{'type':'image','data':'x'}]}}\n"
			"{'type':'message','id':'4','parentId':'1','message':"
			"{'role':'user','content':'branch'}}\n"
			"{'type':'compaction','id':'5','parentId':'4','summary':'sum'}\n",
			"* s\nuser text message.content = 'go'\n"
			"- s\nassistant opaque message.content[0] = "
			"{'type':'thinking','thinking':'hm'}\n"
			"assistant text message.content[1].text = 'ok'\n"
			"assistant call message.content[2].arguments bash#c = {'x':1}\n"
			"- s\ntool result message.content[0].text bash#c error = 'o'\n"
			"tool opaque message.content[1] bash#c error = "
			"{'type':'image','data':'x'}\n"
			"* s\nuser text message.content = 'branch'\n"
			"* s\nuser text summary = 'sum'\n"},
	};

	(void)state;
	check_reads(CASES, ARRAY_N(CASES));
}

static void requests_and_logs_are_read(void **state)
{
	static const struct read_case CASES[] = {
		{"a body", TRANSCRIPT_REQUEST, " {'messages':[]} ", "request  {'messages':[]}\n"},
		{"bodies with and without an envelope", TRANSCRIPT_REQUESTS,
			"{'messages':[]}\n"
			"{'ts':1,'session':'s','request':{'input':[]},'usage':{}}\n"
			"{'model':'m','request':{'contents':[]}}\n7\n",
			"request  {'messages':[]}\nrequest s {'input':[]}\n"
			"request  {'model':'m','request':{'contents':[]}}\n"},
		{"a list of messages", TRANSCRIPT_MESSAGES,
			"[{'role':'user','content':'x'},"
			"{'role':'tool','tool_call_id':'t','content':'r'}]",
			"* \nuser text [0].content = 'x'\ntool result [1].content #t = 'r'\n"},
		{"our log, with messages and without", TRANSCRIPT_PROXY_LOG,
			"{'request_id':'1','model':'m','session':'s','request':{'messages':[]},"
			"'response':''}\n"
			"{'request_id':'2','model':'m','session':null}\n"
			"{'request_id':'3','request':'no JSON'}\n{'event':'e'}\n"
			"{'request_id':'4','request':{'input':[]}}\n",
			"request s {'messages':[]}\nrequest  {'input':[]}\n"},
		{"the reference's log: each line is a whole conversation", TRANSCRIPT_PROXY_LOG,
			"{'request_id':'1','request_messages':[{'role':'user','content':'x'}]}\n"
			"{'request_id':'2','request_messages':[{'role':'user','content':'y'}]}\n"
			"{'request_id':'3'}\n",
			"* \nuser text request_messages[0].content = 'x'\n"
			"* \nuser text request_messages[0].content = 'y'\n"},
	};

	(void)state;
	check_reads(CASES, ARRAY_N(CASES));
}

static void more_sessions_than_are_kept_start_anew(void **state)
{
	struct arena a = ARENA_INIT;
	struct transcript *r = transcript_new(&a, TRANSCRIPT_CLAUDE);
	struct transcript_line out;
	size_t used = 0;

	(void)state;
	for (int i = 0; i < 3 * TRANSCRIPT_SESSIONS; i++) {
		struct arena b = ARENA_INIT;
		str line = arena_printf(&b,
			"{'type':'user','message':{'content':'a'},'sessionId':'s%d'}",
			i % (TRANSCRIPT_SESSIONS + 1));
		struct json_tape t = scanned(&b, quoted(&b, line.p));

		transcript_read(r, &b, &t, &out);
		assert_true(out.starts_anew);
		transcript_read(r, &b, &t, &out);
		assert_false(out.starts_anew);
		if (i == TRANSCRIPT_SESSIONS)
			used = a.used_bytes;
		arena_release(&b);
	}
	assert_int_equal(a.used_bytes, used); /* it does not grow */
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_are_recognised_by_their_first_bytes),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(lines_of_claude_code_continue_their_session),
		cmocka_unit_test(sub_agents_without_a_name_are_told_apart_by_their_chains),
		cmocka_unit_test(lines_of_codex_are_items),
		cmocka_unit_test(records_of_gemini_hold_calls_beside_results),
		cmocka_unit_test(sessions_of_opencode_and_pi_are_read),
		cmocka_unit_test(requests_and_logs_are_read),
		cmocka_unit_test(more_sessions_than_are_kept_start_anew),
	};

	return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}

#include "core/transcript/turns.h"
#include "tests/unit/wire_help.h"

static void render_turn(struct buf *b, const struct turn_session *s, const struct turn *t)
{
	const struct turn_usage *u = &t->usage;

	buf_printf(b, "%lld", (long long)t->sent_ms);
	if (u->is_known)
		buf_printf(b, " %llu+%llu+%llu+%llu>%llu", (unsigned long long)u->input,
			(unsigned long long)u->cache_read, (unsigned long long)u->cache_write_5m,
			(unsigned long long)u->cache_write_1h, (unsigned long long)u->output);
	buf_add_byte(b, ' ');
	turns_body(s, t, b);
	buf_add_byte(b, '\n');
}

/* Sessions as "KEY format", turns as "TIME [INPUT+READ+WRITE5M+WRITE1H>OUTPUT] BODY". */
static const char *loaded(struct arena *a, enum transcript_kind kind, const char *text)
{
	struct arena scratch = ARENA_INIT;
	struct turn_file f;
	struct errctx cx = {0};
	struct buf b;

	if (turns_load(a, &scratch, quoted(a, text), STR_NULL, kind, &f, &cx) != E_OK)
		fail_msg("%s in %s", cx.text, text);
	buf_init_arena(&b, a, LIMIT_INPUT);
	for (size_t i = 0; i < f.sessions.n; i++) {
		const struct turn_session *s = &f.sessions.v[i];

		buf_printf(&b, STR_FMT " %s", STR_ARG(s->key), wire_format_name(s->format));
		if (s->project.n)
			buf_printf(&b, " in " STR_FMT, STR_ARG(s->project));
		buf_add_byte(&b, '\n');
		for (size_t k = 0; k < s->turns.n; k++)
			render_turn(&b, s, &s->turns.v[k]);
	}
	if (f.bad_n)
		buf_printf(&b, "bad %llu first %llu\n", (unsigned long long)f.bad_n,
			(unsigned long long)f.first_bad_line);
	buf_add_byte(&b, '\0');
	arena_release(&scratch);
	return b.p;
}

struct load_case {
	const char *name;
	enum transcript_kind kind;
	const char *text, *want;
};

static void check_loads(const struct load_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		str got = str_from(loaded(&a, cases[i].kind, cases[i].text));
		str want = quoted(&a, cases[i].want);

		if (!str_eq(got, want))
			fail_msg("%s\ngot:\n" STR_FMT "want:\n" STR_FMT, cases[i].name,
				STR_ARG(got), STR_ARG(want));
		arena_release(&a);
	}
}

/* Short ways to write lines of Claude Code. */
#define USER(uuid, parent, content)                             \
	"{'type':'user','uuid':'" uuid "','parentUuid':" parent \
	",'sessionId':'s','timestamp':'1970-01-01T00:00:0" uuid \
	"Z','message':{'role':'user','content':" content "}}\n"
#define SAID(uuid, parent, id, part, usage)                           \
	"{'type':'assistant','uuid':'" uuid "','parentUuid':'" parent \
	"','sessionId':'s','cwd':'/c','message':{'id':'" id           \
	"','model':'m','role':'assistant','content':[" part "],'usage':" usage "}}\n"

static void lines_of_claude_code_make_requests(void **state)
{
	static const struct load_case CASES[] = {
		{"one line per block, results in between, usage told several times",
			TRANSCRIPT_CLAUDE,
			USER("1", "null", "'go'") SAID("2", "1", "m1",
				"{'type':'text','text':'ok'}",
				"{'input_tokens':3,'cache_read_input_tokens':10,"
				"'cache_creation_input_tokens':7,'cache_creation':"
				"{'ephemeral_5m_input_tokens':5,'ephemeral_1h_input_tokens':2},"
				"'output_tokens':1}") SAID("3", "2", "m1",
				"{'type':'tool_use','id':'a','name':'A','input':{}}",
				"{'input_tokens':3,'cache_read_input_tokens':10,'output_tokens':9}")
				USER("4", "'3'",
					"[{'type':'tool_result','tool_use_id':'a','content':'x'}]")
					SAID("5", "3", "m1",
						"{'type':'tool_use','id':'b','name':'B','input':{}"
						"}",
						"{}") USER("6", "'5'",
						"[{'type':'tool_result','tool_use_id':'b','content'"
						":'y'}]") SAID("7", "6", "m2",
						"{'type':'text','text':'done'}", "{}"),
			"s anthropic in /c\n"
			"1000 3+10+5+2>9 "
			"{'model':'m','messages':[{'role':'user','content':'go'}]}\n"
			"6000 {'model':'m','messages':[{'role':'user','content':'go'},"
			"{'role':'assistant','content':[{'type':'text','text':'ok'},"
			"{'type':'tool_use','id':'a','name':'A','input':{}},"
			"{'type':'tool_use','id':'b','name':'B','input':{}}]},"
			"{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'a','content':'x'},"
			"{'type':'tool_result','tool_use_id':'b','content':'y'}]}]}\n"},
		{"several messages of the user become one", TRANSCRIPT_CLAUDE,
			USER("1", "null", "'a'") USER("2", "'1'", "'b'")
				SAID("3", "2", "m1", "{'type':'text','text':'ok'}", "{}"),
			"s anthropic in /c\n"
			"2000 {'model':'m','messages':[{'role':'user','content':["
			"{'type':'text','text':'a'},{'type':'text','text':'b'}]}]}\n"},
		{"after a compaction history begins with the summary", TRANSCRIPT_CLAUDE,
			USER("1", "null", "'a'") SAID("2", "1", "m1", "{'type':'text','text':'ok'}",
				"{}") "{'type':'system','subtype':'compact_boundary','uuid':'3','"
				      "parentUuid':null,"
				      "'sessionId':'s'}\n"
				      "{'type':'user','uuid':'4','parentUuid':'3','sessionId':'s',"
				      "'isCompactSummary':true,'timestamp':'1970-01-01T00:00:04Z',"
				      "'message':{'role':'user','content':'sum'}}\n" SAID(
					      "5", "4", "m2", "{'type':'text','text':'on'}", "{}"),
			"s anthropic in /c\n"
			"1000 {'model':'m','messages':[{'role':'user','content':'a'}]}\n"
			"4000 {'model':'m','messages':[{'role':'user','content':'sum'}]}\n"},
		{"going back branches off", TRANSCRIPT_CLAUDE,
			USER("1", "null", "'a'") SAID("2", "1", "m1", "{'type':'text','text':'b'}",
				"{}") USER("3", "'2'", "'c'") SAID("4", "3", "m2",
				"{'type':'text','text':'d'}", "{}") USER("5", "'2'", "'e'")
				SAID("6", "5", "m3", "{'type':'text','text':'f'}", "{}")
					USER("7", "'6'", "'g'") SAID(
						"8", "7", "m4", "{'type':'text','text':'h'}", "{}"),
			"s anthropic in /c\n"
			"1000 {'model':'m','messages':[{'role':'user','content':'a'}]}\n"
			"3000 {'model':'m','messages':[{'role':'user','content':'a'},"
			"{'role':'assistant','content':[{'type':'text','text':'b'}]},"
			"{'role':'user','content':'c'}]}\n"
			"s#1 anthropic in /c\n"
			"5000 {'model':'m','messages':[{'role':'user','content':'a'},"
			"{'role':'assistant','content':[{'type':'text','text':'b'}]},"
			"{'role':'user','content':'e'}]}\n"
			"7000 {'model':'m','messages':[{'role':'user','content':'a'},"
			"{'role':'assistant','content':[{'type':'text','text':'b'}]},"
			"{'role':'user','content':'e'},"
			"{'role':'assistant','content':[{'type':'text','text':'f'}]},"
			"{'role':'user','content':'g'}]}\n"},
		{"sub-agents apart, made-up answers and broken lines not at all", TRANSCRIPT_CLAUDE,
			USER("1", "null", "'a'") "{'type':'user','isSidechain':true,'agentId':'x','"
						 "sessionId':'s','message':"
						 "{'content':'sub'}}\n"
						 "{'type':'assistant','isSidechain':true,'agentId':"
						 "'x','sessionId':'s',"
						 "'message':{'id':'m9','content':[{'type':'text','"
						 "text':'done'}]}}\n"
						 "{broken\n"
						 "{'type':'assistant','sessionId':'s','"
						 "isApiErrorMessage':true,'message':"
						 "{'id':'e','model':'<synthetic>','content':[{'"
						 "type':'text','text':'e'}]}}\n" SAID("2", "1",
							 "m1", "{'type':'text','text':'b'}",
							 "{}") "also broken\n",
			"s anthropic in /c\n"
			"1000 {'model':'m','messages':[{'role':'user','content':'a'}]}\n"
			"s/x anthropic\n"
			"-1 {'messages':[{'role':'user','content':'sub'}]}\n"
			"bad 2 first 4\n"},
	};

	(void)state;
	check_loads(CASES, ARRAY_N(CASES));
}

static void items_of_codex_make_requests(void **state)
{
	static const struct load_case CASES[] = {
		{"turns begin where the model does; usage follows", TRANSCRIPT_CODEX,
			"{'type':'session_meta','payload':{'id':'s','cwd':'/"
			"w','instructions':'be'}}\n"
			"{'type':'turn_context','payload':{'model':'g'}}\n"
			"{'timestamp':'1970-01-01T00:00:01Z','type':'response_item','payload':"
			"{'role':'user','content':'a'}}\n"
			"{'type':'response_item','payload':{'type':'reasoning','summary':[]}}\n"
			"{'type':'response_item','payload':{'type':'function_call','call_id':'c'}}"
			"\n"
			"{'type':'event_msg','payload':{'type':'token_count','info':{"
			"'total_token_usage':{'total_tokens':30},'last_token_usage':"
			"{'input_tokens':20,'cached_input_tokens':15,'output_tokens':10}}}}\n"
			"{'timestamp':'1970-01-01T00:00:02Z','type':'response_item','payload':"
			"{'type':'function_call_output','call_id':'c','output':'o'}}\n"
			"{'type':'event_msg','payload':{'type':'token_count','info':{"
			"'total_token_usage':{'total_tokens':30},'last_token_usage':"
			"{'input_tokens':20,'cached_input_tokens':15,'output_tokens':10}}}}\n"
			"{'type':'response_item','payload':{'type':'message','role':'assistant'}}"
			"\n",
			"s openai-responses in /w\n"
			"1000 5+15+0+0>10 {'model':'g','instructions':'be','input':["
			"{'role':'user','content':'a'}]}\n"
			"2000 {'model':'g','instructions':'be','input':["
			"{'role':'user','content':'a'},{'type':'reasoning','summary':[]},"
			"{'type':'function_call','call_id':'c'},"
			"{'type':'function_call_output','call_id':'c','output':'o'}]}\n"},
		{"compaction with the new history", TRANSCRIPT_CODEX,
			"{'type':'response_item','payload':{'role':'user','content':'a'}}\n"
			"{'type':'response_item','payload':{'role':'assistant','content':'b'}}\n"
			"{'type':'compacted','payload':{'message':'m','replacement_history':["
			"{'role':'user','content':'c'}]}}\n"
			"{'type':'response_item','payload':{'role':'assistant','content':'d'}}\n"
			"{'type':'compacted','payload':{'message':'sum'}}\n"
			"{'type':'response_item','payload':{'role':'assistant','content':'e'}}\n",
			" openai-responses\n"
			"-1 {'input':[{'role':'user','content':'a'}]}\n"
			"-1 {'input':[{'role':'user','content':'c'}]}\n"
			"-1 {'input':[{'type':'message','role':'user','content':'sum'}]}\n"},
		{"a prompt taken back", TRANSCRIPT_CODEX,
			"{'type':'response_item','payload':{'role':'user','content':'a'}}\n"
			"{'type':'response_item','payload':{'role':'assistant','content':'b'}}\n"
			"{'type':'response_item','payload':{'role':'user','content':'c'}}\n"
			"{'type':'response_item','payload':{'role':'assistant','content':'d'}}\n"
			"{'type':'event_msg','payload':{'type':'thread_rolled_back','num_turns':1}}"
			"\n"
			"{'type':'response_item','payload':{'role':'user','content':'e'}}\n"
			"{'type':'response_item','payload':{'role':'assistant','content':'f'}}\n",
			" openai-responses\n"
			"-1 {'input':[{'role':'user','content':'a'}]}\n"
			"-1 {'input':[{'role':'user','content':'a'},"
			"{'role':'assistant','content':'b'},{'role':'user','content':'c'}]}\n"
			"-1 {'input':[{'role':'user','content':'a'},"
			"{'role':'assistant','content':'b'},{'role':'user','content':'e'}]}\n"},
	};

	(void)state;
	check_loads(CASES, ARRAY_N(CASES));
}

static void records_of_gemini_make_requests(void **state)
{
	static const char *const WANT =
		"s gemini in p\n"
		"1000 6+4+0+0>3 {'contents':[{'role':'user','parts':[{'text':'go'}]}]}\n"
		"2000 {'contents':[{'role':'user','parts':[{'text':'go'}]},"
		"{'role':'model','parts':[{'text':'ok'},"
		"{'functionCall':{'id':'c','name':'r','args':{'p':1}}}]},"
		"{'role':'user','parts':[{'functionResponse':{'id':'c','name':'r',"
		"'response':{'output':'o'}}}]}]}\n";
	const struct load_case CASES[] = {
		{"a file", TRANSCRIPT_GEMINI_FILE,
			"{'sessionId':'s','projectHash':'p','messages':["
			"{'id':'1','type':'user','content':'go','timestamp':'1970-01-01T00:00:01Z'}"
			","
			"{'id':'2','type':'gemini','content':'ok','model':'g',"
			"'timestamp':'1970-01-01T00:00:02Z','tokens':"
			"{'input':10,'cached':4,'output':3},'toolCalls':[{'id':'c','name':'r',"
			"'args':{'p':1},'result':[{'functionResponse':{'id':'c','name':'r',"
			"'response':{'output':'o'}}}]}]},"
			"{'id':'3','type':'info','content':'x'},"
			"{'id':'4','type':'gemini','content':'done'}]}",
			WANT},
		{"lines, with updates and a rewind", TRANSCRIPT_GEMINI,
			"{'sessionId':'s','projectHash':'p'}\n"
			"{'id':'1','type':'user','content':'go','timestamp':'1970-01-01T00:00:01Z'}"
			"\n"
			"{'id':'2','type':'gemini','content':'not yet'}\n"
			"{'id':'2','type':'gemini','content':'ok','model':'g',"
			"'timestamp':'1970-01-01T00:00:02Z','tokens':"
			"{'input':10,'cached':4,'output':3},'toolCalls':[{'id':'c','name':'r',"
			"'args':{'p':1},'result':'o'}]}\n"
			"{'id':'5','type':'user','content':'wrong'}\n"
			"{'id':'6','type':'gemini','content':'wrong'}\n"
			"{'$rewindTo':'5'}\n"
			"{'id':'4','type':'gemini','content':'done'}\n",
			WANT},
	};

	(void)state;
	check_loads(CASES, ARRAY_N(CASES));
}

static void sessions_of_pi_and_opencode_make_requests(void **state)
{
	static const struct load_case CASES[] = {
		{"pi on Anthropic, with a branch", TRANSCRIPT_PI,
			"{'type':'session','id':'s','cwd':'/'}\n"
			"{'type':'message','id':'1','parentId':null,"
			"'timestamp':'1970-01-01T00:00:01Z','message':{'role':'user','content':'go'"
			"}}\n"
			"{'type':'message','id':'2','parentId':'1','message':{'role':'assistant',"
			"'api':'anthropic-messages','model':'c','usage':{'input':1,'output':2,"
			"'cacheRead':3,'cacheWrite':4},'content':[{'type':'thinking','thinking':'h'"
			"},"
			"{'type':'text','text':'ok'},"
			"{'type':'toolCall','id':'t','name':'bash','arguments':{'x':1}}]}}\n"
			"{'type':'message','id':'3','parentId':'2','message':{'role':'toolResult',"
			"'toolCallId':'t','toolName':'bash','content':[{'type':'text','text':'o'}],"
			"'isError':true}}\n"
			"{'type':'message','id':'4','parentId':'3','message':{'role':'assistant',"
			"'content':[{'type':'text','text':'done'}]}}\n"
			"{'type':'message','id':'5','parentId':'1','message':{'role':'user',"
			"'content':'else'}}\n"
			"{'type':'message','id':'6','parentId':'5','message':{'role':'assistant',"
			"'content':[{'type':'text','text':'done'}]}}\n",
			"s anthropic in /\n"
			"1000 1+3+4+0>2 {'model':'c','messages':[{'role':'user','content':["
			"{'type':'text','text':'go'}]}]}\n"
			"-1 {'messages':[{'role':'user','content':[{'type':'text','text':'go'}]},"
			"{'role':'assistant','content':[{'type':'text','text':'ok'},"
			"{'type':'tool_use','id':'t','name':'bash','input':{'x':1}}]},"
			"{'role':'user','content':[{'type':'tool_result','tool_use_id':'t',"
			"'content':[{'type':'text','text':'o'}],'is_error':true}]}]}\n"
			"s#1 anthropic in /\n"
			"-1 {'messages':[{'role':'user','content':[{'type':'text','text':'go'}]},"
			"{'role':'user','content':[{'type':'text','text':'else'}]}]}\n"},
		{"pi on others, with a compaction", TRANSCRIPT_PI,
			"{'type':'session','id':'s','cwd':'/'}\n"
			"{'type':'message','id':'1','message':{'role':'user','content':'go'}}\n"
			"{'type':'message','id':'2','message':{'role':'assistant','api':'openai',"
			"'content':[{'type':'toolCall','id':'t','name':'bash',"
			"'arguments':{'x':1}}]}}\n"
			"{'type':'message','id':'3','message':{'role':'toolResult',"
			"'toolCallId':'t','content':[{'type':'text','text':'o'}]}}\n"
			"{'type':'compaction','id':'4','summary':'sum','firstKeptEntryId':'2'}\n"
			"{'type':'message','id':'5','message':{'role':'assistant',"
			"'content':[{'type':'text','text':'done'}]}}\n",
			"s openai-chat in /\n"
			"-1 "
			"{'messages':[{'role':'user','content':[{'type':'text','text':'go'}]}]}\n"
			"-1 {'messages':[{'role':'user','content':[{'type':'text','text':'sum'}]},"
			"{'role':'assistant','content':null,'tool_calls':[{'type':'function',"
			"'id':'t','function':{'name':'bash','arguments':'{\\'x\\':1}'}}]},"
			"{'role':'tool','tool_call_id':'t','content':["
			"{'type':'text','text':'o'}]}]}\n"},
		{"OpenCode, two steps in one message", TRANSCRIPT_OPENCODE,
			"{'info':{'id':'s','directory':'/o'},'messages':["
			"{'info':{'role':'user','time':{'created':1000}},'parts':["
			"{'type':'text','text':'go'}]},"
			"{'info':{'role':'assistant','providerID':'anthropic','modelID':'c'},"
			"'parts':[{'type':'step-start'},{'type':'text','text':'ok'},"
			"{'type':'tool','callID':'t','tool':'bash','state':{'status':'completed',"
			"'input':{},'output':'o','time':{'start':1,'end':1700000000000}}},"
			"{'type':'step-finish','tokens':{'input':5,'output':6,"
			"'cache':{'read':7,'write':8}}},"
			"{'type':'step-start'},{'type':'text','text':'done'}]}]}",
			"s anthropic in /o\n"
			"1000000 5+7+8+0>6 {'model':'c','messages':[{'role':'user','content':["
			"{'type':'text','text':'go'}]}]}\n"
			"1700000000000 {'model':'c','messages':[{'role':'user','content':["
			"{'type':'text','text':'go'}]},"
			"{'role':'assistant','content':[{'type':'text','text':'ok'},"
			"{'type':'tool_use','id':'t','name':'bash','input':{}}]},"
			"{'role':'user','content':[{'type':'tool_result','tool_use_id':'t',"
			"'content':'o'}]}]}\n"},
	};

	(void)state;
	check_loads(CASES, ARRAY_N(CASES));
}

static void recorded_requests_are_turns_as_they_stand(void **state)
{
	static const struct load_case CASES[] = {
		{"a body, by its own bytes", TRANSCRIPT_REQUEST,
			" {'model': 'm', 'input': [] , 'x': 1.0} ",
			"00000000000000000000000000000000 openai-responses\n"
			"-1 {'model': 'm', 'input': [] , 'x': 1.0}\n"},
		{"envelopes, in order of time", TRANSCRIPT_REQUESTS,
			"{'ts':2,'session':'s','request':{'messages':[],'n':1},'usage':"
			"{'prompt_tokens':9,'completion_tokens':1,"
			"'prompt_tokens_details':{'cached_tokens':4}}}\n"
			"\n"
			"{'ts':'1970-01-01T00:00:01Z','session':'s','request':"
			"{'messages':[],'n':2}}\n"
			"{'ts':1,'session':'s','request':{'no':'request'}}\n"
			"{'ts':3000000000000,'session':'t','request':{'contents':[]},'usage':"
			"{'promptTokenCount':5,'candidatesTokenCount':2}}\n",
			"s openai-chat\n"
			"1000 {'messages':[],'n':2}\n"
			"2000 5+4+0+0>1 {'messages':[],'n':1}\n"
			"t gemini\n"
			"3000000000000 5+0+0+0>2 {'contents':[]}\n"},
		{"messages: a request before each answer, and a last one", TRANSCRIPT_MESSAGES,
			"[{'role':'user','content':'a'},{'role':'assistant','content':'b'},"
			"{'role':'user','content':'c'}]",
			" openai-chat\n"
			"-1 {'messages':[{'role':'user','content':'a'}]}\n"
			"-1 {'messages':[{'role':'user','content':'a'},"
			"{'role':'assistant','content':'b'},{'role':'user','content':'c'}]}\n"},
	};

	(void)state;
	check_loads(CASES, ARRAY_N(CASES));
}

static void requests_without_a_session_are_told_apart_by_how_they_begin(void **state)
{
	struct arena a = ARENA_INIT, scratch = ARENA_INIT;
	struct turn_file f;
	struct errctx cx = {0};
	str text = quoted(&a, "{'messages':[{'role':'user','content':'a'}]}\n"
			      "{'messages':[{'role':'user','content':'b'}]}\n"
			      "{'messages':[{'role':'user','content':[{'type':'text','text':'a',"
			      "'cache_control':{}}]},{'role':'assistant','content':'x'}]}\n"
			      "{'model':'m','messages':[{'role':'user','content':'a'}]}\n");

	(void)state;
	assert_int_equal(
		turns_load(&a, &scratch, text, STR("x.jsonl"), TRANSCRIPT_NONE, &f, &cx), E_OK);
	assert_int_equal(f.kind, TRANSCRIPT_REQUESTS);
	assert_int_equal(f.lines_n, 4);
	assert_int_equal(f.sessions.n, 2);
	assert_int_equal(f.sessions.v[0].turns.n, 3);
	assert_int_equal(f.sessions.v[1].turns.n, 1);
	assert_true(str_eq(f.sessions.v[0].turns.v[2].model, STR("m")));
	arena_release(&a);
	arena_release(&scratch);
}

static void our_log_gives_messages_and_model(void **state)
{
	static const struct load_case CASES[] = {
		{"a line", TRANSCRIPT_PROXY_LOG,
			"{'request_id':'r','timestamp':'1970-01-01T00:00:01Z','model':'m',"
			"'request_messages':[],'compressed_messages':[]}\n{'request_id':'q'}\n",
			"00000000000000000000000000000000 openai-chat\n"
			"1000 {'model':'m','messages':[]}\n"},
		{"with the whole request", TRANSCRIPT_PROXY_LOG,
			"{'timestamp':'1970-01-01T00:00:02Z','request_id':'r','model':'m',"
			"'session':'s','tokens_before':1,'input_tokens':3,'output_tokens':9,"
			"'cache_read_tokens':10,'cache_write_5m_tokens':5,'cache_write_1h_tokens':"
			"2,"
			"'request':{'messages':[{'role':'user','content':'a'}]},'response':'x'}\n"
			"{'timestamp':'1970-01-01T00:00:03Z','request_id':'r','model':'g',"
			"'session':'s','input_tokens':null,'request':{'messages':[]}}\n"
			"{'request_id':'q','request':null}\n",
			"s openai-chat\n"
			"2000 3+10+5+2>9 {'messages':[{'role':'user','content':'a'}]}\n"
			"3000 {'messages':[]}\n"},
	};

	(void)state;
	check_loads(CASES, ARRAY_N(CASES));
}

static void what_is_no_recording_is_an_error(void **state)
{
	static const struct {
		enum transcript_kind kind;
		const char *text;
	} CASES[] = {
		{TRANSCRIPT_NONE, "hello\n"},
		{TRANSCRIPT_NONE, ""},
		{TRANSCRIPT_REQUEST, "{broken"},
		{TRANSCRIPT_GEMINI_FILE, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT, scratch = ARENA_INIT;
		struct turn_file f;
		struct errctx cx = {0};

		assert_int_equal(turns_load(&a, &scratch, str_from(CASES[i].text), STR_NULL,
					 CASES[i].kind, &f, &cx),
			E_MALFORMED);
		arena_release(&a);
		arena_release(&scratch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_claude_code_make_requests),
		cmocka_unit_test(items_of_codex_make_requests),
		cmocka_unit_test(records_of_gemini_make_requests),
		cmocka_unit_test(sessions_of_pi_and_opencode_make_requests),
		cmocka_unit_test(recorded_requests_are_turns_as_they_stand),
		cmocka_unit_test(requests_without_a_session_are_told_apart_by_how_they_begin),
		cmocka_unit_test(our_log_gives_messages_and_model),
		cmocka_unit_test(what_is_no_recording_is_an_error),
	};

	return cmocka_run_group_tests_name("transcript: turns", tests, NULL, NULL);
}

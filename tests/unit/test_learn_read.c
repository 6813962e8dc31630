/* Recordings of every agent, what is counted once, whose project it is, where recordings are found. */
#include "core/base/mem.h"
#include "tests/unit/learn_help.h"

static const char USE_PYTHON3[] = "`python` is not found here: use `python3`.";

/* ---- every agent's words ------------------------------------------------------------------------------- */

/* A session in which python is not there and python3 is; "%" stands for its name. */
static const struct {
	const char *what, *text, *project;
} RECORDINGS[] = {
	{"Codex, results in JSON",
		"{'timestamp':'2026-01-0%T00:00:00Z','type':'session_meta','payload':{'id':'s%','"
		"cwd':'/w'}}\n"
		"{'timestamp':'2026-01-0%T00:00:01Z','type':'response_item','payload':{'type':'"
		"function_call',"
		"'name':'shell','call_id':'c1','arguments':'{\\'command\\':[\\'bash\\',\\'-lc\\',"
		"\\'python a.py\\']}'}}\n"
		"{'timestamp':'2026-01-0%T00:00:02Z','type':'response_item','payload':{'type':'"
		"function_call_output',"
		"'call_id':'c1','output':'{\\'output\\':\\'bash: python: command not "
		"found\\',\\'metadata\\':"
		"{\\'exit_code\\':127}}'}}\n"
		"{'timestamp':'2026-01-0%T00:00:03Z','type':'response_item','payload':{'type':'"
		"function_call',"
		"'name':'exec_command','call_id':'c2','arguments':'{\\'cmd\\':\\'python3 "
		"a.py\\'}'}}\n"
		"{'timestamp':'2026-01-0%T00:00:04Z','type':'response_item','payload':{'type':'"
		"function_call_output',"
		"'call_id':'c2','output':'Exit code: 0\\nOutput:\\nfine'}}\n",
		"/w"},
	{"Gemini CLI, lines",
		"{'sessionId':'s%','projectHash':'p','startTime':'2026-01-0%T00:00:00Z'}\n"
		"{'id':'1','timestamp':'2026-01-0%T00:00:01Z','type':'gemini','content':'','"
		"toolCalls':[{'id':'c',"
		"'name':'run_shell_command','args':{'command':'python a.py'},'status':'error',"
		"'result':'bash: python: command not found\\nExit Code: 127'}]}\n"
		"{'id':'2','timestamp':'2026-01-0%T00:00:02Z','type':'gemini','content':'','"
		"toolCalls':[{'id':'d',"
		"'name':'run_shell_command','args':{'command':'python3 "
		"a.py'},'status':'success','result':'fine'}]}\n",
		"/gemini"},
	{"Gemini CLI, one document",
		"{'sessionId':'s%','projectHash':'p','messages':[{'id':'1','type':'gemini','"
		"content':'','toolCalls':["
		"{'id':'c','name':'run_shell_command','args':{'command':'python "
		"a.py'},'status':'error',"
		"'result':'bash: python: command not "
		"found'}]},{'id':'2','type':'gemini','content':'','toolCalls':["
		"{'id':'d','name':'run_shell_command','args':{'command':'python3 "
		"a.py'},'result':'fine'}]}]}",
		"/gemini"},
	{"OpenCode, exported",
		"{'info':{'id':'s%','directory':'/"
		"w'},'messages':[{'info':{'role':'assistant'},'parts':["
		"{'type':'tool','tool':'bash','callID':'c','state':{'status':'error','input':{'"
		"command':'python a.py'},"
		"'error':'bash: python: command not found'}},"
		"{'type':'tool','tool':'bash','callID':'d','state':{'status':'completed',"
		"'input':{'command':'python3 a.py'},'output':'fine'}}]}]}",
		"/w"},
	{"pi",
		"{'type':'session','version':3,'id':'s%','timestamp':'2026-01-0%T00:00:00Z','cwd':'"
		"/w'}\n"
		"{'type':'message','id':'1','timestamp':'2026-01-0%T00:00:01Z','message':{'role':'"
		"assistant','content':["
		"{'type':'toolCall','id':'c','name':'bash','arguments':{'command':'python "
		"a.py'}}]}}\n"
		"{'type':'message','id':'2','parentId':'1','timestamp':'2026-01-0%T00:00:02Z','"
		"message':{"
		"'role':'toolResult','toolCallId':'c','toolName':'bash','isError':true,'content':["
		"{'type':'text','text':'bash: python: command not found'}]}}\n"
		"{'type':'message','id':'3','parentId':'2','timestamp':'2026-01-0%T00:00:03Z','"
		"message':{'role':'assistant',"
		"'content':[{'type':'toolCall','id':'d','name':'bash','arguments':{'command':'"
		"python3 a.py'}}]}}\n"
		"{'type':'message','id':'4','parentId':'3','timestamp':'2026-01-0%T00:00:04Z','"
		"message':{"
		"'role':'toolResult','toolCallId':'d','toolName':'bash','content':[{'type':'text','"
		"text':'fine'}]}}\n",
		"/w"},
	{"our log, Chat, the directory in the prompt",
		"{'request_id':'r1','input_tokens_original':9,'session':'s%','timestamp':'2026-01-"
		"0%T00:00:00Z','request':{'"
		"model':'m','messages':["
		"{'role':'system','content':'You help.\\nWorking directory: "
		"/w\\n'},{'role':'user','content':'go'},"
		"{'role':'assistant','content':null,'tool_calls':[{'id':'c','type':'function','"
		"function':{'name':'bash',"
		"'arguments':'{\\'command\\':\\'python a.py\\'}'}}]},"
		"{'role':'tool','tool_call_id':'c','content':'bash: python: command not found'},"
		"{'role':'assistant','content':null,'tool_calls':[{'id':'d','type':'function','"
		"function':{'name':'bash',"
		"'arguments':'{\\'command\\':\\'python3 a.py\\'}'}}]},"
		"{'role':'tool','tool_call_id':'d','content':'fine'}]}}\n",
		"/w"},
	{"requests of Gemini, whose calls have no ids",
		"{'ts':100%,'session':'s%','project':'/"
		"w','request':{'contents':[{'role':'user','parts':[{'text':'go'}]},"
		"{'role':'model','parts':[{'functionCall':{'name':'shell','args':{'command':'"
		"python a.py'}}}]},"
		"{'role':'user','parts':[{'functionResponse':{'name':'shell','response':{'output':"
		"'bash: python: command not found'}}}]},"
		"{'role':'model','parts':[{'functionCall':{'name':'shell','args':{'command':'"
		"python3 a.py'}}}]},"
		"{'role':'user','parts':[{'functionResponse':{'name':'shell','response':{'output':'"
		"fine'}}}]}]}}\n",
		"/w"},
};

static void every_agent_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(RECORDINGS); i++) {
		struct learner *l = new_learner((struct learn_conf){0});
		struct arena a = ARENA_INIT;
		struct learn_result got;
		const struct rule *r;

		for (int name = '1'; name <= '2'; name++) {
			char path[64];
			struct learn_file file = {.agent = AGENT_PROXY};

			if (strcmp(RECORDINGS[i].project, "/gemini") == 0)
				file.project = RECORDINGS[i].project;

			/* A quote within a quote is written \': it becomes \". */
			file.path = learn_temp(path, named(&a, RECORDINGS[i].text, (char)name));
			assert_int_equal(learner_read(l, &file, NULL, NULL), E_OK);
			(void)unlink(path);
		}
		learner_result(l, &a, &got);
		r = rule_of(&got, RECORDINGS[i].project, USE_PYTHON3);
		if (!r)
			fail_msg("%s: nothing was learned", RECORDINGS[i].what);
		assert_int_equal(r->evidence, 2);
		assert_int_equal(r->sessions, 2);
		assert_true(r->confidence > 0.99);
		assert_int_equal(got.bad_lines, 0);
		learner_free(l);
		arena_release(&a);
	}
}

/* ---- once ---------------------------------------------------------------------------------------------------- */

static const char TWO_SESSIONS[] =
	"session a\n"
	"$ python a.py\n! bash: python: command not found\n$ python3 a.py\n= ok\n"
	"session b\n"
	"$ python b.py\n! bash: python: command not found\n$ python3 b.py\n= ok\n"
	"> Never push to main without asking.\n";

/* A script, as Claude Code records it. */
static void add_lines(struct buf *b, struct arena *a, const char *text)
{
	struct script s;

	script_parse(&s, a, str_from(text));
	script_claude(&s, b);
}

static void read_script(struct learner *l, struct arena *a, const char *text, str *lines)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	add_lines(&b, a, text);
	*lines = buf_str(&b);
	learn_read_text(l, *lines, E_OK);
}

/* A session that is taken up again stands in a second file, with another name and what was said before. */
static void a_session_that_was_copied_counts_once(void **state)
{
	struct learner *l = new_learner((struct learn_conf){0});
	struct arena a = ARENA_INIT;
	struct learn_result got;
	str lines;
	char *copy;

	(void)state;
	read_script(l, &a, TWO_SESSIONS, &lines);
	copy = arena_cstr(&a, lines);
	for (char *p = copy; (p = strstr(p, "\"sessionId\":\"")) != NULL; p += 13)
		p[13] = 'z';
	learn_read_text(l, str_from(copy), E_OK);
	learner_result(l, &a, &got);
	assert_int_equal(rule_of(&got, "/w", USE_PYTHON3)->evidence, 2);
	assert_int_equal(rule_of(&got, "/w", "Never push to main without asking.")->evidence, 1);
	learner_free(l);
	arena_release(&a);
}

static void the_order_of_files_changes_nothing(void **state)
{
	static const char OTHER[] = "session c\n$ python c.py\n! bash: python: command not "
				    "found\n$ python3 c.py\n= ok\n"
				    "read /w/a.c\n! File does not exist.\nread /w/src/a.c\n= x\n"
				    "read /w/a.c\n! File does not exist.\nread /w/src/a.c\n= x\n";
	struct arena a = ARENA_INIT;
	struct learn_result got[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct learner *l = new_learner((struct learn_conf){0});
		str unused;

		read_script(l, &a, i ? OTHER : TWO_SESSIONS, &unused);
		read_script(l, &a, i ? TWO_SESSIONS : OTHER, &unused);
		learner_result(l, &a, &got[i]);
		learner_free(l);
	}
	assert_int_equal(got[0].projects.n, 1);
	assert_int_equal(got[1].projects.n, 1);
	assert_int_equal(got[0].projects.v[0].rules.n, 3);
	assert_int_equal(got[1].projects.v[0].rules.n, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct rule *x = &got[0].projects.v[0].rules.v[i],
				  *y = &got[1].projects.v[0].rules.v[i];

		assert_true(str_eq(x->text, y->text));
		assert_string_equal(x->key, y->key);
		assert_int_equal(x->evidence, y->evidence);
		assert_int_equal(x->sessions, y->sessions);
		assert_int_equal(x->tokens_saved, y->tokens_saved);
		assert_int_equal(x->last_ms, y->last_ms);
	}
	arena_release(&a);
}

/* Calls that are made at the same time correct nothing of each other. */
static void a_call_made_before_the_failure_was_known_is_no_correction(void **state)
{
	static const char LINES[] =
		"{'type':'assistant','sessionId':'%','cwd':'/"
		"w','message':{'role':'assistant','content':["
		"{'type':'tool_use','id':'x%','name':'Read','input':{'file_path':'/w/a/z.c'}},"
		"{'type':'tool_use','id':'y%','name':'Read','input':{'file_path':'/w/b/z.c'}}]}}\n"
		"{'type':'user','sessionId':'%','cwd':'/w','message':{'role':'user','content':["
		"{'type':'tool_result','tool_use_id':'x%','is_error':true,'content':'File does not "
		"exist.'}]}}\n"
		"{'type':'user','sessionId':'%','cwd':'/w','message':{'role':'user','content':["
		"{'type':'tool_result','tool_use_id':'y%','content':'text'}]}}\n";
	struct learner *l = new_learner((struct learn_conf){0});
	struct arena a = ARENA_INIT;
	struct learn_result got;

	(void)state;
	for (int name = 'a'; name <= 'c'; name++)
		learn_read_text(l, named(&a, LINES, (char)name), E_OK);
	learner_result(l, &a, &got);
	assert_int_equal(got.projects.v[0].failed, 3);
	assert_null(rule_of(&got, "/w", "`a/z.c` does not exist: it is `b/z.c`."));
	assert_non_null(rule_of(&got, "/w", "`a/z.c` does not exist."));
	learner_free(l);
	arena_release(&a);
}

/* ---- whose ------------------------------------------------------------------------------------------------------ */

static void sessions_below_a_directory_are_of_it(void **state)
{
	static const char BELOW[] = "project /w/packages/ui\n> Always write tests first.\n";
	static const char BESIDE[] = "project /work\n> Always write tests last.\n";
	struct learner *l = new_learner((struct learn_conf){.project = STR("/w")});
	struct arena a = ARENA_INIT;
	struct learn_result got;
	str unused;

	(void)state;
	read_script(l, &a, BELOW, &unused);
	read_script(l, &a, BESIDE, &unused);
	learner_result(l, &a, &got);
	assert_int_equal(got.projects.n, 1);
	assert_non_null(rule_of(&got, "/w", "Always write tests first."));
	learner_free(l);
	arena_release(&a);
}

static bool is_there(void *self, const char *path)
{
	return strcmp(path, "/w") == 0 || (self && strcmp(path, self) == 0);
}

/* Whether that rule is made of the sessions of a script when only there is a file of that name; NULL: none. */
static bool is_learned(const char *script, char *there, const char *rule)
{
	struct learner *l = new_learner((struct learn_conf){.has_path = is_there, .self = there});
	struct arena a = ARENA_INIT;
	struct learn_result got;
	bool is_rule;
	str unused;

	read_script(l, &a, script, &unused);
	learner_result(l, &a, &got);
	is_rule = rule_of(&got, "/w", rule) != NULL;
	learner_free(l);
	arena_release(&a);
	return is_rule;
}

static void a_correction_to_what_is_gone_is_none(void **state)
{
	static const char MOVED[] =
		"session a\nread /w/a.c\n! File does not exist.\nread /w/src/a.c\n= x\n"
		"session b\nread /w/a.c\n! File does not exist.\nread /w/src/a.c\n= x\n";
	static const char RULE[] = "`a.c` does not exist: it is `src/a.c`.";
	static char path[] = "/w/src/a.c";

	(void)state;
	assert_false(is_learned(MOVED, NULL, RULE));
	assert_true(is_learned(MOVED, path, RULE));
}

static void what_is_there_by_now_is_not_said_to_be_missing(void **state)
{
	static const char IN_VAIN[] = "session a\nread /w/b.c\n! File does not exist.\n"
				      "session b\nread /w/b.c\n! File does not exist.\n";
	static const char RULE[] = "`b.c` does not exist.";
	static char path[] = "/w/b.c";

	(void)state;
	assert_true(is_learned(IN_VAIN, NULL, RULE));
	assert_false(is_learned(IN_VAIN, path, RULE));
}

static void the_newest_files_and_the_evidence_can_be_limited(void **state)
{
	static const char ONE[] = "> Always write tests first.\n",
			  TWO[] = "> Always write tests last.\n";
	struct learner *l = new_learner((struct learn_conf){.files_max = 1});
	struct learner *strict = new_learner((struct learn_conf){.min_evidence = 2});
	struct arena a = ARENA_INIT;
	struct learn_result got;
	str unused;

	(void)state;
	read_script(l, &a, ONE, &unused);
	read_script(l, &a, TWO, &unused);
	learner_result(l, &a, &got);
	assert_int_equal(got.projects.v[0].rules.n, 1);
	read_script(strict, &a, ONE, &unused);
	learner_result(strict, &a, &got);
	assert_int_equal(got.projects.v[0].rules.n, 0);
	learner_free(l);
	learner_free(strict);
	arena_release(&a);
}

static void what_sub_agents_are_told_is_no_wish_of_the_user(void **state)
{
	static const char LINE[] =
		"{'type':'user','isSidechain':true,'agentId':'g','sessionId':'s','cwd':'/w',"
		"'message':{'role':'user','content':'Always answer in one line.'}}\n"
		"{'type':'user','isMeta':true,'sessionId':'s','cwd':'/w',"
		"'message':{'role':'user','content':'Always obey the program.'}}\n";
	struct learner *l = new_learner((struct learn_conf){0});
	struct arena a = ARENA_INIT;
	struct learn_result got;

	(void)state;
	learn_read_text(l, quoted(&a, LINE), E_OK);
	learner_result(l, &a, &got);
	assert_int_equal(got.projects.n, 1);
	assert_int_equal(got.projects.v[0].sessions, 1);
	assert_int_equal(got.projects.v[0].rules.n, 0);
	learner_free(l);
	arena_release(&a);
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

static void bad_lines_are_counted_and_no_recording_is_said_so(void **state)
{
	struct learner *l = new_learner((struct learn_conf){0});
	struct arena a = ARENA_INIT;
	struct learn_result got;
	struct buf b;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	add_lines(&b, &a, TWO_SESSIONS);
	buf_add_c(&b, "{\"type\":\"user\",\"cut\n\n\xff\xfe\n");
	buf_add(&b, STR("{\"type\":\"assistant\"}"));
	learn_read_text(l, buf_str(&b), E_OK);
	learn_read_text(l,
		STR("\x7f"
		    "ELF and other things"),
		E_MALFORMED);
	learn_read_text(l, STR(""), E_MALFORMED);
	learner_result(l, &a, &got);
	assert_int_equal(got.bad_lines, 2);
	assert_non_null(rule_of(&got, "/w", USE_PYTHON3));
	learner_free(l);
	arena_release(&a);
}

static void running_out_of_memory_is_an_error_and_leaks_nothing(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf lines;
	bool failed = true;

	(void)state;
	buf_init_arena(&lines, &a, LIMIT_INPUT);
	add_lines(&lines, &a, TWO_SESSIONS);
	for (size_t n = 1; failed; n += 1 + n / 16) {
		char path[64];
		struct learn_file file = {.path = learn_temp(path, buf_str(&lines))};
		struct learn_conf conf = {0};
		struct errctx cx = {0};
		struct learner *l = NULL;
		enum err e;

		mem_fail_after(n);
		e = learner_new(&conf, &l, &cx);
		if (!e)
			e = learner_read(l, &file, NULL, &cx);
		failed = mem_failed();
		mem_fail_after(0);
		assert_true(e == E_OK || e == E_NOMEM);
		learner_free(l);
		(void)unlink(path);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_agent_is_understood),
		cmocka_unit_test(a_session_that_was_copied_counts_once),
		cmocka_unit_test(the_order_of_files_changes_nothing),
		cmocka_unit_test(a_call_made_before_the_failure_was_known_is_no_correction),
		cmocka_unit_test(sessions_below_a_directory_are_of_it),
		cmocka_unit_test(a_correction_to_what_is_gone_is_none),
		cmocka_unit_test(what_is_there_by_now_is_not_said_to_be_missing),
		cmocka_unit_test(the_newest_files_and_the_evidence_can_be_limited),
		cmocka_unit_test(what_sub_agents_are_told_is_no_wish_of_the_user),
		cmocka_unit_test(bad_lines_are_counted_and_no_recording_is_said_so),
		cmocka_unit_test(running_out_of_memory_is_an_error_and_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

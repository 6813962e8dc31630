#include "tests/unit/splice_help.h"

#include "core/wire/sse.h"

/* Chunks as OpenAI writes them. */
#define META(id) \
	"\"id\":\"" id "\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt\""
#define CHUNK(id, delta, reason)                                           \
	"data: {" META(id) ",\"choices\":[{\"index\":0,\"delta\":{" delta  \
			   "},\"logprobs\":null,\"finish_reason\":" reason \
			   "}],\"usage\":null}\n\n"
#define DELTA(id, delta) CHUNK(id, delta, "null")
#define ROLE(id)         DELTA(id, "\"role\":\"assistant\",\"content\":\"\",\"refusal\":null")
#define TEXT(id, text)   DELTA(id, "\"content\":\"" text "\"")
#define END(id, reason)  CHUNK(id, "", "\"" reason "\"")
#define USAGE(id, in, out, all)                                                     \
	"data: {" META(id) ",\"choices\":[],\"usage\":{\"prompt_tokens\":" #in      \
			   ",\"completion_tokens\":" #out ",\"total_tokens\":" #all \
			   ",\"completion_tokens_details\":{\"reasoning_tokens\":" #out "}}}\n\n"
#define DONE "data: [DONE]\n\n"

#define PIECE(i, rest) "{\"index\":" #i rest "}"
#define BEGIN(i, id, name)                                                \
	PIECE(i, ",\"id\":\"" id "\",\"type\":\"function\",\"function\":" \
		 "{\"name\":\"" name "\",\"arguments\":\"\"}")
#define PART(i, part)   PIECE(i, ",\"function\":{\"arguments\":\"" part "\"}")
#define CALLS(id, list) DELTA(id, "\"tool_calls\":[" list "]")
#define CALL(m, i, id, name)         \
	CALLS(m, BEGIN(i, id, name)) \
	CALLS(m, PART(i, "{\\\"hash\\\":")) CALLS(m, PART(i, " \\\"a\\u0062\\\"}"))
#define OWN(m, i, id)    CALL(m, i, id, "headroom_retrieve")
#define CLIENT(m, i, id) CALL(m, i, id, "Bash")

#define SAID(rest) "{\"role\":\"assistant\"" rest "}"
#define CONTENT(c) ",\"content\":" c
#define USE(id, name)                                                             \
	"{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name \
	"\",\"arguments\":\"{\\\"hash\\\": \\\"a\\u0062\\\"}\"}}"
#define USES(list) ",\"tool_calls\":[" list "]"
#define OURS       "headroom_retrieve"
#define ASKED(id)  OURS "(" id "){\"hash\": \"ab\"};"

/* The rounds of a scripted answer, what the client gets of it (NULL: the first round) and what else comes out. */
struct script {
	const char *rounds[SPLICE_ROUNDS];
	const char *out;
	struct splice_want want;
};

static void assert_scripts(enum answer_form form, const struct script *scripts, size_t n)
{
	struct answer_splice_conf conf = splice_conf(WIRE_OPENAI_CHAT, form);

	for (size_t i = 0; i < n; i++) {
		str rounds[SPLICE_ROUNDS];

		for (size_t j = 0; j < SPLICE_ROUNDS; j++)
			rounds[j] = str_from(scripts[i].rounds[j]);
		splice_assert(&conf, rounds, scripts[i].out ? scripts[i].out : scripts[i].rounds[0],
			&scripts[i].want);
	}
}

/* ---- streams ------------------------------------------------------------------------------------------- */

static const struct script UNTOUCHED[] = {
	{{ROLE("c1") TEXT("c1", "Hel") TEXT("c1", "lo\\n") END("c1", "stop") USAGE("c1", 5, 2, 7)
			 DONE},
		NULL,
		{"d", "", {SAID(CONTENT("\"Hello\\n\""))}, SAID(CONTENT("\"Hello\\n\"")), NULL}},
	{{ROLE("c1") CLIENT("c1", 0, "t1") CLIENT("c1", 1, "t2") END("c1", "tool_calls") DONE},
		NULL,
		{"d", "", {SAID(CONTENT("\"\"") USES(USE("t1", "Bash") "," USE("t2", "Bash")))},
			NULL, NULL}},
	/* Line ends, comments, odd spacing, what is no chunk; calls in one piece, without an index, with one 0 for all,
	 * with the id in each. */
	{{": OPENROUTER PROCESSING\r\n\r\ndata:{ \"choices\" : [ { \"delta\" : { \"content\":null "
	  ", "
	  "\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{}\"}},{"
	  "\"id\":\"b\","
	  "\"function\":{\"name\":\"y\",\"arguments\":\"{\"}},{\"id\":\"b\",\"function\":{\"name\":"
	  "\"y\","
	  "\"arguments\":\"}\"}}] } } ] }\r\n\r\ndata: "
	  "{\"choices\":[],\"prompt_filter_results\":[]}\n\n"
	  "data: {\"half\n\ndata: 4\n\ndata: {\"new\":1}\n\n" END(
		  "c1", "stop") "data: {\"choices\":\ndata: []}\n\n" DONE},
		NULL,
		{"d", "",
			{SAID(CONTENT("null") USES(
				"{\"id\":\"a\",\"function\":{\"name\":\"x\",\"arguments\":\"{}\"}},"
				"{\"id\":\"b\",\"function\":{\"name\":\"y\",\"arguments\":\"{}\"}"
				"}"))},
			NULL, NULL}},
	/* Reasoning, what goes with it, and a call with more beside it. */
	{{DELTA("c1", "\"role\":\"assistant\",\"reasoning_content\":\"so \"") DELTA(
		 "c1", "\"reasoning_content\":\"it is\",\"reasoning_details\":[{\"a\":1}]")
			 DELTA("c1", "\"reasoning_details\":[{\"b\":\"\\ud83d\"}]") CALLS("c1",
				 "{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"extra_"
				 "content\":{\"google\":{\"thought_signature\":\"c2ln\"}},"
				 "\"function\":{\"name\":\"Bash\"}}") END("c1", "tool_calls") DONE},
		NULL,
		{"d", "",
			{SAID(CONTENT("null") ",\"reasoning_content\":\"so it "
					      "is\",\"reasoning_details\":["
					      "{\"a\":1},{\"b\":\"\\ud83d\"}]" USES(
						      "{\"id\":\"t1\",\"type\":\"function\","
						      "\"extra_content\":{\"google\":{"
						      "\"thought_signature\":\"c2ln\"}},"
						      "\"function\":{\"name\":\"Bash\","
						      "\"arguments\":\"{}\"}}"))},
			NULL, NULL}},
	/* Nobody's: the old kind of call, a custom tool, several choices. */
	{{DELTA("c1", "\"function_call\":{\"name\":\"" OURS "\",\"arguments\":\"{}\"}")
			 END("c1", "function_call") DONE},
		NULL, {"d", "", {""}, "", NULL}},
	{{CALLS("c1", "{\"index\":0,\"id\":\"t1\",\"type\":\"custom\",\"custom\":{\"name\":\"" OURS
		      "\",\"input\":\"a\"}}") CALLS("c1",
		 "{\"index\":0,\"custom\":{\"input\":\"b\"}}") END("c1", "tool_calls") DONE},
		NULL,
		{"d", "",
			{SAID(CONTENT("null") USES(
				"{\"id\":\"t1\",\"type\":\"custom\",\"custom\":{\"name\":\"" OURS
				"\",\"input\":\"ab\"}}"))},
			NULL, NULL}},
	{{"data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n\n" OWN("c1", 0, "r1")
			 END("c1", "tool_calls") DONE},
		NULL, {"d", "", {""}, "", NULL}},
	/* Content that changes its type, and more members than are kept apart. */
	{{TEXT("c1", "a") DELTA("c1", "\"content\":[{\"type\":\"text\"}]") END("c1", "stop") DONE},
		NULL, {"d", "", {""}, "", NULL}},
	/* Cut before its end; an error; no reason, but an end. */
	{{ROLE("c1") TEXT("c1", "Hi") "data: {\"cho"}, NULL, {"b", "", {NULL}, NULL, NULL}},
	{{TEXT("c1", "Hi") "data: {\"error\":{\"message\":\"x\"}}\n\n"}, NULL,
		{"b", "", {NULL}, NULL, "note"}},
	{{TEXT("c1", "Hi") DONE}, NULL, {"d", "", {SAID(CONTENT("\"Hi\""))}, NULL, NULL}},
	{{TEXT("c1", "Hi") END("c1", "stop")}, NULL, {"d", "", {NULL}, NULL, NULL}},
};

static void without_our_calls_bytes_are_the_providers(void **state)
{
	(void)state;
	assert_scripts(ANSWER_SSE, UNTOUCHED, ARRAY_N(UNTOUCHED));
}

static const struct script SPLICED[] = {
	/* First in the answer, and in the piece with the role. */
	{{DELTA("c1", "\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" BEGIN(
			      0, "r1", OURS) "]") CALLS("c1", PART(0, "{\\\"hash\\\":")) CALLS("c1",
		  PART(0, " \\\"a\\u0062\\\"}")) END("c1", "tool_calls") USAGE("c1", 5, 2, 7) DONE,
		 ROLE("c2") TEXT("c2", "Done") END("c2", "stop") USAGE("c2", 10, 3, 13) DONE},
		DELTA("c1", "\"role\":\"assistant\",\"content\":null") TEXT("c1", "Done")
			END("c1", "stop") USAGE("c1", 15, 5, 20) DONE,
		{"cd", ASKED("r1"),
			{SAID(CONTENT("null") USES(USE("r1", OURS))), SAID(CONTENT("\"Done\""))},
			SAID(CONTENT("\"Done\"")), NULL}},
	/* After text and thought, which go on in the next round. */
	{{ROLE("c1") DELTA("c1", "\"reasoning_content\":\"hm\"") TEXT("c1", "Let me")
			 TEXT("c1", " look.") OWN("c1", 0, "r1") END("c1", "tool_calls") DONE,
		 ROLE("c2") DELTA("c2", "\"reasoning_content\":\"so\"") TEXT("c2", "Do")
			 TEXT("c2", "ne") END("c2", "stop") DONE},
		ROLE("c1") DELTA("c1", "\"reasoning_content\":\"hm\"") TEXT("c1", "Let me")
			TEXT("c1", " look.") DELTA("c1", "\"reasoning_content\":\"so\"")
				TEXT("c1", "\\n\\nDo") TEXT("c1", "ne") END("c1", "stop") DONE,
		{"cd", ASKED("r1"),
			{SAID(CONTENT("\"Let me look.\"") ",\"reasoning_content\":\"hm\"" USES(
				 USE("r1", OURS))),
				SAID(CONTENT("\"Done\"") ",\"reasoning_content\":\"so\"")},
			SAID(CONTENT(
				"\"Let me look.\\n\\nDone\"") ",\"reasoning_content\":\"hmso\""),
			NULL}},
	/* Between two calls of the client's, in one piece with them, first and last, twice. */
	{{ROLE("c1") CLIENT("c1", 0, "t1") OWN("c1", 1, "r1") CLIENT("c1", 2, "t2")
			 END("c1", "tool_calls") USAGE("c1", 5, 2, 7) DONE},
		ROLE("c1") CLIENT("c1", 0, "t1") CLIENT("c1", 1, "t2") END("c1", "tool_calls")
			USAGE("c1", 5, 2, 7) DONE,
		{"m", ASKED("r1"),
			{SAID(CONTENT("\"\"") USES(
				USE("t1", "Bash") "," USE("r1", OURS) "," USE("t2", "Bash")))},
			SAID(CONTENT("\"\"") USES(USE("t1", "Bash") "," USE("t2", "Bash"))), NULL}},
	{{CHUNK("c1",
		 "\"tool_calls\":[" BEGIN(0, "r1", OURS) "," BEGIN(1, "t1", "Bash") "," BEGIN(
			 2, "r2", OURS) "," BEGIN(3, "t2", "Bash") "]",
		 "\"tool_calls\"") DONE},
		CHUNK("c1",
			"\"tool_calls\":[" BEGIN(0, "t1", "Bash") "," BEGIN(1, "t2", "Bash") "]",
			"\"tool_calls\"") DONE,
		{"m", OURS "(r1){};" OURS "(r2){};", {NULL}, NULL, NULL}},
	/* Calls at the same time. */
	{{CALLS("c1", BEGIN(0, "r1", OURS)) CALLS("c1", BEGIN(1, "t1", "Bash"))
			 CALLS("c1", PART(1, "{}") "," PART(0, "{\\\"hash\\\":"))
				 CALLS("c1", PART(0, " \\\"ab\\\"}")) END("c1", "tool_calls") DONE},
		CALLS("c1", BEGIN(0, "t1", "Bash")) CALLS("c1", PART(0, "{}"))
			END("c1", "tool_calls") DONE,
		{"m", ASKED("r1"), {NULL}, NULL, NULL}},
	/* Three rounds, the last one mixed; ends that are told as "stop", or not at all. */
	{{ROLE("c1") OWN("c1", 0, "r1") OWN("c1", 1, "r2") END("c1", "stop") USAGE("c1", 1, 1, 2)
			 DONE,
		 ROLE("c2") TEXT("c2", "More.\\n") OWN("c2", 0, "r3") USAGE("c2", 2, 2, 4) DONE,
		 ROLE("c3") TEXT("c3", "Now") OWN("c3", 0, "r4") CLIENT("c3", 1, "t1")
			 END("c3", "tool_calls") USAGE("c3", 3, 3, 6) DONE},
		ROLE("c1") TEXT("c1", "More.\\n") TEXT("c1", "Now") CLIENT("c1", 0, "t1")
			END("c1", "tool_calls") USAGE("c1", 6, 6, 12) DONE,
		{"ccm", ASKED("r1") ASKED("r2") ASKED("r3") ASKED("r4"),
			{NULL, SAID(CONTENT("\"More.\\n\"") USES(USE("r3", OURS))),
				SAID(CONTENT("\"Now\"")
						USES(USE("r4", OURS) "," USE("t1", "Bash")))},
			SAID(CONTENT("\"More.\\nNow\"") USES(USE("t1", "Bash"))), NULL}},
	/* Cut by a limit: the call may not be whole. */
	{{ROLE("c1") TEXT("c1", "a") OWN("c1", 0, "r1") END("c1", "length") DONE},
		ROLE("c1") TEXT("c1", "a") END("c1", "length") DONE,
		{"d", "", {NULL}, SAID(CONTENT("\"a\"")), NULL}},
	/* All in one chunk, as some gateways write it: call, reason and usage; a call without index, id and arguments, and
	 * one whose arguments are an object. */
	{{"data: "
	  "{\"id\":\"c1\",\"choices\":[{\"delta\":{\"content\":\"a\",\"tool_calls\":[{\"function\":"
	  "{"
	  "\"name\":\"" OURS
	  "\"}}]},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":4}}\n\n" DONE,
		 "data: "
		 "{\"id\":\"c2\",\"choices\":[{\"delta\":{\"content\":null,\"tool_calls\":[{"
		 "\"function\":{"
		 "\"name\":\"" OURS
		 "\",\"arguments\":{\"hash\":\"c\"}}}]},\"finish_reason\":\"stop\"}],"
		 "\"usage\":{\"prompt_tokens\":5}}\n\n" DONE,
		 TEXT("c3", "b") "data: "
				 "{\"id\":\"c3\",\"choices\":[{\"delta\":{},\"finish_reason\":"
				 "\"stop\"}],"
				 "\"usage\":{\"prompt_tokens\":6}}\n\n"},
		"data: "
		"{\"id\":\"c1\",\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":null}"
		"],"
		"\"usage\":null}\n\n" TEXT(
			"c1", "\\n\\nb") "data: "
					 "{\"id\":\"c1\",\"choices\":[{\"delta\":{},\"finish_"
					 "reason\":\"stop\"}],\"usage\":"
					 "{\"prompt_tokens\":15}}\n\n" DONE,
		{"ccd", OURS "(){};" OURS "(){\"hash\":\"c\"};",
			{SAID(CONTENT("\"a\"") USES(
				"{\"function\":{\"name\":\"" OURS "\",\"arguments\":\"{}\"}}"))},
			SAID(CONTENT("\"a\\n\\nb\"")), NULL}},
	/* A comment and a chunk of no choice in between. */
	{{OWN("c1", 0, "r1") ": comment\n\ndata: {\"id\":\"c1\",\"choices\":[]}\n\n" END(
		  "c1", "tool_calls") DONE,
		 ": again\n\ndata: "
		 "{\"id\":\"\",\"choices\":[],\"prompt_filter_results\":[]}\n\n" TEXT("c2", "b")
			 END("c2", "stop") DONE},
		": comment\n\ndata: {\"id\":\"c1\",\"choices\":[]}\n\n: again\n\n"
		"data: {\"id\":\"c1\",\"choices\":[],\"prompt_filter_results\":[]}\n\n" TEXT(
			"c1", "b") END("c1", "stop") DONE,
		{"cd", ASKED("r1"), {NULL}, NULL, NULL}},
	/* Other choices turn up late. */
	{{OWN("c1", 0, "r1") "data: "
			     "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n\n" END(
				     "c1", "tool_calls") DONE},
		"data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n\n" END(
			"c1", "tool_calls") DONE,
		{"m", ASKED("r1"), {""}, "", NULL}},
};

static void our_calls_are_held_back(void **state)
{
	(void)state;
	assert_scripts(ANSWER_SSE, SPLICED, ARRAY_N(SPLICED));
}

/* Ends that are written here. */
#define NOTE(id, text)                                             \
	"data: {\"object\":\"chat.completion.chunk\",\"id\":\"" id \
	"\",\"created\":1,\"model\":\"gpt\","                      \
	"\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text \
	"\"},\"finish_reason\":null}]}\n\n"
#define STOP(id)                                                   \
	"data: {\"object\":\"chat.completion.chunk\",\"id\":\"" id \
	"\",\"created\":1,\"model\":\"gpt\","                      \
	"\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define TOLD(id, in, out, all)                                                            \
	"data: {\"object\":\"chat.completion.chunk\",\"id\":\"" id                        \
	"\",\"created\":1,\"model\":\"gpt\","                                             \
	"\"choices\":[],\"usage\":{\"prompt_tokens\":" #in ",\"completion_tokens\":" #out \
	",\"total_tokens\":" #all "}}\n\n"

static const struct script CLOSED[] = {
	{{TEXT("c1", "a") OWN("c1", 0, "r1") END("c1", "tool_calls") USAGE("c1", 5, 2, 7) DONE},
		TEXT("c1", "a") NOTE("c1", "\\n\\nIt \\\"broke\\\".") STOP("c1") TOLD("c1", 5, 2, 7)
			DONE,
		{"c", NULL, {NULL}, SAID(CONTENT("\"a\\n\\nIt \\\"broke\\\".\"")),
			"It \"broke\"."}},
	{{OWN("c1", 0, "r1") END("c1", "tool_calls") DONE}, STOP("c1") DONE,
		{"c", NULL, {NULL}, NULL, ""}},
	/* The second round is cut, or is none. */
	{{OWN("c1", 0, "r1") END("c1", "tool_calls") USAGE("c1", 5, 2, 7) DONE, TEXT("c2", "b\\n")},
		TEXT("c1", "b\\n") NOTE("c1", "It broke.") STOP("c1") TOLD("c1", 5, 2, 7) DONE,
		{"cb", NULL, {NULL}, SAID(CONTENT("\"b\\nIt broke.\"")), "It broke."}},
	{{OWN("c1", 0, "r1") END("c1", "tool_calls") DONE, "<html>\n\n"},
		"<html>\n\n" NOTE("c1", "It broke.") STOP("c1") DONE,
		{"cb", NULL, {NULL}, SAID(CONTENT("\"It broke.\"")), "It broke."}},
	/* In a call of the client's. */
	{{OWN("c1", 0, "r1") END("c1", "tool_calls") DONE, CALLS("c2", BEGIN(0, "t1", "Bash"))},
		CALLS("c1", BEGIN(0, "t1", "Bash")) "data: "
						    "{\"error\":{\"type\":\"server_error\","
						    "\"message\":\"It broke.\"}}\n\n",
		{"cb", NULL, {NULL}, NULL, "It broke."}},
	/* Its end is there already. */
	{{OWN("c1", 0, "r1") END("c1", "tool_calls") DONE, TEXT("c2", "b") END("c2", "stop") DONE},
		TEXT("c1", "b") END("c1", "stop") DONE, {"cd", NULL, {NULL}, NULL, "It broke."}},
};

static void an_answer_is_ended_here(void **state)
{
	(void)state;
	assert_scripts(ANSWER_SSE, CLOSED, ARRAY_N(CLOSED));
}

/* ---- bodies -------------------------------------------------------------------------------------------- */

#define BODY(id, message, reason, in)                                                         \
	"{\n  \"id\": \"" id "\",\n  \"object\": \"chat.completion\",\"created\":1,"          \
	"\"choices\": [{\"index\": 0, \"message\": " message ", \"finish_reason\": \"" reason \
	"\"}],\n  \"usage\": {\"prompt_tokens\": " #in                                        \
	",\"prompt_tokens_details\":{\"cached_tokens\":" #in "}}\n}\n"
#define SAYS(content, rest) \
	"{\"role\": \"assistant\", \"content\": " content ", \"refusal\": null" rest "}"
#define HAS(list) ", \"tool_calls\": [" list "]"

static const struct script BODIES[] = {
	{{BODY("c1", SAYS("\"Hi\"", HAS(USE("t1", "Bash"))), "tool_calls", 5)}, NULL,
		{"d", "", {SAID(CONTENT("\"Hi\"") USES(USE("t1", "Bash")))}, NULL, "note"}},
	{{"{\"error\": {\"message\": \"x\"}}"}, NULL, {"b", "", {""}, "", NULL}},
	{{"{\"choices\":[{},{}]}"}, NULL, {"d", "", {""}, "", NULL}},
	{{"<html>"}, NULL, {"d", "", {""}, "", NULL}},
	/* Alone, then text. */
	{{BODY("c1", SAYS("\"a\"", HAS(USE("r1", OURS))), "tool_calls", 5),
		 BODY("c2", SAYS("\"b\"", ", \"annotations\": []"), "stop", 6)},
		BODY("c1", SAID(CONTENT("\"a\\n\\nb\"") ",\"refusal\":null,\"annotations\":[]"),
			"stop", 11),
		{"cd", ASKED("r1"),
			{SAID(CONTENT("\"a\"") USES(USE("r1", OURS))), SAID(CONTENT("\"b\""))},
			SAID(CONTENT("\"a\\n\\nb\"") ",\"refusal\":null,\"annotations\":[]"),
			NULL}},
	/* Mixed, in the first round and in a later one. */
	{{BODY("c1",
		 SAYS("null",
			 HAS(USE("r1", OURS) " , " USE("t1", "Bash") ",\n" USE("r2", OURS) " ")),
		 "tool_calls", 5)},
		BODY("c1", SAYS("null", HAS(USE("t1", "Bash") " ")), "tool_calls", 5),
		{"m", ASKED("r1") ASKED("r2"), {NULL},
			SAID(CONTENT("null") ",\"refusal\":null" USES(USE("t1", "Bash"))), NULL}},
	{{BODY("c1", SAYS("\"a\\n\"", HAS(USE("r1", OURS))), "tool_calls", 5),
		 BODY("c2", SAYS("\"b\"", HAS(USE("t1", "Bash") "," USE("r2", OURS))), "tool_calls",
			 6)},
		BODY("c1", SAID(CONTENT("\"a\\nb\"") ",\"refusal\":null" USES(USE("t1", "Bash"))),
			"tool_calls", 11),
		{"cm", ASKED("r1") ASKED("r2"), {NULL}, NULL, NULL}},
	{{BODY("c1", SAYS("\"a\"", HAS(USE("r1", OURS))), "length", 5)},
		BODY("c1", SAYS("\"a\"", ""), "length", 5),
		{"d", "", {NULL}, SAID(CONTENT("\"a\"") ",\"refusal\":null"), NULL}},
	/* Ended here, after a round, and after one that is an error. */
	{{BODY("c1", SAYS("\"a\"", HAS(USE("r1", OURS))), "tool_calls", 5)},
		BODY("c1", SAID(CONTENT("\"a\\n\\nIt broke.\"") ",\"refusal\":null"), "stop", 5),
		{"c", NULL, {NULL}, NULL, "It broke."}},
	{{BODY("c1", SAYS("null", HAS(USE("r1", OURS))), "tool_calls", 5),
		 BODY("c2", SAYS("\"b\"", HAS(USE("r2", OURS))), "tool_calls", 6),
		 "{\"error\": {}}"},
		BODY("c1", SAID(CONTENT("\"b\\n\\nIt broke.\"") ",\"refusal\":null"), "stop", 11),
		{"ccb", NULL, {NULL}, NULL, "It broke."}},
	{{BODY("c1", SAYS("null", HAS(USE("r1", OURS))), "tool_calls", 5), "{\"choices\": ["},
		BODY("c1", SAID(CONTENT("null") ",\"refusal\":null"), "stop", 5),
		{"cb", NULL, {NULL}, NULL, ""}},
};

static void bodies_are_spliced(void **state)
{
	(void)state;
	assert_scripts(ANSWER_JSON, BODIES, ARRAY_N(BODIES));
}

/* ---- what clients look for ----------------------------------------------------------------------------- */

struct view {
	uint64_t call_n;
	unsigned end_n;
	bool is_done, has_role;
};

static void look_at_calls(struct view *v, const struct json_tape *t, uint32_t calls)
{
	uint64_t index = 0;

	for (struct json_iter it = json_iter(t, calls); json_next(&it);) {
		assert_true(json_u64(t, json_member(t, it.value, "index"), &index));
		v->call_n += json_member(t, it.value, "id") != JSON_ABSENT;
		assert_int_equal(index + 1, v->call_n);
	}
}

static void look_at(void *self, str name, str data)
{
	struct arena a = ARENA_INIT;
	struct view *v = self;
	struct json_tape t;
	uint32_t choice, delta, calls, reason;

	(void)name;
	assert_false(v->is_done);
	if (str_eq(data, STR("[DONE]"))) {
		v->is_done = true;
		return;
	}
	assert_int_equal(json_scan(&a, data, &t, NULL), E_OK);
	assert_true(json_string_is(&t, json_member(&t, 0, "id"), "c1"));
	choice = json_member(&t, 0, "choices") + 1;
	delta = json_member(&t, choice, "delta");
	calls = json_member(&t, delta, "tool_calls");
	reason = json_member(&t, choice, "finish_reason");
	assert_int_equal(v->end_n, 0);
	assert_true(json_member(&t, delta, "role") == JSON_ABSENT || !v->has_role);
	v->has_role = true;
	if (calls != JSON_ABSENT)
		look_at_calls(v, &t, calls);
	v->end_n += json_is(&t, reason, JSON_STRING);
	if (v->end_n)
		assert_true(json_string_is(&t, reason, v->call_n ? "tool_calls" : "stop"));
	arena_release(&a);
}

static void add_call(struct buf *round, unsigned index, bool is_own)
{
	str text = str_from(is_own ? OWN("c1", 0, "r") : CLIENT("c1", 0, "t")), line;

	for (bool has_eol; str_next_line(&text, &line, &has_eol);) {
		size_t at = str_find(line, STR("[{\"index\":0,\"id")), more;

		if (at == STR_NONE)
			at = str_find(line, STR("[{\"index\":0,\"function"));
		more = round->n + at + 10;
		buf_add(round, line);
		if (at != STR_NONE)
			round->p[more] = (char)('0' + index);
		buf_add_byte(round, '\n');
	}
}

/* Rounds of calls and texts in every order: the client sees one answer each time. */
static void every_order_of_calls_is_one_answer(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_OPENAI_CHAT, ANSWER_SSE);

	(void)state;
	for (unsigned order = 0; order < 81; order++) {
		struct arena a = ARENA_INIT;
		struct view v = {0};
		struct sse sse;
		struct buf round;
		struct splice_run run;
		str rounds[SPLICE_ROUNDS] = {{NULL, 0}};
		unsigned index = 0, digits = order;

		buf_init_arena(&round, &a, SPLICE_TEXT);
		buf_add_c(&round, ROLE("c1"));
		for (unsigned i = 0; i < 4; i++, digits /= 3) {
			if (digits % 3 == 2)
				buf_add_c(&round, TEXT("c1", "a"));
			else
				add_call(&round, index++, digits % 3);
		}
		buf_add_c(&round, index ? END("c1", "tool_calls") DONE : END("c1", "stop") DONE);
		rounds[0] = buf_str(&round);
		rounds[1] = STR(ROLE("c2") TEXT("c2", "b") END("c2", "stop") DONE);
		run = splice_rounds(&a, &conf, (str[SPLICE_ROUNDS]){rounds[0]}, 7, NULL);
		if (run.ends[0] == ROUND_CONTINUE)
			run = splice_rounds(&a, &conf, rounds, 7, NULL);
		sse_init(&sse, SPLICE_HELD);
		sse_feed(&sse, run.out, look_at, &v);
		assert_true(v.is_done && v.end_n == 1);
		sse_release(&sse);
		arena_release(&a);
	}
}

/* ---- limits -------------------------------------------------------------------------------------------- */

/* A stream without calls of ours may be of any size; one with a call that is too large cannot go on. */
static void what_is_held_is_bounded(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_OPENAI_CHAT, ANSWER_SSE);
	struct arena a = ARENA_INIT;
	struct buf many;
	struct splice_run run;

	(void)state;
	conf.held_max = 400;
	buf_init_arena(&many, &a, SPLICE_TEXT);
	for (size_t i = 0; i < 100; i++)
		buf_add_c(&many, TEXT("c1", "0123456789"));
	buf_add_c(&many, END("c1", "stop") DONE);
	run = splice_rounds(&a, &conf, (str[SPLICE_ROUNDS]){buf_str(&many)}, 7, NULL);
	assert_int_equal(run.err, E_OK);
	assert_int_equal(run.ends[0], ROUND_DONE);
	assert_true(str_eq(run.out, buf_str(&many)));
	assert_int_equal(run.visible.n, 0);
	buf_reset(&many);
	buf_add_c(&many, CALLS("c1", BEGIN(0, "r1", OURS)));
	for (size_t i = 0; i < 100; i++)
		buf_add_c(&many, CALLS("c1", PART(0, "0123456789")));
	run = splice_rounds(&a, &conf, (str[SPLICE_ROUNDS]){buf_str(&many)}, 7, NULL);
	assert_int_equal(run.err, E_TOO_BIG);
	assert_int_equal(run.out.n, 0);
	arena_release(&a);
}

static void without_memory_it_says_so(void **state)
{
	struct answer_splice_conf sse = splice_conf(WIRE_OPENAI_CHAT, ANSWER_SSE);
	struct answer_splice_conf json = splice_conf(WIRE_OPENAI_CHAT, ANSWER_JSON);

	(void)state;
	splice_assert_nomem(&sse,
		(str[SPLICE_ROUNDS]){
			STR(TEXT("c1", "a") OWN("c1", 0, "r1") END("c1", "tool_calls") DONE),
			STR(ROLE("c2") TEXT("c2", "b"))},
		"note");
	splice_assert_nomem(&json,
		(str[SPLICE_ROUNDS]){
			STR(BODY("c1", SAYS("\"a\"", HAS(USE("r1", OURS))), "tool_calls", 5)),
			STR(BODY("c2", SAYS("\"b\"", HAS(USE("r2", OURS))), "tool_calls", 6))},
		"note");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_our_calls_bytes_are_the_providers),
		cmocka_unit_test(our_calls_are_held_back),
		cmocka_unit_test(an_answer_is_ended_here),
		cmocka_unit_test(bodies_are_spliced),
		cmocka_unit_test(every_order_of_calls_is_one_answer),
		cmocka_unit_test(what_is_held_is_bounded),
		cmocka_unit_test(without_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

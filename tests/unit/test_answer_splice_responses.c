#include "tests/unit/splice_help.h"

#include "core/wire/sse.h"

/* Events as OpenAI writes them; n is the sequence number, i the output index. */
#define EVENT(n, type, rest) \
	"event: " type "\ndata: {\"type\":\"" type "\",\"sequence_number\":" #n rest "}\n\n"
#define RESPONSE(id, status, output, usage)                                               \
	",\"response\":{\"id\":\"" id "\",\"object\":\"response\",\"created_at\":" id "," \
	"\"status\":\"" status "\",\"error\":null,\"output\":[" output "],\"usage\":" usage "}"
#define BEGIN(id)                                                             \
	EVENT(0, "response.created", RESPONSE(id, "in_progress", "", "null")) \
	EVENT(1, "response.in_progress", RESPONSE(id, "in_progress", "", "null"))
#define USAGE(in, out)                                                               \
	"{\"input_tokens\":" #in ",\"input_tokens_details\":{\"cached_tokens\":" #in \
	"},\"output_tokens\":" #out "}"
#define COMPLETED(n, id, output, in, out) \
	EVENT(n, "response.completed", RESPONSE(id, "completed", output, USAGE(in, out)))

#define ADDED(n, i, item) \
	EVENT(n, "response.output_item.added", ",\"output_index\":" #i ",\"item\":" item)
#define ENDED(n, i, item) \
	EVENT(n, "response.output_item.done", ",\"output_index\":" #i ",\"item\":" item)
#define AT(id, i) ",\"item_id\":\"" id "\",\"output_index\":" #i

#define MESSAGE(id, status, parts)                                                              \
	"{\"id\":\"" id "\",\"type\":\"message\",\"status\":\"" status "\",\"content\":[" parts \
	"],\"role\":\"assistant\"}"
#define PART(text) "{\"type\":\"output_text\",\"annotations\":[],\"text\":\"" text "\"}"
#define SAID(id)   MESSAGE(id, "completed", PART("Hi"))
/* Six events, from n on. */
#define TEXT(a, b, c, d, e, f, i, id)                                                             \
	ADDED(a, i, MESSAGE(id, "in_progress", ""))                                               \
	EVENT(b, "response.content_part.added",                                                   \
		AT(id, i) ",\"content_index\":0,\"part\":" PART(""))                              \
	EVENT(c, "response.output_text.delta", AT(id, i) ",\"content_index\":0,\"delta\":\"Hi\"") \
	EVENT(d, "response.output_text.done", AT(id, i) ",\"content_index\":0,\"text\":\"Hi\"")   \
	EVENT(e, "response.content_part.done",                                                    \
		AT(id, i) ",\"content_index\":0,\"part\":" PART("Hi"))                            \
	ENDED(f, i, SAID(id))

#define FUNCTION(id, name, status, arguments)                                 \
	"{\"id\":\"f" id "\",\"type\":\"function_call\",\"status\":\"" status \
	"\",\"arguments\":\"" arguments "\",\"call_id\":\"" id "\",\"name\":\"" name "\"}"
#define OURS            "headroom_retrieve"
#define ARGS            "{\\\"hash\\\": \\\"a\\u0062\\\"}"
#define USE(id, name)   FUNCTION(id, name, "completed", ARGS)
#define OWN_ITEM(id)    USE(id, OURS)
#define CLIENT_ITEM(id) USE(id, "shell")
/* Four events. */
#define CALL(a, b, c, d, i, id, name)                        \
	ADDED(a, i, FUNCTION(id, name, "in_progress", ""))   \
	EVENT(b, "response.function_call_arguments.delta",   \
		AT("f" id, i) ",\"delta\":\"" ARGS "\"")     \
	EVENT(c, "response.function_call_arguments.done",    \
		AT("f" id, i) ",\"arguments\":\"" ARGS "\"") \
	ENDED(d, i, USE(id, name))
#define OWN(a, b, c, d, i, id)    CALL(a, b, c, d, i, id, OURS)
#define CLIENT(a, b, c, d, i, id) CALL(a, b, c, d, i, id, "shell")
#define THOUGHT \
	"{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"gAAA==\"}"
#define THINK(a, b, i) \
	ADDED(a, i, "{\"id\":\"rs_1\",\"type\":\"reasoning\",\"summary\":[]}") ENDED(b, i, THOUGHT)
#define ASKED(id) OURS "(" id "){\"hash\": \"ab\"};"

/* The rounds of a scripted answer, what the client gets of it (NULL: the first round) and what else comes out. */
struct script {
	const char *rounds[SPLICE_ROUNDS];
	const char *out;
	struct splice_want want;
	bool is_chained;
};

static void assert_scripts(enum answer_form form, const struct script *scripts, size_t n)
{
	struct answer_splice_conf conf = splice_conf(WIRE_OPENAI_RESPONSES, form);

	for (size_t i = 0; i < n; i++) {
		str rounds[SPLICE_ROUNDS];

		for (size_t j = 0; j < SPLICE_ROUNDS; j++)
			rounds[j] = str_from(scripts[i].rounds[j]);
		conf.is_chained = scripts[i].is_chained;
		splice_assert(&conf, rounds, scripts[i].out ? scripts[i].out : scripts[i].rounds[0],
			&scripts[i].want);
	}
}

/* ---- streams ------------------------------------------------------------------------------------------- */

static const struct script UNTOUCHED[] = {
	{{BEGIN("1") THINK(2, 3, 0) TEXT(4, 5, 6, 7, 8, 9, 1, "m1") CLIENT(10, 11, 12, 13, 2, "t1")
			 COMPLETED(14, "1", THOUGHT "," SAID("m1") "," CLIENT_ITEM("t1"), 5, 2)},
		NULL,
		{"d", "", {THOUGHT "," SAID("m1") "," CLIENT_ITEM("t1")},
			THOUGHT "," SAID("m1") "," CLIENT_ITEM("t1"), "note"},
		false},
	/* Line ends, comments, odd spacing, what is no event; numbers and indexes that are missing. */
	{{": hello\r\n\r\ndata:{ \"type\" : \"response.created\" }\r\n\r\ndata: [DONE]\n\ndata: "
	  "{\"half\n\n"
	  "data: {\"type\":\"new_event\"}\n\ndata: {\"no\":1}\n\n"
	  "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"message\"}}\n\n"
	  "data: {\"type\":\ndata: \"response.completed\"}\n\n"},
		NULL, {"d", "", {"{\"type\":\"message\"}"}, NULL, NULL}, false},
	/* Nobody's: a tool of a server's, and one of the client's that is no function. */
	{{BEGIN("1") ENDED(2, 0,
		 "{\"type\":\"function_call\",\"namespace\":\"mcp__a\",\"name\":\"" OURS "\"}")
			 ENDED(3, 1, "{\"type\":\"custom_tool_call\",\"name\":\"" OURS "\"}")
				 ENDED(4, 2, "{\"type\":\"mcp_call\",\"name\":\"" OURS "\"}")
					 COMPLETED(5, "1", "", 5, 2)},
		NULL, {"d", "", {NULL}, NULL, NULL}, false},
	/* Cut, failed, an error. */
	{{BEGIN("1") TEXT(2, 3, 4, 5, 6, 7, 0, "m1") "event: response.comp"}, NULL,
		{"b", "", {SAID("m1")}, SAID("m1"), NULL}, false},
	{{BEGIN("1") EVENT(2, "response.failed", RESPONSE("1", "failed", "", "null"))}, NULL,
		{"b", "", {""}, "", "note"}, false},
	{{BEGIN("1") EVENT(2, "error", ",\"code\":\"x\"")}, NULL, {"b", "", {""}, "", "note"},
		false},
	{{BEGIN("1") TEXT(2, 3, 4, 5, 6, 7, 0, "m1") EVENT(
		 8, "response.incomplete", RESPONSE("1", "incomplete", SAID("m1"), "null"))},
		NULL, {"d", "", {SAID("m1")}, NULL, "note"}, false},
};

static void without_our_calls_bytes_are_the_providers(void **state)
{
	(void)state;
	assert_scripts(ANSWER_SSE, UNTOUCHED, ARRAY_N(UNTOUCHED));
}

static const struct script SPLICED[] = {
	/* First in the answer. */
	{{BEGIN("1") OWN(2, 3, 4, 5, 0, "r1") COMPLETED(6, "1", OWN_ITEM("r1"), 5, 2),
		 BEGIN("2") TEXT(2, 3, 4, 5, 6, 7, 0, "m1") COMPLETED(8, "2", SAID("m1"), 6, 3)},
		BEGIN("1") TEXT(2, 3, 4, 5, 6, 7, 0, "m1") COMPLETED(8, "1", SAID("m1"), 11, 5),
		{"cd", ASKED("r1"), {OWN_ITEM("r1"), SAID("m1")}, SAID("m1"), NULL}, false},
	/* After a thought and a text; the client goes on by the id of the last. */
	{{BEGIN("1") THINK(2, 3, 0) TEXT(4, 5, 6, 7, 8, 9, 1, "m1") OWN(10, 11, 12, 13, 2, "r1")
			 COMPLETED(14, "1", THOUGHT "," SAID("m1") "," OWN_ITEM("r1"), 5, 2),
		 BEGIN("2") THINK(2, 3, 0) TEXT(4, 5, 6, 7, 8, 9, 1, "m2") EVENT(
			 10, "new_event", "") COMPLETED(11, "2", THOUGHT " , " SAID("m2"), 6, 3)},
		BEGIN("1") THINK(2, 3, 0) TEXT(4, 5, 6, 7, 8, 9, 1, "m1") THINK(10, 11, 2) TEXT(
			12, 13, 14, 15, 16, 17, 3, "m2") EVENT(18, "new_event", "") EVENT(19,
			"response.completed",
			",\"response\":{\"id\":\"2\",\"object\":\"response\",\"created_at\":1,"
			"\"status\":\"completed\",\"error\":null,\"output\":[" THOUGHT "," SAID(
				"m1") "," THOUGHT " , " SAID("m2") "],\"usage\":" USAGE(11, 5) "}"),
		{"cd", ASKED("r1"),
			{THOUGHT "," SAID("m1") "," OWN_ITEM("r1"), THOUGHT "," SAID("m2")},
			THOUGHT "," SAID("m1") "," THOUGHT "," SAID("m2"), NULL},
		true},
	/* Between two calls of the client's, first and last, twice. */
	{{BEGIN("1") CLIENT(2, 3, 4, 5, 0, "t1") OWN(6, 7, 8, 9, 1, "r1")
			 CLIENT(10, 11, 12, 13, 2, "t2") COMPLETED(14, "1",
				 CLIENT_ITEM("t1") "," OWN_ITEM("r1") "," CLIENT_ITEM("t2"), 5, 2)},
		BEGIN("1") CLIENT(2, 3, 4, 5, 0, "t1") CLIENT(6, 7, 8, 9, 1, "t2")
			COMPLETED(10, "1", CLIENT_ITEM("t1") "," CLIENT_ITEM("t2"), 5, 2),
		{"m", ASKED("r1"), {CLIENT_ITEM("t1") "," OWN_ITEM("r1") "," CLIENT_ITEM("t2")},
			CLIENT_ITEM("t1") "," CLIENT_ITEM("t2"), NULL},
		false},
	{{BEGIN("1") OWN(2, 3, 4, 5, 0, "r1") CLIENT(6, 7, 8, 9, 1, "t1")
			 OWN(10, 11, 12, 13, 2, "r2") COMPLETED(14, "1",
				 OWN_ITEM("r1") "," CLIENT_ITEM("t1") "," OWN_ITEM("r2"), 5, 2)},
		BEGIN("1") CLIENT(2, 3, 4, 5, 0, "t1") COMPLETED(6, "1", CLIENT_ITEM("t1"), 5, 2),
		{"m", ASKED("r1") ASKED("r2"), {NULL}, CLIENT_ITEM("t1"), NULL}, false},
	/* Three rounds, the last one mixed with a search of the provider's and a tool that is no function. */
	{{BEGIN("1") OWN(2, 3, 4, 5, 0, "r1") OWN(6, 7, 8, 9, 1, "r2")
			 COMPLETED(10, "1", OWN_ITEM("r1") "," OWN_ITEM("r2"), 1, 1),
		 BEGIN("2") ENDED(2, 0, "{\"type\":\"web_search_call\"}") OWN(3, 4, 5, 6, 1, "r3")
			 COMPLETED(7, "2", "{\"type\":\"web_search_call\"}," OWN_ITEM("r3"), 2, 2),
		 BEGIN("3") OWN(2, 3, 4, 5, 0, "r4") ENDED(6, 1, "{\"type\":\"local_shell_call\"}")
			 COMPLETED(
				 7, "3", OWN_ITEM("r4") ",{\"type\":\"local_shell_call\"}", 3, 3)},
		BEGIN("1") ENDED(2, 0, "{\"type\":\"web_search_call\"}") ENDED(
			3, 1, "{\"type\":\"local_shell_call\"}") COMPLETED(4, "1",
			"{\"type\":\"web_search_call\"},{\"type\":\"local_shell_call\"}", 6, 6),
		{"ccm", ASKED("r1") ASKED("r2") ASKED("r3") ASKED("r4"),
			{NULL, "{\"type\":\"web_search_call\"}," OWN_ITEM("r3"), NULL},
			"{\"type\":\"web_search_call\"},{\"type\":\"local_shell_call\"}", NULL},
		false},
	/* Cut by a limit: the call may not be whole. A call that never ends is none. */
	{{BEGIN("1") TEXT(2, 3, 4, 5, 6, 7, 0, "m1") OWN(8, 9, 10, 11, 1, "r1") EVENT(12,
		 "response.incomplete",
		 RESPONSE("1", "incomplete", SAID("m1") "," OWN_ITEM("r1"), "null"))},
		BEGIN("1") TEXT(2, 3, 4, 5, 6, 7, 0, "m1") EVENT(
			8, "response.incomplete", RESPONSE("1", "incomplete", SAID("m1"), "null")),
		{"d", "", {NULL}, SAID("m1"), NULL}, false},
	{{BEGIN("1") ADDED(2, 0, FUNCTION("r1", OURS, "in_progress", ""))
			 COMPLETED(3, "1", "", 5, 2)},
		BEGIN("1") COMPLETED(2, "1", "", 5, 2), {"d", "", {NULL}, "", NULL}, false},
	/* Items without index, told only when they are done, or only at the end; an output that is not told. */
	{{"data: "
	  "{\"type\":\"response.output_item.added\",\"item\":{\"id\":\"fr1\",\"type\":\"function_"
	  "call\","
	  "\"name\":\"" OURS "\"}}\n\n"
	  "data: {\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"fr1\"}\n\n"
	  "data: {\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"ft1\"}\n\n"
	  "data: {\"type\":\"response.output_item.done\",\"item\":" OWN_ITEM(
		  "r1") "}\n\n"
			"data: {\"type\":\"response.completed\",\"response\":{\"id\":\"1\"}}\n\n",
		 "data: {\"type\":\"response.output_item.done\",\"item\":" OWN_ITEM(
			 "r2") "}\n\n"
			       "data: "
			       "{\"type\":\"response.completed\",\"response\":{\"id\":\"2\","
			       "\"output\":[]}}\n\n",
		 "data: "
		 "{\"type\":\"response.completed\",\"response\":{\"id\":\"3\",\"output\":"
		 "[" OWN_ITEM("r3") "," CLIENT_ITEM("t1") "]}}\n\n"},
		"data: "
		"{\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"ft1\"}\n\n"
		"data: "
		"{\"type\":\"response.completed\",\"response\":{\"id\":\"3\",\"output\":"
		"[" CLIENT_ITEM("t1") "]}}\n\n",
		{"ccm", ASKED("r1") ASKED("r2") ASKED("r3"),
			{OWN_ITEM("r1"), OWN_ITEM("r2"), OWN_ITEM("r3") "," CLIENT_ITEM("t1")},
			CLIENT_ITEM("t1"), NULL},
		false},
	/* A tool that is found by a search has its own name for a namespace. */
	{{BEGIN("1") ENDED(2, 0,
		 "{\"type\":\"function_call\",\"namespace\":\"" OURS "\",\"name\":\"" OURS
		 "\",\"call_id\":\"r1\",\"arguments\":\"{}\"}") COMPLETED(3, "1", "", 5, 2)},
		BEGIN("1"), {"c", OURS "(r1){};", {NULL}, "", NULL}, false},
	/* Items at the same time. */
	{{BEGIN("1") ADDED(2, 0, FUNCTION("r1", OURS, "in_progress", "")) ADDED(3, 1,
		 FUNCTION("t1", "shell", "in_progress", "")) ENDED(4, 0, OWN_ITEM("r1")) ENDED(5, 1,
		 CLIENT_ITEM("t1")) COMPLETED(6, "1", OWN_ITEM("r1") "," CLIENT_ITEM("t1"), 1, 1)},
		BEGIN("1") ADDED(2, 0, FUNCTION("t1", "shell", "in_progress", ""))
			ENDED(3, 0, CLIENT_ITEM("t1")) COMPLETED(4, "1", CLIENT_ITEM("t1"), 1, 1),
		{"m", ASKED("r1"), {NULL}, NULL, NULL}, false},
	/* A later round fails by itself. */
	{{BEGIN("1") TEXT(2, 3, 4, 5, 6, 7, 0, "m1") OWN(8, 9, 10, 11, 1, "r1")
			 COMPLETED(12, "1", SAID("m1") "," OWN_ITEM("r1"), 5, 2),
		 BEGIN("2") EVENT(2, "response.failed", RESPONSE("2", "failed", "", "null"))},
		BEGIN("1") TEXT(2, 3, 4, 5, 6, 7, 0, "m1")
			EVENT(8, "response.failed", RESPONSE("1", "failed", SAID("m1"), "null")),
		{"cb", ASKED("r1"), {NULL}, SAID("m1"), "note"}, false},
};

static void our_calls_are_held_back(void **state)
{
	(void)state;
	assert_scripts(ANSWER_SSE, SPLICED, ARRAY_N(SPLICED));
}

/* Ends that are written here. */
#define ID              "msg_1_note"
#define NOTE_PART(text) "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}"
#define NOTE_ITEM(status, parts)                                                      \
	"{\"id\":\"" ID "\",\"type\":\"message\",\"status\":\"" status "\",\"role\":" \
	"\"assistant\",\"content\":[" parts "]}"
#define NOTED NOTE_ITEM("completed", NOTE_PART("No \\\"b\\\"."))
#define NOTE(a, b, c, d, e, f, i)                                                      \
	ADDED(a, i, NOTE_ITEM("in_progress", ""))                                      \
	EVENT(b, "response.content_part.added",                                        \
		AT(ID, i) ",\"content_index\":0,\"part\":" NOTE_PART(""))              \
	EVENT(c, "response.output_text.delta",                                         \
		AT(ID, i) ",\"content_index\":0,\"delta\":\"No \\\"b\\\".\"")          \
	EVENT(d, "response.output_text.done",                                          \
		AT(ID, i) ",\"content_index\":0,\"text\":\"No \\\"b\\\".\"")           \
	EVENT(e, "response.content_part.done",                                         \
		AT(ID, i) ",\"content_index\":0,\"part\":" NOTE_PART("No \\\"b\\\".")) \
	ENDED(f, i, NOTED)
#define ROUND_1                         \
	BEGIN("1")                      \
	TEXT(2, 3, 4, 5, 6, 7, 0, "m1") \
	OWN(8, 9, 10, 11, 1, "r1") COMPLETED(12, "1", SAID("m1") "," OWN_ITEM("r1"), 5, 2)
#define GIVEN BEGIN("1") TEXT(2, 3, 4, 5, 6, 7, 0, "m1")

static const struct script CLOSED[] = {
	{{ROUND_1},
		GIVEN NOTE(8, 9, 10, 11, 12, 13, 1) COMPLETED(14, "1", SAID("m1") "," NOTED, 5, 2),
		{"c", NULL, {NULL}, SAID("m1") "," NOTED, "No \"b\"."}, false},
	{{ROUND_1}, GIVEN COMPLETED(8, "1", SAID("m1"), 5, 2), {"c", NULL, {NULL}, NULL, ""},
		false},
	/* The next round is cut between items, and in one. */
	{{ROUND_1, BEGIN("2") CLIENT(2, 3, 4, 5, 0, "t1")},
		GIVEN CLIENT(8, 9, 10, 11, 1, "t1") NOTE(12, 13, 14, 15, 16, 17, 2)
			COMPLETED(18, "1", SAID("m1") "," CLIENT_ITEM("t1") "," NOTED, 5, 2),
		{"cb", NULL, {NULL}, SAID("m1") "," CLIENT_ITEM("t1") "," NOTED, "No \"b\"."},
		false},
	{{ROUND_1, BEGIN("2") ADDED(2, 0, MESSAGE("m2", "in_progress", ""))},
		GIVEN ADDED(8, 1, MESSAGE("m2", "in_progress", "")) EVENT(9, "response.failed",
			",\"response\":{\"object\":\"response\",\"status\":\"failed\",\"id\":\"1\","
			"\"created_at\":1,"
			"\"error\":{\"code\":\"server_error\",\"message\":\"No "
			"\\\"b\\\".\"},\"output\":[" SAID("m1") "]}"),
		{"cb", NULL, {NULL}, SAID("m1"), "No \"b\"."}, false},
};

static void an_answer_is_ended_here(void **state)
{
	(void)state;
	assert_scripts(ANSWER_SSE, CLOSED, ARRAY_N(CLOSED));
}

/* ---- bodies -------------------------------------------------------------------------------------------- */

#define BODY(id, created, status, output, in)                                             \
	"{\n  \"id\": \"" id "\",\n  \"created_at\": " #created ", \"status\": \"" status \
	"\",\n  \"output\": [" output "],\n  \"usage\": {\"input_tokens\": " #in          \
	", \"output_tokens_details\": {\"reasoning_tokens\": " #in "}}\n}\n"

static const struct script BODIES[] = {
	{{BODY("1", 1, "completed", THOUGHT ", " CLIENT_ITEM("t1"), 5)}, NULL,
		{"d", "", {THOUGHT "," CLIENT_ITEM("t1")}, THOUGHT "," CLIENT_ITEM("t1"), "note"},
		false},
	{{"{\"error\": {\"message\": \"x\"}}"}, NULL, {"b", "", {""}, "", NULL}, false},
	{{"{\"object\": \"list\"}"}, NULL, {"d", "", {""}, "", NULL}, false},
	{{BODY("1", 1, "completed", THOUGHT ", " OWN_ITEM("r1"), 5),
		 BODY("2", 2, "completed", SAID("m1"), 6)},
		BODY("1", 1, "completed", THOUGHT "," SAID("m1"), 11),
		{"cd", ASKED("r1"), {THOUGHT "," OWN_ITEM("r1"), SAID("m1")},
			THOUGHT "," SAID("m1"), NULL},
		false},
	{{BODY("1", 1, "completed", OWN_ITEM("r1"), 5), BODY("2", 2, "completed", SAID("m1"), 6)},
		BODY("2", 1, "completed", SAID("m1"), 11), {"cd", ASKED("r1"), {NULL}, NULL, NULL},
		true},
	{{BODY("1", 1, "completed", OWN_ITEM("r1") ", " CLIENT_ITEM("t1") " ", 5)},
		BODY("1", 1, "completed", CLIENT_ITEM("t1") " ", 5),
		{"m", ASKED("r1"), {NULL}, CLIENT_ITEM("t1"), NULL}, false},
	{{BODY("1", 1, "incomplete", SAID("m1") ", " OWN_ITEM("r1"), 5)},
		BODY("1", 1, "incomplete", SAID("m1"), 5), {"d", "", {NULL}, SAID("m1"), NULL},
		false},
	/* Ended here, after a round, and after one that is an error. */
	{{BODY("1", 1, "completed", SAID("m1") "," OWN_ITEM("r1"), 5)},
		BODY("1", 1, "completed", SAID("m1") "," NOTED, 5),
		{"c", NULL, {NULL}, NULL, "No \"b\"."}, false},
	{{BODY("1", 1, "completed", OWN_ITEM("r1"), 5),
		 BODY("2", 2, "completed", SAID("m1") "," OWN_ITEM("r2"), 6), "{\"error\": {}}"},
		BODY("1", 1, "completed", SAID("m1") "," NOTED, 11),
		{"ccb", NULL, {NULL}, SAID("m1") "," NOTED, "No \"b\"."}, false},
	{{BODY("1", 1, "completed", OWN_ITEM("r1"), 5), "{"}, BODY("1", 1, "completed", "", 5),
		{"cb", NULL, {NULL}, NULL, ""}, false},
};

static void bodies_are_spliced(void **state)
{
	(void)state;
	assert_scripts(ANSWER_JSON, BODIES, ARRAY_N(BODIES));
}

/* ---- what clients look for ----------------------------------------------------------------------------- */

struct view {
	uint64_t events, begun, ended;
	bool is_completed;
};

static uint64_t number(const struct json_tape *t, const char *key, uint64_t otherwise)
{
	uint64_t n = otherwise;
	uint32_t node = json_member(t, 0, key);

	return node != JSON_ABSENT && json_u64(t, node, &n) ? n : otherwise;
}

static void look_at(void *self, str name, str data)
{
	struct arena a = ARENA_INIT;
	struct view *v = self;
	struct json_tape t;
	uint32_t output;

	assert_int_equal(json_scan(&a, data, &t, NULL), E_OK);
	assert_int_equal(number(&t, "sequence_number", UINT64_MAX), v->events++);
	assert_false(v->is_completed);
	if (str_eq(name, STR("response.created"))) {
		assert_int_equal(v->events, 1);
	} else if (str_eq(name, STR("response.output_item.added"))) {
		assert_int_equal(number(&t, "output_index", UINT64_MAX), v->begun++);
	} else if (str_eq(name, STR("response.output_item.done"))) {
		assert_int_equal(number(&t, "output_index", UINT64_MAX), v->ended++);
	} else if (str_eq(name, STR("response.completed"))) {
		output = json_member(&t, json_member(&t, 0, "response"), "output");
		assert_int_equal(t.v[output].n, v->ended);
		v->is_completed = true;
	} else {
		assert_int_equal(number(&t, "output_index", v->ended), v->ended);
	}
	arena_release(&a);
}

/* Rounds of four items in every order: the client sees one response each time. */
static void every_order_of_items_is_one_response(void **state)
{
	static const char *const items[] = {SAID("m"), OWN_ITEM("r"), CLIENT_ITEM("t"), THOUGHT};
	struct answer_splice_conf conf = splice_conf(WIRE_OPENAI_RESPONSES, ANSWER_SSE);

	(void)state;
	for (unsigned order = 0; order < 256; order++) {
		struct arena a = ARENA_INIT;
		struct view v = {0};
		struct sse sse;
		struct buf round, output;
		struct splice_run run;
		str rounds[SPLICE_ROUNDS] = {{NULL, 0}};

		buf_init_arena(&round, &a, SPLICE_TEXT);
		buf_init_arena(&output, &a, SPLICE_TEXT);
		buf_add_c(&round, BEGIN("1"));
		for (unsigned i = 0; i < 4; i++) {
			const char *item = items[order >> 2 * i & 3];

			for (unsigned k = 0; k < 2; k++)
				buf_printf(&round,
					"event: response.output_item.%s\ndata: {\"type\":"
					"\"response.output_item.%s\",\"sequence_number\":%u,"
					"\"output_index\":%u,\"item\":%s}\n\n",
					k ? "done" : "added", k ? "done" : "added", 2 + 2 * i + k,
					i, item);
			buf_printf(&output, "%s%s", i ? "," : "", item);
		}
		buf_printf(&round,
			"event: response.completed\ndata: {\"type\":\"response.completed\","
			"\"sequence_number\":10,\"response\":{\"id\":\"1\",\"output\":[" STR_FMT
			"]}}\n\n",
			STR_ARG(buf_str(&output)));
		rounds[0] = buf_str(&round);
		rounds[1] = STR(BEGIN("2") TEXT(2, 3, 4, 5, 6, 7, 0, "m1")
				COMPLETED(8, "2", SAID("m1"), 6, 3));
		run = splice_rounds(&a, &conf, (str[SPLICE_ROUNDS]){rounds[0]}, 7, NULL);
		if (run.ends[0] == ROUND_CONTINUE)
			run = splice_rounds(&a, &conf, rounds, 7, NULL);
		sse_init(&sse, SPLICE_HELD);
		sse_feed(&sse, run.out, look_at, &v);
		assert_true(v.is_completed);
		sse_release(&sse);
		arena_release(&a);
	}
}

/* ---- limits -------------------------------------------------------------------------------------------- */

static void what_is_held_is_bounded(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_OPENAI_RESPONSES, ANSWER_SSE);
	struct arena a = ARENA_INIT;
	struct buf many;
	struct splice_run run;

	(void)state;
	conf.held_max = 400;
	buf_init_arena(&many, &a, SPLICE_TEXT);
	for (size_t i = 0; i < 100; i++)
		buf_add_c(&many, ENDED(1, 2, SAID("m1")));
	buf_add_c(&many, COMPLETED(2, "1", "", 1, 1));
	run = splice_rounds(&a, &conf, (str[SPLICE_ROUNDS]){buf_str(&many)}, 7, NULL);
	assert_int_equal(run.err, E_OK);
	assert_int_equal(run.ends[0], ROUND_DONE);
	assert_true(str_eq(run.out, buf_str(&many)));
	buf_reset(&many);
	for (size_t i = 0; i < 9; i++)
		buf_printf(&many,
			"data: {\"type\":\"response.output_item.done\",\"output_index\":%zu,"
			"\"item\":" OWN_ITEM("r1") "}\n\n",
			i);
	run = splice_rounds(&a, &conf, (str[SPLICE_ROUNDS]){buf_str(&many)}, 7, NULL);
	assert_int_equal(run.err, E_TOO_BIG);
	assert_int_equal(run.out.n, 0);
	arena_release(&a);
}

static void without_memory_it_says_so(void **state)
{
	struct answer_splice_conf sse = splice_conf(WIRE_OPENAI_RESPONSES, ANSWER_SSE);
	struct answer_splice_conf json = splice_conf(WIRE_OPENAI_RESPONSES, ANSWER_JSON);

	(void)state;
	splice_assert_nomem(&sse, (str[SPLICE_ROUNDS]){STR(ROUND_1), STR(BEGIN("2"))}, "note");
	splice_assert_nomem(&json,
		(str[SPLICE_ROUNDS]){
			STR(BODY("1", 1, "completed", SAID("m1") "," OWN_ITEM("r1"), 5)),
			STR(BODY("2", 2, "completed", SAID("m1") "," OWN_ITEM("r2"), 6))},
		"note");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_our_calls_bytes_are_the_providers),
		cmocka_unit_test(our_calls_are_held_back),
		cmocka_unit_test(an_answer_is_ended_here),
		cmocka_unit_test(bodies_are_spliced),
		cmocka_unit_test(every_order_of_items_is_one_response),
		cmocka_unit_test(what_is_held_is_bounded),
		cmocka_unit_test(without_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

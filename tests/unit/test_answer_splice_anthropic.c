#include "tests/unit/splice_help.h"

#include "core/wire/sse.h"

/* Events as Anthropic writes them. */
#define EVENT(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define START(id, in)                                                                              \
	EVENT("message_start",                                                                     \
		",\"message\":{\"id\":\"" id "\",\"type\":\"message\",\"role\":\"assistant\","     \
		"\"content\":[],\"usage\":{\"input_tokens\":" in ",\"cache_read_input_tokens\":7," \
		"\"output_tokens\":1}}")
#define BLOCK(i, block) \
	EVENT("content_block_start", ",\"index\":" #i ",\"content_block\":{" block "}")
#define DELTA(i, delta) EVENT("content_block_delta", ",\"index\":" #i ",\"delta\":{" delta "}")
#define STOP(i)         EVENT("content_block_stop", ",\"index\":" #i)
#define TEXT(i, text)                               \
	BLOCK(i, "\"type\":\"text\",\"text\":\"\"") \
	DELTA(i, "\"type\":\"text_delta\",\"text\":\"" text "\"") STOP(i)
#define PART(i, json) DELTA(i, "\"type\":\"input_json_delta\",\"partial_json\":\"" json "\"")
#define CALL(i, id, name)                                                                      \
	BLOCK(i, "\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" name "\",\"input\":{}") \
	PART(i, "") PART(i, "{\\\"hash\\\": ") PART(i, "\\\"a\\u0062\\\"}") STOP(i)
#define OWN(i, id)    CALL(i, id, "headroom_retrieve")
#define CLIENT(i, id) CALL(i, id, "Bash")
#define THINK(i)                                                               \
	BLOCK(i, "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"") \
	DELTA(i, "\"type\":\"thinking_delta\",\"thinking\":\"hm \"")           \
	DELTA(i, "\"type\":\"thinking_delta\",\"thinking\":\"so\\n\"")         \
	DELTA(i, "\"type\":\"signature_delta\",\"signature\":\"c2ln\"") STOP(i)
#define END(reason, usage)                                                         \
	EVENT("message_delta", ",\"delta\":{\"stop_reason\":\"" reason             \
			       "\",\"stop_sequence\":null},\"usage\":{" usage "}") \
	EVENT("message_stop", "")
#define OUT(n) "\"output_tokens\":" #n

#define SAID(blocks) "{\"role\":\"assistant\",\"content\":[" blocks "]}"
#define USE(id, name)                                                               \
	"{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" name "\",\"input\":" \
	"{\"hash\": \"ab\"}}"
#define SAID_TEXT(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define SAID_THINK      "{\"type\":\"thinking\",\"thinking\":\"hm so\\n\",\"signature\":\"c2ln\"}"
#define ASKED(id)       "headroom_retrieve(" id "){\"hash\": \"ab\"};"

static const struct splice_script UNTOUCHED[] = {
	{{START("m1", "5") EVENT("ping", "") TEXT(0, "Hi") END("end_turn", OUT(9))}, NULL,
		{"d", "", {SAID(SAID_TEXT("Hi"))}, SAID(SAID_TEXT("Hi")), NULL}},
	{{START("m1", "5") THINK(0) CLIENT(1, "t1") END("tool_use", OUT(9))}, NULL,
		{"d", "", {SAID(SAID_THINK "," USE("t1", "Bash"))}, NULL, NULL}},
	/* Line ends, comments, odd spacing, other fields, several data lines, what is no JSON. */
	{{"\xEF\xBB\xBF: hello\r\n\r\nevent:message_start\r\ndata:{\"type\" : "
	  "\"message_start\"}\r\n\r\n"
	  ":\n\n\n\nid: 4\ndata: {\"type\":\"ping\"}\nretry: 1\n\ndata: {\"type\":\ndata: "
	  "\"new_event\",\"index\":3}\r\rdata: [DONE]\n\ndata: {\"half\n\ndata\n\n"
	  "data: 4\n\ndata: [1]\n\n" END("end_turn", OUT(1)) ": bye\n"},
		NULL, {"d", "", {SAID("")}, SAID(""), NULL}},
	/* A tool of the provider's that is named as ours, and one that is told in a server's name. */
	{{START("m1", "5") BLOCK(0,
		 "\"type\":\"server_tool_use\",\"id\":\"s1\",\"name\":\"headroom_retrieve\","
		 "\"input\":{}") PART(0, "{}") STOP(0) BLOCK(1,
		 "\"type\":\"web_search_tool_result\",\"tool_use_id\":\"s1\","
		 "\"content\":[{\"encrypted_content\":\"x\"}]") STOP(1) END("end_turn", OUT(1))},
		NULL,
		{"d", "",
			{SAID("{\"type\":\"server_tool_use\",\"id\":\"s1\",\"name\":\"headroom_"
			      "retrieve\","
			      "\"input\":{}},{\"type\":\"web_search_tool_result\",\"tool_use_id\":"
			      "\"s1\","
			      "\"content\":[{\"encrypted_content\":\"x\"}]}")},
			NULL, NULL}},
	/* Deltas of every kind, and one that is not known: then nobody can say what was said. */
	{{START("m1", "5") BLOCK(0, "\"type\":\"text\",\"text\":\"a \"") DELTA(
		 0, "\"type\":\"text_delta\",\"text\":\"\\ud83d\"")
			 DELTA(0, "\"type\":\"text_delta\",\"text\":\"\\ude00\"") DELTA(
				 0, "\"type\":\"citations_delta\",\"citation\":{\"a\":1}")
				 DELTA(0, "\"type\":\"citations_delta\",\"citation\":{\"b\":2}")
					 STOP(0) END("end_turn", OUT(1))},
		NULL,
		{"d", "",
			{SAID("{\"type\":\"text\",\"text\":\"a "
			      "\\ud83d\\ude00\",\"citations\":[{\"a\":1},{\"b\":2}]}")},
			NULL, NULL}},
	{{START("m1", "5") TEXT(0, "a") BLOCK(1, "\"type\":\"new\"")
			 DELTA(1, "\"type\":\"new_delta\"") STOP(1) END("end_turn", OUT(1))},
		NULL, {"d", "", {""}, "", NULL}},
	/* Events that lack what they should have. */
	{{EVENT("content_block_start", "") EVENT("content_block_delta", "") EVENT(
		 "content_block_delta", ",\"index\":1") EVENT("content_block_stop", "")
			 EVENT("message_start", "") EVENT("message_delta", "") END("end_turn", "")},
		NULL, {"d", "", {""}, "", NULL}},
	/* Cut before its end, an error, nothing at all. */
	{{START("m1", "5") TEXT(0, "Hi") "event: content_bl"}, NULL,
		{"b", "", {SAID(SAID_TEXT("Hi"))}, SAID(SAID_TEXT("Hi")), NULL}},
	{{START("m1", "5") EVENT("error", ",\"error\":{\"type\":\"overloaded_error\"}")}, NULL,
		{"b", "", {NULL}, NULL, NULL}},
};

static void without_our_calls_bytes_are_the_providers(void **state)
{
	(void)state;
	splice_assert_scripts(WIRE_ANTHROPIC, ANSWER_SSE, UNTOUCHED, ARRAY_N(UNTOUCHED));
}

static const struct splice_script SPLICED[] = {
	/* First in the answer. */
	{{START("m1", "5") OWN(0, "r1") END("tool_use", OUT(9)),
		 START("m2", "6") TEXT(0, "Done") END("end_turn", OUT(4))},
		START("m1", "5") TEXT(0, "Done") END(
			"end_turn", OUT(13) ",\"input_tokens\":11,\"cache_read_input_tokens\":14"),
		{"cd", ASKED("r1"), {SAID(USE("r1", "headroom_retrieve")), SAID(SAID_TEXT("Done"))},
			SAID(SAID_TEXT("Done")), NULL}},
	/* After a thought and a text; the last event tells all counts. */
	{{START("m1", "5") THINK(0) TEXT(1, "Let me look.") OWN(2, "r1") EVENT("ping", "")
			 END("tool_use", OUT(9)),
		 START("m2", "6") EVENT("ping", "") THINK(0) TEXT(1, "Done") END(
			 "end_turn", "\"input_tokens\": 6 ,\"cache_read_input_tokens\":7," OUT(4))},
		START("m1", "5") THINK(0) TEXT(1, "Let me look.") EVENT("ping", "")
			EVENT("ping", "") THINK(2) TEXT(3, "Done") END("end_turn",
				"\"input_tokens\": 11 ,\"cache_read_input_tokens\":14," OUT(13)),
		{"cd", ASKED("r1"),
			{SAID(SAID_THINK
				 "," SAID_TEXT("Let me look.") "," USE("r1", "headroom_retrieve")),
				SAID(SAID_THINK "," SAID_TEXT("Done"))},
			SAID(SAID_THINK "," SAID_TEXT("Let me look.") "," SAID_THINK
								      "," SAID_TEXT("Done")),
			NULL}},
	/* Between two calls of the client's, first and last of several, twice. */
	{{START("m1", "5") CLIENT(0, "t1") OWN(1, "r1") CLIENT(2, "t2") END("tool_use", OUT(9))},
		START("m1", "5") CLIENT(0, "t1") CLIENT(1, "t2") END("tool_use", OUT(9)),
		{"m", ASKED("r1"),
			{SAID(USE("t1", "Bash") "," USE("r1", "headroom_retrieve") "," USE(
				"t2", "Bash"))},
			SAID(USE("t1", "Bash") "," USE("t2", "Bash")), NULL}},
	{{START("m1", "5") OWN(0, "r1") CLIENT(1, "t1") OWN(2, "r2") END("tool_use", OUT(9))},
		START("m1", "5") CLIENT(0, "t1") END("tool_use", OUT(9)),
		{"m", ASKED("r1") ASKED("r2"), {NULL}, SAID(USE("t1", "Bash")), NULL}},
	/* Three rounds, the last one mixed. */
	{{START("m1", "1") OWN(0, "r1") OWN(1, "r2") END("tool_use", OUT(10)),
		 START("m2", "2") TEXT(0, "More.") OWN(1, "r3") END("tool_use", OUT(20)),
		 START("m3", "3") OWN(0, "r4") CLIENT(1, "t1") END("tool_use", OUT(30))},
		START("m1", "1") TEXT(0, "More.") CLIENT(1, "t1") END(
			"tool_use", OUT(60) ",\"input_tokens\":6,\"cache_read_input_tokens\":21"),
		{"ccm", ASKED("r1") ASKED("r2") ASKED("r3") ASKED("r4"),
			{NULL, SAID(SAID_TEXT("More.") "," USE("r3", "headroom_retrieve")),
				SAID(USE("r4", "headroom_retrieve") "," USE("t1", "Bash"))},
			SAID(SAID_TEXT("More.") "," USE("t1", "Bash")), NULL}},
	/* Cut by a limit: the call may not be whole. */
	{{START("m1", "5") TEXT(0, "a") OWN(1, "r1") END("max_tokens", OUT(9))},
		START("m1", "5") TEXT(0, "a") END("max_tokens", OUT(9)),
		{"d", "", {NULL}, SAID(SAID_TEXT("a")), NULL}},
	/* Arguments that are no JSON, none at all, and all of them at the start; a text that may not go back. */
	{{START("m1", "5") TEXT(0, "\\n\\n") BLOCK(1,
		  "\"type\":\"tool_use\",\"id\":\"r1\",\"name\":\"headroom_retrieve\",\"input\":{}")
			 PART(1, "{\\\"hash\\\": ab") STOP(1) BLOCK(2,
				 "\"type\":\"tool_use\",\"id\":\"r2\",\"name\":\"headroom_"
				 "retrieve\",\"input\":{}") STOP(2)
				 BLOCK(3, "\"type\":\"tool_use\",\"id\":\"r3\",\"name\":\"headroom_"
					  "retrieve\",\"input\":{\"hash\":\"c\"}") STOP(3)
					 END("tool_use", OUT(9)),
		 START("m2", "6") TEXT(0, "Done") END("end_turn", OUT(4))},
		START("m1", "5") TEXT(0, "\\n\\n") TEXT(1, "Done") END(
			"end_turn", OUT(13) ",\"input_tokens\":11,\"cache_read_input_tokens\":14"),
		{"cd",
			"headroom_retrieve(r1){\"hash\": ab;headroom_retrieve(r2){};"
			"headroom_retrieve(r3){\"hash\":\"c\"};",
			{SAID("{\"type\":\"tool_use\",\"id\":\"r1\",\"name\":\"headroom_retrieve\","
			      "\"input\":"
			      "{\"INVALID_JSON\":\"{\\\"hash\\\": "
			      "ab\"}},{\"type\":\"tool_use\",\"id\":\"r2\","
			      "\"name\":\"headroom_retrieve\",\"input\":{}},{\"type\":\"tool_use\","
			      "\"id\":\"r3\","
			      "\"name\":\"headroom_retrieve\",\"input\":{\"hash\":\"c\"}}")},
			SAID(SAID_TEXT("Done")), NULL}},
	/* Calls at the same time, events that are not known, and several data lines. */
	{{START("m1", "5") BLOCK(0,
		  "\"type\":\"tool_use\",\"id\":\"r1\",\"name\":\"headroom_"
		  "retrieve\",\"input\":{}") BLOCK(1, "\"type\":\"text\",\"text\":\"\"") PART(0,
		  "{\\\"hash\\\": \\\"ab\\\"}") DELTA(1, "\"type\":\"text_delta\",\"text\":\"a\"")
			 EVENT("new_event", ",\"index\":0") EVENT("new_event", ",\"index\":1")
				 STOP(0) "event: x\ndata: {\"type\":\"content_block_stop\",\ndata: "
					 "\"index\":1}\n\n"
					 ": comment\n\n" END("tool_use", OUT(9)),
		 START("m2", "6") TEXT(0, "b") END("end_turn", OUT(4))},
		START("m1", "5") BLOCK(0, "\"type\":\"text\",\"text\":\"\"") DELTA(
			0, "\"type\":\"text_delta\",\"text\":\"a\"") EVENT("new_event",
			",\"index\":0") "event: x\ndata: {\"type\":\"content_block_stop\",\ndata: "
					"\"index\":0}\n\n"
					": comment\n\n" TEXT(1, "b") END("end_turn",
						OUT(13) ",\"input_tokens\":11,\"cache_read_"
							"input_tokens\":14"),
		{"cd", ASKED("r1"), {SAID(USE("r1", "headroom_retrieve") "," SAID_TEXT("a"))}, NULL,
			NULL}},
};

static void our_calls_are_taken_out_over_rounds(void **state)
{
	(void)state;
	splice_assert_scripts(WIRE_ANTHROPIC, ANSWER_SSE, SPLICED, ARRAY_N(SPLICED));
}

/* The input of the last round that told it; a round that tells nothing changes nothing. */
static void input_may_be_that_of_the_last_round(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_SSE);
	str rounds[SPLICE_ROUNDS] = {STR(START("m1", "5") OWN(0, "r1") END("tool_use", OUT(9))),
		STR(START("m2", "6") OWN(0, "r2") END("tool_use", OUT(4))),
		STR(END("end_turn", OUT(2)))};
	struct splice_want want = {.ends = "ccd"};

	(void)state;
	conf.told = TOLD_CONTEXT;
	splice_assert(&conf, rounds,
		START("m1", "5") END(
			"end_turn", OUT(15) ",\"input_tokens\":6,\"cache_read_input_tokens\":7"),
		&want);
}

#define ROUND_1 START("m1", "5") TEXT(0, "a") OWN(1, "r1") END("tool_use", OUT(9))
#define NOTE(i, text)                               \
	BLOCK(i, "\"type\":\"text\",\"text\":\"\"") \
	DELTA(i, "\"type\":\"text_delta\",\"text\":\"" text "\"") STOP(i)

static const struct splice_script CLOSED[] = {
	{{ROUND_1},
		START("m1", "5") TEXT(0, "a") NOTE(1, "No \\\"b\\\".")
			END("end_turn", "\"input_tokens\":5,\"cache_read_input_tokens\":7," OUT(9)),
		{"c", ASKED("r1"), {NULL}, SAID(SAID_TEXT("a") "," SAID_TEXT("No \\\"b\\\".")),
			"No \"b\"."}},
	{{ROUND_1},
		START("m1", "5") TEXT(0, "a")
			END("end_turn", "\"input_tokens\":5,\"cache_read_input_tokens\":7," OUT(9)),
		{"c", ASKED("r1"), {NULL}, NULL, ""}},
	/* In the middle of a text, with an event that has not come whole. */
	{{ROUND_1, START("m2", "6") BLOCK(0, "\"type\":\"text\",\"text\":\"\"") DELTA(
			   0, "\"type\":\"text_delta\",\"text\":\"b\"") "data: {\"type\":\"cont"},
		START("m1", "5") TEXT(0, "a") BLOCK(1, "\"type\":\"text\",\"text\":\"\"") DELTA(
			1, "\"type\":\"text_delta\",\"text\":\"b\"") STOP(1) NOTE(2, "Oh.")
			END("end_turn",
				"\"input_tokens\":11,\"cache_read_input_tokens\":14," OUT(10)),
		{"cb", ASKED("r1"), {NULL},
			SAID(SAID_TEXT("a") "," SAID_TEXT("b") "," SAID_TEXT("Oh.")), "Oh."}},
	/* In the middle of a call of the client's. */
	{{ROUND_1, START("m2", "6") BLOCK(
			   0, "\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"Bash\",\"input\":{}")
			   PART(0, "{\\\"a")},
		START("m1", "5") TEXT(0, "a") BLOCK(
			1, "\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"Bash\",\"input\":{}")
			PART(1, "{\\\"a") EVENT(
				"error", ",\"error\":{\"type\":\"api_error\",\"message\":\"Oh.\"}"),
		{"cb", ASKED("r1"), {NULL}, NULL, "Oh."}},
	/* An error of the provider's is an end. */
	{{ROUND_1, START("m2", "6") EVENT("error", ",\"error\":{\"type\":\"overloaded_error\"}")},
		START("m1", "5") TEXT(0, "a")
			EVENT("error", ",\"error\":{\"type\":\"overloaded_error\"}"),
		{"cb", ASKED("r1"), {NULL}, NULL, "Oh."}},
};

static void an_answer_is_ended_when_there_is_no_other_round(void **state)
{
	(void)state;
	splice_assert_scripts(WIRE_ANTHROPIC, ANSWER_SSE, CLOSED, ARRAY_N(CLOSED));
}

/* What a client's SDK looks for. */
struct view {
	uint64_t next;
	bool is_started, is_open, has_reason, is_stopped;
};

static void look_at(void *self, str name, str data)
{
	struct arena a = ARENA_INIT;
	struct view *v = self;
	struct json_tape t;
	uint64_t index = UINT64_MAX;

	(void)data;
	assert_int_equal(json_scan(&a, data, &t, NULL), E_OK);
	assert_true(json_string_is(&t, json_member(&t, 0, "type"), "ping") || !v->is_stopped);
	if (json_member(&t, 0, "index") != JSON_ABSENT)
		assert_true(json_u64(&t, json_member(&t, 0, "index"), &index));
	if (str_eq(name, STR("message_start"))) {
		assert_false(v->is_started);
		v->is_started = true;
	} else if (str_eq(name, STR("content_block_start"))) {
		assert_true(v->is_started && !v->is_open && index == v->next);
		v->is_open = true;
	} else if (str_eq(name, STR("content_block_delta"))) {
		assert_true(v->is_open && index == v->next);
	} else if (str_eq(name, STR("content_block_stop"))) {
		assert_true(v->is_open && index == v->next);
		v->is_open = false;
		v->next++;
	} else if (str_eq(name, STR("message_delta"))) {
		assert_true(!v->is_open && !v->has_reason);
		v->has_reason = true;
	} else if (str_eq(name, STR("message_stop"))) {
		assert_true(v->has_reason);
		v->is_stopped = true;
	}
	arena_release(&a);
}

/* Rounds of blocks in every order, four at a time: the client sees one message each time. */
static void every_order_of_blocks_is_one_message(void **state)
{
	static const char *blocks[] = {TEXT(0, "a"), OWN(0, "r"), CLIENT(0, "t"), THINK(0)};
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_SSE);

	(void)state;
	for (unsigned order = 0; order < 256; order++) {
		struct arena a = ARENA_INIT;
		struct buf round;
		struct splice_run run;
		struct view v = {0};
		struct sse sse;
		str rounds[SPLICE_ROUNDS] = {{NULL, 0}};

		buf_init_arena(&round, &a, SPLICE_TEXT);
		buf_add_c(&round, START("m1", "5"));
		for (unsigned i = 0; i < 4; i++) {
			str block = str_from(blocks[order >> 2 * i & 3]), line;

			for (bool has_eol; str_next_line(&block, &line, &has_eol);) {
				size_t at = str_find(line, STR("\"index\":0"));

				buf_add(&round, line);
				if (at != STR_NONE)
					round.p[round.n - line.n + at + 8] = (char)('0' + i);
				buf_add_byte(&round, '\n');
			}
		}
		buf_add_c(&round, END("tool_use", OUT(9)));
		rounds[0] = buf_str(&round);
		run = splice_rounds(&a, &conf, rounds, 7, NULL);
		if (run.ends[0] == ROUND_CONTINUE) {
			rounds[1] = str_from(START("m2", "6") TEXT(0, "b") END("end_turn", OUT(1)));
			run = splice_rounds(&a, &conf, rounds, 7, NULL);
		}
		sse_init(&sse, SPLICE_HELD);
		sse_feed(&sse, run.out, look_at, &v);
		assert_true(v.is_stopped);
		sse_release(&sse);
		arena_release(&a);
	}
}

/* Each event goes out with its last byte. */
static void events_are_not_held(void **state)
{
	static const char stream[] =
		START("m1", "5") TEXT(0, "Hi") CLIENT(1, "t1") END("tool_use", OUT(9));
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_SSE);
	struct answer_splice *s = answer_splice_new(&conf);
	struct buf out;

	(void)state;
	buf_init(&out, SPLICE_TEXT);
	for (size_t i = 0; i + 1 < sizeof stream; i++) {
		assert_int_equal(answer_splice_feed(s, (str){stream + i, 1}, &out), E_OK);
		if (i && stream[i] == '\n' && stream[i - 1] == '\n')
			assert_int_equal(out.n, i + 1);
	}
	answer_splice_free(s);
	buf_release(&out);
}

static void a_ping_stands_between_events(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_SSE);
	struct answer_splice *s = answer_splice_new(&conf);
	struct buf out;

	(void)state;
	buf_init(&out, SPLICE_TEXT);
	/* The round's last event lacks its blank line. */
	assert_int_equal(answer_splice_feed(s, STR(ROUND_1 "data: {\"type\":\"x\"}"), &out), E_OK);
	assert_int_equal(answer_splice_end_round(s, true, &out), ROUND_CONTINUE);
	answer_splice_ping(s, &out);
	splice_assert_text("client", 0, buf_str(&out),
		START("m1", "5") TEXT(0, "a") "data: {\"type\":\"x\"}\n\n"
					      "event: ping\ndata: {\"type\": \"ping\"}\n\n");
	answer_splice_free(s);
	buf_release(&out);
}

static void what_is_too_large_passes_or_ends(void **state)
{
	static const char large[] =
		"data: {\"type\":\"new_event\",\"x\":\"0123456789012345678901234567890"
		"1234567890123456789012345678901234567890123456789012345678901234567890"
		"12345678901234567890123456789012345678901234567890123456789\"}\n\n";
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_SSE);
	str first[SPLICE_ROUNDS] = {STR_NULL}, second[SPLICE_ROUNDS] = {STR_NULL};
	struct splice_want want = {"d", "", {""}, "", NULL};

	(void)state;
	conf.held_max = 150;
	first[0] = (str){large, sizeof large - 1};
	assert_true(first[0].n > conf.held_max);
	want.ends = "b";
	splice_assert(&conf, first, large, &want);
	second[0] = STR(
		"data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
		"{\"type\":\"tool_use\",\"name\":\"headroom_retrieve\"}}\n\n"
		"data: {\"type\":\"new_event\",\"x\":\"01234567890123456789012345678901234567890"
		"1234567890123456789012345678901234567890123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789012345678901234567890123456789\"}\n\n");
	for (size_t cut = 0; cut < second[0].n; cut++) {
		struct arena a = ARENA_INIT;
		struct splice_run run = splice_rounds(&a, &conf, second, cut, NULL);

		assert_int_equal(run.err, E_TOO_BIG);
		assert_int_equal(run.out.n, 0);
		arena_release(&a);
	}
}

/* A long text passes, though what was said is not kept; a long call of ours does not. */
static void what_was_said_is_bounded(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_SSE);
	struct arena a = ARENA_INIT;
	struct buf text, call;
	str rounds[SPLICE_ROUNDS] = {STR_NULL};
	struct splice_run run;

	(void)state;
	conf.held_max = 400;
	buf_init_arena(&text, &a, SPLICE_TEXT);
	buf_init_arena(&call, &a, SPLICE_TEXT);
	buf_add_c(&text, START("m1", "5") BLOCK(0, "\"type\":\"text\",\"text\":\"\""));
	buf_add_c(&call, START("m1", "5") BLOCK(0, "\"type\":\"tool_use\",\"name\":"
						   "\"headroom_retrieve\",\"id\":\"r\""));
	for (int i = 0; i < 50; i++) {
		buf_add_c(&text, DELTA(0, "\"type\":\"text_delta\",\"text\":\"0123456789\""));
		buf_add_c(&call, PART(0, "0123456789"));
	}
	buf_add_c(&text, STOP(0) END("end_turn", OUT(9)));
	rounds[0] = buf_str(&text);
	run = splice_rounds(&a, &conf, rounds, 1, NULL);
	assert_int_equal(run.err, E_OK);
	assert_int_equal(run.ends[0], ROUND_DONE);
	assert_true(str_eq(run.out, rounds[0]));
	assert_int_equal(run.messages[0].n + run.visible.n, 0);
	rounds[0] = buf_str(&call);
	run = splice_rounds(&a, &conf, rounds, 1, NULL);
	assert_int_equal(run.err, E_TOO_BIG);
	assert_int_equal(run.ends[0], ROUND_BROKEN);
	arena_release(&a);
}

/* Nobody makes so many calls at once. */
static void too_many_calls_end_it(void **state)
{
	enum { CALLS = 300, ROOM = 256 };
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_SSE);

	(void)state;
	for (int n = ROOM; n <= CALLS; n += CALLS - ROOM) {
		struct arena a = ARENA_INIT;
		str rounds[SPLICE_ROUNDS] = {STR_NULL};
		struct splice_run run;
		struct buf round;

		buf_init_arena(&round, &a, SPLICE_TEXT);
		for (int i = 0; i < n; i++)
			buf_printf(&round,
				"data: {\"type\":\"content_block_start\",\"index\":%d,"
				"\"content_block\":{\"type\":\"tool_use\",\"name\":\"headroom_"
				"retrieve\"}}\n\n",
				i);
		buf_add_c(&round, END("tool_use", OUT(9)));
		rounds[0] = buf_str(&round);
		run = splice_rounds(&a, &conf, rounds, 1, NULL);
		assert_int_equal(run.err, n == ROOM ? E_OK : E_TOO_BIG);
		assert_int_equal(run.ends[0], n == ROOM ? ROUND_CONTINUE : ROUND_BROKEN);
		arena_release(&a);
	}
}

static void without_memory_it_says_so(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_SSE);
	str rounds[SPLICE_ROUNDS] = {STR(ROUND_1), STR(ROUND_1)};

	(void)state;
	splice_assert_nomem(&conf, rounds, "Oh.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_our_calls_bytes_are_the_providers),
		cmocka_unit_test(our_calls_are_taken_out_over_rounds),
		cmocka_unit_test(input_may_be_that_of_the_last_round),
		cmocka_unit_test(an_answer_is_ended_when_there_is_no_other_round),
		cmocka_unit_test(every_order_of_blocks_is_one_message),
		cmocka_unit_test(events_are_not_held),
		cmocka_unit_test(a_ping_stands_between_events),
		cmocka_unit_test(what_is_too_large_passes_or_ends),
		cmocka_unit_test(what_was_said_is_bounded),
		cmocka_unit_test(too_many_calls_end_it),
		cmocka_unit_test(without_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

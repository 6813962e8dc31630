#include "tests/unit/splice_help.h"

/* A chunk as Gemini writes it: parts, what stands beside the content, and beside the candidates. */
#define CHUNK(parts, finish, rest)                                                             \
	"{\"candidates\": [{\"content\": {\"parts\": [" parts "],\"role\": \"model\"}," finish \
	"\"index\": 0}]" rest "}"
#define STOP  "\"finishReason\": \"STOP\","
#define LIMIT "\"finishReason\": \"MAX_TOKENS\","
#define USED(in, out) \
	",\"usageMetadata\": {\"promptTokenCount\": " in ",\"candidatesTokenCount\": " out "}"
#define ID(id)   ",\"modelVersion\": \"g\",\"responseId\": \"" id "\""
#define TEXT(s)  "{\"text\": \"" s "\"}"
#define SIGNED   "{\"text\":\"\",\"thoughtSignature\":\"c2ln\"}"
#define THINK(s) "{\"thought\": true,\"text\": \"" s "\"}"
#define USE(name, more) \
	"{\"functionCall\": {\"name\": \"" name "\",\"args\": {\"hash\": \"ab\"}" more "}}"
#define OWN                                                                                    \
	"{\"thoughtSignature\": \"s\",\"functionCall\": {\"id\": \"r1\",\"name\": \"headroom_" \
	"retrieve\",\"args\": {\"hash\": \"ab\"}}}"
#define OWN_BARE     "{\"functionCall\": {\"name\": \"headroom_retrieve\"}}"
#define CLIENT       USE("shell", "")
#define SSE(chunk)   "data: " chunk "\r\n\r\n"
#define SAID(parts)  "{\"role\":\"model\",\"parts\":[" parts "]}"
#define SAID_TEXT(s) "{\"text\":\"" s "\"}"
#define ASKED        "headroom_retrieve(r1){\"hash\": \"ab\"};"

static const struct splice_script EVENTS[] = {
	/* Nothing of ours: the provider's bytes. */
	{{SSE(CHUNK(THINK("a"), "", USED("5", "1") ID("x"))) SSE(CHUNK(THINK("b"), "", ""))
			 SSE(CHUNK(TEXT("Hi"), "", "")) SSE(
				 CHUNK(TEXT("!\\n"), "", "")) ": c\n\n" SSE(CHUNK(CLIENT, "", ""))
				 SSE(CHUNK(TEXT(""), STOP, USED("5", "3")))},
		NULL,
		{"d", "",
			{SAID("{\"thought\":true,\"text\":\"ab\"}," SAID_TEXT(
				"Hi!\\n") "," CLIENT)},
			NULL, NULL}},
	{{SSE("{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}")}, NULL,
		{"d", "", {SAID("")}, SAID(""), NULL}},
	{{SSE("{\"error\":{\"code\":503}}")}, NULL, {"b", "", {NULL}, NULL, NULL}},
	{{SSE(CHUNK(TEXT("a"), "", "")) "data: {\"cand"}, NULL, {"b", "", {NULL}, NULL, NULL}},
	{{SSE("[1]") SSE("4") SSE("x") SSE("{\"candidates\":4}")
			 SSE("{\"candidates\":[4,{\"content\":[]}]}")},
		NULL, {"b", "", {NULL}, NULL, NULL}},
	/* The call comes with the finish reason; usage is the sum in every chunk, ids are the first. */
	{{SSE(CHUNK(TEXT("a"), "", USED("5", "1") ID("x")))
			 SSE(CHUNK(OWN, STOP, USED("5", "3") ID("x"))),
		 SSE(CHUNK(TEXT("b"), "", ",\"usageMetadata\": {}" ID("y")))
			 SSE(CHUNK(SIGNED, STOP, USED("6", "4") ID("y")))},
		SSE(CHUNK(TEXT("a"), "", USED("5", "1") ID("x"))) SSE(CHUNK(TEXT("b"), "",
			",\"usageMetadata\": {\"promptTokenCount\":5,"
			"\"candidatesTokenCount\":3}" ID("x")))
			SSE(CHUNK(SIGNED, STOP, USED("11", "7") ID("x"))),
		{"cd", ASKED, {SAID(SAID_TEXT("a") "," OWN), SAID(SAID_TEXT("b") "," SIGNED)},
			SAID(SAID_TEXT("ab") "," SIGNED), NULL}},
	/* In a chunk with a text, before the last one; a chunk with usage alone behind it. */
	{{SSE(CHUNK(TEXT("a") " , " OWN, STOP, ""))
			 SSE("{\"usageMetadata\": {\"promptTokenCount\": 5}}"),
		 SSE(CHUNK(OWN_BARE, "", "")) SSE(CHUNK(TEXT(""), STOP, USED("6", "4"))),
		 SSE(CHUNK(TEXT("b"), STOP, USED("7", "5")))},
		SSE(CHUNK(TEXT("a"), "", "")) SSE(CHUNK(TEXT(""), "", USED("11", "4")))
			SSE(CHUNK(TEXT("b"), STOP, USED("18", "9"))),
		{"ccd", ASKED "headroom_retrieve(){};", {NULL, SAID(OWN_BARE)},
			SAID(SAID_TEXT("ab")), NULL}},
	/* With calls of the client's, in one chunk and in several. */
	{{SSE(CHUNK(CLIENT "," OWN "," CLIENT, STOP, USED("5", "1")))},
		SSE(CHUNK(CLIENT "," CLIENT, STOP, USED("5", "1"))),
		{"m", ASKED, {SAID(CLIENT "," OWN "," CLIENT)}, SAID(CLIENT "," CLIENT), NULL}},
	{{SSE(CHUNK(OWN, "", USED("5", "1"))) SSE(CHUNK(CLIENT, "", "")) SSE(CHUNK(OWN, STOP, ""))},
		SSE(CHUNK(CLIENT, "", "")) SSE(CHUNK(SAID_TEXT(""), STOP, "")),
		{"m", ASKED ASKED, {SAID(OWN "," CLIENT "," OWN)}, SAID(CLIENT), NULL}},
	/* A limit: the call is dropped. */
	{{SSE(CHUNK(TEXT("a") "," OWN, LIMIT, ""))}, SSE(CHUNK(TEXT("a"), LIMIT, "")),
		{"d", "", {NULL}, SAID(SAID_TEXT("a")), NULL}},
	/* Code Assist; details of the usage; several candidates. */
	{{SSE("{\"response\": " CHUNK(OWN, STOP,
		  ",\"usageMetadata\": {\"promptTokensDetails\": [{\"modality\": "
		  "\"TEXT\",\"tokenCount\": 5},"
		  "{\"modality\": \"IMAGE\",\"tokenCount\": 1}],\"trafficType\": "
		  "\"x\"}") ",\"traceId\": \"t\"}"),
		 SSE("{\"response\": " CHUNK(TEXT("b"), STOP,
			 ",\"usageMetadata\": {\"promptTokensDetails\": [{\"modality\": "
			 "\"IMAGE\",\"tokenCount\": 1},"
			 "{\"modality\": \"TEXT\",\"tokenCount\": 6}],\"trafficType\": "
			 "\"x\"}") ",\"traceId\": \"u\"}")},
		SSE("{\"response\": " CHUNK(TEXT("b"), STOP,
			",\"usageMetadata\": {\"promptTokensDetails\": [{\"modality\": "
			"\"IMAGE\",\"tokenCount\": 2},"
			"{\"modality\": \"TEXT\",\"tokenCount\": 11}],\"trafficType\": "
			"\"x\"}") ",\"traceId\": \"u\"}"),
		{"cd", ASKED, {NULL}, NULL, NULL}},
	{{SSE("{\"candidates\":[{\"content\":{\"parts\":[" CLIENT "," OWN "]}," STOP "\"index\":0},"
	      "{\"content\":{\"parts\":[" OWN "]}}]}")},
		SSE("{\"candidates\":[{\"content\":{\"parts\":[" CLIENT "]}," STOP "\"index\":0},"
		    "{\"content\":{\"parts\":[" SAID_TEXT("") "]}}]}"),
		{"m", ASKED, {NULL}, NULL, NULL}},
	/* The finish reason comes first. */
	{{SSE("{\"candidates\":[{" STOP "\"content\":{\"parts\":[" TEXT("a") "," OWN "]}}]}"),
		 SSE(CHUNK(TEXT("b"), STOP, ""))},
		SSE("{\"candidates\":[{\"content\":{\"parts\":[" TEXT("a") "]}}]}")
			SSE(CHUNK(TEXT("b"), STOP, "")),
		{"cd", ASKED, {NULL}, SAID(SAID_TEXT("ab")), NULL}},
	/* Arguments in pieces are not put together, and do not reach the client. */
	{{SSE(CHUNK("{\"functionCall\":{\"name\":\"headroom_retrieve\",\"willContinue\":true}}", "",
		 "")) SSE(CHUNK("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.hash\"}],"
				"\"willContinue\":true}}",
		 "", "")) SSE(CHUNK("{\"functionCall\":{}}", "", "")) SSE(CHUNK(CLIENT, STOP, ""))},
		SSE(CHUNK(CLIENT, STOP, "")), {"m", NULL, {""}, SAID(CLIENT), NULL}},
	/* Ended by us: after a round, in the middle of one, after an error. */
	{{SSE(CHUNK(TEXT("a"), "", ID("x"))) SSE(CHUNK(OWN, STOP, USED("5", "3") ID("x")))},
		SSE(CHUNK(TEXT("a"), "", ID("x"))) SSE(
			"{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\\n\\nOh.\"}],"
			"\"role\":"
			"\"model\"},"
			"\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{"
			"\"promptTokenCount\":5,"
			"\"candidatesTokenCount\":3},\"modelVersion\":\"g\",\"responseId\":\"x\"}"),
		{"c", ASKED, {NULL}, SAID(SAID_TEXT("a\\n\\nOh.")), "Oh."}},
	{{SSE("{\"response\":" CHUNK(OWN, STOP, "") "}"),
		 SSE("{\"response\":" CHUNK(TEXT("b"), "", "") "}") "data: {"},
		SSE("{\"response\":" CHUNK(TEXT("b"), "", "") "}")
			SSE("{\"response\":{\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
			    "\"\\n\\nOh.\"}],"
			    "\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],"
			    "\"usageMetadata\":{}}}"),
		{"cb", ASKED, {NULL}, NULL, "Oh."}},
	{{SSE(CHUNK(OWN, STOP, "")), SSE("{\"error\":{\"code\":503}}")},
		SSE("{\"error\":{\"code\":503}}"), {"cb", ASKED, {NULL}, NULL, "Oh."}},
};

static void events_are_spliced(void **state)
{
	(void)state;
	splice_assert_scripts(WIRE_GEMINI, ANSWER_SSE, EVENTS, ARRAY_N(EVENTS));
}

static const struct splice_script ARRAYS[] = {
	{{" [" CHUNK(TEXT("a"), "", "") "\n,\r\n" CHUNK(TEXT("]}\\\"{["), STOP, "") "\n]\n"}, NULL,
		{"d", "", {SAID(SAID_TEXT("a]}\\\"{["))}, NULL, NULL}},
	{{"[]"}, NULL, {"b", "", {NULL}, NULL, NULL}},
	{{"[{\"error\":{}}]"}, NULL, {"b", "", {NULL}, NULL, NULL}},
	{{"[" CHUNK(TEXT("a"), "", "") ",{\"cand"}, NULL, {"b", "", {NULL}, NULL, NULL}},
	/* The first element is ours; a later one. */
	{{"[" CHUNK(OWN, "", "") "\n,\n" CHUNK(TEXT(""), STOP, USED("5", "3")) "\n]\n",
		 "[" CHUNK(TEXT("b"), STOP, USED("6", "4")) "\n]\n"},
		"[" CHUNK(TEXT(""), "", USED("5", "3")) ",\n" CHUNK(
			TEXT("b"), STOP, USED("11", "7")) "\n]\n",
		{"cd", ASKED, {NULL}, SAID(SAID_TEXT("b")), NULL}},
	{{"[" CHUNK(OWN, STOP, "") "]", "[" CHUNK(OWN, STOP, "") "]",
		 "[" CHUNK(TEXT("a"), "", "") ",\n" CHUNK(TEXT("b"), STOP, "") "\n]"},
		"[" CHUNK(TEXT("a"), "", "") ",\n" CHUNK(TEXT("b"), STOP, "") "\n]",
		{"ccd", ASKED ASKED, {NULL}, SAID(SAID_TEXT("ab")), NULL}},
	{{"[" CHUNK(OWN, "", "") "\n,\n" CHUNK(CLIENT, STOP, "") "\n]\n"},
		"[" CHUNK(CLIENT, STOP, "") "\n]\n", {"m", ASKED, {NULL}, SAID(CLIENT), NULL}},
	{{"[" CHUNK(TEXT("a"), "", "") ",\n" CHUNK(OWN, STOP, "") "]",
		 "[" CHUNK(TEXT("b"), "", "") "\n,{"},
		"[" CHUNK(TEXT("a"), "", "") ",\n" CHUNK(TEXT("b"), "",
			"") ",\n{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\\n\\nOh.\"}]"
			    ","
			    "\"role\":\"model\"},"
			    "\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{}}\n]\n",
		{"cb", ASKED, {NULL}, NULL, "Oh."}},
	{{"[" CHUNK(OWN, STOP, "") "]", "[{\"error\":{}}]"}, "[{\"error\":{}}]",
		{"cb", ASKED, {NULL}, NULL, "Oh."}},
};

static void arrays_are_spliced(void **state)
{
	(void)state;
	splice_assert_scripts(WIRE_GEMINI, ANSWER_JSON_ARRAY, ARRAYS, ARRAY_N(ARRAYS));
}

static const struct splice_script BODIES[] = {
	{{CHUNK(TEXT("a"), STOP, USED("5", "3")) "\n"}, NULL,
		{"d", "", {SAID(SAID_TEXT("a"))}, NULL, NULL}},
	{{"{\"error\":{}}"}, NULL, {"b", "", {""}, NULL, NULL}},
	{{"{\"totalTokens\": 4}"}, NULL, {"d", "", {NULL}, NULL, NULL}},
	{{"no JSON"}, NULL, {"d", "", {""}, NULL, NULL}},
	{{CHUNK(TEXT("a") "," OWN ", " CLIENT, STOP, "")}, CHUNK(TEXT("a") "," CLIENT, STOP, ""),
		{"m", ASKED, {NULL}, SAID(SAID_TEXT("a") "," CLIENT), NULL}},
	{{CHUNK(TEXT("a") "," OWN, STOP, USED("5", "3") ID("x")),
		 CHUNK(OWN, STOP, USED("6", "4") ID("y")),
		 CHUNK(TEXT("b"), STOP, USED("7", "5") ID("z"))},
		CHUNK(SAID_TEXT("a") "," TEXT("b"), STOP, USED("18", "12") ID("x")),
		{"ccd", ASKED ASKED, {NULL}, SAID(SAID_TEXT("ab")), NULL}},
	{{CHUNK(OWN, LIMIT, "")}, CHUNK(SAID_TEXT(""), LIMIT, ""),
		{"d", "", {NULL}, SAID(""), NULL}},
	{{CHUNK(TEXT("a") "," OWN, STOP, USED("5", "3")), "{\"error\":{}}"},
		CHUNK(SAID_TEXT("a\\n\\nOh."), STOP, USED("5", "3")),
		{"cb", ASKED, {NULL}, NULL, "Oh."}},
	{{CHUNK(OWN, STOP, USED("5", "3")), "no JSON"},
		CHUNK(SAID_TEXT("Oh."), STOP, USED("5", "3")), {"cb", ASKED, {NULL}, NULL, "Oh."}},
};

static void bodies_are_spliced(void **state)
{
	(void)state;
	splice_assert_scripts(WIRE_GEMINI, ANSWER_JSON, BODIES, ARRAY_N(BODIES));
	splice_assert_scripts(WIRE_GEMINI, ANSWER_JSON_ARRAY, BODIES, ARRAY_N(BODIES));
}

static void totals_fit_the_input_of_the_last_round(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_GEMINI, ANSWER_JSON);
	str rounds[SPLICE_ROUNDS] = {STR(CHUNK(OWN, STOP, USED("5", "3, \"totalTokenCount\": 8"))),
		STR(CHUNK(TEXT("b"), STOP, USED("9", "4, \"totalTokenCount\": 13")))};
	struct splice_want want = {.ends = "cd"};

	(void)state;
	splice_assert(&conf, rounds,
		CHUNK(TEXT("b"), STOP, USED("14", "7, \"totalTokenCount\": 21")), &want);
	conf.told = TOLD_CONTEXT;
	splice_assert(&conf, rounds,
		CHUNK(TEXT("b"), STOP, USED("9", "7, \"totalTokenCount\": 16")), &want);
}

/* Elements go out when they are whole, with what stands before them. */
static void elements_are_not_held(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_GEMINI, ANSWER_JSON_ARRAY);
	struct answer_splice *s = answer_splice_new(&conf);
	struct buf out;

	(void)state;
	buf_init(&out, SPLICE_TEXT);
	assert_int_equal(answer_splice_feed(s, STR("[{\"a\":[1,{}]}"), &out), E_OK);
	splice_assert_text("client", 0, buf_str(&out), "[{\"a\":[1,{}]}");
	assert_int_equal(answer_splice_feed(s, STR("\n,\n"), &out), E_OK);
	answer_splice_ping(s, &out);
	assert_int_equal(answer_splice_feed(s, STR("{}"), &out), E_OK);
	splice_assert_text("client", 0, buf_str(&out), "[{\"a\":[1,{}]}\n\n,\n{}");
	answer_splice_free(s);
	buf_release(&out);
}

static void without_memory_it_says_so(void **state)
{
	static const enum answer_form forms[] = {ANSWER_SSE, ANSWER_JSON_ARRAY, ANSWER_JSON};
	static const char *rounds[] = {SSE(CHUNK(TEXT("a"), "", ""))
					       SSE(CHUNK(OWN, STOP, USED("5", "3"))),
		"[" CHUNK(TEXT("a"), "", "") "," CHUNK(OWN, STOP, USED("5", "3")) "]",
		CHUNK(TEXT("a") "," OWN, STOP, USED("5", "3"))};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(forms); i++) {
		struct answer_splice_conf conf = splice_conf(WIRE_GEMINI, forms[i]);
		str both[SPLICE_ROUNDS] = {str_from(rounds[i]), str_from(rounds[i])};

		splice_assert_nomem(&conf, both, "Oh.");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_spliced),
		cmocka_unit_test(arrays_are_spliced),
		cmocka_unit_test(bodies_are_spliced),
		cmocka_unit_test(totals_fit_the_input_of_the_last_round),
		cmocka_unit_test(elements_are_not_held),
		cmocka_unit_test(without_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

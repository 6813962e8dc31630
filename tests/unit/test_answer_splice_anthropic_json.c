#include "tests/unit/splice_help.h"

#define OUT(n)       "\"output_tokens\":" #n
#define SAID(blocks) "{\"role\":\"assistant\",\"content\":[" blocks "]}"
#define USE(id, name)                                                               \
	"{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" name "\",\"input\":" \
	"{\"hash\": \"ab\"}}"
#define ASKED(id) "headroom_retrieve(" id "){\"hash\": \"ab\"};"

#define BODY(id, content, reason, usage) BODY_OF(id, content " ", reason, usage)
#define BODY_OF(id, content, reason, usage)                                        \
	"{\"id\": \"" id "\", \"type\":\"message\",\n \"content\": [" content "]," \
	"\"stop_reason\": \"" reason "\",\"usage\":{" usage "}}\n"
#define B_OWN  USE("r1", "headroom_retrieve")
#define B_TOOL USE("t1", "Bash")
#define B_TEXT "{ \"type\":\"text\", \"text\":\"a\"}"

static const struct splice_script BODIES[] = {
	{{BODY("m1", B_TEXT " , " B_TOOL, "tool_use", OUT(9))}, NULL,
		{"d", "", {SAID(B_TEXT "," B_TOOL)}, SAID(B_TEXT "," B_TOOL), NULL}},
	{{"{\"type\":\"error\",\"error\":{}}"}, NULL, {"b", "", {""}, "", NULL}},
	{{"{\"type\":\"new\"}"}, NULL, {"d", "", {""}, "", NULL}},
	{{"[1]"}, NULL, {"d", "", {""}, "", NULL}},
	{{"no JSON"}, NULL, {"d", "", {""}, "", NULL}},
	{{BODY("m1", B_TEXT ",\n" B_OWN " , " B_TOOL, "tool_use", OUT(9))},
		BODY("m1", B_TEXT ",\n" B_TOOL, "tool_use", OUT(9)),
		{"m", ASKED("r1"), {SAID(B_TEXT "," B_OWN "," B_TOOL)}, SAID(B_TEXT "," B_TOOL),
			NULL}},
	{{BODY("m1", B_TOOL ",\n" B_OWN "," B_OWN, "tool_use", OUT(9))},
		BODY("m1", B_TOOL, "tool_use", OUT(9)),
		{"m", ASKED("r1") ASKED("r1"), {NULL}, NULL, NULL}},
	{{BODY("m1", B_OWN, "max_tokens", OUT(9))}, BODY("m1", "", "max_tokens", OUT(9)),
		{"d", "", {NULL}, NULL, NULL}},
	{{BODY("m1", B_TEXT "," B_OWN, "tool_use",
		  "\"input_tokens\":5,\"cache_creation\":{\"x\":1}," OUT(9)),
		 BODY("m2", B_OWN, "tool_use",
			 "\"input_tokens\":6,\"cache_creation\":{\"x\":1}," OUT(9)),
		 BODY("m3", B_TOOL, "tool_use", "\"cache_creation\":{\"x\":1}," OUT(9))},
		BODY("m1", B_TEXT "," B_TOOL, "tool_use",
			"\"cache_creation\":{\"x\":3}," OUT(27) ",\"input_tokens\":11"),
		{"ccd", NULL, {NULL}, SAID(B_TEXT "," B_TOOL), NULL}},
	{{BODY("m1", B_TEXT "," B_OWN, "tool_use", OUT(9))},
		BODY_OF("m1", B_TEXT ",{\"type\":\"text\",\"text\":\"Oh.\"}", "end_turn", OUT(9)),
		{"c", NULL, {NULL}, NULL, "Oh."}},
	{{BODY("m1", B_OWN, "tool_use", OUT(9)), BODY("m2", B_OWN, "tool_use", OUT(9)),
		 "{\"type\":\"error\"}"},
		BODY_OF("m1", "{\"type\":\"text\",\"text\":\"Oh.\"}", "end_turn", OUT(18)),
		{"ccb", NULL, {NULL}, NULL, "Oh."}},
};

static void bodies_are_spliced(void **state)
{
	(void)state;
	splice_assert_scripts(WIRE_ANTHROPIC, ANSWER_JSON, BODIES, ARRAY_N(BODIES));
	splice_assert_scripts(WIRE_ANTHROPIC, ANSWER_JSON_ARRAY, BODIES, ARRAY_N(BODIES));
}

static void a_body_that_was_cut_passes(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_JSON);
	struct answer_splice *s = answer_splice_new(&conf);
	struct buf out;

	(void)state;
	buf_init(&out, SPLICE_TEXT);
	assert_int_equal(answer_splice_feed(s, STR("{\"content\":["), &out), E_OK);
	assert_int_equal(answer_splice_end_round(s, false, &out), ROUND_BROKEN);
	answer_splice_ping(s, &out);
	splice_assert_text("client", 0, buf_str(&out), "{\"content\":[");
	answer_splice_free(s);
	buf_release(&out);
}

static void without_memory_it_says_so(void **state)
{
	struct answer_splice_conf conf = splice_conf(WIRE_ANTHROPIC, ANSWER_JSON);
	str bodies[SPLICE_ROUNDS] = {STR(BODY("m1", B_TEXT "," B_OWN, "tool_use", OUT(9))),
		STR(BODY("m1", B_OWN, "tool_use", OUT(9)))};

	(void)state;
	splice_assert_nomem(&conf, bodies, "Oh.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_spliced),
		cmocka_unit_test(a_body_that_was_cut_passes),
		cmocka_unit_test(without_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the engine does and leaves, case by case. What holds for every conversation is in
 * test_engine_property.c. */
#include "core/engine/verify.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/wire_help.h"

#define LINES                                                                                     \
	"the first line of the file that is read here\\nand the second line of it, quite long\\n" \
	"then a third one, which is longer than the others\\nthe fourth line\\nand the last\\n"
#define OTHER_LINES                                                                                \
	"nothing of this was ever seen before, not a word\\nand neither was this, for that matter" \
	"\\nso that it can only stand as it is\\n"

#define CALL(id, tool, input)                                                           \
	"{'role':'assistant','content':[{'type':'tool_use','id':'" id "','name':'" tool \
	"','input':" input "}]},"
#define RESULT(id, more, text)                                                        \
	"{'role':'user','content':[{'type':'tool_result','tool_use_id':'" id "'" more \
	",'content':'" text "'}]}"
#define BODY(more, messages)                                                            \
	"{'model':'claude-opus-4'" more ",'messages':[{'role':'user','content':'" LINES \
	"'}," messages "]}"
/* The same file read twice. */
#define TWICE(tool, more)                             \
	CALL("a", "Read", "{'file_path':'/x/a.txt'}") \
	RESULT("a", "", LINES)                        \
	"," CALL("b", tool, "{'file_path':'/x/a.txt'}") RESULT("b", more, LINES)

struct engine_test {
	struct arena arena;
	struct engine *engine;
	struct compress_result result;
	str body;
};

static int setup(void **state)
{
	static struct engine_test t;

	t = (struct engine_test){0};
	*state = &t;
	return engine_new(&(struct engine_conf){0}, &t.engine, NULL);
}

static int teardown(void **state)
{
	struct engine_test *t = *state;

	compress_result_release(&t->result);
	engine_free(t->engine);
	arena_release(&t->arena);
	return 0;
}
#define engine_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Compresses a body that is written with ' for ". */
static struct compress_result *compress(
	struct engine_test *t, const char *body, const struct compress_conf *conf)
{
	struct verify_report report;
	struct errctx cx = {0};

	compress_result_release(&t->result);
	t->body = quoted(&t->arena, body);
	if (compress_request(t->engine, t->body, WIRE_NONE, conf, &t->result, &cx) != E_OK)
		fail_msg("%s", cx.text);
	assert_int_equal(
		compress_verify(t->body, t->result.body, WIRE_NONE, NULL, &report, &cx), E_OK);
	return &t->result;
}

static const struct compress_conf defaults;

/* What became of the n-th tool result. */
static const struct compress_block *result_at(const struct compress_result *r, uint32_t n)
{
	for (uint32_t i = 0; i < r->blocks_n; i++)
		if (r->blocks[i].kind == WIRE_TOOL_RESULT && n-- == 0)
			return &r->blocks[i];
	fail_msg("no such result");
	return NULL;
}

static void assert_left(const struct compress_block *b, const char *reason)
{
	assert_string_equal(b->reason, reason);
	assert_int_equal(b->encoders.n, 0);
	assert_int_equal(b->tokens_after, b->tokens_before);
}

/* ---- what is changed ---------------------------------------------------------------------------------------- */

static void a_second_read_refers_to_the_first(void **state)
{
	struct compress_result *r = compress(*state, BODY("", TWICE("Read", "")), &defaults);
	const struct compress_block *b = result_at(r, 1);

	assert_true(r->is_changed);
	assert_int_equal(r->format, WIRE_ANTHROPIC);
	assert_int_equal(r->results_n, 2);
	assert_int_equal(r->changed_n, 1);
	assert_left(result_at(r, 0), "no_gain");
	assert_string_equal(b->reason, "changed");
	assert_str(b->encoders, "reference");
	assert_int_equal(b->loss, LOSS_NONE);
	assert_str(b->tool, "Read");
	assert_str(b->path, "messages[4].content[0].content");
	assert_true(b->tokens_after < b->tokens_before);
	assert_true(str_find(r->body, STR("Read a.txt")) != STR_NONE);
	assert_true(r->elapsed_ns > 0);
}

static void reads_are_whole_when_that_is_asked_for(void **state)
{
	static const struct compress_conf whole = {.whole_reads = true};

	assert_left(result_at(compress(*state, BODY("", TWICE("Read", "")), &whole), 1), "no_gain");
	/* what is no file is as ever */
	assert_str(result_at(compress(*state, BODY("", TWICE("Bash", "")), &whole), 1)->encoders,
		"reference");
}

static void text_that_the_call_itself_holds_is_referred_to(void **state)
{
	struct compress_result *r = compress(*state,
		BODY("", CALL("a", "Write", "{'file_path':'/x/a.txt','content':'" LINES "'}")
				 RESULT("a", "", LINES)),
		&defaults);

	assert_str(result_at(r, 0)->encoders, "reference");
	assert_true(str_find(r->body, STR("Write a.txt content")) != STR_NONE);
}

static void what_users_systems_and_models_say_is_never_changed(void **state)
{
	struct compress_result *r = compress(*state,
		BODY(",'system':'" LINES LINES "'",
			"{'role':'user','content':[{'type':'text','text':'" LINES LINES "'}]},"
			"{'role':'assistant','content':'" LINES LINES "'}"),
		&defaults);

	assert_false(r->is_changed);
	assert_true(r->body.p == ((struct engine_test *)*state)->body.p);
	assert_int_equal(r->tokens_before, 0);
	for (uint32_t i = 0; i < r->blocks_n; i++)
		assert_left(&r->blocks[i], "not_a_tool_result");
}

static void text_of_users_is_nothing_to_refer_to(void **state)
{
	struct compress_result *r = compress(*state,
		BODY("", CALL("a", "Read", "{'file_path':'/x/a.txt'}") RESULT("a", "", LINES)),
		&defaults);

	assert_left(result_at(r, 0), "no_gain");
}

static void all_blocks_are_counted_when_asked_for(void **state)
{
	struct compress_result *r = compress(
		*state, BODY("", TWICE("Read", "")), &(struct compress_conf){.counts_all = true});

	for (uint32_t i = 0; i < r->blocks_n; i++)
		assert_true(r->blocks[i].tokens_before > 0);
}

static void the_model_decides_the_tokenizer(void **state)
{
	struct compress_result *r = compress(*state, BODY("", TWICE("Read", "")), &defaults);

	assert_str(r->model.name, "claude-opus-4");
	r = compress(*state, BODY("", TWICE("Read", "")),
		&(struct compress_conf){.model = STR("gpt-4")});
	assert_str(r->model.name, "gpt-4");
	assert_int_equal(r->model.encoding, TOKEN_CL100K);
}

/* ---- what is not --------------------------------------------------------------------------------------------- */

static void switched_off_nothing_changes(void **state)
{
	struct compress_result *r = compress(
		*state, BODY("", TWICE("Read", "")), &(struct compress_conf){.is_off = true});

	assert_false(r->is_changed);
	assert_left(result_at(r, 0), "switched_off");
	assert_left(result_at(r, 1), "switched_off");
	assert_true(r->tokens_before > 0 && r->tokens_after == r->tokens_before);
}

static void what_was_retrieved_is_not_compressed_again(void **state)
{
	struct compress_result *r =
		compress(*state, BODY("", TWICE("headroom_retrieve", "")), &defaults);

	assert_left(result_at(r, 1), "retrieved_original");
	r = compress(*state, BODY("", TWICE("mcp__headroom__headroom_retrieve", "")), &defaults);
	assert_left(result_at(r, 1), "retrieved_original");
	r = compress(*state, BODY("", TWICE("not_headroom_retrieve", "")), &defaults);
	assert_int_equal(r->changed_n, 1);
}

#define COLOURED                                                                              \
	"\\u001b[31mred\\u001b[0m is the first line of all\\n\\u001b[32mgreen\\u001b[0m the " \
	"second\\n"

static void errors_and_protected_tools_lose_nothing(void **state)
{
	static const str globs[] = {{"mcp__*", 6}, {"BASH", 4}};
	const struct compress_conf protecting = {
		.protect_tools = globs, .protect_tools_n = ARRAY_N(globs)};
	const char *plain = BODY(
			   "", CALL("a", "Bash", "{'command':'make'}") RESULT("a", "", COLOURED)),
		   *error = BODY("", CALL("a", "Bash", "{'command':'make'}")
					     RESULT("a", ",'is_error':true", COLOURED)),
		   *mcp = BODY("", CALL("a", "mcp__x", "{}") RESULT("a", "", COLOURED)),
		   *other = BODY("", CALL("a", "mcp_x", "{}") RESULT("a", "", COLOURED));

	assert_int_equal(result_at(compress(*state, plain, &defaults), 0)->loss, LOSS_FORMAT);
	assert_left(result_at(compress(*state, error, &defaults), 0), "no_gain");
	assert_left(result_at(compress(*state, plain, &protecting), 0), "no_gain");
	assert_left(result_at(compress(*state, mcp, &protecting), 0), "no_gain");
	assert_int_equal(result_at(compress(*state, other, &protecting), 0)->loss, LOSS_FORMAT);
	assert_left(
		result_at(compress(*state, plain, &(struct compress_conf){.is_lossless = true}), 0),
		"no_gain");
}

#define JSON_ROW    "{\\\"name\\\" :  \\\"a word\\\" ,   \\\"number\\\" :   1 }"
#define SPACED_JSON "[ " JSON_ROW " ,   " JSON_ROW " ,   " JSON_ROW " ]"

static void without_prose_texts_lose_nothing_and_other_kinds_are_as_ever(void **state)
{
	const struct compress_conf no_prose = {.no_prose = true};
	const char *text = BODY(
			   "", CALL("a", "Bash", "{'command':'make'}") RESULT("a", "", COLOURED)),
		   *html = BODY("", CALL("a", "Bash", "{'command':'curl'}") RESULT("a", "",
					    "<!DOCTYPE html><html>\\n<body>\\n" COLOURED
					    "</body>\\n</html>\\n")),
		   *json = BODY(
			   "", CALL("a", "Bash", "{'command':'jq'}") RESULT("a", "", SPACED_JSON)),
		   *twice = BODY("", TWICE("Read", ""));

	assert_int_equal(result_at(compress(*state, text, &defaults), 0)->loss, LOSS_FORMAT);
	assert_left(result_at(compress(*state, text, &no_prose), 0), "no_gain");
	assert_int_equal(result_at(compress(*state, html, &defaults), 0)->loss, LOSS_FORMAT);
	assert_left(result_at(compress(*state, html, &no_prose), 0), "no_gain");
	assert_string_equal(result_at(compress(*state, twice, &no_prose), 1)->reason, "changed");
	assert_int_equal(result_at(compress(*state, json, &no_prose), 0)->loss, LOSS_FORMAT);
}

static void an_error_may_still_be_a_reference(void **state)
{
	struct compress_result *r =
		compress(*state, BODY("", TWICE("Bash", ",'is_error':true")), &defaults);

	assert_str(result_at(r, 1)->encoders, "reference");
}

static void recent_results_are_left(void **state)
{
	const char *body =
		BODY("", TWICE("Read", "") "," CALL("c", "Read", "{}") RESULT("c", "", LINES));
	struct compress_result *r =
		compress(*state, body, &(struct compress_conf){.protect_recent = 1});

	assert_string_equal(result_at(r, 1)->reason, "changed");
	assert_left(result_at(r, 2), "protected_recent");
	r = compress(*state, body, &(struct compress_conf){.protect_recent = 3});
	assert_left(result_at(r, 1), "protected_recent");
	r = compress(*state, body, &(struct compress_conf){.protect_recent = 2});
	assert_string_equal(result_at(r, 1)->reason, "changed");
}

#define CLEARS ",'context_management':{'edits':[{'type':'clear_tool_uses_20250919'}]}"

static void what_the_provider_may_clear_is_not_referred_to(void **state)
{
	struct compress_result *r = compress(*state, BODY(CLEARS, TWICE("Read", "")), &defaults);

	assert_left(result_at(r, 1), "no_gain");
}

static void a_conversation_that_begins_to_be_cleared_is_decided_anew(void **state)
{
	struct compress_result *r = compress(*state, BODY("", TWICE("Read", "")), &defaults);

	assert_int_equal(r->changed_n, 1);
	r = compress(*state, BODY(CLEARS, TWICE("Read", "")), &defaults);
	assert_left(result_at(r, 1), "no_gain");
}

static void a_result_that_cannot_be_read_is_left(void **state)
{
	struct compress_result *r = compress(*state,
		BODY("", CALL("a", "Read", "{}") RESULT("a", "", LINES "\\ud800") "," CALL("b",
				 "Read", "{}") RESULT("b", "", LINES) "," CALL("c", "Read", "{}")
				 RESULT("c", "", OTHER_LINES) "," CALL("d", "Read", "{}")
					 RESULT("d", "", OTHER_LINES)),
		&defaults);

	assert_left(result_at(r, 0), "unreadable_string");
	assert_string_equal(result_at(r, 3)->reason, "changed");
}

static void a_result_without_a_call_is_compressed_all_the_same(void **state)
{
	struct compress_result *r = compress(
		*state, BODY("", RESULT("a", "", LINES) "," RESULT("b", "", LINES)), &defaults);

	assert_string_equal(result_at(r, 1)->reason, "changed");
	assert_str(result_at(r, 1)->tool, "");
}

/* ---- what is no request ------------------------------------------------------------------------------------- */

static void what_is_no_request_goes_as_it_came(void **state)
{
	static const char *const bodies[] = {"", "{", "[]", "{}", "42", "{\"messages\":1}",
		"{\"messages\":[],\"messages\":[]}", "{\"x\":\"y\"}"};
	struct engine_test *t = *state;

	for (size_t i = 0; i < ARRAY_N(bodies); i++) {
		struct errctx cx = {0};
		str body = str_from(bodies[i]);

		compress_result_release(&t->result);
		assert_int_equal(
			compress_request(t->engine, body, WIRE_NONE, &defaults, &t->result, &cx),
			E_MALFORMED);
		assert_true(*cx.text);
		assert_true(t->result.body.p == body.p && t->result.body.n == body.n);
		assert_false(t->result.is_changed);
		assert_int_equal(t->result.blocks_n, 0);
	}
}

static void a_format_that_is_given_is_not_guessed(void **state)
{
	struct engine_test *t = *state;
	str body = quoted(&t->arena, BODY("", TWICE("Read", "")));

	assert_int_equal(
		compress_request(t->engine, body, WIRE_GEMINI, &defaults, &t->result, NULL),
		E_MALFORMED);
	assert_true(t->result.body.p == body.p);
	compress_result_release(&t->result);
	assert_int_equal(
		compress_request(t->engine, body, WIRE_ANTHROPIC, &defaults, &t->result, NULL),
		E_OK);
}

/* ---- one text ------------------------------------------------------------------------------------------------ */

static void a_text_is_compressed_as_the_result_of_a_tool(void **state)
{
	static const char text[] =
		"1\tone of the lines\n2\tand another\n3\tand another\n4\tand more\n"
		"5\tand more of them\n6\tand again\n7\tand again\n8\tand again\n"
		"9\tand again\n10\tand again\n11\tand again\n12\tthe last\n";
	struct engine_test *t = *state;

	assert_int_equal(compress_text(t->engine, STR(text), STR("Read"), STR_NULL, &defaults,
				 &t->result, NULL),
		E_OK);
	assert_true(t->result.is_changed);
	assert_int_equal(t->result.blocks_n, 1);
	assert_true(str_starts(t->result.blocks[0].encoders, STR("gutter")));
	compress_result_release(&t->result);
	assert_int_equal(compress_text(t->engine, STR(text), STR_NULL, STR_NULL, &defaults,
				 &t->result, NULL),
		E_OK);
	assert_false(t->result.is_changed);
	assert_true(t->result.body.p == text);
	compress_result_release(&t->result);
	assert_int_equal(compress_text(t->engine, STR(text), STR("Read"), STR_NULL,
				 &(struct compress_conf){.is_off = true}, &t->result, NULL),
		E_OK);
	assert_string_equal(t->result.blocks[0].reason, "switched_off");
}

static void texts_know_nothing_of_each_other(void **state)
{
	static const char text[] =
		"nothing of this was ever seen before, not a word\nand neither was this";
	struct engine_test *t = *state;

	for (int i = 0; i < 2; i++) {
		compress_result_release(&t->result);
		assert_int_equal(compress_text(t->engine, STR(text), STR("Bash"), STR("make"),
					 &defaults, &t->result, NULL),
			E_OK);
		assert_false(t->result.is_changed);
	}
}

/* ---- documents in parts --------------------------------------------------------------------------------------- */

struct parts {
	struct wire_calls calls;
	struct conversation *sender, *receiver;
	unsigned changed_n;
};

static struct wire_doc walked_part(
	struct engine_test *t, enum wire_format f, str text, struct wire_calls *calls)
{
	struct json_tape tape = scanned(&t->arena, text);
	struct wire_doc doc = {0};

	assert_int_equal(
		wire_walk_piece(&t->arena, &tape, &(struct wire_piece){.format = f}, &doc, NULL),
		E_OK);
	wire_resolve(&t->arena, &doc, calls);
	return doc;
}

/* The next message of a recorded session, compressed and verified. */
static void feed(struct engine_test *t, struct parts *x, enum wire_format f, const char *message)
{
	struct wire_calls again = x->calls;
	struct wire_doc was = walked_part(t, f, quoted(&t->arena, message), &x->calls), is;
	struct verify_report report = {0};
	struct errctx cx = {0};

	compress_result_release(&t->result);
	assert_int_equal(
		compress_part(t->engine, x->sender, &was, &defaults, &t->result, NULL), E_OK);
	x->changed_n += (unsigned)t->result.changed_n;
	is = walked_part(t, f, t->result.body, &again);
	if (compress_verify_part(x->receiver, &was, &is, NULL, &report, &cx) != E_OK)
		fail_msg("%s", cx.text);
}

static void check_parts(
	struct engine_test *t, enum wire_format f, const char *const *messages, size_t n)
{
	struct parts x = {.sender = compress_conversation_new(&defaults),
		.receiver = compress_conversation_new(&defaults)};

	assert_true(x.sender && x.receiver);
	for (size_t i = 0; i < n; i++)
		feed(t, &x, f, messages[i]);
	assert_int_equal(x.changed_n, 1);
	conversation_free(x.sender);
	conversation_free(x.receiver);
}

static void a_conversation_may_come_in_parts(void **state)
{
	static const char *const messages[] = {
		"{'role':'assistant','content':[{'type':'tool_use','id':'a','name':'Write',"
		"'input':{'content':'" LINES "'}}]}",
		RESULT("a", "", "Done."),
		"{'role':'assistant','content':[{'type':'tool_use','id':'b','name':'Read','input':{"
		"}}]}",
		RESULT("b", "", LINES)};

	check_parts(*state, WIRE_ANTHROPIC, messages, ARRAY_N(messages));
}

static void parts_whose_calls_have_no_ids_are_told_apart(void **state)
{
	static const char *const messages[] = {"{'role':'user','parts':[{'text':'go'}]}",
		"[{'role':'model','parts':[{'functionCall':{'name':'write_file','args':{'path':'/a/"
		"b.c',"
		"'content':'" LINES "'}}}]},{'role':'user','parts':[{'functionResponse':{'name':"
		"'write_file','response':{'output':'Done.'}}}]}]",
		"[{'role':'model','parts':[{'functionCall':{'name':'read_file','args':{'path':'/a/"
		"b.c'}}}]},"
		"{'role':'user','parts':[{'functionResponse':{'name':'read_file','response':{'"
		"output':'" LINES "'}}}]}]"};

	check_parts(*state, WIRE_GEMINI, messages, ARRAY_N(messages));
	assert_str(((struct engine_test *)*state)->result.blocks[1].tool, "read_file");
}

/* ---- what is remembered ----------------------------------------------------------------------------------------- */

static void a_conversation_too_large_to_be_kept_pushes_out_all_others(void **state)
{
	struct engine_test *t = *state;
	struct buf text, big;
	struct engine *e;

	assert_int_equal(
		engine_new(&(struct engine_conf){.conversation_bytes = 4 << 20}, &e, NULL), E_OK);
	for (unsigned i = 0; i < 300; i++) {
		str body = arena_printf(&t->arena,
			"{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"%"
			"u\"}]}",
			i);

		compress_result_release(&t->result);
		assert_int_equal(
			compress_request(e, body, WIRE_NONE, &defaults, &t->result, NULL), E_OK);
	}
	buf_init_arena(&text, &t->arena, 64 << 20);
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "%u bottles of %08x\n", i, i * 2654435761u);
	buf_init_arena(&big, &t->arena, 64 << 20);
	buf_add_c(&big, "{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":");
	buf_add_json_string(&big, buf_str(&text));
	buf_add_c(&big, "}]}");
	for (int i = 0; i < 2; i++) {
		compress_result_release(&t->result);
		assert_int_equal(
			compress_request(e, buf_str(&big), WIRE_NONE, &defaults, &t->result, NULL),
			E_OK);
	}
	compress_result_release(&t->result);
	engine_free(e);
}

static void a_conversation_that_forks_goes_its_own_way(void **state)
{
	const char *first = BODY("", TWICE("Read", "")),
		   *fork = BODY("", CALL("a", "Read", "{'file_path':'/x/a.txt'}") RESULT(
					    "a", "", OTHER_LINES) "," CALL("b", "Read",
					    "{'file_path':'/x/a.txt'}") RESULT("b", "", LINES));
	struct compress_result *r = compress(*state, first, &defaults);

	assert_int_equal(r->changed_n, 1);
	r = compress(*state, fork, &defaults); /* verified against its own past */
	assert_int_equal(r->changed_n, 0);
	r = compress(*state, first, &defaults);
	assert_int_equal(r->changed_n, 1);
}

/* ---- agents without tools ------------------------------------------------------------------------------- */

#define ASKS(command) \
	"{'role':'assistant','content':'I look.\\n\\n```mswea_bash_command\\n" command "\\n```'},"
#define PRINTS(text)                                                                              \
	"{'role':'user','content':'<returncode>0</returncode>\\n<output>\\n" text "\\n</output>'" \
	"}"

static void what_a_command_printed_is_a_result_in_a_message_of_the_users(void **state)
{
	struct engine_test *t = *state;
	struct compress_result *r = compress(t,
		BODY("", ASKS("cat a.txt") PRINTS(LINES) "," ASKS("cat a.txt") PRINTS(LINES)),
		&defaults);

	assert_int_equal(r->results_n, 2);
	assert_int_equal(r->changed_n, 1);
	assert_str(result_at(r, 1)->tool, "bash");
	assert_str(result_at(r, 1)->encoders, "reference");
	assert_true(str_find(r->body, STR("<returncode>0</returncode>\\n<output>\\n"
					  "[same as bash cat a.txt]\\n</output>")) != STR_NONE);
}

static void a_message_that_answers_no_command_is_the_users(void **state)
{
	static const char *const bodies[] = {
		BODY("", "{'role':'assistant','content':'I look.'}," PRINTS(LINES) "," PRINTS(
				 LINES)),
		BODY("", ASKS("cat a.txt") "{'role':'user','content':'See <returncode>'}"),
	};

	for (size_t i = 0; i < ARRAY_N(bodies); i++)
		assert_int_equal(compress(*state, bodies[i], &defaults)->results_n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(a_second_read_refers_to_the_first),
		engine_test(reads_are_whole_when_that_is_asked_for),
		engine_test(text_that_the_call_itself_holds_is_referred_to),
		engine_test(what_users_systems_and_models_say_is_never_changed),
		engine_test(text_of_users_is_nothing_to_refer_to),
		engine_test(all_blocks_are_counted_when_asked_for),
		engine_test(the_model_decides_the_tokenizer),
		engine_test(switched_off_nothing_changes),
		engine_test(what_was_retrieved_is_not_compressed_again),
		engine_test(errors_and_protected_tools_lose_nothing),
		engine_test(without_prose_texts_lose_nothing_and_other_kinds_are_as_ever),
		engine_test(an_error_may_still_be_a_reference),
		engine_test(recent_results_are_left),
		engine_test(what_the_provider_may_clear_is_not_referred_to),
		engine_test(a_conversation_that_begins_to_be_cleared_is_decided_anew),
		engine_test(a_result_that_cannot_be_read_is_left),
		engine_test(a_result_without_a_call_is_compressed_all_the_same),
		engine_test(what_is_no_request_goes_as_it_came),
		engine_test(a_format_that_is_given_is_not_guessed),
		engine_test(a_text_is_compressed_as_the_result_of_a_tool),
		engine_test(texts_know_nothing_of_each_other),
		engine_test(a_conversation_may_come_in_parts),
		engine_test(parts_whose_calls_have_no_ids_are_told_apart),
		engine_test(a_conversation_too_large_to_be_kept_pushes_out_all_others),
		engine_test(a_conversation_that_forks_goes_its_own_way),
		engine_test(what_a_command_printed_is_a_result_in_a_message_of_the_users),
		engine_test(a_message_that_answers_no_command_is_the_users),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}

/* The verifier is no formality: what was tampered with is refused. And what calls say about themselves. */
#include "core/engine/verify.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/wire_help.h"

#define LINES                                                                                     \
	"the first line of the file that is read here\\nand the second line of it, quite long\\n" \
	"then a third one, which is longer than the others\\nthe fourth line\\nand the last\\n"
#define CALL(id, input)                                                                  \
	"{'role':'assistant','content':[{'type':'tool_use','id':'" id "','name':'Read'," \
	"'input':" input "}]},"
#define RESULT(id, text)                                                                          \
	"{'role':'user','content':[{'type':'tool_result','tool_use_id':'" id "','content':'" text \
	"'}]}"
#define BODY(last)                                                                \
	"{'model':'m','messages':[" CALL("a", "{'file_path':'/x/a.txt'}") RESULT( \
		"a", LINES) "," CALL("b", "{'file_path':'/x/a.txt'}") RESULT("b", last) "]}"

static const char original[] = BODY(LINES);

static enum err verify(
	struct bench *b, const char *was, const char *is, struct verify_report *report)
{
	struct errctx cx = {0};
	enum err err = compress_verify(
		quoted(&b->arena, was), quoted(&b->arena, is), WIRE_NONE, NULL, report, &cx);

	assert_true(err == cx.code && (err == E_OK) == !*cx.text);
	return err;
}

static void what_is_the_same_verifies(void **state)
{
	struct verify_report report;

	assert_int_equal(verify(*state, original, original, &report), E_OK);
	assert_int_equal(report.results_n, 2);
	assert_int_equal(report.decoded_n + report.format_n + report.stored_n, 0);
}

static void what_was_compressed_verifies(void **state)
{
	struct bench *b = *state;
	str body = quoted(&b->arena, original);
	struct verify_report report;
	struct compress_result r;
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){0}, &e, NULL), E_OK);
	assert_int_equal(
		compress_request(e, body, WIRE_NONE, &(struct compress_conf){0}, &r, NULL), E_OK);
	assert_int_equal(compress_verify(body, r.body, WIRE_NONE, NULL, &report, NULL), E_OK);
	assert_int_equal(report.decoded_n, 1);
	/* and the other way round: the whole text is no rendering of a marker */
	assert_int_equal(compress_verify(r.body, body, WIRE_NONE, NULL, &report, NULL), E_VERIFY);
	compress_result_release(&r);
	engine_free(e);
}

static void what_was_tampered_with_is_refused(void **state)
{
	static const struct {
		const char *what, *body;
	} cases[] = {
		{"another text", BODY("something else, and not the file at all, as it seems\\n")},
		{"a text cut short", BODY("the first line of the file that is read here\\n")},
		{"no text", BODY("")},
		{"a result that cannot be read", BODY("\\ud800")},
		{"another model", "{'model':'n'" /* the rest is as it was */},
		{"a call more", "{'model':'m','messages':[" CALL("z", "{}")},
	};
	struct verify_report report;
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		const char *is = cases[i].body;
		size_t n = i == 4 ? strlen("{'model':'m'") : strlen("{'model':'m','messages':[");

		if (is[strlen(is) - 1] != '}' || i >= 4)
			is = arena_printf(&b->arena, "%s%s", is, original + n).p;
		if (verify(b, original, is, &report) != E_VERIFY)
			fail_msg("not refused: %s", cases[i].what);
	}
}

static void a_reference_to_other_lines_is_refused(void **state)
{
	struct bench *b = *state;
	struct verify_report report;
	const struct marker right = {MARKER_SAME, .is_whole = true, .name = STR("Read a.txt")};
	struct marker wrong[] = {
		{MARKER_SAME, .from = 1, .to = 4, .name = STR("Read a.txt")},
		{MARKER_SAME, .from = 2, .to = 6, .name = STR("Read a.txt")},
		{MARKER_SAME, .from = 1, .to = 7, .name = STR("Read a.txt")},
		{MARKER_SAME, .is_whole = true, .name = STR("Read b.txt")},
		{MARKER_SAME, .from = 1, .to = 2},
		{MARKER_REPEAT, .count = 3},
	};

	for (size_t i = 0; i <= ARRAY_N(wrong); i++) {
		struct buf body;
		enum err want = i ? E_VERIFY : E_OK;

		buf_init_arena(&body, &b->arena, 10000);
		buf_add(&body, str_from(original));
		body.n -= strlen(LINES "'}]}]}");
		marker_write(&body, i ? &wrong[i - 1] : &right);
		buf_add_c(&body, "'}]}]}");
		buf_add_byte(&body, '\0');
		if (verify(b, original, body.p, &report) != want)
			fail_msg("case %zu: %s", i, body.p);
	}
}

static void what_is_no_request_cannot_be_verified(void **state)
{
	struct verify_report report;

	assert_int_equal(verify(*state, "{", original, &report), E_MALFORMED);
	assert_int_equal(verify(*state, original, "{", &report), E_MALFORMED);
	assert_int_equal(verify(*state, "{}", "{}", &report), E_MALFORMED);
}

static void a_text_that_was_tampered_with_is_refused(void **state)
{
	static const char text[] = "\x1b[31mred\x1b[0m and some more of it\n";
	struct verify_report report;

	(void)state;
#define VERIFY(sent) \
	compress_verify_text(STR(text), STR(sent), STR("Bash"), STR("make"), NULL, &report, NULL)
	assert_int_equal(VERIFY("\x1b[31mred\x1b[0m and some more of it\n"), E_OK);
	assert_int_equal(report.format_n, 0);
	assert_int_equal(VERIFY("red and some more of it\n"), E_OK);
	assert_int_equal(report.format_n, 1);
	assert_int_equal(VERIFY("red and some more of it"), E_VERIFY);
	assert_int_equal(VERIFY("[2 more like the line above]"), E_VERIFY);
	assert_int_equal(VERIFY(""), E_VERIFY);
#undef VERIFY
}

/* ---- calls ------------------------------------------------------------------------------------------------- */

/* kind path command argument */
static const char *read_call(struct bench *b, const char *tool, const char *input)
{
	static const char *const kinds[] = {"other", "file", "shell"};
	struct call c;

	call_read(str_from(tool), quoted(&b->arena, input), &b->arena, &c);
	assert_str(c.tool, tool);
	return arena_printf(&b->arena, "%s <" STR_FMT "> <" STR_FMT "> <" STR_FMT ">",
		kinds[c.kind], STR_ARG(c.path), STR_ARG(c.command), STR_ARG(c.argument))
		.p;
}

static void a_call_says_which_file_and_which_command(void **state)
{
	struct bench *b = *state;

	assert_string_equal(read_call(b, "Read", "{'file_path':'/a/b.c','offset':3}"),
		"file </a/b.c> <> </a/b.c>");
	assert_string_equal(read_call(b, "Bash", "{'command':'make -j2','description':'Build'}"),
		"shell <> <make -j2> <make -j2>");
	assert_string_equal(read_call(b, "shell", "{'command':['bash','-lc','ls -l'],'path':'/x'}"),
		"shell </x> <ls -l> <ls -l>");
	assert_string_equal(
		read_call(b, "exec_command", "'{\\'cmd\\':\\'ls\\'}'"), "shell <> <ls> <ls>");
	assert_string_equal(read_call(b, "Grep", "{'pattern':'x.*y'}"), "other <> <> <x.*y>");
	assert_string_equal(read_call(b, "run", "{'code':'print(1)'}"), "other <> <> <print(1)>");
	assert_string_equal(read_call(b, "Task", "{'prompt':'go','n':1}"), "other <> <> <go>");
}

static void a_command_goes_by_what_it_is_about(void **state)
{
	struct bench *b = *state;

	assert_string_equal(read_call(b, "Bash", "{'command':'cd /a && make | tail -5'}"),
		"shell <> <cd /a && make | tail -5> <make>");
	assert_string_equal(read_call(b, "Bash", "{'command':' cd /a; cd b && git log | cat '}"),
		"shell <> < cd /a; cd b && git log | cat > <git log>");
	assert_string_equal(
		read_call(b, "Bash", "{'command':'cd /a'}"), "shell <> <cd /a> <cd /a>");
}

static void input_that_is_free_text_is_the_command_of_a_shell(void **state)
{
	struct bench *b = *state;

	assert_string_equal(read_call(b, "shell", "'ls -l'"), "shell <> <ls -l> <ls -l>");
	assert_string_equal(read_call(b, "apply_patch", "'*** Begin Patch'"), "other <> <> <>");
}

static void what_is_not_understood_stays_empty(void **state)
{
	static const char *const inputs[] = {"", "{}", "[]", "null", "42", "'\\ud800'",
		"{'file_path':1}", "{'file_path':''}", "{'command':[]}", "{'command':[1]}",
		"{'command':{'a':1}}", "{'x'", "{'path':'\\ud800'}"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(inputs); i++) {
		assert_string_equal(read_call(b, "Read", inputs[i]), "file <> <> <>");
		if (i != 5)
			(void)read_call(b, "Bash", inputs[i]);
	}
}

static void texts_of_several_lines_in_an_input_are_seen(void **state)
{
	struct bench *b = *state;
	str input = quoted(&b->arena, "{'path':'/a/b.c','edits':[{'old':'one\\ntwo'},{'old' : "
				      "'three\\nfour','x':'single'}],"
				      "'text':'five\\nsix'}");
	struct call c;
	str line;

	call_read(STR("Edit"), input, &b->arena, &c);
	call_add_to_view(&c, input, b->view, &b->arena);
	assert_true(view_line(b->view, STR("Edit b.c old"), 2, &line));
	assert_str(line, "two");
	assert_true(view_line(b->view, STR("Edit b.c old #2"), 1, &line));
	assert_str(line, "three");
	assert_true(view_line(b->view, STR("Edit b.c text"), 2, &line));
	assert_str(line, "six");
	assert_int_equal(view_whole_n(b->view, STR("Edit b.c x")), 0);
	input = quoted(&b->arena, "'*** Begin Patch\\n+one\\n*** End Patch'");
	call_read(STR("apply_patch"), input, &b->arena, &c);
	call_add_to_view(&c, input, b->view, &b->arena);
	assert_true(view_line(b->view, STR("apply_patch input"), 2, &line));
	assert_str(line, "+one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(what_is_the_same_verifies),
		bench_test(what_was_compressed_verifies),
		bench_test(what_was_tampered_with_is_refused),
		bench_test(a_reference_to_other_lines_is_refused),
		bench_test(what_is_no_request_cannot_be_verified),
		bench_test(a_text_that_was_tampered_with_is_refused),
		bench_test(a_call_says_which_file_and_which_command),
		bench_test(a_command_goes_by_what_it_is_about),
		bench_test(input_that_is_free_text_is_the_command_of_a_shell),
		bench_test(what_is_not_understood_stays_empty),
		bench_test(texts_of_several_lines_in_an_input_are_seen),
	};

	return cmocka_run_group_tests_name("engine: verifier and calls", tests, NULL, NULL);
}

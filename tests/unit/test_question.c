/* What words ask of an original, word by word; and texts of ours behind those of a user. */
#include "tests/unit/wire_help.h"

#include "core/retrieve/question.h"
#include "core/wire/own_text.h"

/* ---- questions ------------------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	size_t n, names; /* words that count, and names among them; 0: no question */
} READ[] = {
	{"Where is handler_17?", 1, 1},
	{"What does getUser do in src/main.c?", 3, 3},
	{"why did it stop with E404", 2, 1},
	{"call run() again", 2, 1}, /* a stop word that is called */
	{"the `spool` directory", 2, 1},
	{"connection refused upstream", 3, 0},
	{"connection refused", 0, 0},
	{"Go on.", 0, 0},
	{"yes please", 0, 0},
	{"", 0, 0},
	{"handler_17 HANDLER_17 Handler_17", 1, 1},
	{"<system-reminder>handler_17</system-reminder>", 0, 0},
	{" [Request interrupted: handler_17]", 0, 0},
	{"a1b b1c c1d d1e e1f f1g g1h h1i i1j j1k k1l l1m m1n n1o o1p p1q q1r r1s s1t t1u u1v v1w "
	 "w1x x1y",
		24, 24},
	{"a1b b1c c1d d1e e1f f1g g1h h1i i1j j1k k1l l1m m1n n1o o1p p1q q1r r1s s1t t1u u1v v1w "
	 "w1x x1y y1z",
		0, 0},
};

static void words_that_count_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(READ); i++) {
		struct question q;
		size_t names = 0;
		bool is_question = question_read(str_from(READ[i].text), &q);

		for (size_t k = 0; k < q.n; k++)
			names += q.words[k].is_name;
		if (is_question != (READ[i].n > 0) ||
			(is_question && (q.n != READ[i].n || names != READ[i].names)))
			fail_msg("%s: %d, %zu words, %zu names", READ[i].text, is_question, q.n,
				names);
	}
}

static void a_long_text_is_no_question(void **state)
{
	struct arena a = ARENA_INIT;
	struct question q;
	struct buf b;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	while (b.n <= QUESTION_BYTES_MAX)
		buf_add_c(&b, "handler_17 ");
	assert_true(question_read(str_sub(buf_str(&b), 0, QUESTION_BYTES_MAX), &q));
	buf_add_c(&b, "handler_17");
	assert_false(question_read(buf_str(&b), &q));
	arena_release(&a);
}

static const char FOUND_IN[] =
	"a\nb\nc\nd\ne\nhandler_17 failed\nf\ng\nh\ni\nhandler_18 failed\nj\n";

static const struct {
	const char *words, *sent;
	const char *ranges; /* empty: nothing */
	bool is_enough;     /* of the question */
} FOUND[] = {
	{"Where is handler_17?", "", "3-9", true},
	{"Where is handler_17?", "x\nhandler_17 failed\n", "", false},
	{"Where is handler_17?", "so handler_17 failed here\n", "", false},
	{"handler_17, handler_18", "", "3-9,10-12", true},
	{"handler_17, handler_18", "handler_17 failed\n", "8-12", true},
	{"handler_17 in lib_a, lib_b, lib_c", "", "3-9", false},
	{"Where is handler_19?", "", "", false},
};

static void lines_that_are_asked_for_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(FOUND); i++) {
		struct arena a = ARENA_INIT;
		struct question_found f;
		struct question q;
		str ranges;

		assert_true(question_read(str_from(FOUND[i].words), &q));
		question_count(&q, str_from(FOUND_IN));
		question_find(&q, str_from(FOUND_IN), str_from(FOUND[i].sent), &a, &f);
		ranges = question_ranges(&f, f.hits_n, &a);
		if (!str_eq_c(ranges, FOUND[i].ranges) ||
			(f.hits_n && f.share >= QUESTION_SHARE_MIN) != FOUND[i].is_enough)
			fail_msg("%s, %s: " STR_FMT ", %g", FOUND[i].words, FOUND[i].sent,
				STR_ARG(ranges), f.share);
		arena_release(&a);
	}
}

static void what_is_everywhere_is_not_found(void **state)
{
	struct arena a = ARENA_INIT;
	struct question_found f;
	struct question q;
	struct buf b;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	for (size_t i = 0; i < QUESTION_HITS_MAX; i++)
		buf_add_c(&b, "handler_17\n");
	assert_true(question_read(STR("handler_17?"), &q));
	question_find(&q, buf_str(&b), STR_NULL, &a, &f);
	assert_int_equal(f.hits_n, QUESTION_HITS_MAX);
	buf_add_c(&b, "handler_17\n");
	question_find(&q, buf_str(&b), STR_NULL, &a, &f);
	assert_int_equal(f.hits_n, 0);
	arena_release(&a);
}

static void rows_of_data_are_found_alone(void **state)
{
	struct arena a = ARENA_INIT;
	struct question_found f;
	struct question q;

	(void)state;
	assert_true(question_read(STR("item 1234?"), &q));
	question_find(
		&q, STR("[{\"item\":1233},{\"item\":1234},{\"item\":1235}]"), STR_NULL, &a, &f);
	assert_true(f.are_rows);
	assert_true(str_eq_c(question_ranges(&f, f.hits_n, &a), "2-2"));
	arena_release(&a);
}

/* As retrieve_answer() counts them. */
static void lines_are_those_of_a_text_in_a_tools_json(void **state)
{
	struct arena a = ARENA_INIT;
	struct question_found f;
	struct question q;
	str original =
		quoted(&a, "{'output':'a\\nb\\nc\\nd\\ne\\nhandler_17 failed\\nf\\n','code':0}");

	(void)state;
	assert_true(question_read(STR("handler_17?"), &q));
	question_find(&q, original, STR("{}"), &a, &f);
	assert_true(str_eq_c(question_ranges(&f, f.hits_n, &a), "3-7"));
	question_find(&q, original, original, &a, &f);
	assert_int_equal(f.hits_n, 0);
	arena_release(&a);
}

/* ---- texts of ours ----------------------------------------------------------------------------------------- */

static const struct {
	enum wire_format format;
	const char *body, *want; /* NULL: no text of a user's */
} PUT[] = {
	{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':'a'}]}",
		"{'messages':[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','"
		"text':'x\\n'}]}]}"},
	{WIRE_ANTHROPIC,
		"{'messages':[{'role':'user','content':[{'type':'text','text':'a','cache_control':{"
		"'type':'ephemeral'}} , {'type':'image'}]}]}",
		"{'messages':[{'role':'user','content':[{'type':'text','text':'a','cache_control':{"
		"'type':'ephemeral'}},{'type':'text','text':'x\\n'} , {'type':'image'}]}]}"},
	{WIRE_OPENAI_CHAT, "{'messages':[{'role':'user','content':'a'}]}",
		"{'messages':[{'role':'user','content':'a\\n\\nx\\n'}]}"},
	{WIRE_OPENAI_CHAT, "{'messages':[{'role':'user','content':[{'type':'text','text':'a'}]}]}",
		"{'messages':[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','"
		"text':'x\\n'}]}]}"},
	{WIRE_OPENAI_RESPONSES,
		"{'input':[{'role':'user','content':[{'type':'input_text','text':'a'}]}]}",
		"{'input':[{'role':'user','content':[{'type':'input_text','text':'a'},{'type':'"
		"input_text','text':'x\\n'}]}]}"},
	{WIRE_OPENAI_RESPONSES, "{'input':[{'role':'user','content':'a'}]}",
		"{'input':[{'role':'user','content':'a\\n\\nx\\n'}]}"},
	{WIRE_OPENAI_RESPONSES, "{'input':'a'}", NULL},
	{WIRE_GEMINI, "{'contents':[{'role':'user','parts':[{'text':'a'}]}]}",
		"{'contents':[{'role':'user','parts':[{'text':'a'},{'text':'x\\n'}]}]}"},
	{WIRE_GEMINI, "{'request':{'contents':[{'parts':[{'text':'a'}]}]}}",
		"{'request':{'contents':[{'parts':[{'text':'a'},{'text':'x\\n'}]}]}}"},
	{WIRE_ANTHROPIC, "{'messages':[{'role':'assistant','content':'a'}]}", NULL},
	{WIRE_ANTHROPIC,
		"{'messages':[{'role':'user','content':[{'type':'tool_result','tool_use_id':'t','"
		"content':'a'}]}]}",
		NULL},
	{WIRE_ANTHROPIC, "{'system':'a','messages':[]}", NULL},
};

static void a_text_of_ours_stands_behind_the_users(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(PUT); i++) {
		struct arena a = ARENA_INIT;
		struct wire_doc d = walked(&a, PUT[i].format, PUT[i].body);
		own_edits edits = {0};
		struct buf out;

		buf_init_arena(&out, &a, LIMIT_INPUT);
		for (uint32_t k = 0; k < d.n; k++)
			assert_int_equal(
				own_text_put(&d, k, STR("x\n"), &a, &edits), PUT[i].want && k == 0);
		patch_sort(edits.v, edits.n);
		assert_int_equal(patch_apply(d.tape.doc, edits.v, edits.n, &out), E_OK);
		if (!str_eq(buf_str(&out), quoted(&a, PUT[i].want ? PUT[i].want : PUT[i].body)))
			fail_msg("%s: " STR_FMT, PUT[i].body, STR_ARG(buf_str(&out)));
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_count_are_read),
		cmocka_unit_test(a_long_text_is_no_question),
		cmocka_unit_test(lines_that_are_asked_for_are_found),
		cmocka_unit_test(what_is_everywhere_is_not_found),
		cmocka_unit_test(rows_of_data_are_found_alone),
		cmocka_unit_test(lines_are_those_of_a_text_in_a_tools_json),
		cmocka_unit_test(a_text_of_ours_stands_behind_the_users),
	};

	return cmocka_run_group_tests_name("retrieve: questions", tests, NULL, NULL);
}

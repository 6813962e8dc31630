/* Outlines of files that agents read: when, with what way back, and what stays whole by what was said before. */
#include "tests/unit/store_fixture.h"

#include "core/compress/code/related.h"
#include "core/engine/engine.h"

enum { BODY_MAX = 1 << 20 };

static struct arena arena = ARENA_INIT;
static void *files;
static struct store *store;

/* A request that grows by calls and their results. */
struct talk {
	struct buf body;
	unsigned n; /* calls */
};

static void begin(struct talk *t, const char *question)
{
	t->n = 0;
	buf_init_arena(&t->body, &arena, BODY_MAX);
	buf_printf(&t->body,
		"{\"model\":\"claude-opus-4\",\"max_tokens\":1,\"tools\":[{\"name\":\"Read\"}],"
		"\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}",
		question);
}

static void add_call(struct talk *t, const char *tool, const char *input, str result)
{
	t->n++;
	buf_printf(&t->body,
		",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t%u\","
		"\"name\":\"%s\",\"input\":%s}]},{\"role\":\"user\",\"content\":[{\"type\":"
		"\"tool_result\",\"tool_use_id\":\"t%u\",\"content\":",
		t->n, tool, input, t->n);
	buf_add_json_string(&t->body, result);
	buf_add_c(&t->body, "}]}");
}

static str source(void)
{
	struct buf b;

	buf_init_arena(&b, &arena, BODY_MAX);
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&b,
			"def fun%u(x):\n    x = x * %u + 1 + 2 + 3 + 4\n    x = x * %u + 5 + 6 + 7 "
			"+ "
			"8\n"
			"    x = x * %u + 9 + 10 + 11\n    return x\n\n",
			i, i * 7919, i * 104729, i * 1299709);
	return buf_str(&b);
}

/* What the request says of its n-th result, from 1 on. */
static str sent(
	struct engine *e, const struct talk *t, const struct compress_conf *conf, unsigned n)
{
	struct compress_result r;
	struct errctx cx = {0};
	struct buf b;
	str text = STR_NULL;

	buf_init_arena(&b, &arena, BODY_MAX);
	buf_add(&b, buf_str(&t->body));
	buf_add_c(&b, "]}");
	if (compress_request(e, buf_str(&b), WIRE_ANTHROPIC, conf, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	for (uint32_t i = 0; n && i < r.blocks_n; i++)
		if (r.blocks[i].kind == WIRE_TOOL_RESULT && !--n)
			text = arena_printf(&arena, "%s/" STR_FMT, r.blocks[i].reason,
				STR_ARG(r.blocks[i].encoders));
	text = arena_printf(&arena, STR_FMT "\n" STR_FMT, STR_ARG(text), STR_ARG(r.body));
	compress_result_release(&r);
	assert_false(n);
	return text;
}

static bool is_outline(str text)
{
	return str_starts(text, STR("changed/code\n"));
}

static bool has(str text, const char *want)
{
	return str_find(text, str_from(want)) != STR_NONE;
}

static const struct compress_conf by_reading = {.outlines_reads = true};
static const struct compress_conf by_store = {.outlines_code = true, .elides = true};
static const struct compress_conf whole = {.elides = true};

static void a_file_is_outlined_when_it_is_read_for_the_first_time(void **state)
{
	struct talk t;
	str text;

	begin(&t, "look");
	add_call(&t, "Read", "{\"file_path\":\"/w/a.py\"}", source());
	text = sent(*state, &t, &by_reading, 1);
	assert_true(is_outline(text) && has(text, "original: Read again, whole or by lines]"));
	assert_true(has(text, "def fun39(x):\\n[236-239 not shown]\\n"));
	text = sent(*state, &t, &by_store, 1);
	assert_true(is_outline(text) && has(text, "original: headroom retrieve "));
	assert_false(is_outline(sent(*state, &t, &whole, 1)));
	/* whoever reads it again wants it whole */
	add_call(&t, "Read", "{\"file_path\":\"/w/a.py\"}", source());
	assert_true(is_outline(sent(*state, &t, &by_reading, 1)));
	text = sent(*state, &t, &by_reading, 2);
	assert_false(is_outline(text));
	assert_true(has(text, "x = x * 308841 + 1 + 2 + 3 + 4"));
	/* another file is another matter */
	add_call(&t, "Read", "{\"file_path\":\"/w/b/a.py\"}",
		arena_printf(&arena, "import b\n" STR_FMT, STR_ARG(source())));
	add_call(&t, "Read", "{\"file_path\":\"/w/c.txt\"}", source());
	assert_false(is_outline(sent(*state, &t, &by_reading, 4)));
}

static void lines_that_are_asked_for_are_sent(void **state)
{
	static const char *const inputs[] = {"{\"file_path\":\"/w/a.py\",\"offset\":1}",
		"{\"path\":\"/w/a.py\",\"view_range\":[1,300]}",
		"{\"file_path\":\"/w/a.py\",\"limit\":2000}"};
	struct talk t;

	for (size_t i = 0; i < ARRAY_N(inputs); i++) {
		begin(&t, "look");
		add_call(&t, "Read", inputs[i], source());
		assert_false(is_outline(sent(*state, &t, &by_reading, 1)));
		/* the whole file was not seen yet */
		add_call(&t, "Read", "{\"file_path\":\"/w/a.py\",\"offset\":null}",
			arena_printf(&arena, "import b\n" STR_FMT, STR_ARG(source())));
	}
	begin(&t, "look");
	add_call(&t, "Edit", "{\"file_path\":\"/w/a.py\",\"old_string\":\"a\"}", STR("done"));
	add_call(&t, "Read", "{\"file_path\":\"/w/a.py\"}", source());
	assert_false(is_outline(sent(*state, &t, &by_reading, 2)));
}

static void what_a_shell_prints_is_outlined_where_it_can_be_retrieved(void **state)
{
	static const struct {
		const char *input;
		bool is_outlined;
	} rows[] = {{"{\"command\":\"cat /w/a.py\"}", true},
		{"{\"command\":\"cd /w && cat -n a.py\"}", true},
		{"{\"command\":\"cat a.py b.py\"}", false},
		{"{\"command\":\"cat a.py | grep x\"}", false},
		{"{\"command\":\"sed -n 1,300p a.py\"}", false},
		{"{\"command\":\"cat a.txt\"}", false}, {"{\"command\":\"cat\"}", false}};
	struct talk t;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		begin(&t, "look");
		add_call(&t, "Bash", rows[i].input, source());
		if (is_outline(sent(*state, &t, &by_store, 1)) != rows[i].is_outlined)
			fail_msg("%s", rows[i].input);
		assert_false(is_outline(sent(*state, &t, &by_reading, 1)));
	}
}

static void what_was_named_before_stays_whole(void **state)
{
	/* each names f3, lines 19 to 23 */
	static const struct {
		const char *question, *result;
	} rows[] = {{"what does fun3() do?", "x"}, {"look", "a.py:20: error: no such thing"},
		{"look", "  File \"/w/a.py\", line 21, in g"}, {"look", "at f (/w/a.py(22,5))"},
		{"look", "--- a/a.py\n+++ b/a.py\n@@ -19,2 +19,3 @@ def f3\n"},
		{"see https://x/a.py#L20", "x"}};
	struct talk t;
	str text;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		begin(&t, rows[i].question);
		add_call(&t, "Bash", "{\"command\":\"make\"}", str_from(rows[i].result));
		add_call(&t, "Read", "{\"file_path\":\"/w/a.py\"}", source());
		text = sent(*state, &t, &by_reading, 2);
		if (!has(text, "x = x * 23757 + 1") || !has(text, "[8-11 not shown]"))
			fail_msg("%s / %s: " STR_FMT, rows[i].question, rows[i].result,
				STR_ARG(text));
	}
	/* what comes behind it changes nothing */
	begin(&t, "look");
	add_call(&t, "Read", "{\"file_path\":\"/w/a.py\"}", source());
	add_call(&t, "Bash", "{\"command\":\"make\"}", STR("a.py:20: error"));
	assert_false(has(sent(*state, &t, &by_reading, 1), "x = x * 23757 + 1"));
}

/* What a code graph would say: the words that it was asked with, and an answer. */
struct graph_stub {
	char words[256];
	const char *answer;
};

static void find_stub(void *self, str path, str words, struct buf *names)
{
	struct graph_stub *g = self;

	assert_true(str_eq_c(path, "/w/a.py"));
	(void)snprintf(g->words, sizeof g->words, STR_FMT, STR_ARG(words));
	buf_add_c(names, g->answer);
}

static void what_is_related_stays_whole_and_stays_so(void **state)
{
	static const struct {
		const char *question, *result, *words;
	} rows[] = {{"why does parse_head fail on load?", "x", " parse_head"},
		{"call open() or readAll", "x", " open readAll"},
		{"look", "  File \"/w/b.py\", line 41, in run_all\n    x", " run_all"},
		{"look", "    at readAll (/w/b.js:4:2)\n we are at home or not", " readAll"},
		{"look", "@@ -1,2 +3,4 @@ static int step_one(int x)\n-a\n+b\n", " step_one"}};
	struct graph_stub stub = {.answer = " fun5"};
	const struct code_related related = {find_stub, &stub};
	struct compress_conf conf = by_reading;
	struct talk t;
	str first = STR_NULL;

	conf.related = &related;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		begin(&t, rows[i].question);
		add_call(&t, "Bash", "{\"command\":\"make\"}", str_from(rows[i].result));
		add_call(&t, "Read", "{\"file_path\":\"/w/a.py\"}", source());
		first = sent(*state, &t, &conf, 2);
		assert_string_equal(stub.words, rows[i].words);
		assert_true(has(first, "x = x * 39595 + 1") && has(first, "[8-11 not shown]"));
	}
	/* once it is sent, it stays, whatever the graph says later, and whoever is asked */
	stub.answer = " fun7";
	assert_true(str_eq(sent(*state, &t, &conf, 2), first));
	for (int i = 0; i < 2; i++) {
		struct engine *other;

		assert_int_equal(
			engine_new(&(struct engine_conf){.store = store}, &other, NULL), E_OK);
		add_call(&t, "Bash", "{\"command\":\"date\"}", STR("now"));
		assert_true(has(sent(other, &t, &conf, 2), "x = x * 39595 + 1"));
		engine_free(other);
	}
	/* without one it is as ever */
	assert_false(has(sent(*state, &t, &by_reading, 2), "x = x * 39595 + 1"));
}

static void nothing_is_outlined_where_nothing_may_be_left_out(void **state)
{
	static const str reads[] = {{"Read", 4}};
	const struct compress_conf confs[] = {{.outlines_reads = true, .is_lossless = true},
		{.outlines_reads = true, .protect_tools = reads, .protect_tools_n = 1},
		{.outlines_reads = true, .exclude_tools = reads, .exclude_tools_n = 1},
		{.outlines_reads = true, .protects_analysis = true}, {.outlines_code = true},
		{.outlines_code = true, .elides = true, .retrieves_by_tool = true}};
	struct talk t;

	begin(&t, "please review this");
	add_call(&t, "Read", "{\"file_path\":\"/w/a.py\"}", source());
	for (size_t i = 0; i < ARRAY_N(confs); i++)
		if (is_outline(sent(*state, &t, &confs[i], 1)))
			fail_msg("%zu", i);
	assert_true(is_outline(sent(*state, &t, &by_reading, 1)));
}

/* Lines keep the numbers that they have, and a part that is read later is sent. */
static void what_was_left_out_comes_when_it_is_read(void **state)
{
	str text = source(), line;
	struct buf numbered, part;
	struct talk t;

	buf_init_arena(&numbered, &arena, BODY_MAX);
	buf_init_arena(&part, &arena, BODY_MAX);
	for (unsigned i = 1; str_next_line(&text, &line, NULL); i++) {
		buf_printf(&numbered, "%6u\t" STR_FMT "\n", i, STR_ARG(line));
		if (i >= 121 && i <= 150)
			buf_printf(&part, "%6u\t" STR_FMT "\n", i, STR_ARG(line));
	}
	begin(&t, "look");
	add_call(&t, "Read", "{\"file_path\":\"/w/a.py\"}", buf_str(&numbered));
	add_call(&t, "Read", "{\"file_path\":\"/w/a.py\",\"offset\":121,\"limit\":30}",
		buf_str(&part));
	text = sent(*state, &t, &by_reading, 1);
	assert_true(has(text, "   121\\tdef fun20(x):\\n[122-125 not shown]") ||
		    has(text, "def fun20(x):\\n[122-125 not shown]"));
	assert_true(has(text, "x = x * 158380 + 1 + 2 + 3 + 4"));
	assert_false(has(text, "x = x * 39595 + 1"));
}

static int begin_test(void **state)
{
	struct engine *e;

	if (set_up_memory(&files))
		return -1;
	store = open_default(files);
	if (engine_new(&(struct engine_conf){.store = store}, &e, NULL) != E_OK)
		return -1;
	*state = e;
	return 0;
}

static int end_test(void **state)
{
	engine_free(*state);
	store_close(store);
	arena_release(&arena);
	return tear_down(&files);
}

#define with_store(f) cmocka_unit_test_setup_teardown(f, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(a_file_is_outlined_when_it_is_read_for_the_first_time),
		with_store(lines_that_are_asked_for_are_sent),
		with_store(what_a_shell_prints_is_outlined_where_it_can_be_retrieved),
		with_store(what_was_named_before_stays_whole),
		with_store(what_is_related_stays_whole_and_stays_so),
		with_store(nothing_is_outlined_where_nothing_may_be_left_out),
		with_store(what_was_left_out_comes_when_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The retrieve tool in requests: when it is declared, and the turns in which it was called, case by case. Whole
 * sessions are in test_engine_own_property.c. */
#include "tests/unit/store_fixture.h"
#include "tests/unit/wire_help.h"

#include "core/engine/engine.h"
#include "core/engine/verify.h"

static const struct compress_conf offering = {.keeps_originals = true,
	.elides = true,
	.retrieves_by_tool = true,
	.offers_retrieve = true};

/* ---- the decision ------------------------------------------------------------------------------------------ */

struct once {
	struct arena arena;
	struct store *store;
	struct engine *engine;
	struct compress_result r;
};

/* One request by an engine of its own. */
static struct compress_result *ask_once(
	struct fixture *f, struct once *o, const char *body, const struct compress_conf *conf)
{
	struct errctx cx = {0};

	*o = (struct once){.store = open_default(f)};
	assert_int_equal(
		engine_new(&(struct engine_conf){.store = o->store}, &o->engine, NULL), E_OK);
	if (compress_request(o->engine, quoted(&o->arena, body), WIRE_ANTHROPIC, conf, &o->r, &cx))
		fail_msg("%s", cx.text);
	return &o->r;
}

static void end(struct once *o)
{
	compress_result_release(&o->r);
	engine_free(o->engine);
	store_close(o->store);
	arena_release(&o->arena);
}

#define TOOLS "'tools':[{'name':'Bash','input_schema':{}}],"
#define NEWS  "'messages':[{'role':'user','content':'hello'}]"
#define MIDDLE                                                                                 \
	"'messages':[{'role':'user','content':'hello'},{'role':'assistant','content':'hi'},{'" \
	"role':'user','content':'so?'}]"

static const struct {
	const char *what, *body;
	struct compress_conf conf;
	const char *tool; /* NULL: none */
	bool is_own;
} DECISIONS[] = {
	{"in its middle", "{" TOOLS MIDDLE "}",
		{.elides = true, .retrieves_by_tool = true, .offers_retrieve = true}, NULL, false},
	{"without tools", "{" NEWS "}",
		{.elides = true, .retrieves_by_tool = true, .offers_retrieve = true}, NULL, false},
	{"without loss", "{" TOOLS NEWS "}",
		{.elides = true,
			.retrieves_by_tool = true,
			.offers_retrieve = true,
			.is_lossless = true},
		NULL, false},
	{"switched off", "{" TOOLS NEWS "}",
		{.elides = true,
			.retrieves_by_tool = true,
			.offers_retrieve = true,
			.is_off = true},
		NULL, false},
	{"without elision", "{" TOOLS NEWS "}",
		{.retrieves_by_tool = true, .offers_retrieve = true}, NULL, false},
	{"not to be offered", "{" TOOLS NEWS "}", {.elides = true, .retrieves_by_tool = true}, NULL,
		false},
	{"by command", "{" TOOLS NEWS "}", {.elides = true, .offers_retrieve = true}, NULL, false},
	{"the client's", "{'tools':[{'name':'mcp__headroom__headroom_retrieve'}]," NEWS "}",
		{.elides = true, .retrieves_by_tool = true, .offers_retrieve = true},
		"mcp__headroom__headroom_retrieve", false},
	{"the client's, later", "{'tools':[{'name':'headroom_retrieve'}]," MIDDLE "}",
		{.elides = true, .retrieves_by_tool = true}, "headroom_retrieve", false},
	{"ours", "{" TOOLS NEWS "}",
		{.elides = true, .retrieves_by_tool = true, .offers_retrieve = true},
		"headroom_retrieve", true},
	{"ours, later", "{" TOOLS MIDDLE "}",
		{.elides = true, .retrieves_by_tool = true, .offers_retrieve = true},
		"headroom_retrieve", true},
	{"ours, but no tools now", "{" MIDDLE "}",
		{.elides = true, .retrieves_by_tool = true, .offers_retrieve = true}, NULL, false},
};

/* In this order, on one store. */
static void the_tool_is_declared_when_a_conversation_begins(void **state)
{
	for (size_t i = 0; i < ARRAY_N(DECISIONS); i++) {
		struct once o;
		struct compress_result *r =
			ask_once(*state, &o, DECISIONS[i].body, &DECISIONS[i].conf);

		if (!str_eq(r->retrieve_tool, str_from(DECISIONS[i].tool)) ||
			r->is_retrieve_own != DECISIONS[i].is_own ||
			r->is_changed != DECISIONS[i].is_own ||
			(r->own_tokens > 0) != DECISIONS[i].is_own)
			fail_msg("%s: " STR_FMT, DECISIONS[i].what, STR_ARG(r->body));
		end(&o);
	}
}

/* In the place of the first `was`, something of the same length. */
static str with(struct once *o, str body, const char *was, const char *is)
{
	size_t at = str_find(body, str_from(was));
	char *copy = arena_alloc(&o->arena, body.n, 1);

	assert_true(at != STR_NONE);
	memcpy(copy, body.p, body.n);
	memcpy(copy + at, is, strlen(is));
	return (str){copy, body.n};
}

static void what_is_declared_is_proven_to_be_ours_and_nothing_else(void **state)
{
	static const struct {
		const char *was, *is;
		enum err want;
	} cases[] = {
		{"hello", "hello", E_OK},
		{"headroom_retrieve", "headroom_retriere", E_VERIFY},
		{"lines", "liner", E_VERIFY},
		{"Bash", "Mash", E_VERIFY},
		{"hello", "hallo", E_VERIFY},
	};
	static const char body[] = "{" TOOLS NEWS "}";
	struct verify_report report;
	struct once o;
	struct compress_result *r = ask_once(*state, &o, body, &offering);

	for (size_t i = 0; i < ARRAY_N(cases); i++)
		if (compress_verify(quoted(&o.arena, body),
			    with(&o, r->body, cases[i].was, cases[i].is), WIRE_ANTHROPIC, o.store,
			    &report, NULL) != cases[i].want)
			fail_msg("%s -> %s", cases[i].was, cases[i].is);
	end(&o);
}

static void without_a_store_nothing_is_declared(void **state)
{
	struct arena a = ARENA_INIT;
	struct compress_result r;
	struct engine *e;

	(void)state;
	assert_int_equal(engine_new(&(struct engine_conf){0}, &e, NULL), E_OK);
	assert_int_equal(compress_request(e, quoted(&a, "{" TOOLS NEWS "}"), WIRE_ANTHROPIC,
				 &offering, &r, NULL),
		E_OK);
	assert_false(r.is_changed || r.is_retrieve_own);
	assert_int_equal(
		engine_keep_turn(
			e, &(struct engine_turn){.chain = r.chain, .format = WIRE_ANTHROPIC}, NULL),
		E_USAGE);
	compress_result_release(&r);
	engine_free(e);
	arena_release(&a);
}

/* ---- turns that are none ------------------------------------------------------------------------------------- */

static const struct {
	const char *visible, *messages, *results;
	enum err want;
} TURNS_KEPT[] = {
	{"{'role':'assistant','content':'a'}", "{'role':'assistant','content':'b'}", "", E_OK},
	{"", "{'role':'assistant','content':'b'}", "", E_MALFORMED},
	{"{'role':'assistant','content':'a'}", "", "", E_MALFORMED},
	{"{'role':'assistant','content':'a'}", "1", "", E_MALFORMED},
	{"{'role':'assistant','content':'a'}", "{},", "", E_MALFORMED},
	{"{'role':'assistant','content':'a'}", "{}],[{}", "", E_MALFORMED},
	{"{'role':'assistant','content':'a'}", "{}", "{", E_MALFORMED},
	{"{'role':'assistant','content':' '}", "{}", "", E_MALFORMED},
	{"{'role':'user','content':'a'}", "{}", "", E_MALFORMED},
};

static void what_is_no_turn_is_not_kept(void **state)
{
	for (size_t i = 0; i < ARRAY_N(TURNS_KEPT); i++) {
		struct once o;
		struct compress_result *r = ask_once(*state, &o, "{" TOOLS NEWS "}", &offering);
		struct engine_turn turn = {.chain = r->chain,
			.format = WIRE_ANTHROPIC,
			.visible = quoted(&o.arena, TURNS_KEPT[i].visible),
			.messages = quoted(&o.arena, TURNS_KEPT[i].messages),
			.results = quoted(&o.arena, TURNS_KEPT[i].results)};

		assert_int_equal(engine_keep_turn(o.engine, &turn, NULL), TURNS_KEPT[i].want);
		end(&o);
	}
}

/* A turn whose results have no place any more stays the client's. */
static void a_turn_is_put_back_where_it_was_and_nowhere_else(void **state)
{
	static const struct {
		const char *messages;
		uint32_t turns_n;
	} NEXT[] = {
		{"{'role':'user','content':'hello'},{'role':'assistant','content':[{'type':'tool_"
		 "use','id':'a','name':'Bash','input':{}}]},{'role':'user','content':[{'type':'"
		 "tool_result','tool_use_id':'a','content':'x'}]}",
			1},
		{"{'role':'user','content':'hello'},{'role':'assistant','content':[{'type':'tool_"
		 "use','id':'a','name':'Bash','input':{}}]},{'role':'user','content':'never mind'}",
			0},
		{"{'role':'user','content':'hello'},{'role':'assistant','content':[{'type':'tool_"
		 "use','id':'b','name':'Bash','input':{}}]},{'role':'user','content':[{'type':'"
		 "tool_result','tool_use_id':'b','content':'x'}]}",
			0},
		{"{'role':'user','content':'hello!'},{'role':'assistant','content':[{'type':'tool_"
		 "use','id':'a','name':'Bash','input':{}}]},{'role':'user','content':[{'type':'"
		 "tool_result','tool_use_id':'a','content':'x'}]}",
			0},
	};
	struct once o;
	struct compress_result *r = ask_once(*state, &o, "{" TOOLS NEWS "}", &offering);
	struct engine_turn turn = {.chain = r->chain,
		.format = WIRE_ANTHROPIC,
		.visible = quoted(&o.arena, "{'role':'assistant','content':[{'type':'tool_use','id'"
					    ":'a','name':'Bash','input':{}}]}"),
		.messages = quoted(&o.arena, "{'role':'assistant','content':[{'type':'tool_use','"
					     "id':'a','name':'Bash','input':{}},{'type':'tool_use',"
					     "'id':'o','name':'headroom_retrieve','input':{}}]}"),
		.results =
			quoted(&o.arena, "{'type':'tool_result','tool_use_id':'o','content':'y'}")};

	assert_int_equal(engine_keep_turn(o.engine, &turn, NULL), E_OK);
	end(&o);
	for (size_t i = 0; i < ARRAY_N(NEXT); i++) {
		struct arena a = ARENA_INIT;

		r = ask_once(*state, &o,
			arena_cstr(&a,
				arena_printf(&a, "{" TOOLS "'messages':[%s]}", NEXT[i].messages)),
			&offering);
		assert_int_equal(r->turns_n, NEXT[i].turns_n);
		assert_int_equal(str_find(r->body, STR("\"o\"")) != STR_NONE, NEXT[i].turns_n);
		end(&o);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_tool_is_declared_when_a_conversation_begins, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_declared_is_proven_to_be_ours_and_nothing_else, set_up, tear_down),
		cmocka_unit_test(without_a_store_nothing_is_declared),
		cmocka_unit_test_setup_teardown(what_is_no_turn_is_not_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_turn_is_put_back_where_it_was_and_nowhere_else, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("engine: tools of ours", tests, NULL, NULL);
}

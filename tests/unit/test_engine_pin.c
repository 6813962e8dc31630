/* Originals that were asked for are not taken away again: what a retrieve tool gave stays as it is, and so does the same
 * text when a tool prints it once more in that conversation, also for a process that comes later. */
#include "tests/unit/store_fixture.h"
#include "tests/unit/wire_help.h"

#include "core/engine/engine.h"

static const struct compress_conf offering = {.keeps_originals = true,
	.elides = true,
	.retrieves_by_tool = true,
	.offers_retrieve = true};

#define THEIRS "'tools':[{'name':'mcp__headroom__headroom_retrieve'},{'name':'Bash'}],"
#define OURS   "'tools':[{'name':'Bash'}],"

struct talk {
	struct fixture *f;
	struct arena arena;
	struct store *store;
	struct engine *engine;
	const char *tools;
	struct buf messages;
	struct hash128 chain; /* of the last request */
};

/* What a search prints: long, and alike enough that most of it is left out. */
static str hits(struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (unsigned i = 0; i < 400; i++)
		buf_printf(&b, "src/mod_%u.c:%u:\tif (queue_length(q_%u) > %u) return fail(ctx);\n",
			i / 9, 10 + i % 9 * 13, i % 7, i * 7919 % 10007);
	return buf_str(&b);
}

static void add(struct talk *t, const char *template, str text)
{
	struct buf literal;
	str whole = quoted(&t->arena, template);
	size_t at = str_find_byte(whole, '%');

	buf_init_arena(&literal, &t->arena, LIMIT_INPUT);
	buf_add_json_string(&literal, text);
	if (t->messages.n)
		buf_add_byte(&t->messages, ',');
	buf_add(&t->messages, at == STR_NONE ? whole : str_sub(whole, 0, at));
	if (at != STR_NONE) {
		buf_add(&t->messages, buf_str(&literal));
		buf_add(&t->messages, str_sub(whole, at + 1, whole.n));
	}
}

/* What is forwarded, which lives until the test is over. */
static str ask(struct talk *t)
{
	struct compress_result r;
	struct errctx cx = {0};
	struct buf body;
	str sent;

	buf_init_arena(&body, &t->arena, LIMIT_INPUT);
	buf_add_byte(&body, '{');
	buf_add(&body, quoted(&t->arena, t->tools));
	buf_add_c(&body, "\"messages\":[");
	buf_add(&body, buf_str(&t->messages));
	buf_add_c(&body, "]}");
	if (compress_request(t->engine, buf_str(&body), WIRE_ANTHROPIC, &offering, &r, &cx))
		fail_msg("%s", cx.text);
	t->chain = r.chain;
	sent = arena_str(&t->arena, r.body);
	compress_result_release(&r);
	return sent;
}

static void start(struct talk *t)
{
	t->store = open_default(t->f);
	assert_int_equal(
		engine_new(&(struct engine_conf){.store = t->store}, &t->engine, NULL), E_OK);
}

static void stop(struct talk *t)
{
	engine_free(t->engine);
	store_close(t->store);
}

/* A conversation in which most of a result was left out. */
static void begin(struct talk *t, struct fixture *f, const char *tools)
{
	*t = (struct talk){.f = f, .arena = ARENA_INIT, .tools = tools};
	buf_init_arena(&t->messages, &t->arena, LIMIT_INPUT);
	start(t);
	add(t, "{'role':'user','content':'search'}", STR_NULL);
	(void)ask(t);
	add(t,
		"{'role':'assistant','content':[{'type':'tool_use','id':'a','name':'Bash','input':{"
		"'command':'rg queue'}}]}",
		STR_NULL);
	add(t, "{'role':'user','content':[{'type':'tool_result','tool_use_id':'a','content':%}]}",
		hits(&t->arena));
}

static size_t count(str text, str what)
{
	size_t n = 0, at;

	for (; (at = str_find(text, what)) != STR_NONE; n++)
		text = str_sub(text, at + what.n, text.n);
	return n;
}

/* Once more the same command, by this process and by a next one: of what it printed nothing is gone. */
static void assert_pinned(struct talk *t, size_t copies)
{
	const str last = STR("src/mod_44.c:49:");
	str one, two;

	add(t,
		"{'role':'assistant','content':[{'type':'tool_use','id':'z','name':'Bash','input':{"
		"'command':'rg queue'}}]}",
		STR_NULL);
	add(t, "{'role':'user','content':[{'type':'tool_result','tool_use_id':'z','content':%}]}",
		hits(&t->arena));
	one = ask(t);
	assert_int_equal(count(one, last), copies);
	assert_int_equal(count(one, STR("src/mod_0.c:10:")), copies);
	stop(t);
	start(t);
	two = ask(t);
	assert_true(str_eq(one, two));
}

static void what_the_clients_tool_gave_is_pinned(void **state)
{
	struct original_key key;
	struct talk t;
	char call[256];

	begin(&t, *state, THEIRS);
	assert_int_equal(count(ask(&t), STR("src/mod_44.c:49:")), 0);
	key = original_key_of(hits(&t.arena));
	(void)snprintf(call, sizeof call,
		"{'role':'assistant','content':[{'type':'tool_use','id':'b','name':'mcp__headroom__"
		"headroom_retrieve','input':{'hash':'%.16s'}}]}",
		key.hex);
	add(&t, call, STR_NULL);
	add(&t, "{'role':'user','content':[{'type':'tool_result','tool_use_id':'b','content':%}]}",
		hits(&t.arena));
	assert_int_equal(count(ask(&t), STR("src/mod_44.c:49:")), 1);
	assert_pinned(&t, 2);
	stop(&t);
	arena_release(&t.arena);
}

static void what_our_tool_gave_is_pinned(void **state)
{
	struct engine_turn turn = {.format = WIRE_ANTHROPIC};
	struct original_key key;
	struct talk t;
	char said[512];

	begin(&t, *state, OURS);
	assert_int_equal(count(ask(&t), STR("src/mod_44.c:49:")), 0);
	key = original_key_of(hits(&t.arena));
	(void)snprintf(said, sizeof said,
		"{'role':'assistant','content':[{'type':'tool_use','id':'o','name':'headroom_"
		"retrieve','input':{'hash':'%s'}}]},{'role':'user','content':[{'type':'tool_result'"
		",'tool_use_id':'o','content':'got'}]},{'role':'assistant','content':'I see.'}",
		key.hex);
	turn.chain = t.chain;
	turn.visible = quoted(&t.arena, "{'role':'assistant','content':'I see.'}");
	turn.messages = quoted(&t.arena, said);
	assert_int_equal(engine_keep_turn(t.engine, &turn, NULL), E_OK);
	add(&t, "{'role':'assistant','content':'I see.'}", STR_NULL);
	add(&t, "{'role':'user','content':'again'}", STR_NULL);
	assert_int_equal(count(ask(&t), STR("'got'")), 0);
	assert_int_equal(count(ask(&t), STR("\"got\"")), 1);
	assert_pinned(&t, 1);
	stop(&t);
	arena_release(&t.arena);
}

/* Without a call the same text is made smaller again. */
static void what_nobody_asked_for_is_not_pinned(void **state)
{
	struct talk t;

	begin(&t, *state, OURS);
	(void)ask(&t);
	add(&t,
		"{'role':'assistant','content':[{'type':'tool_use','id':'z','name':'Bash','input':{"
		"'command':'rg queue'}}]}",
		STR_NULL);
	add(&t, "{'role':'user','content':[{'type':'tool_result','tool_use_id':'z','content':%}]}",
		hits(&t.arena));
	assert_int_equal(count(ask(&t), STR("src/mod_44.c:49:")), 0);
	stop(&t);
	arena_release(&t.arena);
}

static void what_a_command_printed_of_an_original_stays(void **state)
{
	struct talk t;

	begin(&t, *state, OURS);
	add(&t,
		"{'role':'assistant','content':[{'type':'tool_use','id':'z','name':'Bash','input':{"
		"'command':'cd /w && headroom retrieve 0123456789ab'}}]}",
		STR_NULL);
	add(&t, "{'role':'user','content':[{'type':'tool_result','tool_use_id':'z','content':%}]}",
		hits(&t.arena));
	assert_int_equal(count(ask(&t), STR("src/mod_44.c:49:")), 1);
	stop(&t);
	arena_release(&t.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_the_clients_tool_gave_is_pinned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_our_tool_gave_is_pinned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_nobody_asked_for_is_not_pinned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_a_command_printed_of_an_original_stays, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("engine: pinned originals", tests, NULL, NULL);
}

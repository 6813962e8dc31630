/* Which conversations are held out, and what the model asks for again. */
#include "tests/unit/store_fixture.h"
#include "tests/unit/wire_help.h"

#include "core/engine/engine.h"

static struct engine *new_engine(struct store *s)
{
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){.store = s}, &e, NULL), E_OK);
	return e;
}

/* ---- held out ---- */

#define RESULT                                                                      \
	"'\\u001b[1mone\\u001b[0m line of a text that is long enough to be made\\n" \
	"\\u001b[1mtwo\\u001b[0m smaller than it is, since it has colours in it'"

/* A conversation before the assistant has said anything, or later. */
static str talk_of(struct arena *a, unsigned n, bool is_later)
{
	str text = arena_printf(a,
		"{'system':'It is %d o clock','messages':[{'role':'user','content':'task "
		"%u'}%s]}%c",
		is_later, n,
		is_later ? ",{'role':'assistant','content':[{'type':'tool_use','id':'a','name':"
			   "'Bash','input':{'command':'ls'}}]},{'role':'user','content':[{'type':"
			   "'tool_result','tool_use_id':'a','content':" RESULT "}]}"
			 : "",
		'\0');

	return quoted(a, text.p);
}

static bool is_held(struct engine *e, str body, const struct compress_conf *conf, bool *is_changed)
{
	struct compress_result r;
	bool held;

	if (compress_request(e, body, WIRE_ANTHROPIC, conf, &r, NULL))
		fail_msg("not compressed");
	held = r.is_held_out;
	*is_changed = r.is_changed;
	if (held)
		assert_true(str_eq(r.body, body));
	compress_result_release(&r);
	return held;
}

static void the_same_share_of_conversations_is_held_out_for_ever(void **state)
{
	struct compress_conf conf = {.holdout = 0.25}, more = {.holdout = 0.5}, none = {0};
	struct engine *one = new_engine(NULL), *two = new_engine(NULL);
	struct arena a = ARENA_INIT;
	unsigned held_n = 0;
	bool is_changed;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		str first = talk_of(&a, i, false), later = talk_of(&a, i, true);
		bool held = is_held(one, first, &conf, &is_changed);

		held_n += held;
		assert_false(is_changed);
		assert_int_equal(is_held(one, later, &conf, &is_changed), held);
		assert_int_equal(is_changed, !held);
		/* on another worker that knows nothing of it, and out of order */
		assert_int_equal(is_held(two, later, &conf, &is_changed), held);
		assert_int_equal(is_held(two, first, &conf, &is_changed), held);
		if (held)
			assert_true(is_held(two, first, &more, &is_changed));
		assert_false(is_held(two, first, &none, &is_changed));
		arena_reset(&a);
	}
	/* 100 of 400, give or take four standard deviations of 8.7 */
	assert_in_range(held_n, 65, 135);
	engine_free(one);
	engine_free(two);
	arena_release(&a);
}

/* What a session does in a second conversation (a subagent, after a compaction) is a part of the same work. */
static void a_session_is_held_out_as_a_whole(void **state)
{
	struct compress_conf conf = {.holdout = 0.5, .is_session = true};
	struct engine *e = new_engine(NULL);
	struct arena a = ARENA_INIT;
	unsigned held_n = 0;
	bool is_changed;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		bool held;

		conf.session = hash128(arena_printf(&a, "session %u", i));
		held = is_held(e, talk_of(&a, 1, true), &conf, &is_changed);
		held_n += held;
		for (unsigned k = 2; k < 5; k++)
			assert_int_equal(
				is_held(e, talk_of(&a, k, false), &conf, &is_changed), held);
		arena_reset(&a);
	}
	assert_in_range(held_n, 30, 70);
	conf.holdout = 1;
	assert_true(is_held(e, talk_of(&a, 9, true), &conf, &is_changed));
	engine_free(e);
	arena_release(&a);
}

/* ---- asked for again ---- */

struct talk {
	struct arena arena;
	struct engine *engine;
	const struct compress_conf *conf;
	struct buf messages;
	unsigned calls_n;
	bool has_tool; /* the client's own, to retrieve with */
	struct compress_again again[4];
	uint32_t again_n, fresh_n;
	struct hash128 chain;
};

static void begin(struct talk *t, struct store *s, const struct compress_conf *conf)
{
	*t = (struct talk){.arena = ARENA_INIT, .engine = new_engine(s), .conf = conf};
	buf_init_arena(&t->messages, &t->arena, LIMIT_INPUT);
	buf_add(&t->messages, quoted(&t->arena, "{'role':'user','content':'begin'}"));
}

static void end(struct talk *t)
{
	engine_free(t->engine);
	arena_release(&t->arena);
}

/* Asks e; what the newest turn asked for again is in t. */
static void ask_of(struct talk *t, struct engine *e)
{
	struct compress_result r;
	struct buf body;

	buf_init_arena(&body, &t->arena, LIMIT_INPUT);
	buf_add(&body, quoted(&t->arena, t->has_tool ? "{'tools':[{'name':'headroom_retrieve'}],"
						     : "{'tools':[{'name':'Bash'}],"));
	buf_add_c(&body, "\"messages\":[");
	buf_add(&body, buf_str(&t->messages));
	buf_add_c(&body, "]}");
	if (compress_request(e, buf_str(&body), WIRE_ANTHROPIC, t->conf, &r, NULL))
		fail_msg("not compressed");
	t->again_n = r.again_n;
	t->fresh_n = 0;
	for (uint32_t i = 0; i < r.blocks_n; i++)
		t->fresh_n += r.blocks[i].is_fresh;
	for (uint32_t i = 0; i < r.again_n && i < ARRAY_N(t->again); i++) {
		t->again[i] = r.again[i];
		t->again[i].tool = arena_str(&t->arena, r.again[i].tool);
		t->again[i].encoders = arena_str(&t->arena, r.again[i].encoders);
	}
	t->chain = r.chain;
	compress_result_release(&r);
}

/* A turn with one call, whose result says text (JSON). Returns how much it asked for again: by one who knows the conversation, and by
 * one who does not. */
static uint32_t turn(struct talk *t, const char *tool, const char *input, const char *result)
{
	struct engine *stranger = new_engine(NULL);
	uint32_t n;

	buf_add(&t->messages,
		quoted(&t->arena,
			arena_printf(&t->arena,
				",{'role':'assistant','content':[{'type':'tool_use','id':'c%u',"
				"'name':'%s','input':%s}]},{'role':'user','content':[{'type':"
				"'tool_result','tool_use_id':'c%u',%s}]}%c",
				t->calls_n, tool, input, t->calls_n, result, '\0')
				.p));
	t->calls_n++;
	ask_of(t, stranger);
	n = t->again_n;
	engine_free(stranger);
	ask_of(t, t->engine);
	assert_int_equal(t->again_n, n);
	return n;
}

#define SAYS "'content':" RESULT

static void what_is_asked_for_again_is_seen(void **state)
{
	struct compress_conf conf = {0};
	struct talk t;

	(void)state;
	begin(&t, NULL, &conf);
	assert_int_equal(turn(&t, "Read", "{'file_path':'a.c'}", "'content':'int a;'"), 0);
	assert_int_equal(turn(&t, "Bash", "{'command':'make'}", SAYS), 0);
	assert_int_equal(turn(&t, "Read", "{'file_path':'b.c'}", "'content':'int b;'"), 0);
	/* other lines of it are the same file */
	assert_int_equal(
		turn(&t, "Read", "{'file_path':'a.c','offset':9}", "'content':'int a;'"), 1);
	assert_true(str_eq_c(t.again[0].tool, "Read"));
	assert_int_equal(t.again[0].encoders.n, 0);
	assert_false(t.again[0].was_retrieved);
	assert_int_equal(turn(&t, "Bash", "{'command':'make'}", SAYS), 1);
	assert_true(str_eq_c(t.again[0].tool, "Bash"));
	assert_true(t.again[0].encoders.n > 0); /* it was shown without its colours */
	assert_int_equal(turn(&t, "Bash", "{'command':'make test'}", SAYS), 0);
	assert_int_equal(turn(&t, "Lookup", "{'id':1}", SAYS), 0);
	assert_int_equal(turn(&t, "Lookup", "{'id':2}", SAYS), 0);
	assert_int_equal(turn(&t, "Lookup", "{'id':1}", SAYS), 1);
	/* a question is no new turn of results */
	buf_add(&t.messages,
		quoted(&t.arena, ",{'role':'assistant','content':'done'},{'role':'user',"
				 "'content':'thanks'}"));
	ask_of(&t, t.engine);
	assert_int_equal(t.again_n, 0);
	assert_int_equal(t.fresh_n, 0);
	end(&t);
}

static void what_was_written_or_failed_is_asked_for_anew(void **state)
{
	struct compress_conf conf = {0};
	struct talk t;

	(void)state;
	begin(&t, NULL, &conf);
	assert_int_equal(turn(&t, "Read", "{'file_path':'a.c'}", SAYS), 0);
	assert_int_equal(turn(&t, "Read", "{'file_path':'b.c'}", SAYS), 0);
	assert_int_equal(turn(&t, "Bash", "{'command':'make'}", SAYS), 0);
	assert_int_equal(
		turn(&t, "Edit", "{'file_path':'a.c','new_string':'x'}", "'content':'ok'"), 0);
	assert_int_equal(turn(&t, "Read", "{'file_path':'a.c'}", SAYS), 0);
	assert_int_equal(turn(&t, "Bash", "{'command':'make'}", SAYS), 0);
	assert_int_equal(turn(&t, "Read", "{'file_path':'b.c'}", SAYS), 1);
	assert_int_equal(turn(&t, "Bash", "{'command':'no'}", "'is_error':true," SAYS), 0);
	assert_int_equal(turn(&t, "Bash", "{'command':'no'}", SAYS), 0);
	/* a plan is no file */
	assert_int_equal(turn(&t, "TodoWrite", "{'todos':[]}", "'content':'ok'"), 0);
	assert_int_equal(turn(&t, "Bash", "{'command':'make'}", SAYS), 1);
	end(&t);
}

static void a_result_in_two_texts_is_one(void **state)
{
	struct compress_conf conf = {0};
	struct talk t;

	(void)state;
	begin(&t, NULL, &conf);
	assert_int_equal(turn(&t, "Read", "{'file_path':'a.c'}",
				 "'content':[{'type':'text','text':'one'},{'type':'text','text':"
				 "'two'}]"),
		0);
	assert_int_equal(t.fresh_n, 2);
	end(&t);
}

/* ---- originals ---- */

static const struct compress_conf eliding = {
	.keeps_originals = true, .elides = true, .retrieves_by_tool = true};

static str hits(struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (unsigned i = 0; i < 400; i++)
		buf_printf(&b,
			"src/mod_%u.c:%u:  if (queue_length(q_%u) > %u) return fail(ctx);\\n",
			i / 9, 10 + i % 9 * 13, i % 7, i * 7919 % 10007);
	return buf_str(&b);
}

static void an_original_that_is_asked_for_is_seen(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct arena a = ARENA_INIT;
	struct talk t;
	str original, result;
	struct original_key key;

	begin(&t, s, &eliding);
	t.has_tool = true;
	result = arena_printf(&a, "'content':'" STR_FMT "'%c", STR_ARG(hits(&a)), '\0');
	(void)turn(&t, "Bash", "{'command':'rg queue'}", result.p);
	assert_true(json_unescape(
		arena_printf(&a, "\"" STR_FMT "\"", STR_ARG(hits(&a))), &a, &original));
	key = original_key_of(original);
	/* by one who does not know the conversation nothing is known of its originals, so this asks for itself */
	buf_add(&t.messages,
		quoted(&t.arena,
			arena_printf(&a,
				",{'role':'assistant','content':[{'type':'tool_use','id':'r','name'"
				":'headroom_retrieve','input':{'hash':'%.16s'}}]},{'role':'user',"
				"'content':[{'type':'tool_result','tool_use_id':'r','content':'x'}]"
				"}%c",
				key.hex, '\0')
				.p));
	ask_of(&t, t.engine);
	assert_int_equal(t.again_n, 1);
	assert_true(t.again[0].was_retrieved);
	assert_true(str_eq_c(t.again[0].tool, "Bash"));
	assert_true(t.again[0].encoders.n > 0);
	/* in the next turn it is not counted once more; by a command it is */
	buf_add(&t.messages,
		quoted(&t.arena,
			arena_printf(&a,
				",{'role':'assistant','content':[{'type':'tool_use','id':'s','name'"
				":'Bash','input':{'command':'headroom retrieve %s | head'}}]},"
				"{'role':'user','content':[{'type':'tool_result','tool_use_id':'s',"
				"'content':'x'}]}%c",
				key.hex, '\0')
				.p));
	ask_of(&t, t.engine);
	assert_int_equal(t.again_n, 1);
	assert_true(t.again[0].was_retrieved);
	end(&t);
	arena_release(&a);
	store_close(s);
}

/* Of calls of our tool the client knows nothing. */
static void an_original_that_our_tool_gave_is_seen(void **state)
{
	static const struct compress_conf offering = {.keeps_originals = true,
		.elides = true,
		.retrieves_by_tool = true,
		.offers_retrieve = true};
	struct engine_turn kept = {.format = WIRE_ANTHROPIC};
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct arena a = ARENA_INIT;
	struct talk t;
	str original, result;

	begin(&t, s, &offering);
	ask_of(&t, t.engine); /* the tool is declared with the first request */
	result = arena_printf(&a, "'content':'" STR_FMT "'%c", STR_ARG(hits(&a)), '\0');
	(void)turn(&t, "Bash", "{'command':'rg queue'}", result.p);
	assert_true(json_unescape(
		arena_printf(&a, "\"" STR_FMT "\"", STR_ARG(hits(&a))), &a, &original));
	kept.chain = t.chain;
	kept.visible = quoted(&a, "{'role':'assistant','content':'I see.'}");
	kept.messages = quoted(&a, arena_printf(&a,
					   "{'role':'assistant','content':[{'type':'tool_use','id':"
					   "'o','name':'headroom_"
					   "retrieve','input':{'hash':'%s'}}]},{'role':'user','"
					   "content':[{'type':'tool_"
					   "result','tool_use_id':'o','content':'got'}]},{'role':'"
					   "assistant','content':'I "
					   "see.'}%c",
					   original_key_of(original).hex, '\0')
					   .p);
	assert_int_equal(engine_keep_turn(t.engine, &kept, NULL), E_OK);
	buf_add(&t.messages, quoted(&t.arena, ",{'role':'assistant','content':'I "
					      "see.'},{'role':'user','content':'go on'}"));
	ask_of(&t, t.engine);
	assert_int_equal(t.again_n, 1);
	assert_true(t.again[0].was_retrieved);
	assert_true(str_eq_c(t.again[0].tool, "Bash"));
	end(&t);
	arena_release(&a);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_share_of_conversations_is_held_out_for_ever),
		cmocka_unit_test(a_session_is_held_out_as_a_whole),
		cmocka_unit_test(what_is_asked_for_again_is_seen),
		cmocka_unit_test(what_was_written_or_failed_is_asked_for_anew),
		cmocka_unit_test(a_result_in_two_texts_is_one),
		T(an_original_that_is_asked_for_is_seen),
		T(an_original_that_our_tool_gave_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

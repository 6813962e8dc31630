/* Sessions of agents that search, compare, read logs and ask services, with originals kept so that text may be
 * left out: what was sent stays, whoever sends it; all is proven; every original comes back; and the one line
 * that matters is seen. HEADROOM_SEEDS=2000 in the environment makes it a longer run. */
#include "tests/unit/store_fixture.h"

#include "core/engine/verify.h"
#include "tests/unit/random_tools.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 16, TURNS = 4 };

static const struct compress_conf eliding = {.keeps_originals = true, .elides = true};

struct run {
	struct fixture *fixture;
	struct arena arena;
	struct session *session;
	enum wire_format format;
	str needles[TURNS *
		    SESSION_STEPS_MAX]; /* by step, as they stand in the body; empty: none */
	str sent;                       /* in the turn before */
	size_t elided_n, needles_n;
};

/* Two of three steps become ones of such tools. */
static void make_session(struct run *run, uint64_t seed)
{
	struct session *s = session_new(&run->arena, seed, TURNS);
	uint32_t at = 0;

	s->marks_last = false;
	for (uint32_t turn = 0; turn < TURNS; turn++)
		for (uint32_t i = 0; i < s->steps_n[turn]; i++, at++)
			run->needles[at] = rng_once_in(&s->rng, 3)
						   ? STR_NULL
						   : tools_replace(s, &s->steps[turn][i], at);
	run->session = s;
}

static struct compress_result compress(struct run *run, struct store *store, str body)
{
	struct engine *e;
	struct compress_result r;
	struct errctx cx = {0};

	assert_int_equal(engine_new(&(struct engine_conf){.store = store}, &e, NULL), E_OK);
	if (compress_request(e, body, run->format, &eliding, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	engine_free(e);
	return r;
}

static void assert_verified(
	const struct run *run, struct store *store, str body, const struct compress_result *r)
{
	struct verify_report report;
	struct errctx cx = {0};

	if (compress_verify(body, r->body, run->format, store, &report, &cx) != E_OK)
		fail_msg("%s\noriginal: " STR_FMT "\nsent: " STR_FMT, cx.text, STR_ARG(body),
			STR_ARG(r->body));
	assert_int_equal(report.decoded_n + report.format_n + report.elided_n, r->changed_n);
	assert_int_equal(report.stored_n, r->changed_n);
}

/* What the sent text says about how to get the original is true. */
static void assert_within_reach(struct run *run, struct store *store, str was, str is)
{
	static const str way = STR("headroom retrieve ");
	size_t at = str_find(is, way);
	struct buf key;

	if (at == STR_NONE)
		fail_msg("no way to the original: " STR_FMT, STR_ARG(is));
	at += way.n;
	buf_init_arena(&key, &run->arena, LIMIT_INPUT);
	while (at < is.n && strchr("0123456789abcdef", is.p[at]))
		buf_add_byte(&key, is.p[at++]);
	assert_int_equal(get(run->fixture, store, arena_cstr(&run->arena, buf_str(&key))), E_OK);
	assert_true(str_eq(buf_str(&run->fixture->out), was));
	run->elided_n++;
}

static void check_results(
	struct run *run, struct store *store, str body, const struct compress_result *r)
{
	struct json_tape tape;
	struct wire_doc sent;
	uint32_t at = 0;

	assert_int_equal(json_scan(&run->arena, r->body, &tape, NULL), E_OK);
	assert_int_equal(wire_walk(&run->arena, &tape, run->format, &sent, NULL), E_OK);
	assert_int_equal(sent.n, r->blocks_n);
	for (uint32_t i = 0; i < r->blocks_n; i++) {
		const struct compress_block *b = &r->blocks[i];
		str was, is, needle;

		if (b->kind != WIRE_TOOL_RESULT)
			continue;
		needle = run->needles[at++];
		if (!json_unescape(span_str(body, b->at), &run->arena, &was) ||
			!json_unescape(span_str(r->body, sent.blocks[i].at), &run->arena, &is))
			continue; /* a text that cannot be said; it has no needle */
		if (b->loss == LOSS_ELIDED)
			assert_within_reach(run, store, was, is);
		if (needle.n && str_find(is, needle) == STR_NONE)
			fail_msg(STR_FMT " is gone from: " STR_FMT "\nwhich was: " STR_FMT,
				STR_ARG(needle), STR_ARG(is), STR_ARG(was));
		run->needles_n += needle.n > 0;
	}
}

/* Each turn by an engine and a handle that live for this one alone. */
static void check_session(struct run *run, uint64_t seed)
{
	run->arena = (struct arena)ARENA_INIT;
	run->sent = STR_NULL;
	run->format = (enum wire_format)(1 + seed % (WIRE_FORMAT_N - 1));
	make_session(run, seed);
	for (uint32_t turns = 1; turns <= TURNS; turns++) {
		str body = session_body(run->session, run->format, turns, &run->arena);
		struct store *store = open_default(run->fixture);
		struct compress_result r = compress(run, store, body);
		size_t kept = run->sent.n ? run->sent.n - (sizeof SESSION_TAIL - 1) : 0;

		assert_true(str_starts(r.body, str_sub(run->sent, 0, kept)));
		assert_verified(run, store, body, &r);
		check_results(run, store, body, &r);
		run->sent = arena_str(&run->arena, r.body);
		compress_result_release(&r);
		store_close(store);
	}
	arena_release(&run->arena);
}

static void what_is_left_out_is_proven_kept_and_sent_the_same_for_ever(void **state)
{
	struct run run = {.fixture = *state};

	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++)
		check_session(&run, seed);
	/* The sessions are worth something. */
	assert_true(run.needles_n > SEEDS * TURNS);
}

/* A document that is mostly a table, which is made smaller by its sentences. */
static str body_of_a_document(struct arena *a)
{
	static const char *const words[] = {"people who walk slowly", "morning weather", "river",
		"house of the old town", "green", "talk about their neighbours", "light",
		"wandering", "stories that are told", "mill"};
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b,
		"{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"look\"},"
		"{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\","
		"\"function\":{\"name\":\"mcp_docs\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
		"\"tool_call_id\":\"a\",\"content\":\"# A title\\n\\n| a | b |\\n|---|---|\\n");
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "|%c%c|x|\\n", 'a' + i % 26, 'a' + i * 7 % 26);
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "\\nThe %s of %s %s over there, and %s %s by the %c%c.\\n",
			words[i * 7 % 10], words[i * 3 % 10], words[i * 9 % 10], words[i * i % 10],
			words[(i + i * i) % 10], 'a' + i % 26, 'a' + i * 7 % 26);
	buf_add_c(&b, "\"}]}");
	return buf_str(&b);
}

static void of_documents_with_tables_prose_goes_unless_it_must_not(void **state)
{
	struct arena a = ARENA_INIT;
	struct store *store = open_with(*state, (struct store_conf){0});
	str body = body_of_a_document(&a);

	for (int no_prose = 0; no_prose < 2; no_prose++) {
		struct compress_conf conf = eliding;
		struct engine *e;
		struct compress_result r;
		struct errctx cx = {0};

		conf.no_prose = no_prose;
		assert_int_equal(engine_new(&(struct engine_conf){.store = store}, &e, NULL), E_OK);
		assert_int_equal(compress_request(e, body, WIRE_OPENAI_CHAT, &conf, &r, &cx), E_OK);
		assert_int_equal(str_find(r.body, STR("[prose: ")) == STR_NONE, no_prose);
		compress_result_release(&r);
		engine_free(e);
	}
	store_close(store);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_left_out_is_proven_kept_and_sent_the_same_for_ever, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			of_documents_with_tables_prose_goes_unless_it_must_not, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("engine: text left out", tests, NULL, NULL);
}

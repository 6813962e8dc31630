/* An encoder whose elisions are asked for leaves out less, then nothing, and comes back; and whatever is learnt
 * meanwhile, what a conversation was sent stays. HEADROOM_SEEDS=2000 in the environment makes it a longer run. */
#include "tests/unit/store_fixture.h"

#include "core/engine/verify.h"
#include "core/store/feedback.h"
#include "tests/unit/random_tools.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 12, TURNS = 4 };

static const struct compress_conf learning = {
	.keeps_originals = true, .elides = true, .learns = true};

static struct compress_result compress(
	struct store *s, str body, enum wire_format format, const struct compress_conf *conf)
{
	struct engine *e;
	struct compress_result r;
	struct errctx cx = {0};

	assert_int_equal(engine_new(&(struct engine_conf){.store = s}, &e, NULL), E_OK);
	if (compress_request(e, body, format, conf, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	engine_free(e);
	return r;
}

/* rg -n: many matches that are alike. */
static void add_search(struct tools_text *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		buf_printf(t->b, "src/part%u/file.c:%u:", i / 40, 10 + i % 40 * 3);
		if (i == t->at)
			buf_printf(t->b, "\treturn " STR_FMT ";\n", STR_ARG(t->needle));
		else
			buf_printf(t->b, "\treturn check(self, value_%u, %u);\n",
				rng_below(t->rng, 90), rng_below(t->rng, 900));
	}
}

/* What such a tool prints, of that seed. */
static str text_of(enum tools_kind kind, uint64_t seed, struct arena *a)
{
	enum { LINES = 400 };
	struct rng rng = rng_new(seed);
	struct tools_text t = {
		.rng = &rng, .n = LINES, .at = rng_below(&rng, LINES), .needle = STR("kx00")};
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	t.b = &b;
	if (kind == TOOLS_SEARCH)
		add_search(&t);
	else
		tools_makers[kind].add(&t);
	return buf_str(&b);
}

/* ---- gentle elisions ---- */

static struct encode_out encode(str text, unsigned gentle, struct view *view, struct arena *a)
{
	struct encode_in in = {.text = text,
		.kind = detect_kind(text),
		.tool = TOOL_SHELL,
		.route = STR("headroom retrieve 0123456789abcdef01234567"),
		.gentle = gentle};
	struct encode_policy policy = {.min_tokens = 12, .min_gain = 3};
	struct encode_out out;
	enum loss loss = LOSS_NONE;

	encode_text(&in, &policy, view, NULL, a, &out);
	in.text = out.text;
	if (out.reason == ENCODE_CHANGED)
		assert_true(encode_verify(&in, text, view, a, &loss));
	assert_int_equal(loss, out.loss);
	return out;
}

/* Each kind of text: shown is more, proven is as much. */
static void a_gentle_elision_shows_more(void **state)
{
	struct arena a = ARENA_INIT;
	size_t elided[TOOLS_N] = {0}, longer[TOOLS_N] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= seeds_or(SEEDS) * TOOLS_N; seed++) {
		enum tools_kind kind = (enum tools_kind)(seed % TOOLS_N);
		struct view *view = view_new();
		str text = text_of(kind, seed, &a);
		struct encode_out normal = encode(text, 0, view, &a);
		struct encode_out gentle = encode(text, normal.elided_by, view, &a);

		elided[kind] += normal.elided_by != 0;
		longer[kind] += gentle.tokens_after > normal.tokens_after;
		assert_true(gentle.tokens_after >= normal.tokens_after || !gentle.elided_by);
		view_free(view);
		arena_reset(&a);
	}
	for (size_t i = 0; i < TOOLS_N; i++)
		if (!elided[i] || !longer[i])
			fail_msg("kind %zu: %zu elided, %zu longer", i, elided[i], longer[i]);
	arena_release(&a);
}

/* ---- conversations ---- */

/* One in which a command has printed a log, unlike all others. */
static str conversation(uint64_t n, struct arena *a)
{
	str text = text_of(TOOLS_LOG, n, a);
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b,
		"{\"model\":\"claude-sonnet-4-5\",\"messages\":[{\"role\":\"user\",\"content\":"
		"\"what is wrong?\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
		"\"id\":\"toolu_");
	buf_add_u64(&b, n);
	buf_add_c(&b,
		"\",\"name\":\"Bash\",\"input\":{\"command\":\"cd /w && journalctl -n 300\"}}]},"
		"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
		"\"toolu_");
	buf_add_u64(&b, n);
	buf_add_c(&b, "\",\"content\":");
	buf_add_json_string(&b, text);
	buf_add_c(&b, "}]}]}");
	return buf_str(&b);
}

/* What became of the one result. */
struct outcome {
	enum loss loss;
	uint32_t tokens;
	char original[25];
};

static struct outcome send(struct fixture *f, struct store *s, uint64_t n)
{
	struct arena a = ARENA_INIT;
	struct outcome out = {0};
	struct compress_result r = compress(s, conversation(n, &a), WIRE_ANTHROPIC, &learning);

	for (uint32_t i = 0; i < r.blocks_n; i++)
		if (r.blocks[i].kind == WIRE_TOOL_RESULT) {
			out.loss = r.blocks[i].loss;
			out.tokens = r.blocks[i].tokens_after;
			(void)snprintf(out.original, sizeof out.original, STR_FMT,
				STR_ARG(r.blocks[i].original));
		}
	compress_result_release(&r);
	arena_release(&a);
	flush(f, s);
	return out;
}

static void ask(struct fixture *f, struct store *s, const struct outcome *o)
{
	assert_int_equal(feedback_retrieved(s, str_from(o->original), false, &f->cx), E_OK);
	flush(f, s);
}

static enum feedback_level level_of(struct fixture *f)
{
	return (enum feedback_level)sql(
		f, "SELECT level FROM feedback WHERE shape = 'log/journalctl' AND tool = 'Bash'");
}

static void what_is_asked_for_stays_in_and_goes_again(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct outcome first = send(f, s, 1), o = first;
	uint64_t n = 1, probes = 0;

	assert_int_equal(first.loss, LOSS_ELIDED);
	for (; level_of(f) == FEEDBACK_NORMAL && n < 100; n++) {
		o = send(f, s, n);
		ask(f, s, &o);
	}
	assert_int_equal(n, FEEDBACK_SAMPLES + 1);
	o = send(f, s, n);
	assert_int_equal(o.loss, LOSS_ELIDED);
	assert_true(o.tokens > first.tokens * 5 / 4);
	for (; level_of(f) == FEEDBACK_GENTLE && n < 100; n++) {
		o = send(f, s, n);
		ask(f, s, &o);
	}
	assert_int_equal(level_of(f), FEEDBACK_EXACT);
	/* Nothing is left out any more, but of one conversation in eight, to see. */
	for (uint64_t end = n + 1000; level_of(f) == FEEDBACK_EXACT && n < end; n++)
		probes += send(f, s, n).loss == LOSS_ELIDED;
	assert_int_equal(level_of(f), FEEDBACK_GENTLE);
	assert_in_range(probes, FEEDBACK_SAMPLES - 2, FEEDBACK_SAMPLES);
	assert_true(n > FEEDBACK_SAMPLES * FEEDBACK_PROBES / 2);
	for (uint64_t end = n + 100; level_of(f) == FEEDBACK_GENTLE && n < end; n++)
		assert_int_equal(send(f, s, n).loss, LOSS_ELIDED);
	assert_int_equal(level_of(f), FEEDBACK_NORMAL);
	/* What the first one was sent is as it was. */
	assert_int_equal(send(f, s, 1).tokens, first.tokens);
	store_close(s);
}

static void without_learning_nothing_is_counted(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct compress_conf conf = learning;
	struct arena a = ARENA_INIT;
	struct compress_result r;

	conf.learns = false;
	r = compress(s, conversation(1, &a), WIRE_ANTHROPIC, &conf);
	assert_int_equal(r.changed_n, 1);
	compress_result_release(&r);
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM feedback"), 0);
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering WHERE label = 'learnt'"), 0);
	arena_release(&a);
	store_close(s);
}

/* ---- what was sent stays ---- */

/* Each turn by an engine and a handle of its own, and by one that lives on; levels change at random between. */
static void check_session(struct fixture *f, uint64_t seed)
{
	struct arena arena = ARENA_INIT;
	enum wire_format format = (enum wire_format)(1 + seed % (WIRE_FORMAT_N - 1));
	struct session *session = session_new(&arena, seed, TURNS);
	struct store *lasting = open_default(f);
	struct engine *warm;
	str sent = STR_NULL;
	char set[96];
	uint32_t at = 0;

	assert_int_equal(engine_new(&(struct engine_conf){.store = lasting}, &warm, NULL), E_OK);
	session->marks_last = false;
	for (uint32_t turn = 0; turn < TURNS; turn++)
		for (uint32_t i = 0; i < session->steps_n[turn]; i++, at++)
			(void)tools_replace(session, &session->steps[turn][i], at);
	for (uint32_t turns = 1; turns <= TURNS; turns++) {
		str body = session_body(session, format, turns, &arena);
		struct store *store = open_default(f);
		struct compress_result r = compress(store, body, format, &learning), w;
		size_t kept = sent.n ? sent.n - (sizeof SESSION_TAIL - 1) : 0;
		struct verify_report report;

		assert_true(str_starts(r.body, str_sub(sent, 0, kept)));
		if (compress_verify(body, r.body, format, store, &report, &f->cx) != E_OK)
			fail_msg("%s", f->cx.text);
		assert_int_equal(compress_request(warm, body, format, &learning, &w, &f->cx), E_OK);
		assert_true(str_eq(w.body, r.body));
		compress_result_release(&w);
		sent = arena_str(&arena, r.body);
		compress_result_release(&r);
		flush(f, store);
		store_close(store);
		(void)snprintf(set, sizeof set, "UPDATE feedback SET level = (id + %u) %% 3",
			(unsigned)(seed + turns));
		(void)sql(f, set);
	}
	engine_free(warm);
	store_close(lasting);
	arena_release(&arena);
}

static void what_is_learnt_meanwhile_changes_no_conversation(void **state)
{
	struct fixture *f = *state;

	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++)
		check_session(f, seed);
	assert_true(sql(f, "SELECT count(*) FROM feedback") >= 3);
	assert_true(
		sql(f, "SELECT count(*) FROM rendering WHERE label = 'learnt' AND is_changed") > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_gentle_elision_shows_more),
		T(what_is_asked_for_stays_in_and_goes_again),
		T(without_learning_nothing_is_counted),
		T(what_is_learnt_meanwhile_changes_no_conversation),
	};

	return cmocka_run_group_tests_name("engine: what retrievals teach", tests, NULL, NULL);
}

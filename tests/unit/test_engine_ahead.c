/* Large requests, with and without helpers: the same bytes and the same figures, whoever makes what. HEADROOM_SEEDS=50 in
 * the environment makes it a longer run; worth most in the tsan profile. */
#include "tests/unit/store_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/engine/engine.h"
#include "tests/unit/random_tools.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 1, SESSIONS = 4, TURNS = 12, THREADS = 3 };

static const struct compress_conf confs[] = {
	{0},
	{.is_lossless = true},
	{.target_ratio = 0.7},
	{.keeps_originals = true, .elides = true},
	{.protect_recent = 9},
};

/* Some sessions as one: what their tools were called with has the same ids in each. */
static str make_body(uint64_t seed, enum wire_format f, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	for (uint32_t i = 0; i < SESSIONS; i++) {
		struct session *s = session_new(a, seed * SESSIONS + i, TURNS);
		uint32_t at = 0;
		str body;

		s->marks_last = false;
		for (uint32_t turn = 0; turn < TURNS; turn++)
			for (uint32_t k = 0; k < s->steps_n[turn]; k++, at++)
				if (rng_once_in(&s->rng, 2))
					(void)tools_replace(s, &s->steps[turn][k], at);
		body = session_body(s, f, TURNS, a);
		body.n -= strlen(SESSION_TAIL);
		if (i)
			body = str_sub(body,
				strlen(session_formats[f].head) + strlen(session_formats[f].first),
				body.n);
		buf_add(&b, body);
	}
	buf_add_c(&b, SESSION_TAIL);
	assert_true(b.n > 160 << 10);
	return buf_str(&b);
}

/* What a new engine says to a body, without a store or with one in memory. */
static struct compress_result compress(
	str body, enum wire_format f, const struct compress_conf *conf, unsigned helpers_n)
{
	struct engine_conf engine = {.helpers_n = helpers_n};
	struct compress_result r;
	struct errctx cx = {0};
	struct engine *e;

	if (conf->elides)
		assert_int_equal(
			store_open(&(struct store_conf){.is_in_memory = true}, &engine.store, NULL),
			E_OK);
	assert_int_equal(engine_new(&engine, &e, NULL), E_OK);
	if (compress_request(e, body, f, conf, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	engine_free(e);
	store_close(engine.store);
	return r;
}

static void assert_same_blocks(const struct compress_result *a, const struct compress_result *b)
{
	assert_int_equal(a->blocks_n, b->blocks_n);
	for (uint32_t i = 0; i < a->blocks_n; i++) {
		const struct compress_block *x = &a->blocks[i], *y = &b->blocks[i];

		assert_string_equal(x->reason, y->reason);
		assert_int_equal(x->content, y->content);
		assert_int_equal(x->loss, y->loss);
		assert_int_equal(x->tokens_before, y->tokens_before);
		assert_int_equal(x->tokens_after, y->tokens_after);
		assert_true(str_eq(x->encoders, y->encoders));
		assert_true(str_eq(x->original, y->original));
	}
}

static void helpers_change_nothing(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < seeds_or(SEEDS) * ARRAY_N(confs); i++) {
		enum wire_format f = (enum wire_format)(WIRE_NONE + 1 + i % 4);
		const struct compress_conf *conf = &confs[i % ARRAY_N(confs)];
		struct arena a = ARENA_INIT;
		str body = make_body(i, f, &a);
		struct compress_result alone = compress(body, f, conf, 0), one, three;

		one = compress(body, f, conf, 1);
		three = compress(body, f, conf, 3);
		assert_true(alone.is_changed || conf->protect_recent);
		assert_true(str_eq(alone.body, one.body) && str_eq(alone.body, three.body));
		assert_same_blocks(&alone, &one);
		assert_same_blocks(&alone, &three);
		compress_result_release(&alone);
		compress_result_release(&one);
		compress_result_release(&three);
		arena_release(&a);
	}
}

/* ---- many at once ---- */

struct shared {
	struct engine *engine;
	str body, want;
	atomic_int wrong; /* cmocka's assertions belong to the main thread */
};

static void *work(void *arg)
{
	struct shared *x = arg;
	struct compress_result r;

	if (compress_request(x->engine, x->body, WIRE_ANTHROPIC, &confs[0], &r, NULL) != E_OK ||
		!str_eq(r.body, x->want))
		atomic_fetch_add(&x->wrong, 1);
	compress_result_release(&r);
	return NULL;
}

/* Fewer helpers than requests: some get no help, or late. */
static void requests_that_share_helpers_get_what_each_would_get_alone(void **state)
{
	struct arena a = ARENA_INIT;
	struct shared x = {.body = make_body(77, WIRE_ANTHROPIC, &a)};
	struct compress_result alone = compress(x.body, WIRE_ANTHROPIC, &confs[0], 0);
	pthread_t threads[THREADS];

	(void)state;
	x.want = alone.body;
	assert_int_equal(engine_new(&(struct engine_conf){.helpers_n = 2}, &x.engine, NULL), E_OK);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, &x), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(x.wrong, 0);
	engine_free(x.engine);
	compress_result_release(&alone);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(helpers_change_nothing),
		cmocka_unit_test(requests_that_share_helpers_get_what_each_would_get_alone),
	};

	return cmocka_run_group_tests_name("engine: helpers", tests, NULL, NULL);
}

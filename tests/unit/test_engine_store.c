/* The engine with a store: what was sent once is sent for ever, whoever asks, and every original comes back. */
#include "tests/unit/store_fixture.h"

#include <pthread.h>

#include "core/base/mem.h"
#include "core/engine/verify.h"
#include "tests/unit/random_session.h"

enum { SEEDS = 8, TURNS = 5, THREADS = 3 };

static const struct compress_conf keeping = {.keeps_originals = true};

static struct engine *new_engine(struct store *s)
{
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){.store = s}, &e, NULL), E_OK);
	return e;
}

static struct compress_result compress(
	struct engine *e, str body, enum wire_format f, const struct compress_conf *conf)
{
	struct compress_result r;
	struct errctx cx = {0};

	if (compress_request(e, body, f, conf, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	return r;
}

static size_t assert_verified(str body, const struct compress_result *r, struct store *s)
{
	struct verify_report report;
	struct errctx cx = {0};

	if (compress_verify(body, r->body, r->format, s, &report, &cx) != E_OK)
		fail_msg("%s", cx.text);
	assert_int_equal(report.decoded_n + report.format_n, r->changed_n);
	return report.stored_n;
}

/* A conversation as it was sent, turn by turn, by engines and handles that live for one turn each. */
static void check_restarts(
	struct fixture *f, uint64_t seed, enum wire_format format, const struct compress_conf *conf)
{
	struct arena a = ARENA_INIT;
	struct session *session = session_new(&a, seed, TURNS);
	str sent = STR_NULL;

	session->marks_last = false;
	for (uint32_t turns = 1; turns <= TURNS; turns++) {
		str body = session_body(session, format, turns, &a);
		struct store *s = open_default(f);
		struct engine *e = new_engine(s);
		struct compress_result r = compress(e, body, format, conf);
		size_t kept = sent.n ? sent.n - (sizeof SESSION_TAIL - 1) : 0;

		assert_int_equal(assert_verified(body, &r, s), r.changed_n);
		assert_true(str_starts(r.body, str_sub(sent, 0, kept)));
		sent = arena_str(&a, r.body);
		compress_result_release(&r);
		engine_free(e);
		store_close(s);
	}
	arena_release(&a);
}

static void a_restart_changes_nothing_that_was_sent(void **state)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		check_restarts(
			*state, seed, (enum wire_format)(1 + seed % (WIRE_FORMAT_N - 1)), &keeping);
}

/* What depends on the rest of the request is decided once, too: on how many messages follow, and on how much
 * stands before. */
static void what_was_left_at_first_sight_stays_after_a_restart(void **state)
{
	static const struct compress_conf confs[] = {
		{.keeps_originals = true, .protect_recent = 4},
		{.keeps_originals = true, .mode = COMPRESS_CACHE},
	};

	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		check_restarts(*state, seed, (enum wire_format)(1 + seed % (WIRE_FORMAT_N - 1)),
			&confs[seed % 2]);
}

static void every_original_comes_back(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;
	struct session *session = session_new(&a, 5, TURNS);
	str body = session_body(session, WIRE_ANTHROPIC, TURNS, &a);
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);
	struct compress_result r = compress(e, body, WIRE_ANTHROPIC, &keeping);

	assert_true(r.changed_n > 0);
	for (uint32_t i = 0; i < r.blocks_n; i++) {
		const struct compress_block *b = &r.blocks[i];
		str original;

		assert_true((b->original.n > 0) == (b->encoders.n > 0));
		if (!b->original.n)
			continue;
		assert_true(json_unescape(span_str(body, b->at), &a, &original));
		assert_int_equal(get(f, s, arena_cstr(&a, b->original)), E_OK);
		assert_true(str_eq(buf_str(&f->out), original));
	}
	compress_result_release(&r);
	engine_free(e);
	store_close(s);
	arena_release(&a);
}

static void without_keeping_no_original_is_stored(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;
	str body = session_body(session_new(&a, 5, TURNS), WIRE_GEMINI, TURNS, &a);
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);
	struct compress_result r =
		compress(e, body, WIRE_GEMINI, &(struct compress_conf){.keeps_originals = false});

	assert_true(r.changed_n > 0);
	assert_int_equal(assert_verified(body, &r, s), 0);
	compress_result_release(&r);
	engine_free(e);
	store_close(s);
	arena_release(&a);
}

static void what_cannot_be_stored_is_not_changed(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;
	str body = session_body(session_new(&a, 5, TURNS), WIRE_OPENAI_CHAT, TURNS, &a);
	struct store *s = open_default(f);
	struct compress_result r;
	struct engine *e;

	store_close(s);
	s = open_with(f, (struct store_conf){.is_read_only = true});
	e = new_engine(s);
	r = compress(e, body, WIRE_OPENAI_CHAT, &keeping);
	assert_false(r.is_changed);
	assert_true(r.body.p == body.p);
	compress_result_release(&r);
	engine_free(e);
	store_close(s);
	arena_release(&a);
}

static void the_order_of_conversations_does_not_matter(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;
	struct session *one = session_new(&a, 21, TURNS), *two = session_new(&a, 22, TURNS);
	struct store *s = open_default(f);
	str first[2] = {STR_NULL, STR_NULL};

	for (int round = 0; round < 2; round++) {
		struct engine *e = new_engine(s);

		for (int i = 0; i < 2; i++) {
			int which = round ? 1 - i : i;
			str body = session_body(which ? two : one, WIRE_ANTHROPIC, TURNS, &a);
			struct compress_result r = compress(e, body, WIRE_ANTHROPIC, &keeping);

			if (!round)
				first[which] = arena_str(&a, r.body);
			assert_true(str_eq(r.body, first[which]));
			compress_result_release(&r);
		}
		engine_free(e);
	}
	store_close(s);
	arena_release(&a);
}

/* ---- several at a time --------------------------------------------------------------------------------------- */

struct worker {
	pthread_t thread;
	struct fixture *f;
	struct store *store;
	str body;
	struct compress_result result;
	enum err err;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct engine *e;

	w->err = engine_new(&(struct engine_conf){.store = w->store}, &e, NULL);
	if (!w->err)
		w->err = compress_request(e, w->body, WIRE_ANTHROPIC, &keeping, &w->result, NULL);
	engine_free(e);
	return NULL;
}

/* Each with an engine of its own; a handle of its own, too, or all the same one. */
static void check_together(struct fixture *f, bool shares_handle)
{
	struct arena a = ARENA_INIT;
	str body = session_body(session_new(&a, 31, TURNS), WIRE_ANTHROPIC, TURNS, &a);
	struct worker w[THREADS];

	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){.f = f, .body = body};
		w[i].store = i && shares_handle ? w[0].store : open_default(f);
		assert_int_equal(pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(w[i].thread, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(w[i].err, E_OK);
		assert_true(str_eq(w[i].result.body, w[0].result.body));
		(void)assert_verified(body, &w[i].result, NULL);
	}
	for (int i = 0; i < THREADS; i++) {
		compress_result_release(&w[i].result);
		if (!i || !shares_handle)
			store_close(w[i].store);
	}
	arena_release(&a);
}

static void threads_with_one_handle_send_the_same(void **state)
{
	check_together(*state, true);
}

static void handles_on_one_file_send_the_same(void **state)
{
	check_together(*state, false);
}

/* ---- out of memory ------------------------------------------------------------------------------------------- */

static void memory_that_runs_out_before_the_store_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;
	str body = session_body(session_new(&a, 9, 2), WIRE_ANTHROPIC, 2, &a);
	struct store *s = open_default(f);
	bool has_failed = true;

	for (size_t n = 1; has_failed; n += 7) { /* a conversation of its own each time */
		struct engine *e = new_engine(s);
		struct compress_conf conf = {.keeps_originals = true, .protect_recent = 0};
		str glob = arena_printf(&a, "none-%zu", n);
		struct compress_result r;
		enum err err;

		conf.protect_tools = &glob;
		conf.protect_tools_n = 1;
		mem_fail_after(n);
		err = compress_request(e, body, WIRE_ANTHROPIC, &conf, &r, NULL);
		has_failed = mem_failed();
		mem_fail_after(0);
		assert_true(err == E_OK || (err == E_NOMEM && has_failed && r.body.p == body.p));
		(void)assert_verified(body, &r, s);
		compress_result_release(&r);
		engine_free(e);
	}
	store_close(s);
	arena_release(&a);
}

int main(void)
{
#define store_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		store_test(a_restart_changes_nothing_that_was_sent),
		store_test(what_was_left_at_first_sight_stays_after_a_restart),
		store_test(every_original_comes_back),
		store_test(without_keeping_no_original_is_stored),
		store_test(what_cannot_be_stored_is_not_changed),
		store_test(the_order_of_conversations_does_not_matter),
		store_test(threads_with_one_handle_send_the_same),
		store_test(handles_on_one_file_send_the_same),
		store_test(memory_that_runs_out_before_the_store_loses_nothing),
	};

	return cmocka_run_group_tests_name("engine: with a store", tests, NULL, NULL);
}

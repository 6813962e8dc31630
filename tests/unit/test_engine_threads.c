/* One engine for many threads: everyone gets the bytes that a thread of its own would have got. Worth most in
 * the tsan profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "core/engine/engine.h"
#include "tests/unit/random_session.h"

enum { THREADS = 4, SESSIONS = 3, TURNS = 4, ROUNDS = 3 };

static const struct compress_conf conf = {.model = {"gpt-4o", 6}};

struct shared {
	struct engine *engine;
	str body[SESSIONS][TURNS], want[SESSIONS][TURNS];
	atomic_int wrong; /* cmocka's assertions belong to the main thread */
};

struct worker {
	struct shared *shared;
	pthread_t thread;
	uint32_t first; /* the session that it begins with */
};

static void compress_all(struct shared *x, uint32_t session)
{
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		struct compress_result r;

		if (compress_request(x->engine, x->body[session][turn], WIRE_NONE, &conf, &r,
			    NULL) != E_OK ||
			!str_eq(r.body, x->want[session][turn]))
			atomic_fetch_add(&x->wrong, 1);
		compress_result_release(&r);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (uint32_t i = 0; i < ROUNDS * SESSIONS; i++)
		compress_all(w->shared, (w->first + i) % SESSIONS);
	return NULL;
}

static void make_sessions(struct shared *x, struct arena *a)
{
	struct engine *e;

	for (uint32_t i = 0; i < SESSIONS; i++) {
		enum wire_format f = (enum wire_format)(WIRE_NONE + 1 + i);
		struct session *s = session_new(a, 40 + i, TURNS);

		assert_int_equal(engine_new(&(struct engine_conf){0}, &e, NULL), E_OK);
		for (uint32_t turn = 0; turn < TURNS; turn++) {
			struct compress_result r;

			x->body[i][turn] = session_body(s, f, turn + 1, a);
			assert_int_equal(
				compress_request(e, x->body[i][turn], f, &conf, &r, NULL), E_OK);
			x->want[i][turn] = arena_str(a, r.body);
			compress_result_release(&r);
		}
		engine_free(e);
	}
}

static void run_threads(const struct engine_conf *engine_conf)
{
	struct arena a = ARENA_INIT;
	struct shared shared = {0};
	struct worker workers[THREADS];

	make_sessions(&shared, &a);
	assert_int_equal(engine_new(engine_conf, &shared.engine, NULL), E_OK);
	for (uint32_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.shared = &shared, .first = i};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (uint32_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	assert_int_equal(shared.wrong, 0);
	engine_free(shared.engine);
	arena_release(&a);
}

static void threads_that_share_an_engine_get_what_each_would_get_alone(void **state)
{
	(void)state;
	run_threads(&(struct engine_conf){0});
}

static void conversations_that_are_dropped_all_the_time_change_nothing(void **state)
{
	(void)state;
	run_threads(&(struct engine_conf){.conversation_bytes = 20000});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_that_share_an_engine_get_what_each_would_get_alone),
		cmocka_unit_test(conversations_that_are_dropped_all_the_time_change_nothing),
	};

	return cmocka_run_group_tests_name("engine: threads", tests, NULL, NULL);
}

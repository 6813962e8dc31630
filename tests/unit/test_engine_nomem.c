/* Memory that runs out, at every single allocation in turn: an error, the input as the body, nothing leaked,
 * and the engine goes on as if nothing had been. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/engine/verify.h"
#include "tests/unit/random_session.h"

/* Fails if a task has not finished by itself after so many allocations. */
enum { ALLOCATIONS_MAX = 100000, SEED = 8, TURNS = 2 };

static const struct compress_conf conf = {.model = {"gpt-4o", 6}};

static struct engine *new_engine(void)
{
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){0}, &e, NULL), E_OK);
	return e;
}

static struct compress_result compressed(struct engine *e, str body, enum wire_format f)
{
	struct compress_result r;

	assert_int_equal(compress_request(e, body, f, &conf, &r, NULL), E_OK);
	return r;
}

/* What is tried with the n-th allocation failing. It calls attempt_end() when it has done what may fail. */
struct attempt {
	size_t n;
	bool has_failed;
	void *self;
};
typedef enum err task_fn(struct attempt *x);

static void attempt_begin(const struct attempt *x)
{
	mem_fail_after(x->n);
}

static void attempt_end(struct attempt *x)
{
	x->has_failed = mem_failed();
	mem_fail_after(0);
}

/* For n = 1, 2, ... until none fails. */
static void run_out_of_memory(task_fn *task, void *self)
{
	struct attempt x = {.self = self, .has_failed = true};

	while (x.has_failed) {
		enum err err;

		assert_true(++x.n < ALLOCATIONS_MAX);
		err = task(&x);
		/* Memory that is only good for speed may fail unnoticed. */
		assert_true(err == E_OK || (x.has_failed && err == E_NOMEM));
	}
	assert_true(x.n > 1); /* there was something to fail */
}

/* ---- requests ------------------------------------------------------------------------------------------ */

struct request {
	enum wire_format format;
	str before,
		body; /* a turn that the engine knows already (may be empty), and the one at hand */
	str want;     /* the body compressed */
};

static void compress_again(struct engine *e, const struct request *x)
{
	struct compress_result r = compressed(e, x->body, x->format);

	assert_true(str_eq(r.body, x->want));
	compress_result_release(&r);
}

static enum err compress_once(struct attempt *at)
{
	const struct request *x = at->self;
	struct engine *e = new_engine();
	struct errctx cx = {0};
	struct compress_result r;
	enum err err;

	if (x->before.n) {
		r = compressed(e, x->before, x->format);
		compress_result_release(&r);
	}
	attempt_begin(at);
	err = compress_request(e, x->body, x->format, &conf, &r, &cx);
	attempt_end(at);
	if (err) {
		assert_true(r.body.p == x->body.p && r.body.n == x->body.n && !r.is_changed);
		assert_true(cx.code == err && *cx.text);
	} else {
		assert_true(str_eq(r.body, x->want));
	}
	compress_result_release(&r);
	compress_again(e, x);
	engine_free(e);
	return err;
}

static void check_requests(enum wire_format f, uint32_t known_turns)
{
	struct arena a = ARENA_INIT;
	struct session *s = session_new(&a, SEED + f, TURNS);
	struct request x = {.format = f};
	struct engine *e = new_engine();
	struct compress_result r;

	if (known_turns)
		x.before = session_body(s, f, known_turns, &a);
	x.body = session_body(s, f, TURNS, &a);
	r = compressed(e, x.body, f);
	assert_true(r.is_changed);
	x.want = arena_str(&a, r.body);
	compress_result_release(&r);
	engine_free(e);
	run_out_of_memory(compress_once, &x);
	arena_release(&a);
}

static void a_request_without_memory_goes_as_it_came(void **state)
{
	(void)state;
	for (enum wire_format f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++)
		check_requests(f, 0);
}

static void a_known_conversation_survives_a_request_without_memory(void **state)
{
	(void)state;
	check_requests(WIRE_ANTHROPIC, 1);
	check_requests(WIRE_GEMINI, TURNS);
}

/* ---- the other ways in ----------------------------------------------------------------------------------- */

static const char log_text[] = "\x1b[32m2026-01-01 worker one has finished\x1b[0m\n"
			       "2026-01-01 worker one has finished again\n"
			       "2026-01-01 worker two has finished again\n"
			       "2026-01-01 worker two has finished again\n"
			       "2026-01-01 worker two has finished again\n"
			       "2026-01-01 worker two has finished again\n"
			       "2026-01-01 worker two has finished again\n"
			       "2026-01-01 worker six has finished again\n";

static enum err compress_text_once(struct attempt *at)
{
	struct compress_result r;
	enum err err;

	attempt_begin(at);
	err = compress_text(at->self, STR(log_text), STR("Bash"), STR("make"), &conf, &r, NULL);
	attempt_end(at);
	if (err)
		assert_true(r.body.p == log_text && !r.is_changed);
	else
		assert_true(r.is_changed);
	compress_result_release(&r);
	return err;
}

static void a_text_without_memory_stays_as_it_is(void **state)
{
	struct engine *e = new_engine();

	(void)state;
	run_out_of_memory(compress_text_once, e);
	engine_free(e);
}

struct pair {
	enum wire_format format;
	str original, compressed;
};

static enum err verify_once(struct attempt *at)
{
	const struct pair *x = at->self;
	struct verify_report report;
	struct errctx cx = {0};
	enum err err;

	attempt_begin(at);
	err = compress_verify(x->original, x->compressed, x->format, NULL, &report, &cx);
	attempt_end(at);
	assert_true(cx.code == err);
	return err;
}

static void verifying_without_memory_is_no_verdict(void **state)
{
	(void)state;
	for (enum wire_format f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++) {
		struct arena a = ARENA_INIT;
		str body = session_body(session_new(&a, SEED, TURNS), f, TURNS, &a);
		struct engine *e = new_engine();
		struct compress_result r = compressed(e, body, f);

		run_out_of_memory(verify_once, &(struct pair){f, body, r.body});
		compress_result_release(&r);
		engine_free(e);
		arena_release(&a);
	}
}

static enum err verify_text_once(struct attempt *at)
{
	const struct pair *x = at->self;
	struct verify_report report;
	enum err err;

	attempt_begin(at);
	err = compress_verify_text(
		x->original, x->compressed, STR("Bash"), STR("make"), NULL, &report, NULL);
	attempt_end(at);
	return err;
}

static void verifying_a_text_without_memory_is_no_verdict(void **state)
{
	struct engine *e = new_engine();
	struct compress_result r;

	(void)state;
	assert_int_equal(
		compress_text(e, STR(log_text), STR("Bash"), STR("make"), &conf, &r, NULL), E_OK);
	run_out_of_memory(
		verify_text_once, &(struct pair){.original = STR(log_text), .compressed = r.body});
	compress_result_release(&r);
	engine_free(e);
}

/* ---- what it stands on ------------------------------------------------------------------------------------ */

static enum err scan_and_walk(struct arena *a, const struct pair *x)
{
	struct json_tape t;
	struct wire_doc d;

	if (arena_recover(a))
		return E_NOMEM;
	TRY(json_scan(a, x->original, &t, NULL));
	return wire_walk(a, &t, x->format, &d, NULL);
}

static enum err scan_and_walk_once(struct attempt *at)
{
	struct arena a = ARENA_INIT;
	enum err err;

	attempt_begin(at);
	err = scan_and_walk(&a, at->self);
	attempt_end(at);
	arena_release(&a);
	return err;
}

static void scanning_and_walking_without_memory_leave_nothing_behind(void **state)
{
	(void)state;
	for (enum wire_format f = WIRE_NONE + 1; f < WIRE_FORMAT_N; f++) {
		struct arena a = ARENA_INIT;
		str body = session_body(session_new(&a, SEED, TURNS), f, TURNS, &a);

		run_out_of_memory(
			scan_and_walk_once, &(struct pair){.format = f, .original = body});
		arena_release(&a);
	}
}

static enum err start_once(struct attempt *at)
{
	struct engine *e;
	enum err err;

	attempt_begin(at);
	err = engine_new(&(struct engine_conf){0}, &e, NULL);
	attempt_end(at);
	assert_true((e == NULL) == (err != E_OK));
	engine_free(e);
	return err;
}

static void an_engine_without_memory_does_not_start(void **state)
{
	(void)state;
	run_out_of_memory(start_once, NULL);
}

static void a_conversation_without_memory_does_not_begin(void **state)
{
	struct conversation *c;

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		mem_fail_after(n);
		assert_null(compress_conversation_new(&conf));
		mem_fail_after(0);
	}
	c = compress_conversation_new(&conf);
	assert_non_null(c);
	conversation_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_without_memory_goes_as_it_came),
		cmocka_unit_test(a_known_conversation_survives_a_request_without_memory),
		cmocka_unit_test(a_text_without_memory_stays_as_it_is),
		cmocka_unit_test(verifying_without_memory_is_no_verdict),
		cmocka_unit_test(verifying_a_text_without_memory_is_no_verdict),
		cmocka_unit_test(scanning_and_walking_without_memory_leave_nothing_behind),
		cmocka_unit_test(an_engine_without_memory_does_not_start),
		cmocka_unit_test(a_conversation_without_memory_does_not_begin),
	};

	return cmocka_run_group_tests_name("engine: out of memory", tests, NULL, NULL);
}

/* A conversation that comes message by message, as recorded sessions do, is rendered as the request that
 * holds all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/engine/verify.h"
#include "tests/unit/random_session.h"

enum { SEEDS = 25, TURNS = 5 };

static const struct compress_conf conf;

struct parts {
	struct engine *engine;
	enum wire_format format;
	struct conversation *sender, *receiver;
	struct wire_calls calls;
	struct arena *arena;
	size_t changed_n;
};

static struct wire_doc walked(struct parts *x, str message, struct wire_calls *calls)
{
	struct json_tape tape;
	struct wire_doc doc = {0};

	assert_int_equal(json_scan(x->arena, message, &tape, NULL), E_OK);
	assert_int_equal(wire_walk_piece(x->arena, &tape, &(struct wire_piece){.format = x->format},
				 &doc, NULL),
		E_OK);
	wire_resolve(x->arena, &doc, calls);
	return doc;
}

/* The message as it is sent. */
static str feed(struct parts *x, str message)
{
	struct wire_calls again = x->calls;
	struct wire_doc was = walked(x, message, &x->calls), is;
	struct verify_report report = {0};
	struct compress_result r;
	struct errctx cx = {0};
	str sent;

	assert_int_equal(compress_part(x->engine, x->sender, &was, &conf, &r, NULL), E_OK);
	x->changed_n += r.changed_n;
	sent = arena_str(x->arena, r.body);
	compress_result_release(&r);
	is = walked(x, sent, &again);
	if (compress_verify_part(x->receiver, &was, &is, NULL, &report, &cx) != E_OK)
		fail_msg("%s in " STR_FMT, cx.text, STR_ARG(sent));
	return sent;
}

/* The elements of the list at the body's end, one by one; what is sent of them, joined again. */
static str feed_all(struct parts *x, str body, const char *key)
{
	struct json_tape tape;
	struct buf joined;
	uint32_t at = 0, list;

	assert_int_equal(json_scan(x->arena, body, &tape, NULL), E_OK);
	list = json_member(&tape, 0, key);
	buf_init_arena(&joined, x->arena, LIMIT_INPUT);
	for (struct json_iter it = json_iter(&tape, list); json_next(&it);) {
		const struct json_node *v = &tape.v[it.value];

		buf_add(&joined, str_sub(body, at, v->start));
		buf_add(&joined, feed(x, str_sub(body, v->start, v->end)));
		at = v->end;
	}
	buf_add(&joined, str_sub(body, at, body.n));
	return buf_str(&joined);
}

static void check(uint64_t seed, enum wire_format f, const char *key)
{
	struct arena a = ARENA_INIT;
	struct parts x = {.format = f,
		.sender = compress_conversation_new(&conf),
		.receiver = compress_conversation_new(&conf),
		.arena = &a};
	struct session *s = session_new(&a, seed, TURNS);
	struct compress_result whole;
	str body, joined;

	s->has_ids = true; /* without, a result is told apart only within one document */
	body = session_body(s, f, TURNS, &a);
	assert_int_equal(engine_new(&(struct engine_conf){0}, &x.engine, NULL), E_OK);
	joined = feed_all(&x, body, key);
	assert_int_equal(compress_request(x.engine, body, f, &conf, &whole, NULL), E_OK);
	if (!str_eq(joined, whole.body))
		fail_msg("seed %u\nparts: " STR_FMT "\nwhole: " STR_FMT, (unsigned)seed,
			STR_ARG(joined), STR_ARG(whole.body));
	assert_int_equal(x.changed_n, whole.changed_n);
	compress_result_release(&whole);
	engine_free(x.engine);
	conversation_free(x.sender);
	conversation_free(x.receiver);
	arena_release(&a);
}

static void parts_are_rendered_as_the_whole(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		check(seed, WIRE_ANTHROPIC, "messages");
		check(seed, WIRE_OPENAI_CHAT, "messages");
		check(seed, WIRE_OPENAI_RESPONSES, "input");
		check(seed, WIRE_GEMINI, "contents");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_rendered_as_the_whole),
	};

	return cmocka_run_group_tests_name("engine: parts", tests, NULL, NULL);
}

/* What is read with the help of an earlier body is what is read without: blocks, hashes, tape, error. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/engine/bodies.h"
#include "tests/unit/random_json.h"
#include "tests/unit/seeds.h"

enum { BODY_BYTES = 80 << 10, KEPT_BYTES = 1 << 20 };

/* ---- bodies of every format --------------------------------------------------------------------------------- */

static void add_string(struct rng *r, struct buf *b)
{
	struct buf text;

	buf_init(&text, LIMIT_INPUT);
	for (uint32_t n = rng_below(r, 120); n; n--) {
		add_word(r, &text);
		buf_add_c(&text, rng_once_in(r, 6) ? "\n" : " ");
	}
	buf_add_json_string(b, buf_str(&text));
	buf_release(&text);
}

static void add_part(struct rng *r, struct buf *b)
{
	static const char *const heads[] = {"{\"type\":\"text\",\"text\":",
		"{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":",
		"{\"is_error\":true,\"tool_use_id\":\"t2\",\"type\":\"tool_result\",\"content\":",
		"{\"type\":\"thinking\",\"signature\":\"s\",\"thinking\":",
		"{\"type\":\"output_text\",\"text\":", "{\"text\":",
		"{\"type\":\"input_text\",\"text\":",
		("{\"functionResponse\":{\"name\":\"f\",\"response\":{\"output\":\"x\"}},"
		 "\"other\":")};

	if (rng_once_in(r, 5)) {
		buf_add_c(b, "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"Read\",\"input\":");
		add_json_value(r, b, 4);
		buf_add_c(b, "}");
		return;
	}
	buf_add_c(b, RNG_PICK(r, heads));
	add_string(r, b);
	if (rng_once_in(r, 9))
		buf_add_c(b, ",\"cache_control\":{\"type\":\"ephemeral\"}");
	buf_add_byte(b, '}');
}

/* A message, an item or a content: of all formats there is some. */
static void add_message(struct rng *r, struct buf *b)
{
	static const char *const roles[] = {"user", "assistant", "tool", "system", "model"};
	static const char *const lists[] = {"content", "parts"};
	static const char *const items[] = {
		"{\"type\":\"function_call_output\",\"call_id\":\"t1\",\"output\":",
		"{\"role\":\"tool\",\"tool_call_id\":\"t1\",\"content\":",
		"{\"type\":\"function_call\",\"call_id\":\"t1\",\"name\":\"f\",\"arguments\":",
		"{\"type\":\"reasoning\",\"encrypted_content\":"};

	if (rng_once_in(r, 4)) {
		buf_add_c(b, RNG_PICK(r, items));
		add_string(r, b);
		buf_add_byte(b, '}');
		return;
	}
	buf_printf(b, "{\"role\":\"%s\",\"%s\":[", RNG_PICK(r, roles), RNG_PICK(r, lists));
	for (uint32_t i = 0, n = 1 + rng_below(r, 4); i < n; i++) {
		buf_add_c(b, i ? "," : "");
		add_part(r, b);
	}
	buf_add_c(b, "]}");
}

struct session {
	const char *list; /* "messages", "input", "contents" */
	bool is_system_last;
	struct buf messages;
	struct buf system;
};

static void session_begin(struct session *s, struct rng *r)
{
	static const char *const lists[] = {"messages", "input", "contents"};

	s->list = RNG_PICK(r, lists);
	s->is_system_last = rng_once_in(r, 2);
	buf_init(&s->messages, LIMIT_INPUT);
	buf_init(&s->system, LIMIT_INPUT);
	buf_add_c(&s->system, "\"system\":[");
	add_part(r, &s->system);
	buf_add_c(&s->system, "],\"tools\":[{\"name\":\"f\"}],\"instructions\":\"i\"");
	while (s->messages.n < BODY_BYTES) {
		buf_add_c(&s->messages, s->messages.n ? "," : "");
		add_message(r, &s->messages);
	}
}

static void session_end(struct session *s)
{
	buf_release(&s->messages);
	buf_release(&s->system);
}

static void write_body(const struct session *s, struct buf *b)
{
	buf_add_c(b, "{\"model\":\"m\",");
	if (!s->is_system_last) {
		buf_add(b, buf_str(&s->system));
		buf_add_byte(b, ',');
	}
	buf_printf(b, "\"%s\":[", s->list);
	buf_add(b, buf_str(&s->messages));
	buf_add_c(b, "]");
	if (s->is_system_last) {
		buf_add_byte(b, ',');
		buf_add(b, buf_str(&s->system));
	}
	buf_add_c(b, "}");
}

/* The next request: one more message, or the client has changed something anywhere, or the body is damaged. */
static void next_body(struct session *s, struct rng *r, struct buf *b)
{
	static const char bytes[] = "\"\\{}[],:x7 \n\x01\xff";
	size_t at;

	buf_reset(b);
	for (uint32_t n = rng_below(r, 3); n; n--) {
		buf_add_byte(&s->messages, ',');
		add_message(r, &s->messages);
	}
	if (rng_once_in(r, 8))
		s->is_system_last = !s->is_system_last;
	write_body(s, b);
	if (rng_once_in(r, 3)) {
		at = b->n - 1 - rng_below(r, rng_once_in(r, 2) ? 2000 : (uint32_t)b->n);
		b->p[at] = bytes[rng_below(r, sizeof bytes - 1)];
	}
	if (rng_once_in(r, 12))
		b->n -= rng_below(r, 300);
}

/* ---- the same twice ----------------------------------------------------------------------------------------- */

static void assert_same_block(const struct wire_block *x, const struct wire_block *y)
{
	assert_int_equal(x->role, y->role);
	assert_int_equal(x->kind, y->kind);
	assert_int_equal(x->message, y->message);
	assert_int_equal(x->part, y->part);
	assert_int_equal(x->sub, y->sub);
	assert_int_equal(x->at.start, y->at.start);
	assert_int_equal(x->at.end, y->at.end);
	assert_int_equal(x->node, y->node);
	assert_int_equal(x->call, y->call);
	assert_int_equal(x->is_error, y->is_error);
	assert_int_equal(x->has_cache_control, y->has_cache_control);
	assert_true(str_eq(x->tool, y->tool) && str_eq(x->call_id, y->call_id));
	assert_true(str_eq(x->path, y->path));
	assert_true(hash128_eq(x->hash, y->hash));
}

static enum err read_plainly(
	struct arena *a, str body, enum wire_format *f, struct wire_doc *doc, struct errctx *cx)
{
	struct json_tape t;

	TRY(json_scan(a, body, &t, cx));
	if (*f == WIRE_NONE)
		*f = wire_detect(&t);
	return *f == WIRE_NONE ? E_MALFORMED : wire_walk(a, &t, *f, doc, cx);
}

/* Reads body with what b has, and without. Returns whether it can be read. */
static bool is_read_alike(struct bodies *b, str body, enum wire_format format)
{
	struct arena a = ARENA_INIT;
	struct body_record *held = NULL;
	struct wire_doc kept = {0}, plain = {0};
	struct errctx kept_cx = {0}, plain_cx = {0};
	enum wire_format f = format, g = format;
	enum err err = bodies_read(b, &a, body, &f, &held, &kept, &kept_cx);

	assert_null(held);
	assert_int_equal(err, read_plainly(&a, body, &g, &plain, &plain_cx));
	assert_int_equal(f, g);
	if (err && f != WIRE_NONE)
		assert_string_equal(kept_cx.text, plain_cx.text);
	if (!err) {
		assert_int_equal(kept.tape.n, plain.tape.n);
		assert_int_equal(kept.tape.notes, plain.tape.notes);
		assert_memory_equal(kept.tape.v, plain.tape.v, plain.tape.n * sizeof *plain.tape.v);
		assert_int_equal(kept.n, plain.n);
		for (uint32_t i = 0; i < plain.n; i++)
			assert_same_block(&kept.blocks[i], &plain.blocks[i]);
	}
	arena_release(&a);
	return !err;
}

static void conversations_go_on(void **state)
{
	static const enum wire_format others[] = {
		WIRE_ANTHROPIC, WIRE_OPENAI_CHAT, WIRE_OPENAI_RESPONSES, WIRE_GEMINI};
	uint64_t seeds = seeds_or(40), good = 0, all = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct rng r = rng_new(seed);
		struct bodies *b = bodies_new(KEPT_BYTES);
		struct session s[2];
		struct buf body;

		assert_non_null(b);
		buf_init(&body, LIMIT_INPUT);
		session_begin(&s[0], &r);
		session_begin(&s[1], &r);
		for (int turn = 0; turn < 12; turn++) {
			enum wire_format f = rng_once_in(&r, 4) ? RNG_PICK(&r, others) : WIRE_NONE;

			next_body(&s[rng_once_in(&r, 3)], &r, &body);
			good += is_read_alike(b, buf_str(&body), f);
			all++;
		}
		session_end(&s[0]);
		session_end(&s[1]);
		buf_release(&body);
		bodies_free(b);
	}
	assert_true(good > all / 3 && good < all);
}

/* Memory is bounded: with room for none, and for less than there are. */
static void what_is_kept_is_bounded(void **state)
{
	static const size_t rooms[] = {1, 16 << 10, 64 << 10};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rooms); i++) {
		struct rng r = rng_new(i + 1);
		struct bodies *b = bodies_new(rooms[i]);
		struct buf body;

		assert_non_null(b);
		buf_init(&body, LIMIT_INPUT);
		for (int n = 0; n < 8; n++) {
			struct session s;

			session_begin(&s, &r);
			next_body(&s, &r, &body);
			(void)is_read_alike(b, buf_str(&body), WIRE_NONE);
			assert_true(bodies_bytes(b) <= rooms[i]);
			session_end(&s);
		}
		buf_release(&body);
		bodies_free(b);
	}
}

/* ---- many at once ------------------------------------------------------------------------------------------- */

static void *read_on(void *bodies)
{
	struct rng r = rng_new(7); /* the same in all threads: they take from one another */
	struct session s;
	struct buf body;

	buf_init(&body, LIMIT_INPUT);
	session_begin(&s, &r);
	for (int turn = 0; turn < 10; turn++) {
		next_body(&s, &r, &body);
		(void)is_read_alike(bodies, buf_str(&body), WIRE_NONE);
	}
	session_end(&s);
	buf_release(&body);
	return NULL;
}

static void threads_share_what_is_kept(void **state)
{
	struct bodies *b = bodies_new(KEPT_BYTES);
	pthread_t threads[3];

	(void)state;
	assert_non_null(b);
	for (size_t i = 0; i < ARRAY_N(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, b), 0);
	for (size_t i = 0; i < ARRAY_N(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	bodies_free(b);
}

/* ---- without memory ----------------------------------------------------------------------------------------- */

/* Reads with a limit of allocations; true when memory ran out. */
static bool runs_out(struct bodies *b, str body, size_t after)
{
	struct arena a = ARENA_INIT;
	static struct body_record *in_hand; /* not in a register when the arena jumps */
	struct wire_doc doc;
	enum wire_format f = WIRE_NONE;
	bool is_out;

	in_hand = NULL;
	mem_fail_after(after);
	if (!arena_recover(&a) && bodies_read(b, &a, body, &f, &in_hand, &doc, NULL) != E_OK)
		assert_true(mem_failed());
	is_out = mem_failed();
	mem_fail_after(0);
	body_record_free(in_hand);
	arena_release(&a);
	return is_out;
}

static void memory_that_runs_out_loses_nothing_else(void **state)
{
	struct bodies *b = bodies_new(KEPT_BYTES);
	struct rng r = rng_new(3);
	struct session s;
	struct buf body;
	size_t n = 1;

	(void)state;
	assert_non_null(b);
	buf_init(&body, LIMIT_INPUT);
	session_begin(&s, &r);
	write_body(&s, &body);
	assert_true(is_read_alike(b, buf_str(&body), WIRE_NONE));
	while (runs_out(b, buf_str(&body), n)) {
		n++;
		assert_true(is_read_alike(b, buf_str(&body), WIRE_NONE));
	}
	assert_true(n > 2);
	session_end(&s);
	buf_release(&body);
	bodies_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversations_go_on),
		cmocka_unit_test(what_is_kept_is_bounded),
		cmocka_unit_test(threads_share_what_is_kept),
		cmocka_unit_test(memory_that_runs_out_loses_nothing_else),
	};

	return cmocka_run_group_tests_name("bodies", tests, NULL, NULL);
}

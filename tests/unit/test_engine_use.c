/* What a conversation may ask for stays in the store as long as it is sent, whoever remembers it; and markers that are
 * somebody else's are text like any other. */
#include "tests/unit/store_fixture.h"

#include "core/engine/engine.h"
#include "core/store/feedback.h"
#include "tests/unit/random_tools.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static const struct compress_conf eliding = {
	.keeps_originals = true, .elides = true, .learns = true};
/* As a store of days, in hours. */
static const struct store_conf short_lived = {
	.lease_ms = 2 * HOUR_MS, .keep_ms = 6 * HOUR_MS, .original_bytes_max = 64 << 10};

static str log_text(uint64_t seed, struct arena *a)
{
	enum { LINES = 400 };
	struct rng rng = rng_new(seed);
	struct tools_text t = {.rng = &rng, .n = LINES, .at = 7, .needle = STR("kx00")};
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	t.b = &b;
	tools_log(&t);
	return buf_str(&b);
}

/* A conversation in which a command has printed that. */
static str conversation(str text, struct arena *a)
{
	struct buf b;

	buf_init_arena(&b, a, LIMIT_INPUT);
	buf_add_c(&b,
		"{\"model\":\"claude-sonnet-4-5\",\"messages\":[{\"role\":\"user\",\"content\":\"?"
		"\"},"
		"{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_1\","
		"\"name\":\"Bash\",\"input\":{\"command\":\"journalctl\"}}]},{\"role\":\"user\","
		"\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_1\",\"content\":");
	buf_add_json_string(&b, text);
	buf_add_c(&b, "}]}]}");
	return buf_str(&b);
}

static struct engine *engine_of(struct store *s)
{
	struct engine *e;

	assert_int_equal(
		engine_new(&(struct engine_conf){.store = s, .clock = &fake_clock}, &e, NULL),
		E_OK);
	return e;
}

/* The body that is sent, in the arena. */
static str send(struct engine *e, str body, struct arena *a)
{
	struct compress_result r;
	struct errctx cx = {0};
	str sent;

	if (compress_request(e, body, WIRE_ANTHROPIC, &eliding, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	sent = arena_str(a, r.body);
	compress_result_release(&r);
	return sent;
}

/* Others keep their originals too, more than there is room for. */
static void crowd(struct fixture *f, struct store *s, uint64_t seed)
{
	for (uint64_t i = 0; i < 16; i++) {
		char *text = noise(8 << 10, seed * 100 + i);

		while (keep_text(s, (str){text, 8 << 10}, STR("x"), NULL, &f->cx) == E_BUSY)
			flush(f, s); /* all of the others are leased, too */
		free(text);
	}
	flush(f, s);
}

/* Two days of a conversation that one process remembers, or (is_idle) that nobody sends. */
static void live(struct fixture *f, bool is_idle)
{
	struct arena a = ARENA_INIT;
	struct store *s = open_with(f, short_lived);
	struct engine *e = engine_of(s);
	str text = log_text(1, &a), body = conversation(text, &a), first = send(e, body, &a);
	struct original_key key = original_key_of(text);

	assert_true(first.n < body.n / 2);
	assert_true(str_find(first, str_from(key.hex)) != STR_NONE);
	flush(f, s);
	for (uint64_t hour = 0; hour < 48; hour++) {
		pass_time(HOUR_MS);
		if (!is_idle)
			assert_true(str_eq(send(e, body, &a), first));
		flush(f, s);
		if (hour % 3 == 0)
			crowd(f, s, hour);
	}
	engine_free(e);
	if (is_idle) {
		assert_int_equal(get(f, s, key.hex), E_NOT_FOUND);
	} else {
		assert_int_equal(get(f, s, key.hex), E_OK);
		assert_true(str_eq(buf_str(&f->out), text));
	}
	store_close(s);
	s = open_with(f, short_lived);
	e = engine_of(s);
	/* After a restart: decisions and the snapshot are there as well. */
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering WHERE label = 'learnt'"), !is_idle);
	if (!is_idle)
		assert_true(str_eq(send(e, body, &a), first));
	engine_free(e);
	store_close(s);
	arena_release(&a);
}

static void what_is_sent_is_kept_by_who_remembers_it(void **state)
{
	live(*state, false);
}

static void what_nobody_sends_goes(void **state)
{
	live(*state, true);
}

/* A text that was made smaller before it came into the conversation. */
static str made_elsewhere(struct store *s, str text, struct arena *a)
{
	struct engine *e = engine_of(s);
	struct compress_result r;
	struct errctx cx = {0};
	str out;

	assert_int_equal(compress_text(e, text, STR_NULL, STR_NULL, &eliding, &r, &cx), E_OK);
	assert_int_equal(r.blocks[0].loss, LOSS_ELIDED);
	out = arena_str(a, r.body);
	compress_result_release(&r);
	engine_free(e);
	return out;
}

static void a_marker_in_what_the_client_sends_keeps_its_original(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;
	struct store *s = open_with(f, short_lived);
	struct engine *e = engine_of(s);
	str text = log_text(2, &a), other = log_text(3, &a);
	str body = conversation(made_elsewhere(s, text, &a), &a);

	(void)made_elsewhere(s, other, &a);
	flush(f, s);
	for (int hour = 0; hour < 24; hour++) {
		pass_time(HOUR_MS);
		assert_true(str_eq(send(e, body, &a), body));
		flush(f, s);
	}
	assert_int_equal(get(f, s, original_key_of(text).hex), E_OK);
	assert_true(str_eq(buf_str(&f->out), text));
	assert_int_equal(get(f, s, original_key_of(other).hex), E_NOT_FOUND);
	engine_free(e);
	store_close(s);
	arena_release(&a);
}

/* What only looks like ours: of a hash that nobody knows, and of one that is another conversation's. */
static void foreign_markers_are_text(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;
	struct store *s = open_with(f, short_lived), *empty;
	struct engine *e = engine_of(s);
	str others = log_text(4, &a), mine = conversation(made_elsewhere(s, others, &a), &a);
	struct fixture elsewhere = *f;
	const char *key = original_key_of(others).hex;

	/* another's: nothing is counted, left out, kept or asked for because of it */
	flush(f, s);
	sql(f, "DELETE FROM feedback");
	sql(f, "DELETE FROM elision");
	assert_true(str_eq(send(e, mine, &a), mine));
	flush(f, s);
	assert_int_equal(sql(f, "SELECT count(*) FROM original"), 1);
	assert_int_equal(sql(f, "SELECT count(*) FROM feedback"), 0);
	assert_int_equal(sql(f, "SELECT count(*) FROM rendering WHERE original <> ''"), 1);
	engine_free(e);
	store_close(s);
	/* unknown: the same text where there is no such original */
	(void)snprintf(elsewhere.path, sizeof elsewhere.path, "%s/empty.db", f->dir);
	empty = open_with(&elsewhere, short_lived);
	e = engine_of(empty);
	assert_true(str_eq(send(e, mine, &a), mine));
	flush(&elsewhere, empty);
	assert_int_equal(sql(&elsewhere, "SELECT count(*) FROM original"), 0);
	assert_int_equal(sql(&elsewhere, "SELECT count(*) FROM feedback"), 0);
	assert_int_equal(sql(&elsewhere, "SELECT count(*) FROM rendering WHERE original <> ''"), 0);
	assert_int_equal(get(&elsewhere, empty, key), E_NOT_FOUND);
	assert_int_equal(feedback_retrieved(empty, str_from(key), true, &f->cx), E_OK);
	flush(&elsewhere, empty);
	assert_int_equal(sql(&elsewhere, "SELECT count(*) FROM elision"), 0);
	engine_free(e);
	store_close(empty);
	arena_release(&a);
}

/* Every marker names its original by as many digits. */
static void hashes_have_one_width(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;
	struct store *s = open_default(f);
	struct engine *e = engine_of(s);

	assert_int_equal(ORIGINAL_KEY_LEN, 24);
	for (uint64_t seed = 10; seed < 30; seed++) {
		str sent = send(e, conversation(log_text(seed, &a), &a), &a);
		static const str way = STR("original: headroom retrieve ");
		size_t at = str_find(sent, way), n = 0;

		assert_true(at != STR_NONE);
		at += way.n;
		while (at + n < sent.n && strchr("0123456789abcdef", sent.p[at + n]))
			n++;
		assert_int_equal(n, ORIGINAL_KEY_LEN);
		assert_int_equal(sent.p[at + n], ']');
	}
	engine_free(e);
	store_close(s);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_sent_is_kept_by_who_remembers_it),
		T(what_nobody_sends_goes),
		T(a_marker_in_what_the_client_sends_keeps_its_original),
		T(foreign_markers_are_text),
		T(hashes_have_one_width),
	};

	return cmocka_run_group_tests_name("engine: what is in use", tests, NULL, NULL);
}

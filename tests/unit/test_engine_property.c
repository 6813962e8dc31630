/* What must hold for every conversation, shown on made-up ones in all wire formats, turn by turn.
 * HEADROOM_SEEDS=5000 in the environment makes it a longer run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/engine/verify.h"
#include "core/json/patch.h"
#include "tests/unit/random_session.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 24, TURNS = 7 };

static struct engine *new_engine(void)
{
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){0}, &e, NULL), E_OK);
	return e;
}

static void compress(struct engine *e, str body, enum wire_format f,
	const struct compress_conf *conf, struct compress_result *r)
{
	struct errctx cx = {0};

	if (compress_request(e, body, f, conf, r, &cx) != E_OK)
		fail_msg("%s in: " STR_FMT, cx.text, STR_ARG(body));
	assert_int_equal(r->format, f);
}

/* By an engine that has never seen anything. */
static void compress_cold(
	str body, enum wire_format f, const struct compress_conf *conf, struct compress_result *r)
{
	struct engine *e = new_engine();

	compress(e, body, f, conf, r);
	engine_free(e);
}

static struct json_tape scanned(struct arena *a, str body)
{
	struct json_tape t;
	struct errctx cx = {0};

	if (json_scan(a, body, &t, &cx) != E_OK)
		fail_msg("%s in: " STR_FMT, cx.text, STR_ARG(body));
	return t;
}

static struct wire_doc walked(struct arena *a, str body, enum wire_format f)
{
	struct json_tape t = scanned(a, body);
	struct wire_doc d;

	assert_int_equal(wire_walk(a, &t, f, &d, NULL), E_OK);
	return d;
}

static void assert_same(str got, str want, const char *what)
{
	size_t at = 0;

	if (str_eq(got, want))
		return;
	while (at < got.n && at < want.n && got.p[at] == want.p[at])
		at++;
	at = at > 200 ? at - 200 : 0;
	fail_msg("%s: from byte %zu on\ngot:  %.600s\nwant: %.600s", what, at, got.p + at,
		want.p + at);
}

/* ---- the properties of one body -------------------------------------------------------------------- */

static void assert_verified(str original, const struct compress_result *r)
{
	struct verify_report report;
	struct errctx cx = {0};

	if (compress_verify(original, r->body, r->format, NULL, &report, &cx) != E_OK)
		fail_msg("%s\noriginal: " STR_FMT "\nsent: " STR_FMT, cx.text, STR_ARG(original),
			STR_ARG(r->body));
	assert_int_equal(report.results_n, r->results_n);
	assert_int_equal(report.decoded_n + report.format_n, r->changed_n);
}

static void assert_never_worse(const struct compress_result *r)
{
	size_t before = 0, after = 0, changed = 0;

	for (uint32_t i = 0; i < r->blocks_n; i++) {
		const struct compress_block *b = &r->blocks[i];
		bool is_changed = str_eq_c(str_from(b->reason), "changed");

		assert_true(is_changed ? b->tokens_after < b->tokens_before
				       : b->tokens_after == b->tokens_before);
		assert_true(is_changed == (b->encoders.n > 0));
		before += b->tokens_before;
		after += b->tokens_after;
		changed += is_changed;
	}
	assert_int_equal(changed, r->changed_n);
	assert_int_equal(before, r->tokens_before);
	assert_int_equal(after, r->tokens_after);
	assert_true(r->is_changed == (changed > 0));
}

/* Everything but the literals of changed results stands in the output, byte for byte and in its place; the
 * counts of tokens are those of the texts that were and are there. */
static void assert_splice(str original, const struct compress_result *r)
{
	struct arena a = ARENA_INIT;
	struct wire_doc o = walked(&a, original, r->format), c = walked(&a, r->body, r->format);
	uint32_t o_at = 0, c_at = 0;

	assert_int_equal(o.n, c.n);
	assert_int_equal(o.n, r->blocks_n);
	for (uint32_t i = 0; i < o.n; i++) {
		const struct compress_block *b = &r->blocks[i];
		str was, is;

		assert_int_equal(b->at.start, o.blocks[i].at.start);
		if (!b->encoders.n)
			continue;
		assert_int_equal(o.blocks[i].kind, WIRE_TOOL_RESULT);
		assert_same(str_sub(r->body, c_at, c.blocks[i].at.start),
			str_sub(original, o_at, b->at.start), "between results");
		assert_true(json_unescape(span_str(original, b->at), &a, &was));
		assert_true(json_unescape(span_str(r->body, c.blocks[i].at), &a, &is));
		assert_int_equal(token_count(r->model.encoding, was, NULL), b->tokens_before);
		assert_int_equal(token_count(r->model.encoding, is, NULL), b->tokens_after);
		o_at = b->at.end;
		c_at = c.blocks[i].at.end;
	}
	assert_same(str_sub(r->body, c_at, r->body.n), str_sub(original, o_at, original.n),
		"behind the last result");
	arena_release(&a);
}

static void assert_idempotent(const struct compress_result *r, const struct compress_conf *conf)
{
	struct compress_result again;

	compress_cold(r->body, r->format, conf, &again);
	assert_same(again.body, r->body, "compressed twice");
	compress_result_release(&again);
}

static void assert_protected(
	const struct wire_doc *d, const struct compress_result *r, const struct compress_conf *conf)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const struct wire_block *b = &d->blocks[i];

		if (!r->blocks[i].encoders.n)
			continue;
		assert_false(str_ends(b->tool, STR("headroom_retrieve")));
		if (conf->is_lossless || b->is_error)
			assert_int_equal(r->blocks[i].loss, LOSS_NONE);
		for (size_t k = 0; k < conf->protect_tools_n; k++)
			if (str_glob(b->tool, conf->protect_tools[k], true))
				assert_int_equal(r->blocks[i].loss, LOSS_NONE);
		if (conf->protect_recent)
			assert_true(b->message + conf->protect_recent < d->message_n);
	}
}

/* ---- a conversation that grows ------------------------------------------------------------------------ */

struct run {
	struct session *session;
	enum wire_format format;
	const struct compress_conf *conf;
	struct engine *engine; /* knows the turns before */
	str sent;              /* in the turn before; empty in the first */
	struct arena *arena;   /* of the whole run */
	uint32_t compacts_at;  /* the turn before which the client drops its older ones; 0: never */
	size_t lossless_n, format_n, unverified_n;
};

static void assert_prefix(const struct run *run, const struct compress_result *r)
{
	size_t kept = run->sent.n ? run->sent.n - (sizeof SESSION_TAIL - 1) : 0;

	assert_true(r->body.n >= kept);
	assert_same(str_sub(r->body, 0, kept), str_sub(run->sent, 0, kept), "sent the turn before");
}

/* The results of the turn before, one by one, where a breakpoint has moved. */
static void assert_same_results(const struct run *run, const struct compress_result *r)
{
	struct wire_doc was, is;

	if (!run->sent.n)
		return;
	was = walked(run->arena, run->sent, run->format);
	is = walked(run->arena, r->body, run->format);
	for (uint32_t i = 0; i < was.n; i++)
		if (was.blocks[i].kind == WIRE_TOOL_RESULT)
			assert_same(span_str(r->body, is.blocks[i].at),
				span_str(run->sent, was.blocks[i].at), "sent the turn before");
}

static void check_turn(struct run *run, uint32_t turns)
{
	struct arena a = ARENA_INIT;
	str body = session_body(run->session, run->format, turns, &a);
	struct compress_result warm, cold;
	struct wire_doc d = walked(&a, body, run->format);
	struct compress_conf watching = *run->conf;

	watching.watches = true;
	compress(run->engine, body, run->format, &watching, &warm);
	assert_int_not_equal(warm.broke.cause, TRAIL_OWN);
	if (!run->compacts_at)
		assert_int_equal(warm.broke.cause, TRAIL_KEPT);
	compress_cold(body, run->format, run->conf, &cold);
	assert_same(warm.body, cold.body, "cold and warm");
	assert_int_equal(warm.tokens_after, cold.tokens_after);
	assert_never_worse(&warm);
	assert_splice(body, &warm);
	assert_verified(body, &warm);
	assert_idempotent(&warm, run->conf);
	assert_protected(&d, &warm, run->conf);
	if (run->session->marks_last)
		assert_same_results(run, &warm);
	else
		assert_prefix(run, &warm);
	for (uint32_t i = 0; i < warm.blocks_n; i++) {
		if (warm.blocks[i].reason == encode_reason_text(ENCODE_UNVERIFIED))
			run->unverified_n++;
		run->lossless_n += warm.blocks[i].encoders.n && warm.blocks[i].loss == LOSS_NONE;
		run->format_n += warm.blocks[i].loss == LOSS_FORMAT;
	}
	run->sent = arena_str(run->arena, warm.body);
	compress_result_release(&warm);
	compress_result_release(&cold);
	arena_release(&a);
}

static void check_session(
	struct run *run, uint64_t seed, enum wire_format format, const struct compress_conf *conf)
{
	struct arena a = ARENA_INIT;

	run->session = session_new(&a, seed, TURNS);
	run->format = format;
	run->conf = conf;
	run->engine = new_engine();
	run->sent = STR_NULL;
	run->arena = &a;
	for (uint32_t turns = 1; turns <= TURNS; turns++) {
		if (turns == run->compacts_at) {
			run->session->first_turn = turns - 2;
			run->sent = STR_NULL;
		}
		check_turn(run, turns);
	}
	engine_free(run->engine);
	arena_release(&a);
}

static void check_format(enum wire_format format)
{
	static const str globs[] = {{"mcp__*", 6}, {"bash", 4}};
	const struct compress_conf confs[] = {
		{.model = STR("gpt-4o")},
		{.is_lossless = true},
		{.protect_tools = globs, .protect_tools_n = ARRAY_N(globs), .counts_all = true},
		{.mode = COMPRESS_CACHE},
		{.target_ratio = 0.8, .is_file = true},
	};
	struct run run = {0};

	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
		run.compacts_at = seed % 4 ? 0 : (uint32_t)(3 + seed % 3);
		check_session(&run, seed, format, &confs[seed % ARRAY_N(confs)]);
	}
	/* The sessions are worth something. */
	assert_true(run.lossless_n > SEEDS * TURNS);
	assert_true(run.format_n * 2 > SEEDS);
	/* The decoder agrees, but where a text is made to look like ours. */
	assert_true(run.unverified_n * 200 < run.lossless_n);
}

static void anthropic_conversations_keep_every_promise(void **state)
{
	(void)state;
	check_format(WIRE_ANTHROPIC);
}

static void chat_conversations_keep_every_promise(void **state)
{
	(void)state;
	check_format(WIRE_OPENAI_CHAT);
}

static void responses_conversations_keep_every_promise(void **state)
{
	(void)state;
	check_format(WIRE_OPENAI_RESPONSES);
}

static void gemini_conversations_keep_every_promise(void **state)
{
	(void)state;
	check_format(WIRE_GEMINI);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anthropic_conversations_keep_every_promise),
		cmocka_unit_test(chat_conversations_keep_every_promise),
		cmocka_unit_test(responses_conversations_keep_every_promise),
		cmocka_unit_test(gemini_conversations_keep_every_promise),
	};

	return cmocka_run_group_tests_name("engine: properties", tests, NULL, NULL);
}

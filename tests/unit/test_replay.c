/* Replays of recordings that are small enough to be worked out by hand. Every " a" is one token of gpt-4o, prices are 2 USD per
 * million tokens, 1 for what is read from the cache, 8 for output; the cache reads whole steps of 128 from 1,024 on. */
#include "core/replay/replay.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/replay/segments.h"

enum { SYSTEM_TOKENS = 1300, TEXT_MAX = 1 << 20 };

struct fixture {
	struct arena arena;
	struct price_table *prices;
	struct replay_conf conf;
	struct replay_arm arms[REPLAY_ARMS_MAX];
	struct replay_result result;
	struct buf text;
};

static void add_arm(struct fixture *f, const char *text)
{
	struct errctx cx = {0};

	f->conf.arms = f->arms;
	assert_int_equal(
		replay_arm_parse(&f->arena, str_from(text), &f->arms[f->conf.arms_n++], &cx), E_OK);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct errctx cx = {0};

	*state = f;
	assert_int_equal(price_table_parse(STR("[\"gpt-4o\"]\ninput = 2\noutput = 8\ncache_read = "
					       "1\n"),
				 "prices", &f->prices, &cx),
		E_OK);
	f->conf = (struct replay_conf){.prices = f->prices, .cache_min = -1, .retrieve_rate = 0.1};
	replay_result_init(&f->result);
	buf_init(&f->text, TEXT_MAX);
	add_arm(f, "none");
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	replay_result_release(&f->result);
	buf_release(&f->text);
	price_table_free(f->prices);
	arena_release(&f->arena);
	free(f);
	return 0;
}

/* ---- recordings ---------------------------------------------------------------------------------- */

static void add_a(struct buf *b, unsigned n)
{
	while (n--)
		buf_add_c(b, " a");
}

/* Members of a body of the first so many messages: a system prompt of 1,300 tokens, then texts of the user and the assistant of ten tokens
 * each. first: the text that the system prompt begins with. */
static void add_body(struct buf *b, const char *first, unsigned messages)
{
	buf_printf(b, "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"%s",
		first);
	add_a(b, SYSTEM_TOKENS);
	buf_add_c(b, "\"}");
	for (unsigned i = 0; i < messages; i++) {
		buf_printf(b, ",{\"role\":\"%s\",\"content\":\"", i % 2 ? "assistant" : "user");
		add_a(b, 10);
		buf_add_c(b, "\"}");
	}
	buf_add_c(b, "]}");
}

/* A line of request bodies, a minute after the one before. usage may be NULL. */
static void add_request(
	struct fixture *f, unsigned minute, const char *first, unsigned messages, const char *usage)
{
	buf_printf(&f->text, "{\"ts\":\"2026-01-02T03:%02u:00Z\",\"session\":\"s\",", minute);
	if (usage)
		buf_printf(&f->text, "\"usage\":%s,", usage);
	buf_add_c(&f->text, "\"request\":");
	add_body(&f->text, first, messages);
	buf_add_c(&f->text, "}\n");
}

static void replay_text(struct fixture *f, struct replay_result *r)
{
	struct errctx cx = {0};

	assert_int_equal(f->text.err, E_OK);
	if (replay_file(&f->conf, buf_str(&f->text), STR("log.jsonl"), TRANSCRIPT_NONE, r, &cx) !=
		E_OK)
		fail_msg("%s", cx.text);
}

static void assert_usd(double got, double micro)
{
	if (fabs(got * 1e6 - micro) > 0.001)
		fail_msg("%.3f millionths of a dollar, not %.3f", got * 1e6, micro);
}

/* ---- sums ---------------------------------------------------------------------------------------- */

static void a_growing_conversation_is_billed_as_worked_out_by_hand(void **state)
{
	struct fixture *f = *state;
	const struct replay_sums *s = &f->result.sums[0];

	add_request(f, 0, "", 1, NULL); /* 1310: all new */
	add_request(f, 1, "", 3, NULL); /* 1330: 1310 are known, 1280 are whole steps */
	replay_text(f, &f->result);
	assert_int_equal(f->result.sessions, 1);
	assert_int_equal(s->turns, 2);
	assert_int_equal(s->raw, 1310 + 1330);
	assert_int_equal(s->sent, s->raw);
	assert_int_equal(s->read, 1280);
	assert_int_equal(s->uncached, 1310 + 50);
	assert_int_equal(s->classes[CACHE_COLD], 1);
	assert_int_equal(s->classes[CACHE_HIT], 1);
	assert_usd(replay_cost(s), 1360 * 2 + 1280 * 1);
	assert_usd(cost_total(&s->cost_uncached), 2640 * 2);
}

/* As the first, with a step between the two. */
static void a_long_request_has_the_price_of_its_step(void **state)
{
	static const char text[] = "['* above 1310']\ninput=4\noutput=9\ncache_read=3\n"
				   "['*']\ninput=2\noutput=9\ncache_read=1\n";
	struct fixture *f = *state;
	struct price_table *prices;

	assert_int_equal(price_table_parse(str_from(text), "prices", &prices, NULL), E_OK);
	f->conf.prices = prices;
	add_request(f, 0, "", 1, NULL);
	add_request(f, 1, "", 3, NULL);
	replay_text(f, &f->result);
	assert_usd(replay_cost(&f->result.sums[0]), 1310 * 2 + 50 * 4 + 1280 * 3);
	price_table_free(prices);
}

static void output_is_billed_where_it_is_known(void **state)
{
	struct fixture *f = *state;

	add_request(f, 0, "", 1, "{\"prompt_tokens\":1310,\"completion_tokens\":100}");
	replay_text(f, &f->result);
	assert_int_equal(f->result.sums[0].output, 100);
	assert_usd(replay_cost(&f->result.sums[0]), 1310 * 2 + 100 * 8);

	replay_result_release(&f->result);
	f->conf.no_output_cost = true;
	replay_text(f, &f->result);
	assert_usd(replay_cost(&f->result.sums[0]), 1310 * 2);
}

static void what_the_client_changed_is_a_reset_and_what_is_old_has_expired(void **state)
{
	struct fixture *f = *state;
	const uint64_t *n = f->result.sums[0].classes;

	add_request(f, 0, "", 1, NULL);
	add_request(f, 1, "new", 3, NULL);
	add_request(f, 40, "new", 5, NULL);
	replay_text(f, &f->result);
	assert_int_equal(n[CACHE_COLD], 1);
	assert_int_equal(n[CACHE_RESET], 1);
	assert_int_equal(n[CACHE_EXPIRED], 1);
}

static void settings_override_the_rules_of_the_provider(void **state)
{
	struct fixture *f = *state;

	add_request(f, 0, "", 1, NULL);
	add_request(f, 40, "", 3, NULL);
	f->conf.ttl_ms = 3600 * 1000;
	replay_text(f, &f->result);
	assert_int_equal(f->result.sums[0].read, 1280);
	replay_result_release(&f->result);
	f->conf.cache_min = 4096;
	replay_text(f, &f->result);
	assert_int_equal(f->result.sums[0].read, 0);
}

static void only_the_turns_that_are_asked_for(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 4; i++)
		add_request(f, i, "", 2 * i + 1, NULL);
	f->conf.limit = 3;
	assert_true(clock_parse(STR("2026-01-02T03:01:00Z"), &f->conf.since_ms));
	replay_text(f, &f->result);
	assert_int_equal(f->result.turns, 3);
	replay_result_release(&f->result);
	assert_true(clock_parse(STR("2026-01-02T03:02:00Z"), &f->conf.until_ms));
	replay_text(f, &f->result);
	assert_int_equal(f->result.turns, 1);
	replay_result_release(&f->result);
	f->conf.session = STR("t");
	replay_text(f, &f->result);
	assert_int_equal(f->result.turns, 0);
}

/* ---- arms ---------------------------------------------------------------------------------------- */

/* A tool's result of so many lines, said twice in one conversation. */
static void add_twice(struct fixture *f)
{
	for (unsigned results = 0; results < 3; results++) {
		buf_printf(&f->text,
			"{\"ts\":\"2026-01-02T03:%02u:00Z\",\"session\":\"s\",\"request\":",
			results);
		buf_add_c(&f->text,
			"{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"");
		add_a(&f->text, SYSTEM_TOKENS);
		buf_add_c(&f->text, "\"}");
		for (unsigned i = 0; i < results; i++) {
			buf_printf(&f->text,
				",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"
				"\"c%u\",\"type\":\"function\",\"function\":{\"name\":\"run\","
				"\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
				"\"c%u\",\"content\":\"",
				i, i);
			for (unsigned k = 0; k < 60; k++)
				buf_printf(
					&f->text, "%u is what line number %u says\\n", k * 7919, k);
			buf_add_c(&f->text, "\"}");
		}
		buf_add_c(&f->text, "]}}\n");
	}
}

static void an_arm_saves_and_breaks_no_prefix(void **state)
{
	struct fixture *f = *state;
	const struct replay_result *r = &f->result;
	int64_t saved = 0;

	add_arm(f, "token");
	add_arm(f, "off:protect-recent=1000000");
	f->conf.verifies = true;
	add_twice(f);
	replay_text(f, &f->result);
	assert_int_equal(r->sums[1].raw, r->sums[0].raw);
	assert_true(r->sums[1].sent + 400 < r->sums[0].sent);
	assert_true(replay_cost(&r->sums[1]) < replay_cost(&r->sums[0]));
	assert_int_equal(r->sums[1].classes[CACHE_BUST], 0);
	assert_true(r->verified.proven > 0);
	assert_int_equal(r->verified.failed, 0);
	assert_int_equal(r->ms[0].n, 0);
	assert_int_equal(r->ms[1].n, 3);
	assert_int_equal(r->sums[2].sent, r->sums[0].sent);
	for (size_t i = 0; i < r->transforms.v.n; i++)
		if (r->transforms.v.v[i].arm == 1)
			saved += r->transforms.v.v[i].saved;
	assert_int_equal(saved, (int64_t)(r->sums[0].sent - r->sums[1].sent));
}

static void what_was_sent_on_is_an_arm(void **state)
{
	struct fixture *f = *state;

	add_arm(f, "logged");
	buf_add_c(&f->text, "{\"timestamp\":\"2026-01-02T03:04:05.000Z\",\"request_id\":\"r\","
			    "\"session\":\"s\",\"model\":\"gpt-4o\",\"tokens_before\":1,"
			    "\"tokens_after\":1,\"request\":");
	add_body(&f->text, "", 9);
	buf_add_c(&f->text, ",\"sent\":");
	add_body(&f->text, "", 1);
	buf_add_c(&f->text, "}\n");
	replay_text(f, &f->result);
	assert_int_equal(f->result.logged, 1);
	assert_int_equal(f->result.sums[0].sent, 1390);
	assert_int_equal(f->result.sums[1].sent, 1310);
}

static void text_that_is_left_out_is_asked_for_again(void **state)
{
	struct fixture *f = *state;

	add_arm(f, "ccr:ccr=on");
	buf_add_c(&f->text,
		"{\"session\":\"s\",\"request\":{\"model\":\"gpt-4o\",\"messages\":[{\"role\":"
		"\"user\",\"content\":\"x\"},"
		"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\",\"type\":"
		"\"function\",\"function\":{\"name\":\"run\",\"arguments\":\"{}\"}}]},{\"role\":"
		"\"tool\",\"tool_call_id\":\"c\",\"content\":\"");
	for (unsigned i = 0; i < 3000; i++)
		buf_printf(&f->text,
			"2026-01-02T03:%02u:%02uZ INFO worker %u took job %u in %u ms\\n",
			i / 60 % 60, i % 60, i % 7, i * 7919, i * 31 % 977);
	buf_add_c(&f->text, "\"}]}}\n");
	/* As agents record it: without the list of their tools. */
	replay_text(f, &f->result);
	assert_true(f->result.sums[1].sent < f->result.sums[0].sent / 2);
	assert_true(fabs(f->result.sums[1].retrievals - 0.1) < 1e-9);
	assert_true(f->result.sums[1].retrieval_cost > 0);
	assert_true(replay_cost(&f->result.sums[1]) > cost_total(&f->result.sums[1].cost));
}

static void an_arm_that_says_nothing_known_is_refused(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text, *part;
	} rows[] = {
		{"fast", "no arm 'fast'"},
		{":mode=token", "an arm is NAME:KEY=VALUE"},
		{"x:speed=1", "no setting 'speed'"},
		{"x:mode=fast", "mode is token or cache, not 'fast'"},
		{"x:lossless=yes", "lossless is on or off"},
		{"x:target-ratio=2", "target-ratio is a number above 0"},
		{"x:protect-recent=-1", "protect-recent is a number of messages"},
	};

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct errctx cx = {0};
		struct replay_arm arm;

		assert_int_equal(
			replay_arm_parse(&f->arena, str_from(rows[i].text), &arm, &cx), E_USAGE);
		if (!strstr(cx.text, rows[i].part))
			fail_msg("'%s' lacks '%s'", cx.text, rows[i].part);
	}
}

/* ---- what the provider reported ------------------------------------------------------------------ */

static void usage_calibrates_and_explains_what_a_body_lacks(void **state)
{
	struct fixture *f = *state;
	const struct replay_calibration *c = &f->result.calibration;

	/* 690 tokens more than the body has; all of the first prompt was new. */
	add_request(f, 0, "", 1,
		"{\"prompt_tokens\":2000,\"completion_tokens\":1,"
		"\"prompt_tokens_details\":{\"cached_tokens\":0}}");
	add_request(f, 1, "", 3,
		"{\"prompt_tokens\":2020,\"completion_tokens\":1,"
		"\"prompt_tokens_details\":{\"cached_tokens\":1920}}");
	replay_text(f, &f->result);
	assert_int_equal(f->result.sums[0].raw, 4020);
	assert_int_equal(c->turns, 2);
	assert_int_equal(c->read, 1920); /* 2,000 in whole steps of 128 */
	assert_int_equal(c->recorded_read, 1920);
	assert_usd(c->cost, c->recorded_cost * 1e6);
}

#define USAGE(prompt, cached)                                                                \
	"{\"prompt_tokens\":" #prompt ",\"completion_tokens\":1,\"prompt_tokens_details\":{" \
	"\"cached_tokens\":" #cached "}}"

/* The bodies go on as they should, and the provider had nothing: something else was changed. */
static void a_cache_that_was_lost_without_a_reason_in_the_bodies_is_a_reset(void **state)
{
	struct fixture *f = *state;

	add_request(f, 0, "", 1, USAGE(1310, 0));
	add_request(f, 1, "", 3, USAGE(1330, 1280));
	add_request(f, 2, "", 5, USAGE(1350, 0));
	add_request(f, 3, "", 7, USAGE(1370, 1280));
	replay_text(f, &f->result);
	assert_int_equal(f->result.sums[0].classes[CACHE_RESET], 1);
	assert_int_equal(f->result.sums[0].classes[CACHE_HIT], 2);
	assert_int_equal(f->result.calibration.turns, 4);
	assert_int_equal(f->result.calibration.resets, 1);
	assert_int_equal(f->result.calibration.read, f->result.calibration.recorded_read);
	assert_int_equal(f->result.causes[0][TRAIL_SYSTEM].turns, 0); /* nobody knows what it was */
}

/* The first half says that 690 tokens are missing from the bodies. That the provider will lose its cache in the last turn it cannot say,
 * and what is fitted to all of the usage must not be taken for a prediction. */
static void the_second_half_is_foretold_from_the_first_alone(void **state)
{
	struct fixture *f = *state;
	const struct replay_calibration *c = &f->result.calibration;

	add_request(f, 0, "", 1, USAGE(2000, 0));
	add_request(f, 1, "", 3, USAGE(2020, 1920));
	add_request(f, 2, "", 5, USAGE(2040, 1920));
	add_request(f, 3, "", 7, USAGE(2060, 1920)); /* 2,040 in whole steps of 128, and so on */
	add_request(f, 4, "", 9, USAGE(2080, 2048));
	add_request(f, 5, "", 11, USAGE(2100, 0));
	replay_text(f, &f->result);
	assert_int_equal(c->read, c->recorded_read);
	assert_int_equal(c->blind.turns, 3);
	assert_int_equal(c->blind.recorded_read, 1920 + 2048);
	assert_int_equal(c->blind.read, 1920 + 2048 + 2048);
	assert_int_equal(c->blind.lost_turns, 1);
	assert_usd(c->blind.cost - c->blind.lost_cost,
		(c->blind.recorded_cost - c->blind.lost_recorded_cost) * 1e6);
}

static void what_broke_the_cache_is_named_and_priced(void **state)
{
	struct fixture *f = *state;
	const struct replay_break *b = &f->result.breaks[0];

	add_request(f, 0, "", 1, NULL);
	add_request(f, 1, "", 3, NULL);
	/* Text of 4,096 bytes and more behind the place: in tokens of two bytes each, 1,280 of 1,330 were live. */
	add_request(f, 2, "it is 2026-01-02T03:02:00Z", 5, NULL);
	replay_text(f, &f->result);
	assert_int_equal(f->result.breaks_n, 0); /* 2,660 bytes: too little to be worth a word */

	replay_result_release(&f->result);
	buf_reset(&f->text);
	add_request(f, 0, "", 301, NULL);
	add_request(f, 1, "it is 2026-01-02T03:02:00Z", 303, NULL);
	replay_text(f, &f->result);
	assert_int_equal(f->result.breaks_n, 1);
	assert_int_equal(b->by, TRAIL_TIME);
	assert_true(str_eq(b->at, STR("messages[0].content")));
	assert_int_equal(b->turn, 2);
	assert_int_equal(b->tokens, (1300 + 301 * 10) / 128 * 128);
	assert_usd(b->usd, (double)b->tokens * (2 - 1));
	assert_int_equal(f->result.causes[0][TRAIL_TIME].turns, 1);
}

static void savings_by_tool_and_by_encoder_add_up_to_the_token(void **state)
{
	struct fixture *f = *state;
	int64_t tools = 0, encoders = 0;

	add_arm(f, "token");
	add_twice(f);
	replay_text(f, &f->result);
	for (size_t i = 0; i < f->result.tools.v.n; i++)
		tools += f->result.tools.v.v[i].saved;
	for (size_t i = 0; i < f->result.transforms.v.n; i++)
		encoders += f->result.transforms.v.v[i].saved;
	assert_true(tools > 0);
	assert_int_equal(tools, f->result.sums[1].raw - f->result.sums[1].sent);
	assert_int_equal(encoders, tools);
	assert_int_equal(f->result.causes[1][TRAIL_OWN].turns, 0);
}

/* At every allocation in turn: an error that says so, and nothing is leaked. */
static void memory_that_runs_out_is_an_error(void **state)
{
	struct fixture *f = *state;
	size_t failures = 0;

	add_arm(f, "token");
	add_twice(f);
	for (size_t n = 1;; n++) {
		struct replay_result r;
		struct errctx cx = {0};
		enum err err;
		bool has_failed;

		replay_result_init(&r);
		mem_fail_after(n);
		err = replay_file(
			&f->conf, buf_str(&f->text), STR("log.jsonl"), TRANSCRIPT_NONE, &r, &cx);
		has_failed = mem_failed();
		mem_fail_after(0);
		replay_result_release(&r);
		if (!has_failed)
			break;
		failures++;
		if (err)
			assert_int_equal(err, E_NOMEM);
	}
	assert_true(failures > 50);
}

static void a_price_that_nobody_knows_is_guessed_and_said(void **state)
{
	struct fixture *f = *state;

	buf_add_c(&f->text, "{\"model\":\"made-up-1\",\"messages\":[{\"role\":\"user\",\"content\":"
			    "\"hello\"}]}\n");
	replay_text(f, &f->result);
	assert_int_equal(f->result.unpriced.n, 1);
	assert_true(replay_cost(&f->result.sums[0]) > 0);
}

/* ---- merging ------------------------------------------------------------------------------------- */

static void parts_add_up_to_the_whole(void **state)
{
	struct fixture *f = *state;
	struct replay_result sum, other;

	add_arm(f, "token");
	f->conf.keeps_turns = true;
	add_twice(f);
	replay_result_init(&sum);
	replay_result_init(&other);
	replay_text(f, &f->result);
	replay_text(f, &other);
	replay_merge(&sum, &f->result);
	replay_merge(&sum, &other);
	assert_int_equal(sum.files, 2);
	assert_int_equal(sum.turns, 2 * f->result.turns);
	assert_int_equal(sum.sums[1].sent, 2 * f->result.sums[1].sent);
	assert_usd(replay_cost(&sum.sums[1]), 2e6 * replay_cost(&f->result.sums[1]));
	assert_int_equal(sum.rows.n, 2 * f->result.rows.n);
	assert_int_equal(sum.by[REPLAY_BY_MODEL].v.n, 1);
	assert_int_equal(sum.by[REPLAY_BY_DAY].v.n, 1);
	assert_true(str_eq_c(sum.by[REPLAY_BY_DAY].v.v[0].name, "2026-01-02"));
	replay_result_release(&other);
	replay_result_release(&sum);
}

/* ---- segments ------------------------------------------------------------------------------------ */

static void every_format_is_cut_into_what_the_model_reads(void **state)
{
	static const struct {
		enum wire_format format;
		const char *body;
		unsigned n, system_n;
		uint64_t tokens, result;
	} rows[] = {
		{WIRE_ANTHROPIC,
			"{\"system\":\" a "
			"a\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
			"\"text\",\"text\":\" a\"},{\"type\":\"tool_result\",\"content\":\" a a "
			"a\"}]}]}",
			3, 1, 6, 3},
		{WIRE_OPENAI_CHAT,
			"{\"messages\":[{\"role\":\"system\",\"content\":\" a "
			"a\"},{\"role\":\"tool\","
			"\"content\":\" a a a\"}]}",
			2, 1, 5, 3},
		{WIRE_OPENAI_RESPONSES,
			"{\"instructions\":\" "
			"a\",\"input\":[{\"type\":\"function_call_output\",\"output\":"
			"\" a a\"}]}",
			2, 1, 3, 2},
		{WIRE_OPENAI_RESPONSES, "{\"input\":\" a a\"}", 1, 0, 2, 0},
		{WIRE_GEMINI,
			"{\"systemInstruction\":{\"parts\":[{\"text\":\" a "
			"a\"}]},\"contents\":[{\"role\":"
			"\"user\",\"parts\":[{\"text\":\" a\"}]},{\"role\":\"user\",\"parts\":[{"
			"\"functionResponse\":{\"name\":\"f\",\"response\":7}}]}]}",
			3, 1, 4, 1},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct counter *c = counter_new(&f->arena, TOKEN_O200K, 1.0);
		struct segments s;
		struct errctx cx = {0};

		assert_int_equal(
			segments_cut(&f->arena, rows[i].format, str_from(rows[i].body), c, &s, &cx),
			E_OK);
		assert_int_equal(s.n, rows[i].n);
		assert_int_equal(s.system_n, rows[i].system_n);
		assert_int_equal(s.tokens, rows[i].tokens);
		assert_int_equal(s.share_tokens[SHARE_RESULT], rows[i].result);
		counter_free(c);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_growing_conversation_is_billed_as_worked_out_by_hand),
		TEST(a_long_request_has_the_price_of_its_step),
		TEST(output_is_billed_where_it_is_known),
		TEST(what_the_client_changed_is_a_reset_and_what_is_old_has_expired),
		TEST(settings_override_the_rules_of_the_provider),
		TEST(only_the_turns_that_are_asked_for),
		TEST(an_arm_saves_and_breaks_no_prefix),
		TEST(what_was_sent_on_is_an_arm),
		TEST(text_that_is_left_out_is_asked_for_again),
		TEST(an_arm_that_says_nothing_known_is_refused),
		TEST(usage_calibrates_and_explains_what_a_body_lacks),
		TEST(the_second_half_is_foretold_from_the_first_alone),
		TEST(a_cache_that_was_lost_without_a_reason_in_the_bodies_is_a_reset),
		TEST(what_broke_the_cache_is_named_and_priced),
		TEST(savings_by_tool_and_by_encoder_add_up_to_the_token),
		TEST(memory_that_runs_out_is_an_error),
		TEST(a_price_that_nobody_knows_is_guessed_and_said),
		TEST(parts_add_up_to_the_whole),
		TEST(every_format_is_cut_into_what_the_model_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

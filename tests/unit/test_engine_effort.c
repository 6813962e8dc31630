/* Messages that lower the effort behind what only says to go on, and take it up again: where they stand, that they stay, and when there are none. */
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"
#include "tests/unit/store_fixture.h"

#include "core/base/arena.h"
#include "core/engine/engine.h"
#include "core/engine/go_ahead.h"
#include "core/engine/verify.h"

#define MESSAGE(level) \
	",{\"role\":\"system\",\"content\":[],\"output_config\":{\"effort\":\"" level "\"}}"
#define USER(text)  "{\"role\":\"user\",\"content\":\"" text "\"}"
#define SAID(text)  ",{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define AGAIN(text) "," USER(text)

#define MODEL "\"model\":\"claude-opus-5-5\","
#define HIGH  "\"output_config\":{\"effort\":\"high\"},"

static const struct compress_conf routes = {.routes_effort = true, .watches = true};

static void what_only_says_to_go_on(void **state)
{
	static const char *const yes[] = {"continue", "Continue.", "yes", "go on", "ok do it",
		"commit", "thanks", "Thanks!", "looks good, proceed", "Yes, please continue.",
		"OK\n- go ahead -", "that's right, do it", "great work, commit and push",
		"Continue from where you left off.", "let's continue", "  y  "};
	static const char *const no[] = {"", " ", "please", "and then", "continue?",
		"yes, but use tabs", "continue with the parser", "no", "stop", "ok 2",
		"commit to main", "yes/no", "continue\xc2\xa0", "1", "go went", "goon", "don't",
		"dont do it", "not good",
		("ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok "
		 "ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok")};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(yes); i++)
		if (!go_ahead_is(str_from(yes[i])))
			fail_msg("more than leave to go on: %s", yes[i]);
	for (size_t i = 0; i < ARRAY_N(no); i++)
		if (go_ahead_is(str_from(no[i])))
			fail_msg("taken for leave to go on: %s", no[i]);
}

static struct engine *new_engine(struct store *s)
{
	struct engine *e;

	assert_int_equal(engine_new(&(struct engine_conf){.store = s}, &e, NULL), E_OK);
	return e;
}

static void verify(str body, str sent)
{
	struct verify_report report;
	struct errctx cx = {0};

	if (compress_verify(body, sent, WIRE_ANTHROPIC, NULL, &report, &cx) != E_OK)
		fail_msg("%s: " STR_FMT, cx.text, STR_ARG(sent));
}

/* The body with that head and those messages becomes want's messages; NULL: stays. */
static void check_with(struct engine *e, const char *head, const char *messages, const char *want,
	const struct compress_conf *conf)
{
	struct compress_result r;
	struct errctx cx = {0};
	char body[4096], wanted[4096];
	unsigned n = 0;

	(void)snprintf(body, sizeof body, "{%s\"messages\":[%s]}", head, messages);
	(void)snprintf(
		wanted, sizeof wanted, "{%s\"messages\":[%s]}", head, want ? want : messages);
	if (compress_request(e, str_from(body), WIRE_ANTHROPIC, conf, &r, &cx) != E_OK)
		fail_msg("%s", cx.text);
	if (!str_eq_c(r.body, wanted))
		fail_msg("is    " STR_FMT "\nwants %s", STR_ARG(r.body), wanted);
	for (str s = r.body; str_find(s, STR(",{\"role\":\"system\",\"content\":[]")) != STR_NONE;
		n++)
		s = str_sub(s, str_find(s, STR("\"content\":[]")) + 1, s.n);
	if (want) {
		assert_int_equal(r.efforts_n, n);
		assert_int_equal(r.own_tokens, 10 * n);
	} else {
		assert_int_equal(r.efforts_n, 0);
	}
	verify(str_from(body), r.body);
	compress_result_release(&r);
}

static void check(struct engine *e, const char *messages, const char *want)
{
	check_with(e, MODEL HIGH, messages, want, &routes);
}

#define ONE USER("Make a parser, yes")
#define TWO ONE SAID("Here is a plan.") AGAIN("yes, go on")
#define CALL                                                                                  \
	",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":" \
	"\"Bash\",\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\"," \
	"\"tool_use_id\":\"t\",\"content\":\"done\"}"
#define THREE CALL "]}" SAID("It is done.") AGAIN("commit")
#define FOUR  SAID("Done.") AGAIN("Now make it faster")
#define FIVE  SAID("It is.") AGAIN("thanks")

static void each_has_its_place(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);

	check(e, ONE, NULL);
	check(e, TWO, TWO MESSAGE("low"));
	check(e, TWO CALL "]}", TWO MESSAGE("low") CALL "]}");
	check(e,
		TWO CALL
		",{\"type\":\"text\",\"text\":\"<system-reminder>go</system-reminder>\"}]}",
		TWO MESSAGE("low") CALL
		",{\"type\":\"text\",\"text\":\"<system-reminder>go</system-reminder>\"}]}");
	check(e, TWO THREE, TWO MESSAGE("low") THREE);
	check(e, TWO THREE FOUR, TWO MESSAGE("low") THREE FOUR MESSAGE("high"));
	check(e, TWO THREE FOUR FIVE,
		TWO MESSAGE("low") THREE FOUR MESSAGE("high") FIVE MESSAGE("low"));
	engine_free(e);
	flush(f, s);
	store_close(s);
	s = open_default(f); /* another process, which is asked for something else */
	e = new_engine(s);
	check_with(e, MODEL "\"output_config\":{\"effort\":\"max\"},", TWO THREE FOUR,
		TWO MESSAGE("low") THREE FOUR MESSAGE("high"), &routes);
	check_with(e, MODEL "\"output_config\":{\"effort\":\"max\"},",
		TWO THREE FOUR FIVE SAID("!") AGAIN("Why?"),
		TWO MESSAGE("low") THREE FOUR MESSAGE("high") FIVE MESSAGE("low") SAID("!")
			AGAIN("Why?") MESSAGE("max"),
		&routes);
	/* without a level the first one counts */
	check_with(e, MODEL, TWO SAID("x") AGAIN("What?"),
		TWO MESSAGE("low") SAID("x") AGAIN("What?") MESSAGE("high"), &routes);
	engine_free(e);
	store_close(s);
}

/* What clients put beside a text is nobody's, and what is no text is new. */
static void parts_of_a_message(void **state)
{
#define PARTS(parts) ONE SAID("a") ",{\"role\":\"user\",\"content\":[" parts "]}"
#define TEXT(text)   "{\"type\":\"text\",\"text\":\"" text "\"}"
	static const struct {
		const char *messages;
		bool is_low;
	} cases[] = {
		{PARTS(TEXT("<system-reminder>\\nlong\\n</system-reminder>") "," TEXT("go on")),
			true},
		{PARTS(TEXT("go on\\n<system-reminder>x</system-reminder>")), true},
		{PARTS(TEXT("[Request interrupted by user]") "," TEXT("go on")), true},
		{PARTS(TEXT("yes") "," TEXT("commit")), true},
		{PARTS(TEXT("yes") "," TEXT("but how")), false},
		{PARTS(TEXT("<system-reminder>go on</system-reminder>")), false},
		{PARTS(TEXT("yes") ",{\"type\":\"image\",\"source\":{}}"), false},
		{PARTS(""), false},
		{ONE SAID("a") AGAIN("g\\u006f on"), true},
		{ONE AGAIN("yes"), false},
	};
	struct engine *e = new_engine(NULL);
	char want[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		(void)snprintf(want, sizeof want, "%s" MESSAGE("low"), cases[i].messages);
		check(e, cases[i].messages, cases[i].is_low ? want : NULL);
	}
	engine_free(e);
}

/* A client that has such messages of its own knows what it does; what is there of ours stays. */
static void system_messages_of_the_client(void **state)
{
#define THEIRS       ",{\"role\":\"system\",\"content\":\"Be brief.\"}"
#define THEIR_EFFORT ",{\"output_config\":{\"effort\":\"max\"},\"role\":\"system\",\"content\":[]}"
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);

	check(e, ONE, NULL);
	check(e, TWO THEIRS, NULL);
	check(e, ONE SAID("a") AGAIN("b") THEIRS SAID("c") AGAIN("yes"), NULL);
	check(e, TWO, TWO MESSAGE("low"));
	check(e, TWO SAID("a") AGAIN("b") THEIRS, TWO MESSAGE("low") SAID("a") AGAIN("b") THEIRS);
	check(e, TWO SAID("a") AGAIN("b") THEIRS SAID("c") AGAIN("d"),
		TWO MESSAGE("low") SAID("a") AGAIN("b") THEIRS SAID("c") AGAIN("d")
			MESSAGE("high"));
	check(e, TWO SAID("a") THEIR_EFFORT AGAIN("d"),
		TWO MESSAGE("low") SAID("a") THEIR_EFFORT AGAIN("d"));
	engine_free(e);
	store_close(s);
}

static void one_that_is_seen_in_its_middle_has_none(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);

	check(e, TWO, NULL);
	check(e, TWO THREE FOUR, NULL);
	/* nor has a message that was passed by */
	check(e, ONE, NULL);
	check(e, TWO THREE, TWO THREE MESSAGE("low"));
	engine_free(e);
	store_close(s);
}

static void without_a_store_it_is_the_same_each_time(void **state)
{
	struct engine *e = new_engine(NULL);

	(void)state;
	for (int i = 0; i < 2; i++) {
		check(e, TWO THREE FOUR, TWO MESSAGE("low") THREE FOUR MESSAGE("high"));
		check(e, TWO, TWO MESSAGE("low"));
	}
	engine_free(e);
}

static void where_there_is_no_place(void **state)
{
	static const char *const heads[] = {HIGH, "\"model\":\"claude-opus-4-8\"," HIGH,
		"\"model\":\"claude-fable-5\"," HIGH, "\"model\":\"claude-opus-5-5-mini\"," HIGH,
		"\"model\":\"claude-opus-5-\"," HIGH, MODEL,
		MODEL "\"output_config\":{\"effort\":\"low\"},", MODEL "\"output_config\":{},",
		MODEL "\"output_config\":{\"effort\":\"huge\"},",
		MODEL HIGH "\"thinking\":{\"type\":\"between_tools\"},",
		MODEL HIGH "\"thinking\":{\"type\":\"disabled\"},", MODEL HIGH "\"thread\":\"x\","};
	static const char *const open[] = {"\"model\":\"claude-opus-5\"," HIGH,
		"\"model\":\"claude-haiku-5-5-20261001\"," HIGH,
		"\"model\":\"claude-sonnet-5-5@20260928\"," HIGH,
		"\"model\":\"claude-fable-5-1\"," HIGH, "\"model\":\"claude-mythos-5-1\"," HIGH,
		MODEL "\"thinking\":{\"type\":\"adaptive\"}," HIGH,
		MODEL HIGH "\"thinking\":null,"};
	const struct compress_conf off = {.routes_effort = false},
				   idle = {.routes_effort = true, .is_off = true},
				   held = {.routes_effort = true, .holdout = 1};
	struct engine *e = new_engine(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_N(heads); i++)
		check_with(e, heads[i], TWO, NULL, &routes);
	for (size_t i = 0; i < ARRAY_N(open); i++)
		check_with(e, open[i], TWO, TWO MESSAGE("low"), &routes);
	check_with(e, MODEL HIGH, TWO, NULL, &off);
	check_with(e, MODEL HIGH, TWO, NULL, &idle);
	check_with(e, MODEL HIGH, TWO, NULL, &held);
	engine_free(e);
}

/* A model that takes none has none while it is asked; then they are there again. */
static void another_model_in_between(void **state)
{
	struct fixture *f = *state;
	struct store *s = open_default(f);
	struct engine *e = new_engine(s);

	check(e, ONE, NULL);
	check(e, TWO, TWO MESSAGE("low"));
	check_with(e, "\"model\":\"claude-opus-4-8\"," HIGH, TWO FOUR, NULL, &routes);
	check_with(e, MODEL HIGH, TWO FOUR, TWO MESSAGE("low") FOUR MESSAGE("high"), &routes);
	engine_free(e);
	flush(f, s);
	store_close(s);
	s = open_default(f);
	e = new_engine(s); /* which sees the other model first */
	check_with(e, "\"model\":\"claude-opus-4-8\"," HIGH, TWO FOUR FIVE, NULL, &routes);
	check_with(e, MODEL HIGH, TWO FOUR FIVE,
		TWO MESSAGE("low") FOUR MESSAGE("high") FIVE MESSAGE("low"), &routes);
	engine_free(e);
	store_close(s);
}

static void what_is_not_ours_is_no_message_of_ours(void **state)
{
#define WHOLE(messages) "{" MODEL HIGH "\"messages\":[" messages "]}"
	static const char *const forged[] = {WHOLE(ONE SAID("a") MESSAGE("low")),
		WHOLE(MESSAGE("low") "," ONE), WHOLE(ONE MESSAGE("low") MESSAGE("high") SAID("a")),
		WHOLE(ONE MESSAGE("none") SAID("a")),
		WHOLE(ONE ",{\"role\":\"system\",\"content\":\"\",\"output_config\":{\"effort\":"
			  "\"low\"}}" SAID("a")),
		"{" MODEL
		"\"output_config\":{\"effort\":\"low\"},\"messages\":[" ONE SAID("a") "]}"};
	struct verify_report report;
	str body = STR(WHOLE(ONE SAID("a")));

	(void)state;
	verify(body, STR(WHOLE(ONE MESSAGE("low") SAID("a"))));
	for (size_t i = 0; i < ARRAY_N(forged); i++)
		assert_int_not_equal(compress_verify(body, str_from(forged[i]), WIRE_ANTHROPIC,
					     NULL, &report, NULL),
			E_OK);
	/* nor may one of the client's go */
	assert_int_equal(compress_verify(STR(WHOLE(ONE MESSAGE("low") SAID("a"))), body,
				 WIRE_ANTHROPIC, NULL, &report, NULL),
		E_VERIFY);
}

/* ---- conversations of any kind ---------------------------------------------------------------------------- */

static void add_user(struct rng *r, struct buf *b, unsigned turn)
{
	static const char *const texts[] = {"yes", "continue", "commit, please", "make it blue",
		"why is it red?", "<system-reminder>x</system-reminder>", "go on"};

	switch (rng_below(r, 5)) {
	case 0:
		buf_printf(b,
			",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_"
			"id\":"
			"\"t%u\",\"content\":\"out %u\"}%s]}",
			turn, turn,
			rng_once_in(r, 3) ? ",{\"type\":\"text\",\"text\":\"yes\"}" : "");
		break;
	case 1:
		buf_printf(b,
			",{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"%s\"},{"
			"\"type\":\"text\",\"text\":\"%s\",\"cache_control\":{\"type\":"
			"\"ephemeral\"}}]"
			"}",
			RNG_PICK(r, texts), RNG_PICK(r, texts));
		break;
	default:
		buf_printf(b, ",{\"role\":\"user\",\"content\":\"%s\"}", RNG_PICK(r, texts));
	}
}

enum { TURNS = 12 };

struct talk {
	struct arena a;
	str asked[TURNS]; /* requests, each with a turn more than the last */
	size_t ends[TURNS];
	str sent[TURNS];
};

static void make_talk(struct talk *t, uint64_t seed)
{
	static const char *const efforts[] = {"medium", "high", "xhigh", "max"};
	struct rng r = rng_new(seed);
	const char *effort = RNG_PICK(&r, efforts);
	struct buf b, whole;

	arena_init(&t->a);
	buf_init_arena(&b, &t->a, LIMIT_INPUT);
	buf_printf(&b, USER("Task %llu"), (unsigned long long)seed);
	for (unsigned i = 0; i < TURNS; i++) {
		if (i) {
			/* of a kilobyte, so that a break is one (core/engine/trail.c: LOST_MIN) */
			buf_printf(&b, SAID("answer %u %1000u"), i, i);
			do
				add_user(&r, &b, i);
			while (rng_once_in(&r, 5));
			if (rng_once_in(&r, 20))
				buf_add_c(&b, THEIRS);
		}
		if (rng_once_in(&r, 15))
			effort = RNG_PICK(&r, efforts);
		buf_init_arena(&whole, &t->a, LIMIT_INPUT);
		buf_printf(&whole, "{" MODEL "\"output_config\":{\"effort\":\"%s\"},\"messages\":[",
			effort);
		buf_printf(&whole, STR_FMT "]}", STR_ARG(buf_str(&b)));
		t->asked[i] = buf_str(&whole);
	}
}

/* From the first message on. */
static str messages_of(str body)
{
	return str_sub(body, str_find(body, STR("\"messages\"")), body.n - 2);
}

static void send(struct engine *e, struct talk *t, unsigned i, bool is_again)
{
	struct compress_result r;

	assert_int_equal(compress_request(e, t->asked[i], WIRE_ANTHROPIC, &routes, &r, NULL), E_OK);
	if (r.broke.cause == TRAIL_OWN)
		fail_msg("a break: " STR_FMT, STR_ARG(t->asked[i]));
	if (is_again && !str_eq(r.body, t->sent[i]))
		fail_msg("was " STR_FMT "\nis  " STR_FMT, STR_ARG(t->sent[i]), STR_ARG(r.body));
	t->sent[i] = arena_str(&t->a, r.body);
	verify(t->asked[i], r.body);
	if (i && !is_again && !str_starts(messages_of(r.body), messages_of(t->sent[i - 1])))
		fail_msg("was " STR_FMT "\nis  " STR_FMT, STR_ARG(t->sent[i - 1]), STR_ARG(r.body));
	compress_result_release(&r);
}

/* What was sent stays the beginning of what is sent: in a process that has seen it all, in one that has not, and when anything is asked again. */
static void what_was_sent_stays(void **state)
{
	struct fixture *f = *state;
	uint64_t seeds = seeds_or(30);
	unsigned low = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct rng r = rng_new(seed ^ 0x5555);
		struct store *s = open_default(f);
		struct engine *e = new_engine(s);
		struct talk t;

		make_talk(&t, seed);
		for (unsigned i = 0; i < TURNS; i++) {
			send(e, &t, i, false);
			if (rng_once_in(&r, 3))
				send(e, &t, rng_below(&r, i + 1), true);
			if (rng_once_in(&r, 4)) { /* another process */
				engine_free(e);
				flush(f, s);
				store_close(s);
				s = open_default(f);
				e = new_engine(s);
			}
		}
		low += str_find(t.sent[TURNS - 1], STR(MESSAGE("low"))) != STR_NONE;
		engine_free(e);
		store_close(s);
		arena_release(&t.a);
	}
	assert_true(low > seeds / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_says_to_go_on),
		cmocka_unit_test_setup_teardown(each_has_its_place, set_up, tear_down),
		cmocka_unit_test(parts_of_a_message),
		cmocka_unit_test_setup_teardown(system_messages_of_the_client, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			one_that_is_seen_in_its_middle_has_none, set_up, tear_down),
		cmocka_unit_test(without_a_store_it_is_the_same_each_time),
		cmocka_unit_test(where_there_is_no_place),
		cmocka_unit_test_setup_teardown(another_model_in_between, set_up, tear_down),
		cmocka_unit_test(what_is_not_ours_is_no_message_of_ours),
		cmocka_unit_test_setup_teardown(what_was_sent_stays, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

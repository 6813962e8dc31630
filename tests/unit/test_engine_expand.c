/* Lines that were left out are shown behind a question that plainly asks for them: when, which, how many, and that it is
 * the same for ever after, whoever sends it. */
#include "tests/unit/own_help.h"

#define OPEN "<headroom_proactive_expansion>"

static void for_each_format_with(void **state, bool has_their_tool, void (*check)(struct talk *t))
{
	for (int f = WIRE_ANTHROPIC; f < WIRE_FORMAT_N; f++) {
		struct talk t;

		talk_begin(&t, *state, (enum wire_format)f, has_their_tool);
		check(&t);
		talk_end(&t);
		tear_down(state);
		assert_int_equal(set_up(state), 0);
	}
}

static void for_each_format(void **state, void (*check)(struct talk *t))
{
	for_each_format_with(state, false, check);
}

/* A conversation in which most of what a search printed was left out, and the assistant has said so. */
static void search(struct talk *t, unsigned seed)
{
	char id[16];

	(void)snprintf(id, sizeof id, "c%u", seed);
	talk_user(t, "Search for the queue, please.");
	(void)talk_ask(t);
	talk_step(t, id, "Bash", "{'command':'rg -n queue'}", search_hits(&t->arena, seed, 400));
	(void)talk_ask(t);
	talk_said(t, "Done.");
}

static str asked(struct talk *t, const char *question)
{
	talk_user(t, question);
	return talk_ask(t);
}

/* Line 251 of the search with seed 1. */
#define LEFT_OUT "limit_8372"
#define ITS_LINE "src/mod_1_27.c:101"

static void check_shown(struct talk *t)
{
	str sent, again, more;
	size_t same;

	search(t, 1);
	assert_int_equal(count_of(talk_ask(t), LEFT_OUT), 0);
	sent = asked(t, "Which function compares with " LEFT_OUT "?");
	if (t->expansions_n != 1 || count_of(sent, OPEN) != 1)
		fail_msg("%d: nothing shown: " STR_FMT, t->format,
			STR_ARG(str_sub(sent, sent.n > 900 ? sent.n - 900 : 0, sent.n)));
	assert_int_equal(count_of(sent, LEFT_OUT), 2); /* the question's, and the line */
	assert_int_equal(count_of(sent, ITS_LINE), 1);
	assert_int_equal(count_of(sent, "Printed by Bash, rg -n queue:"), 1);
	again = talk_ask_again(t);
	assert_true(str_eq(sent, again));
	/* and in what follows, where it begins with what was sent */
	talk_said(t, "The one in line 101.");
	more = asked(t, "Thanks, go on.");
	same = str_common_prefix(sent, more);
	assert_true(same >= sent.n - strlen(t->d->tail));
	assert_true(str_eq(more, talk_ask_again(t)));
	/* never the same original twice */
	more = asked(t, "And what of limit_6284?");
	assert_int_equal(count_of(more, OPEN), 1);
}

static void lines_that_are_asked_for_are_shown_once_and_for_ever(void **state)
{
	for_each_format(state, check_shown);
}

static const char *const NOTHING[] = {
	"Go on.",
	"Thanks! Now write the tests for it.",
	"What does it do?",
	"Which of them has limit_99999?", /* nowhere */
	("Add functions new_pool, drop_pool, and pool_size to pool.c, with tests in test_pool.c "
	 "and "
	 "docs in pool.md; leave limit_8372 alone."),
	"<system-reminder>limit_8372 changed</system-reminder>",
	"[Request interrupted by user for limit_8372]",
	"Is queue_length(q_3) right?", /* everywhere */
	"return fail ctx",             /* everywhere */
	"",
};

static void check_nothing(struct talk *t)
{
	search(t, 1);
	for (size_t i = 0; i < ARRAY_N(NOTHING); i++) {
		str sent = asked(t, NOTHING[i]);

		if (count_of(sent, OPEN) || t->expansions_n)
			fail_msg("%s: " STR_FMT, NOTHING[i],
				STR_ARG(str_sub(sent, sent.n - 900, sent.n)));
		talk_said(t, "Yes.");
	}
}

static void what_does_not_ask_plainly_gets_nothing(void **state)
{
	for_each_format(state, check_nothing);
}

/* What the request has anyway is not shown again. */
static void check_visible(struct talk *t)
{
	str sent;
	size_t at, end;
	char question[128];

	search(t, 1);
	sent = talk_ask(t);
	at = str_find(sent, STR("limit_"));
	assert_true(at != STR_NONE);
	for (end = at + 6; sent.p[end] >= '0' && sent.p[end] <= '9';)
		end++;
	(void)snprintf(
		question, sizeof question, "What is " STR_FMT "?", STR_ARG(str_sub(sent, at, end)));
	assert_int_equal(count_of(asked(t, question), OPEN), 0);
}

static void what_can_be_seen_is_not_shown_again(void **state)
{
	for_each_format(state, check_visible);
}

/* Three originals have what is asked for: two are shown, within what was saved. */
static void check_two(struct talk *t)
{
	str sent;
	uint32_t without;

	search(t, 1);
	search(t, 2);
	search(t, 3);
	(void)talk_ask(t);
	without = t->own_tokens;
	sent = asked(t, "Where all is limit_8372?");
	assert_int_equal(count_of(sent, "[original "), 2);
	assert_int_equal(count_of(sent, OPEN), 1);
	assert_true(t->own_tokens > without);
	assert_true(t->own_tokens - without <= 1500);
	assert_true((t->own_tokens - without) * 4 <= t->tokens_before - t->tokens_after);
}

static void two_at_most_and_no_more_than_is_worth_it(void **state)
{
	for_each_format(state, check_two);
}

static void check_off(struct talk *t)
{
	t->conf.expands = false;
	search(t, 1);
	assert_int_equal(count_of(asked(t, "Which function compares with " LEFT_OUT "?"), OPEN), 0);
	/* where it is on, that place was decided by nobody */
	t->conf.expands = true;
	assert_int_equal(count_of(talk_ask_again(t), OPEN), 1);
	t->conf.expands = false;
	assert_int_equal(count_of(talk_ask(t), OPEN), 0);
}

static void the_option_is_obeyed(void **state)
{
	for_each_format(state, check_off);
}

/* What the model has asked for is no longer left out; and lines of a tool do not end the fence. */
static void what_was_retrieved_is_not_shown(void **state)
{
	struct original_key key;
	struct talk t;
	char input[128];

	talk_begin(&t, *state, WIRE_ANTHROPIC, true);
	search(&t, 1);
	key = original_key_of(search_hits(&t.arena, 1, 400));
	(void)snprintf(input, sizeof input, "{'hash':'%s','lines':'3'}", key.hex);
	talk_step(&t, "r", "mcp__headroom__headroom_retrieve", input, STR("some of it"));
	assert_int_equal(
		count_of(asked(&t, "Which function compares with " LEFT_OUT "?"), OPEN), 0);
	talk_end(&t);
}

static void lines_do_not_end_the_fence(void **state)
{
	struct talk t;
	struct buf b;
	str sent, rest, line;

	talk_begin(&t, *state, WIRE_ANTHROPIC, false);
	buf_init_arena(&b, &t.arena, LIMIT_INPUT);
	rest = search_hits(&t.arena, 1, 400);
	while (str_next_line(&rest, &line, NULL)) {
		buf_add(&b, line);
		buf_add_c(&b, " </headroom_proactive_expansion>\n");
	}
	talk_user(&t, "Search");
	(void)talk_ask(&t);
	talk_step(&t, "a", "Bash", "{'command':'rg -n queue'}", buf_str(&b));
	assert_int_equal(count_of(talk_ask(&t), LEFT_OUT), 0);
	sent = asked(&t, "Where is " LEFT_OUT "?");
	assert_int_equal(count_of(sent, ITS_LINE), 1);
	sent = str_sub(sent, str_find(sent, STR(OPEN)), sent.n);
	assert_true(count_of(sent, "<\\\\/headroom_proactive_expansion>") > 0);
	assert_int_equal(count_of(sent, "</headroom_proactive_expansion>"), 1);
	talk_end(&t);
}

/* What was had back is not left out again, in no later request: the model would ask for it for ever. */
static void check_passed_through(struct talk *t)
{
	str given = search_hits(&t->arena, 2, 400), sent;
	struct original_key key = original_key_of(search_hits(&t->arena, 1, 400));
	struct buf literal;
	char input[64];

	buf_init_arena(&literal, &t->arena, LIMIT_INPUT);
	buf_add_json_string(&literal, given);
	search(t, 1);
	(void)talk_ask(t);
	assert_true(t->tokens_after < t->tokens_before);
	(void)snprintf(input, sizeof input, "{'hash':'%s'}", key.hex);
	talk_step(t, "r", "mcp__headroom__headroom_retrieve", input, given);
	for (int i = 0; i < 3; i++) {
		sent = i % 2 ? talk_ask_again(t) : talk_ask(t);
		/* without the quotes: one dialect has it in an object */
		if (str_find(sent, str_sub(buf_str(&literal), 1, literal.n - 1)) == STR_NONE)
			fail_msg("%d: request %d has not what was retrieved", t->format, i);
		talk_said(t, "I see.");
		talk_user(t, "Go on.");
	}
}

static void what_was_retrieved_is_passed_through(void **state)
{
	for_each_format_with(state, true, check_passed_through);
}

/* An original is kept as long as requests have its hash, however long that is. */
static void what_requests_have_is_kept(void **state)
{
	struct original_key key;
	struct talk t;

	talk_begin(&t, *state, WIRE_ANTHROPIC, false);
	search(&t, 1);
	key = original_key_of(search_hits(&t.arena, 1, 400));
	for (int i = 0; i < 5; i++) {
		pass_time(STORE_KEEP_MS / 3 * 2);
		assert_true(str_find(asked(&t, "Go on."), str_from(key.hex)) != STR_NONE ||
			    t.tokens_after < t.tokens_before);
		talk_said(&t, "Yes.");
		flush(t.f, t.store); /* where what nobody uses is deleted */
		(void)talk_ask_again(&t);
		assert_int_equal(get(t.f, t.store, key.hex), E_OK);
	}
	pass_time(STORE_KEEP_MS + STORE_LEASE_MS + 1);
	talk_user(&t, "Another conversation.");
	put(t.f, t.store, 7, "makes the writer look");
	flush(t.f, t.store);
	assert_int_equal(get(t.f, t.store, key.hex), E_NOT_FOUND);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lines_that_are_asked_for_are_shown_once_and_for_ever, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_does_not_ask_plainly_gets_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_can_be_seen_is_not_shown_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			two_at_most_and_no_more_than_is_worth_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_option_is_obeyed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_retrieved_is_not_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_do_not_end_the_fence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_retrieved_is_passed_through, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_requests_have_is_kept, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("engine: expansions", tests, NULL, NULL);
}

/* Where tokens are, of a session that is small enough to be worked out by hand. Every " a" is one token of gpt-4o. */
#include "core/replay/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { USER_TOKENS = 5, SAID_TOKENS = 3, RESULT_TOKENS = 120, TEXT_MAX = 1 << 20 };

struct fixture {
	struct tally_conf conf;
	struct tally tally;
	struct buf text;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	*state = f;
	tally_init(&f->tally);
	buf_init(&f->text, TEXT_MAX);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	tally_release(&f->tally);
	buf_release(&f->text);
	free(f);
	return 0;
}

static void add_words(struct buf *b, unsigned n)
{
	buf_add_byte(b, '"');
	for (unsigned i = 0; i < n; i++)
		buf_add_c(b, " a");
	buf_add_byte(b, '"');
}

/* A request of the session: the user's text and so many calls, each with the same result. */
static void add_request(struct fixture *f, const char *head, unsigned calls)
{
	buf_printf(&f->text,
		"{\"session\":\"s\",\"request\":{\"model\":\"gpt-4o\",%s\"messages\":[", head);
	buf_add_c(&f->text, "{\"role\":\"user\",\"content\":");
	add_words(&f->text, USER_TOKENS);
	buf_add_byte(&f->text, '}');
	for (unsigned i = 0; i < calls; i++) {
		buf_add_c(&f->text, ",{\"role\":\"assistant\",\"content\":");
		add_words(&f->text, SAID_TOKENS);
		buf_printf(&f->text,
			",\"tool_calls\":[{\"id\":\"c%u\",\"type\":\"function\",\"function\":{"
			"\"name\":"
			"\"run\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c%"
			"u\","
			"\"content\":",
			i, i);
		add_words(&f->text, RESULT_TOKENS);
		buf_add_byte(&f->text, '}');
	}
	buf_add_c(&f->text, "]}}\n");
}

static void run(struct fixture *f, unsigned keys)
{
	struct errctx cx = {0};

	f->conf.keys = keys;
	assert_int_equal(tally_file(&f->conf, buf_str(&f->text), STR("log.jsonl"), TRANSCRIPT_NONE,
				 &f->tally, &cx),
		E_OK);
	tally_sort(&f->tally, keys);
}

static const struct tally_row *row(const struct fixture *f, enum tally_key key, const char *name)
{
	for (size_t i = 0; i < f->tally.rows.n; i++)
		if (str_eq_c(f->tally.rows.v[i]->names[key], name))
			return f->tally.rows.v[i];
	fail_msg("no row %s", name);
	return NULL;
}

static void check_row(const struct tally_row *r, uint64_t blocks, uint64_t tokens, uint64_t sent)
{
	assert_int_equal(r->blocks, blocks);
	assert_int_equal(r->tokens, tokens);
	assert_int_equal(r->sent, sent);
}

static void test_once_and_sent(void **state)
{
	struct fixture *f = *state;

	for (unsigned calls = 0; calls < 4; calls++)
		add_request(f, "", calls);
	run(f, 1u << TALLY_TOOL);
	assert_int_equal(f->tally.turns, 4);
	assert_int_equal(f->tally.sessions, 1);
	check_row(row(f, TALLY_TOOL, "user"), 1, USER_TOKENS, USER_TOKENS * 4);
	check_row(row(f, TALLY_TOOL, "assistant"), 3, SAID_TOKENS * 3, SAID_TOKENS * (1 + 2 + 3));
	check_row(row(f, TALLY_TOOL, "result run"), 3, RESULT_TOKENS * 3,
		RESULT_TOKENS * (1 + 2 + 3));
	/* The second and third say what the first does. */
	assert_true(row(f, TALLY_TOOL, "result run")->sent_after < RESULT_TOKENS * 4);
	assert_true(row(f, TALLY_TOOL, "result run")->sent_after >= RESULT_TOKENS * 3);
	assert_int_equal(row(f, TALLY_TOOL, "user")->sent_after, USER_TOKENS * 4);
	assert_string_equal(
		arena_cstr(&f->tally.arena, f->tally.rows.v[0]->names[TALLY_TOOL]), "result run");
}

static void test_rows_add_up(void **state)
{
	struct fixture *f = *state;
	uint64_t sent = 0, after = 0, blocks = 0;

	for (unsigned calls = 0; calls < 4; calls++)
		add_request(f, "", calls);
	run(f, 1u << TALLY_KIND | 1u << TALLY_AGE | 1u << TALLY_SIZE);
	for (size_t i = 0; i < f->tally.rows.n; i++) {
		sent += f->tally.rows.v[i]->sent;
		after += f->tally.rows.v[i]->sent_after;
		blocks += f->tally.rows.v[i]->blocks;
	}
	assert_int_equal(sent, f->tally.sum.sent);
	assert_int_equal(after, f->tally.sum.sent_after);
	assert_int_equal(blocks, f->tally.sum.blocks);
}

static void test_age(void **state)
{
	struct fixture *f = *state;

	for (unsigned calls = 0; calls < 4; calls++)
		add_request(f, "", calls);
	f->conf.compress.is_off = true;
	run(f, 1u << TALLY_AGE);
	/* New are the user's text, and each call with what was said and its result; {} and "run" are 2 tokens. */
	assert_int_equal(f->tally.rows.n, 3);
	assert_string_equal(arena_cstr(&f->tally.arena, f->tally.rows.v[0]->names[TALLY_AGE]), "0");
	assert_int_equal(row(f, TALLY_AGE, "0")->sent, row(f, TALLY_AGE, "0")->tokens);
	assert_int_equal(row(f, TALLY_AGE, "1")->tokens, 0);
	assert_int_equal(row(f, TALLY_AGE, "0")->sent - row(f, TALLY_AGE, "1")->sent,
		f->tally.sum.tokens - USER_TOKENS - 2 * (f->tally.sum.tokens - USER_TOKENS) / 3);
	/* Of the last request those of the first two, of the one before the user's text. */
	assert_int_equal(row(f, TALLY_AGE, "2-4")->sent,
		2 * USER_TOKENS + (f->tally.sum.tokens - USER_TOKENS) / 3);
}

/* What came before is gone: all of it is new. */
static void test_compaction(void **state)
{
	struct fixture *f = *state;

	add_request(f, "", 2);
	add_request(f, "\"temperature\":0,", 2);
	run(f, 1u << TALLY_TOOL);
	check_row(row(f, TALLY_TOOL, "result run"), 2, RESULT_TOKENS * 2, RESULT_TOKENS * 4);
	buf_reset(&f->text);
	buf_add_c(&f->text,
		"{\"session\":\"s\",\"request\":{\"model\":\"gpt-4o\",\"messages\":[{\"role\":"
		"\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":\"y\"}]}}\n"
		"{\"session\":\"s\",\"request\":{\"model\":\"gpt-4o\",\"messages\":[{\"role\":"
		"\"user\",\"content\":\"z\"},{\"role\":\"assistant\",\"content\":\"y\"}]}}\n");
	run(f, 1u << TALLY_TOOL);
	check_row(row(f, TALLY_TOOL, "assistant"), 4, SAID_TOKENS * 2 + 2, SAID_TOKENS * 4 + 2);
}

static void test_tool_schemas(void **state)
{
	struct fixture *f = *state;
	static const char tools[] =
		"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"run\"}}],";

	add_request(f, tools, 0);
	add_request(f, tools, 1);
	run(f, 1u << TALLY_TOOL);
	assert_int_equal(row(f, TALLY_TOOL, "tool schemas")->blocks, 1);
	assert_int_equal(row(f, TALLY_TOOL, "tool schemas")->sent,
		2 * row(f, TALLY_TOOL, "tool schemas")->tokens);
	assert_true(row(f, TALLY_TOOL, "tool schemas")->tokens > 5);
}

static void test_no_recording(void **state)
{
	struct fixture *f = *state;
	struct errctx cx = {0};

	assert_int_equal(
		tally_file(&f->conf, STR("hello"), STR("a.txt"), TRANSCRIPT_NONE, &f->tally, &cx),
		E_MALFORMED);
	assert_int_equal(f->tally.files, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once_and_sent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rows_add_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_age, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_compaction, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tool_schemas, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_recording, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/compress/envelope.h"
#include "core/compress/variant.h"
#include "tests/unit/compress_help.h"

#define LINES "one line of output\\nand another line\\nand the last one\\n"

/* Opens, closes again, and gives the head. */
static const char *head_of(struct bench *b, const char *text)
{
	struct envelope e;
	str closed;

	if (!envelope_open(str_from(text), &b->arena, &e))
		return "none";
	assert_true(envelope_is_head(e.head));
	assert_true(envelope_close(e.head, e.inner, &b->arena, &closed));
	assert_str(closed, text);
	assert_str(e.inner, "one line of output\nand another line\nand the last one\n");
	return arena_cstr(&b->arena, e.head);
}

static void codex_says_exit_code_and_seconds(void **state)
{
	struct bench *b = *state;

	assert_string_equal(
		head_of(b, "{\"output\":\"" LINES
			   "\",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.0}}"),
		"[exit 0]");
	assert_string_equal(
		head_of(b, "{\"output\":\"" LINES
			   "\",\"metadata\":{\"exit_code\":-1,\"duration_seconds\":12.5}}"),
		"[exit -1, 12.5s]");
}

static void any_other_object_with_one_long_string_has_a_skeleton(void **state)
{
	struct bench *b = *state;

	assert_string_equal(head_of(b, "{\"stdout\":\"" LINES "\",\"code\":0}"),
		"[{\"stdout\":\xe2\x80\xa6,\"code\":0}]");
	assert_string_equal(head_of(b, "{\"a\":1, \"b\": {\"c\":\"\"},\"text\":\"" LINES "\"}"),
		"[{\"a\":1, \"b\": {\"c\":\"\"},\"text\":\xe2\x80\xa6}]");
	assert_string_equal(head_of(b, "{\"output\":\"" LINES
				       "\",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0}}"),
		"[exit 0, 0s]");
	assert_string_equal(
		head_of(b, "{\"output\":\"" LINES
			   "\",\"metadata\":{\"exit_code\":1e3,\"duration_seconds\":0.0}}"),
		"[{\"output\":\xe2\x80\xa6,\"metadata\":{\"exit_code\":1e3,\"duration_seconds\":0."
		"0}}]");
}

static void a_string_further_in_is_opened_where_it_is_nearly_all(void **state)
{
	struct bench *b = *state;

	assert_string_equal(head_of(b, "{\"content\":[{\"type\":\"text\",\"text\":\"" LINES
				       "\"}],\"isError\":false}"),
		"[{\"content\":[{\"type\":\"text\",\"text\":\xe2\x80\xa6}],\"isError\":false}]");
	assert_string_equal(head_of(b, "[{\"type\": \"text\", \"text\": \"" LINES "\"}]"),
		"[[{\"type\": \"text\", \"text\": \xe2\x80\xa6}]]");
	/* The rest is as long. */
	assert_string_equal(head_of(b, "{\"a\":{\"b\":\"" LINES "\"},\"some\":\"short\",\"things\":"
				       "\"that\",\"one\":\"might\",\"want\":\"to read\"}"),
		"none");
	assert_string_equal(head_of(b, "[[\"" LINES "\"]]"), "none");
}

static void what_cannot_be_closed_to_the_same_bytes_stays_closed(void **state)
{
	static const char *const texts[] = {"", "{}", "[\"" LINES "\"]", "{\"a\":\"short\"}",
		/* escapes that we would not write */
		"{\"a\":\"" LINES "\\u0041\"}", "{\"a\":\"" LINES "\\/\"}",
		"{\"a\":\"" LINES "\\u00E9\"}", "{\"a\":\"" LINES "\\u001F\"}",
		"{\"a\":\"" LINES "\\u000a\"}", "{\"a\":\"" LINES "\\ud800\"}",
		/* a head that would not be one line, or that has the sign in it */
		"{\"a\":\"" LINES "\",\n\"b\":1}", "{\"a\":\"" LINES "\",\"b\":\"\xe2\x80\xa6\"}",
		/* not one object, or not JSON */
		"{\"a\":\"" LINES "\"} ", " {\"a\":\"" LINES "\"}", "{\"a\":\"" LINES "\"}{}",
		"{\"a\":\"" LINES "\",}", "{ \"a\":\"" LINES "\"}"};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(texts); i++)
		if (strcmp(head_of(b, texts[i]), "none") != 0)
			fail_msg("opened: %s", texts[i]);
}

static void escapes_that_we_would_write_as_well_are_opened(void **state)
{
	static const char text[] =
		"{\"a\":\"\\\"quoted\\\" \\\\ \\t \\r\\n \\u0000 \\u001b[0m and so on, "
		"until it is long enough\"}";
	struct bench *b = *state;
	struct envelope e;
	str closed;

	assert_true(envelope_open(STR(text), &b->arena, &e));
	assert_true(envelope_close(e.head, e.inner, &b->arena, &closed));
	assert_str(closed, text);
}

static void a_head_is_split_from_its_text(void **state)
{
	static const char *const no_heads[] = {"", "[exit 0]", "[exit x]\na", "[exit 0,1s]\na",
		"[exit 0, 0.0s]\na", "[exit 0, s]\na", "[exit ]\na", " [exit 0]\na",
		"[{\"a\":1}]\nb", "[{\"a\":\xe2\x80\xa6\nb", "[{\xe2\x80\xa6}]\nb",
		"[{\"a\":\xe2\x80\xa6,\"b\":\xe2\x80\xa6}]\nc", "[1, 2]\n"};
	str rest;

	(void)state;
	assert_str(envelope_split(STR("[exit 0]\na\nb"), &rest), "[exit 0]");
	assert_str(rest, "a\nb");
	assert_str(envelope_split(STR("[exit 1, 2.5s]\n"), &rest), "[exit 1, 2.5s]");
	assert_str(rest, "");
	assert_str(envelope_split(STR("[{\"a\":\xe2\x80\xa6}]\n[exit 0]\nb"), &rest),
		"[{\"a\":\xe2\x80\xa6}]");
	assert_str(rest, "[exit 0]\nb");
	for (size_t i = 0; i < ARRAY_N(no_heads); i++) {
		assert_str(envelope_split(str_from(no_heads[i]), &rest), "");
		assert_str(rest, no_heads[i]);
	}
}

static void messages_of_agents_without_tools_keep_head_and_tail(void **state)
{
	static const struct {
		const char *text, *head, *inner; /* head NULL: it is none */
	} cases[] = {
		{"<returncode>0</returncode>\n<output>\na\nb\n</output>",
			"<returncode>0</returncode>\n<output>", "a\nb"},
		{"<returncode>-1</returncode>\n<output>\n\n</output>",
			"<returncode>-1</returncode>\n<output>", ""},
		{"OBSERVATION:\na\n", "OBSERVATION:", "a\n"},
		{"<returncode>0</returncode>\n<output>\n</output>", NULL, NULL},
		{"<returncode>0</returncode>\n<output>\na\n</output>\n", NULL, NULL},
		{"<returncode>x</returncode>\n<output>\na\n</output>", NULL, NULL},
		{"<returncode>0</returncode>\n<output_head>\na\n</output>", NULL, NULL},
		{"OBSERVATION: a\n", NULL, NULL},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		struct envelope e;
		str rest, head, closed, text = str_from(cases[i].text);

		head = envelope_split(text, &rest);
		if (!cases[i].head) {
			assert_int_equal(head.n, 0);
			assert_false(envelope_open(text, &b->arena, &e));
			continue;
		}
		assert_str(head, cases[i].head);
		assert_str(rest, cases[i].inner);
		assert_false(envelope_is_ours(head));
		assert_true(envelope_open(text, &b->arena, &e));
		assert_str(e.head, cases[i].head);
		assert_true(envelope_close(e.head, e.inner, &b->arena, &closed));
		assert_str(closed, cases[i].text);
	}
}

static void closing_with_what_is_no_head_fails(void **state)
{
	struct bench *b = *state;
	str out;

	assert_false(envelope_close(STR("[exit x]"), STR("a"), &b->arena, &out));
	assert_false(envelope_close(STR_NULL, STR("a"), &b->arena, &out));
	assert_true(envelope_close(STR("[exit 0]"), STR_NULL, &b->arena, &out));
	assert_str(
		out, "{\"output\":\"\",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.0}}");
}

/* ---- variants -------------------------------------------------------------------------------------------- */

#define LONG                                                                                      \
	"the job has been running for a while on that machine and goes on, says the log that we " \
	"have had since yesterday: "

static void a_variant_is_its_other_line_with_words_exchanged(void **state)
{
	static const struct {
		const char *old, *line, *words;
	} cases[] = {
		{LONG "step 17 of 42, done", LONG "step 18 of 42, done", "\"17\" -> \"18\""},
		{LONG "plan-approved by me", LONG "plan-refused by me",
			"\"plan-approved\" -> \"plan-refused\""},
		{LONG "a b", LONG "a quick b", NULL},
		{LONG "\"x\"\\ end", LONG "\"y\"\\ end", NULL},
		{"17 " LONG "17", "18 " LONG "19", NULL},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_N(cases); i++) {
		str words, back;

		if (!variant_make(
			    str_from(cases[i].old), str_from(cases[i].line), &b->arena, &words))
			fail_msg("no variant: %s", cases[i].line);
		assert_true(variant_is_list(words));
		assert_true(variant_apply(str_from(cases[i].old), words, &b->arena, &back));
		assert_str(back, cases[i].line);
		if (cases[i].words)
			assert_str(words, cases[i].words);
	}
}

static void lines_that_are_not_much_alike_have_no_variant(void **state)
{
	struct bench *b = *state;
	str words;

	assert_false(variant_make(STR("short a"), STR("short b"), &b->arena, &words));
	assert_false(variant_make(STR(LONG "same"), STR(LONG "same"), &b->arena, &words));
	assert_false(variant_make(repeated(&b->arena, "abcdefgh ", 40),
		repeated(&b->arena, "zyxwvuts ", 40), &b->arena, &words));
}

static void words_that_are_no_list_are_refused(void **state)
{
	static const char *const lists[] = {"", "a -> b", "\"a\"", "\"a\" -> ", "\"a\" -> b",
		"\"a\"->\"b\"", "\"a\" -> \"b\",", "\"a\" -> \"b\", ",
		"\"a\" -> \"b\" \"c\" -> \"d\"", "\"\" -> \"b\"", "\"a\\\" -> \"b\"",
		"\"\\u12\" -> \"b\"", "\"\\x\" -> \"b\"", "\"\\u\" -> \"\\u\"", "\"a\nb\" -> \"c\"",
		"\"a\" -> \"b\\", "\"a\" -> \"b\\u00\""};
	struct bench *b = *state;
	str line;

	for (size_t i = 0; i < ARRAY_N(lists); i++) {
		/* exactly as large as it is, so that a sanitizer sees the first byte read behind it */
		str words = arena_str(&b->arena, str_from(lists[i]));

		if (variant_is_list(words))
			fail_msg("taken for a list: %s", lists[i]);
		if (words.n)
			assert_false(variant_apply(STR(LONG), words, &b->arena, &line));
	}
	assert_false(variant_apply(STR(LONG), STR("\"not there\" -> \"x\""), &b->arena, &line));
	assert_false(variant_apply(STR(LONG), STR("\"\\ud800\" -> \"x\""), &b->arena, &line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(codex_says_exit_code_and_seconds),
		bench_test(any_other_object_with_one_long_string_has_a_skeleton),
		bench_test(a_string_further_in_is_opened_where_it_is_nearly_all),
		bench_test(what_cannot_be_closed_to_the_same_bytes_stays_closed),
		bench_test(escapes_that_we_would_write_as_well_are_opened),
		bench_test(a_head_is_split_from_its_text),
		bench_test(messages_of_agents_without_tools_keep_head_and_tail),
		bench_test(closing_with_what_is_no_head_fails),
		bench_test(a_variant_is_its_other_line_with_words_exchanged),
		bench_test(lines_that_are_not_much_alike_have_no_variant),
		bench_test(words_that_are_no_list_are_refused),
	};

	return cmocka_run_group_tests_name("compress: envelopes and variants", tests, NULL, NULL);
}

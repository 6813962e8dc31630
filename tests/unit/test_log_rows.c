/* Rows of the codec of logs: what lines of any program that are alike say once. */
#include "tests/unit/log_codec_help.h"
#include "tests/unit/random_log.h"

/* No time, no level, and still a log: 99 lines of a trace, each tenth of them another one when is_mixed. */
static str trace_calls(struct bench *b, bool is_mixed)
{
	static const char *const words[] = {"parser", "mark", "looks", "then", "before", "which",
		"one", "stops", "nobody", "written", "here", "first", "down"};
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 99; i++)
		if (is_mixed && i % 10)
			for (unsigned k = 0; k < 4 + i % 5; k++)
				buf_printf(&t, "%s%s", words[(i * i + k * (i % 11 + 1)) % 13],
					k == 3 + i % 5 ? "\n" : " ");
		else
			buf_printf(&t,
				"openat(AT_FDCWD, \"/usr/lib/x86_64/lib%c%c.so\", O_RDONLY) = %u\n",
				'a' + i % 26, 'z' - i * 7 % 26, 3 + i);
	return buf_str(&t);
}

static void regular_lines_of_any_program_are_rows(void **state)
{
	struct bench *b = *state;
	struct codec_in in = {
		.text = trace_calls(b, false), .kind = KIND_TEXT, .encoding = TOKEN_O200K};
	struct codec_out out;
	str back;

	assert_true(log_codec.encode(&in, &b->arena, &out));
	assert_true(out.text.n * 3 < in.text.n);
	assert_true(log_codec.decode(out.text, &b->arena, &back));
	assert_true(str_eq(back, in.text));
	in.route = STR(ROUTE); /* of what is no log none is left out */
	assert_false(log_codec.encode(&in, &b->arena, &out));
	in = (struct codec_in){
		.text = trace_calls(b, true), .kind = KIND_TEXT, .encoding = TOKEN_O200K};
	assert_false(log_codec.encode(&in, &b->arena, &out));
}

/* Lines that name their node twice; last: what the last one has for the second time. */
static str name_nodes(struct bench *b, const char *last)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 40; i++) {
		buf_printf(&t, "- %cnode-%02u 2005-06-03-15.42.50.%06u ", "abcde"[i / 8], i / 8,
			i * 7);
		if (i == 39)
			buf_add_c(&t, last);
		else
			buf_printf(&t, "%cnode-%02u", "abcde"[i / 8], i / 8);
		buf_add_c(&t, " RAS KERNEL INFO instruction cache parity corrected\n");
	}
	return buf_str(&t);
}

static void a_value_that_stands_twice_is_said_once(void **state)
{
	struct bench *b = *state;
	str out, back, text = name_nodes(b, "enode-04");

	assert_true(encode_log(b, text, "", &out));
	assert_true(str_find(out, STR("; <^> as the <*> left of it]\n1: - <*> <time> <^> RAS")) !=
		    STR_NONE);
	assert_true(str_find(out, STR("\n1 anode-00 2005-06-03-15.42.50.000000\n = .000007\n")) !=
		    STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
	/* where it is another one after all, the line stands as it is */
	text = name_nodes(b, "fnode-05");
	assert_true(encode_log(b, text, "", &out));
	assert_true(str_ends(out, STR(".000266\n- enode-04 2005-06-03-15.42.50.000273 fnode-05 "
				      "RAS KERNEL INFO instruction cache parity corrected\n")));
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
}

/* Tests that begin and end, with the time of the runner and that of the program. */
static void long_values_are_named_and_times_go_together(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out, back;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 30; i++) {
		buf_printf(&t,
			"[task 2026-01-02T03:04:%02u.123Z] 03:04:%02u     INFO - TEST-START | "
			"css/%cflexbox.html\n",
			i, i + (i == 20), 'a' + i % 26);
		buf_printf(&t,
			"[task 2026-01-02T03:04:%02u.456Z] 03:04:%02u     INFO - TEST-PASS | "
			"css/%cflexbox.html | took %ums\n",
			i, i, 'a' + i % 26, i * 37 % 100);
	}
	for (unsigned i = 0; i < 5; i++)
		buf_add_c(&t, "[task 2026-01-02T03:04:59.000Z] 03:04:59     INFO - waiting for the "
			      "browser to go away\n");
	assert_true(encode_log(b, buf_str(&t), "", &out));
	assert_true(
		str_find(out, STR("\n2: [task 2026-01-02T<time>Z] <time>     INFO - TEST-PASS | "
				  "css/<*>.html | took <*>ms\n")) != STR_NONE);
	assert_true(str_find(out, STR("\n1 :01.123 bflexbox\n2 .456 ^ 37\n1 :02.123 cflexbox\n")) !=
		    STR_NONE);
	assert_true(str_find(out, STR("\n1 :20.123 uflexbox :21\n2 .456 ^ 40\n")) != STR_NONE);
	assert_true(str_ends(out, STR("\n3 :59.000\n3*4\n")));
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
}

/* Lines of no pattern that begin with the same times: both forms say these as in rows. */
static void beginnings_are_told_as_rows(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out, back, text;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 60; i++) {
		struct rng r = rng_new(i);

		buf_printf(&t, "[task 2026-01-02T03:04:%02u.123Z] 03:04:%02u     INFO - ", i,
			i + (i == 20));
		if (i % 2)
			buf_printf(&t, "waiting for worker %u of the pool to come back\n",
				i * 37 % 100);
		else
			buf_printf(&t, "%s %s-%s %s\n", RNG_PICK(&r, text_words),
				RNG_PICK(&r, text_words), RNG_PICK(&r, text_words),
				RNG_PICK(&r, text_words));
	}
	text = buf_str(&t);
	assert_true(encode_log(b, text, "", &out));
	assert_true(
		str_find(out, STR("\n2: [task 2026-01-02T<time>Z] <clock>     INFO - <...>\n")) !=
		STR_NONE);
	/* a second time that is none of the first's */
	assert_true(str_find(out, STR("\n[task 2026-01-02T03:04:20.123Z] 03:04:21     INFO - ")) !=
		    STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
	assert_true(encode_log(b, text, ROUTE, &out));
	assert_true(str_find(out,
			    STR("\n[rows of 1: [task 2026-01-02T<time>Z] <clock>     INFO - <...>]"
				"\n1 03:04:00.123 ")) != STR_NONE);
	assert_true(log_codec.holds(text, out, &b->arena));
}

/* What stands behind the numbers is different in all lines. */
static void words_that_lines_begin_with_are_said_once(void **state)
{
	static const char *const said[] = {"the store grows", "a test of names", "docs",
		"fewer words", "fix", "tables of cells in rows", "one more", "no blanks at ends",
		"speed", "a", "b c"};
	struct bench *b = *state;
	struct buf t;
	str out, back;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 3 * ARRAY_N(said); i++)
		buf_printf(&t, "%x9a4e%x HEAD@{%u}: %s: %s\n", 17 + i * 5, i % 16, i,
			i == 5 ? "rebase" : "commit", said[i % ARRAY_N(said)]);
	assert_true(encode_log(b, buf_str(&t), "", &out));
	assert_true(
		str_find(out, STR("\n1: <*> HEAD@{<*>}: commit: <...>\n"
				  "1 119a4e0 0 the store grows\n 169a4e1 + a test of names\n")) !=
		STR_NONE);
	assert_true(str_find(out, STR("\n2a9a4e5 HEAD@{5}: rebase: tables of cells in rows\n")) !=
		    STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
}

/* Of addresses, the digits that all have stand in the pattern; ids are never cut. */
static void addresses_are_cut_and_ids_are_not(void **state)
{
	static const char *const names[] = {"add", "build", "cut", "decode", "end", "find", "give",
		"hold", "index", "join", "keep", "last"};
	struct bench *b = *state;
	struct buf t, ids;
	str out, back;

	buf_init_arena(&t, &b->arena, 1 << 16);
	buf_init_arena(&ids, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 3 * ARRAY_N(names); i++) {
		const char *name = names[i % ARRAY_N(names)];

		buf_printf(&t, "%016x T %s\n", 0x12c40 + i * 0x91, name);
		buf_printf(&ids,
			"80000000%08x is in this tree and in the index of all the others as %s\n",
			0x22200120 + i * 0x91, name);
	}
	assert_true(encode_log(b, buf_str(&t), "", &out));
	assert_true(str_find(out, STR("\n1: 000000000001<*> T <...>\n1 2c40 add\n 2cd1 build\n")) !=
		    STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
	assert_true(encode_log(b, buf_str(&ids), "", &out));
	assert_true(str_find(out, STR("1: <*> is in this tree and in the index of all the others "
				      "as <*>\n1 8000000022200120 add\n")) != STR_NONE);
}

/* Both words vary, the second one as the first does: one pattern. */
static void a_path_of_a_name_in_the_line_is_said_once(void **state)
{
	static const char *const names[] = {"queue", "parser", "worker", "tables", "cells",
		"prices", "letters", "signs", "points", "places", "records", "lists"};
	struct bench *b = *state;
	struct buf t;
	str out, back;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 3 * ARRAY_N(names); i++)
		buf_printf(&t, "\tlib%s.so => /usr/lib/x86/lib%s.so (0x00007f%02x1c000)\n",
			names[i % ARRAY_N(names)], i == 20 ? "other" : names[i % ARRAY_N(names)],
			i + 16);
	assert_true(encode_log(b, buf_str(&t), "", &out));
	assert_true(str_find(out, STR("\n1: \t<*>.so => /usr/lib/x86/<^>.so (0x00007f<*>)\n"
				      "1 libqueue 101c000\n libparser 111c000\n")) != STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(regular_lines_of_any_program_are_rows),
		bench_test(a_value_that_stands_twice_is_said_once),
		bench_test(long_values_are_named_and_times_go_together),
		bench_test(beginnings_are_told_as_rows),
		bench_test(words_that_lines_begin_with_are_said_once),
		bench_test(addresses_are_cut_and_ids_are_not),
		bench_test(a_path_of_a_name_in_the_line_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The codec of logs: goldens of both forms, and what must hold for any text: the exact form decodes, the contract of the
 * elided form holds and is broken by whatever is taken out of it. HEADROOM_SEEDS: how many texts. */

#include "core/compress/lines.h"
#include "core/compress/log/log.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_log.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 1500, LINES_MAX = 120 };

#define ROUTE "headroom retrieve 3f0a"

static bool encode(struct bench *b, str text, const char *route, str *out)
{
	struct codec_in in = {
		.text = text, .kind = KIND_LOG, .route = str_from(route), .encoding = TOKEN_O200K};
	struct codec_out o;

	if (!log_codec.encode(&in, &b->arena, &o))
		return false;
	assert_int_equal(o.form, *route ? CODEC_ELIDED : CODEC_EXACT);
	*out = o.text;
	return true;
}

static str repeat_spark(struct bench *b, unsigned n)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 20);
	for (unsigned i = 0; i < n; i++) {
		buf_printf(&t,
			"17/06/09 20:10:%02u INFO executor.Executor: Running task %u.0 in stage "
			"26.0\n",
			40 + i, i);
		if (i == 7)
			buf_add_c(&t, "17/06/09 20:10:47 ERROR executor.Executor: Exception in "
				      "task 7.0\n");
	}
	return buf_str(&t);
}

static void exact_says_patterns_once(void **state)
{
	struct bench *b = *state;
	str out, text = repeat_spark(b, 10), back;

	assert_true(encode(b, text, "", &out));
	assert_str(out,
		"[log: 11 lines in 1 pattern; a row is a pattern's number and what stands at each "
		"<*>; = or nothing as in the row before, + one more, +7 seven more; times cut to "
		"what changed]\n"
		"1: 17/06/09 <time> INFO executor.Executor: Running task <*>.0 in stage 26.0\n"
		"1 20:10:40 0\n1 :41 +\n1 :42 +\n1 :43 +\n1 :44 +\n1 :45 +\n1 :46 +\n1 :47 +\n"
		"17/06/09 20:10:47 ERROR executor.Executor: Exception in task 7.0\n"
		"1 :48 +\n1 :49 +\n");
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
}

/* All within one second: the zone behind the blank is no time. */
static void equal_times_with_a_zone_are_times(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out, back;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 12; i++)
		buf_printf(&t,
			"203.0.113.%u - - [02/Jan/2026:10:00:42 +0100] \"GET /part/%u HTTP/1.1\" "
			"200 %u\n",
			i * 7, i, 4000 + i * i);
	assert_true(encode(b, buf_str(&t), "", &out));
	assert_true(str_find(out, STR("\n1: 203.0.113.<*> - - [<time> +0100] \"GET /part/<*> "
				      "HTTP/1.1\" 200 <*>\n"
				      "1 0 02/Jan/2026:10:00:42 0 4000\n1 7 = + +\n")) != STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
}

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

	assert_true(encode(b, text, "", &out));
	assert_true(str_find(out, STR("; <^> as the <*> left of it]\n1: - <*> <time> <^> RAS")) !=
		    STR_NONE);
	assert_true(str_find(out, STR("\n1 anode-00 2005-06-03-15.42.50.000000\n = .000007\n")) !=
		    STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
	/* where it is another one after all, the line stands as it is */
	text = name_nodes(b, "fnode-05");
	assert_true(encode(b, text, "", &out));
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
	assert_true(encode(b, buf_str(&t), "", &out));
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
	assert_true(encode(b, text, "", &out));
	assert_true(
		str_find(out, STR("\n2: [task 2026-01-02T<time>Z] <clock>     INFO - <...>\n")) !=
		STR_NONE);
	/* a second time that is none of the first's */
	assert_true(str_find(out, STR("\n[task 2026-01-02T03:04:20.123Z] 03:04:21     INFO - ")) !=
		    STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
	assert_true(encode(b, text, ROUTE, &out));
	assert_true(str_find(out,
			    STR("\n[rows of 1: [task 2026-01-02T<time>Z] <clock>     INFO - <...>]"
				"\n1 03:04:00.123 ")) != STR_NONE);
	assert_true(log_codec.holds(text, out, &b->arena));
}

/* What a row must not say: values with our signs, lines that look like rows. */
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
	assert_true(encode(b, buf_str(&t), "", &out));
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
	assert_true(encode(b, buf_str(&t), "", &out));
	assert_true(str_find(out, STR("\n1: 000000000001<*> T <...>\n1 2c40 add\n 2cd1 build\n")) !=
		    STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
	assert_true(encode(b, buf_str(&ids), "", &out));
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
	assert_true(encode(b, buf_str(&t), "", &out));
	assert_true(str_find(out, STR("\n1: \t<*>.so => /usr/lib/x86/<^>.so (0x00007f<*>)\n"
				      "1 libqueue 101c000\n libparser 111c000\n")) != STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
}

static void signs_in_the_text_are_no_signs(void **state)
{
	static const char *const lines[] = {"a worker has the value ^2 left in it", "1", "1 :41",
		"1*3", "0 1", "0", " = x", "a worker has the value +1 left in it", "007 x",
		"a worker has the value <*> left in it", "99999999999999999999 x", "2 x"};
	struct bench *b = *state;
	struct buf t;
	str out, back;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 60; i++) {
		buf_printf(&t, "a worker has the value k%u left in it\n", i * 7919 % 100);
		if (i % 5 == 4)
			buf_printf(&t, "%s\n", lines[i / 5]);
	}
	assert_true(encode(b, buf_str(&t), "", &out));
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
	assert_true(str_find(out, STR("\n0 1*3\n")) != STR_NONE);
	assert_true(str_find(out, STR("\n007 x\n")) != STR_NONE);
}

static void elided_shows_firsts_and_errors(void **state)
{
	struct bench *b = *state;
	str out, text = repeat_spark(b, 20);
	size_t eol;

	assert_true(encode(b, text, ROUTE, &out));
	assert_true(log_codec.holds(text, out, &b->arena));
	assert_true(str_starts(out, STR("[log: 21 lines; ")));
	eol = str_find_byte(out, '\n');
	assert_true(str_ends(str_sub(out, 0, eol), STR("; original: " ROUTE "]")));
	assert_str(str_sub(out, eol + 1, out.n),
		"17/06/09 20:10:40 INFO executor.Executor: Running task 0.0 in stage 26.0\n"
		"[1: 16 more like this until 20:10:56; 0 is 0 to 19]\n"
		"[7 like 1]\n"
		"17/06/09 20:10:47 ERROR executor.Executor: Exception in task 7.0\n"
		"[9 like 1]\n"
		"17/06/09 20:10:57 INFO executor.Executor: Running task 17.0 in stage 26.0\n"
		"17/06/09 20:10:58 INFO executor.Executor: Running task 18.0 in stage 26.0\n"
		"17/06/09 20:10:59 INFO executor.Executor: Running task 19.0 in stage 26.0\n");
}

/* Errors of one pattern between lines that are left out. */
static void elided_shows_errors_that_are_alike_letter_by_letter(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out, rest, line;
	unsigned errors = 0;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 200; i++) {
		buf_printf(&t,
			"2026-01-02 10:%02u:%02u INFO all is well with server %u of the cluster\n",
			i / 60, i % 60, i % 7);
		if (i % 100 < 24 && i % 2 == 0)
			buf_printf(&t,
				"2026-01-02 10:%02u:%02u ERROR the disk /dev/sd%u of server %u is "
				"gone away\n",
				i / 60, i % 60, i, i % 7);
	}
	assert_true(encode(b, buf_str(&t), ROUTE, &out));
	assert_true(log_codec.holds(buf_str(&t), out, &b->arena));
	assert_true(out.n < t.n / 2);
	for (rest = buf_str(&t); str_next_line(&rest, &line, NULL);)
		if (str_find(line, STR(" ERROR ")) != STR_NONE) {
			errors++;
			assert_true(str_find(out, line) != STR_NONE);
		}
	assert_int_equal(errors, 24);
}

static void prose_and_code_are_refused(void **state)
{
	static const char *const texts[] = {"", "x", "one\ntwo\nthree\n",
		"int main(void)\n{\n\treturn 0;\n}\n\n\n\n\n\n\n", "a\na\na\na\na\na\na\na\na\n"};
	struct bench *b = *state;
	str out;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		assert_false(encode(b, str_from(texts[i]), "", &out));
		assert_false(encode(b, str_from(texts[i]), ROUTE, &out));
	}
}

static str random_log(struct bench *b, uint64_t seed)
{
	struct rng r = rng_new(seed);
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 20);
	add_random_log(&r, &t, 1 + rng_below(&r, LINES_MAX),
		rng_once_in(&r, 2) ? 3 + rng_below(&r, 30) : 0);
	return buf_str(&t);
}

static void any_log_decodes_or_holds(void **state)
{
	struct bench *b = *state;
	uint64_t n = seeds_or(SEEDS), exact = 0, elided = 0;

	for (uint64_t i = 1; i <= n; i++) {
		str text = random_log(b, i), out, again, back;

		if (encode(b, text, "", &out)) {
			exact++;
			if (!log_codec.decode(out, &b->arena, &back) || !str_eq(back, text))
				fail_msg("seed %llu does not decode", (unsigned long long)i);
			assert_true(encode(b, text, "", &again));
			assert_true(str_eq(out, again));
		}
		if (encode(b, text, ROUTE, &out)) {
			elided++;
			if (!log_codec.holds(text, out, &b->arena))
				fail_msg("seed %llu does not hold", (unsigned long long)i);
			assert_true(encode(b, text, ROUTE, &again));
			assert_true(str_eq(out, again));
		}
		arena_reset(&b->arena);
	}
	/* a codec that refuses all would pass all of the above */
	assert_true(exact * 3 > n && elided * 3 > n);
}

static void what_any_program_prints_decodes(void **state)
{
	struct bench *b = *state;
	uint64_t n = seeds_or(SEEDS), exact = 0;

	for (uint64_t i = 1; i <= n; i++) {
		struct rng r = rng_new(i);
		struct buf t;
		str out, back;

		buf_init_arena(&t, &b->arena, 1 << 20);
		add_random_program(&r, &t, 1 + rng_below(&r, 3 * LINES_MAX));
		if (encode(b, buf_str(&t), "", &out)) {
			exact++;
			if (!log_codec.decode(out, &b->arena, &back) || !str_eq(back, buf_str(&t)))
				fail_msg("seed %llu does not decode", (unsigned long long)i);
		}
		arena_reset(&b->arena);
	}
	if (exact * 3 < n)
		fail_msg("%llu encoded", (unsigned long long)exact);
}

/* The text without its line k. */
static str without_line(struct bench *b, str text, size_t k)
{
	struct buf t;
	str rest = text, line;
	bool has_eol;

	buf_init_arena(&t, &b->arena, text.n + 1);
	for (size_t i = 0; str_next_line(&rest, &line, &has_eol); i++) {
		if (i == k)
			continue;
		buf_add(&t, line);
		if (has_eol)
			buf_add_byte(&t, '\n');
	}
	return buf_str(&t);
}

static void nothing_can_be_taken_out_of_what_holds(void **state)
{
	struct bench *b = *state;

	for (uint64_t i = 1; i <= 60; i++) {
		str text = random_log(b, i), out, rest, line;

		if (encode(b, text, ROUTE, &out)) {
			rest = out;
			for (size_t k = 0; str_next_line(&rest, &line, NULL); k++)
				if (log_codec.holds(text, without_line(b, out, k), &b->arena))
					fail_msg("seed %llu holds without line %zu: " STR_FMT,
						(unsigned long long)i, k, STR_ARG(line));
		}
		arena_reset(&b->arena);
	}
}

/* A list of errors without one of its values. */
static void values_of_listed_errors_are_all_needed(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str text, out;
	size_t list, end;

	buf_init_arena(&t, &b->arena, 1 << 22);
	for (unsigned i = 0; i < 3000; i++)
		buf_printf(&t, "2026-01-02 10:%02u:%02u %s\n", i / 60 % 60, i % 60,
			i % 2 ? "INFO all is well with the server and its disks" : "INFO ready");
	for (unsigned i = 0; i < 1500; i++)
		buf_printf(&t, "2026-01-02 11:%02u:%02u ERROR disk /dev/sd%u is gone\n",
			i / 60 % 60, i % 60, i % 40);
	text = buf_str(&t);
	assert_true(encode(b, text, ROUTE, &out));
	assert_true(log_codec.holds(text, out, &b->arena));
	list = str_find(out, STR(" more errors like this until"));
	assert_true(list != STR_NONE);
	for (unsigned i = 1; i < 40; i++) {
		str value = arena_printf(&b->arena, " /dev/sd%u", i);
		size_t at = list + str_find(str_sub(out, list, out.n), value);

		end = at + value.n;
		if (out.p[end] != ' ' && out.p[end] != ']')
			continue; /* the beginning of another */
		assert_false(log_codec.holds(text,
			arena_printf(&b->arena, STR_FMT STR_FMT, STR_ARG(str_sub(out, 0, at)),
				STR_ARG(str_sub(out, end, out.n))),
			&b->arena));
	}
}

/* Bytes of outputs exchanged, cut and doubled: nothing crashes, and what decodes is no proof of anything. */
/* "/" beside "/name" has nothing where the others have a name: that is said, of errors and of others. */
static void nothing_is_a_value(void **state)
{
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, 1 << 22);
	for (unsigned i = 0; i < 3000; i++)
		buf_printf(&t, "2026-01-02 10:%02u:%02u INFO opened /%.*s for reading\n",
			i / 60 % 60, i % 60, i % 2 ? 0 : (int)(i / 2 % 8 + 1), "document");
	for (unsigned i = 0; i < 1500; i++)
		buf_printf(&t, "2026-01-02 11:%02u:%02u ERROR cannot open /%.*s for writing\n",
			i / 60 % 60, i % 60, (int)(i % 8), "letters");
	assert_true(encode(b, buf_str(&t), ROUTE, &out));
	assert_true(log_codec.holds(buf_str(&t), out, &b->arena));
	assert_true(str_find(out, STR(" is often \"\"]")) != STR_NONE);
	assert_true(str_find(out, STR(" is \"\" l le let lett lette letter letters]")) != STR_NONE);
}

static void damaged_texts_are_survived(void **state)
{
	struct bench *b = *state;
	struct rng r = rng_new(5);

	for (uint64_t i = 1; i <= 400; i++) {
		str text = random_log(b, i), out, back;
		bool is_elided = i % 2;
		char *p;

		if (encode(b, text, is_elided ? ROUTE : "", &out)) {
			p = arena_cstr(&b->arena, out);
			for (unsigned k = 0; k < 4; k++)
				p[rng_below(&r, (uint32_t)out.n)] =
					"0123456789\t\n[]=<*>: "[rng_below(&r, 20)];
			out = (str){p, out.n - (i % 3 ? 0 : rng_below(&r, (uint32_t)out.n))};
			(void)!log_codec.decode(out, &b->arena, &back);
			(void)!log_codec.holds(text, out, &b->arena);
		}
		arena_reset(&b->arena);
	}
}

/* Ten times the text takes ten times the memory, and no more. */
static void memory_grows_with_the_text(void **state)
{
	struct bench *b = *state;
	size_t used[2], n[2];

	for (unsigned i = 0; i < 2; i++) {
		struct rng r = rng_new(3);
		struct arena a = ARENA_INIT;
		struct log_mine m;
		struct buf t;

		buf_init_arena(&t, &b->arena, 1 << 26);
		add_random_log(&r, &t, i ? 40000 : 4000, 0);
		n[i] = t.n;
		assert_true(
			log_mine(buf_str(&t), lines_split(&b->arena, buf_str(&t)).n, true, &a, &m));
		used[i] = a.used_bytes;
		arena_release(&a);
	}
	assert_true(used[1] < 20 * used[0]);
	assert_true(used[1] < n[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(exact_says_patterns_once),
		bench_test(equal_times_with_a_zone_are_times),
		bench_test(regular_lines_of_any_program_are_rows),
		bench_test(a_value_that_stands_twice_is_said_once),
		bench_test(long_values_are_named_and_times_go_together),
		bench_test(beginnings_are_told_as_rows),
		bench_test(words_that_lines_begin_with_are_said_once),
		bench_test(addresses_are_cut_and_ids_are_not),
		bench_test(a_path_of_a_name_in_the_line_is_said_once),
		bench_test(signs_in_the_text_are_no_signs),
		bench_test(elided_shows_firsts_and_errors),
		bench_test(elided_shows_errors_that_are_alike_letter_by_letter),
		bench_test(prose_and_code_are_refused),
		bench_test(any_log_decodes_or_holds),
		bench_test(what_any_program_prints_decodes),
		bench_test(nothing_can_be_taken_out_of_what_holds),
		bench_test(values_of_listed_errors_are_all_needed),
		bench_test(nothing_is_a_value),
		bench_test(damaged_texts_are_survived),
		bench_test(memory_grows_with_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

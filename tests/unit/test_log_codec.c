/* The codec of logs: goldens of both forms, and what must hold for any text: the exact form decodes, the contract of the
 * elided form holds and is broken by whatever is taken out of it. HEADROOM_SEEDS: how many texts. */
#include <stdlib.h>

#include "core/compress/lines.h"
#include "core/compress/log/log.h"
#include "tests/unit/compress_help.h"
#include "tests/unit/random_log.h"

enum { SEEDS = 1500, LINES_MAX = 120 };

#define ROUTE "headroom retrieve 3f0a"

static uint64_t seeds(void)
{
	const char *more = getenv("HEADROOM_SEEDS");
	uint64_t n;

	return more && str_u64(str_from(more), &n) ? n : SEEDS;
}

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
		"[log: 11 lines in 1 pattern" LOG_EXACT_WORDS "]\n"
		"1: <time> INFO executor.Executor: Running task <*>.0 in stage 26.0\n"
		"1\t17/06/09 20:10:40\t0\n1\t:41\t1\n1\t:42\t2\n1\t:43\t3\n1\t:44\t4\n1\t:45\t5\n"
		"1\t:46\t6\n1\t:47\t7\n"
		"17/06/09 20:10:47 ERROR executor.Executor: Exception in task 7.0\n"
		"1\t:48\t8\n1\t:49\t9\n");
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
}

/* Lines that name their node twice; last: what the last one has for the second time. */
static str name_nodes(struct bench *b, const char *last)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 10; i++) {
		const char *again = i == 9 ? last : NULL;

		buf_printf(&t, "- %cnode-%02u 2005-06-03-15.42.50.%06u ", "abcde"[i / 2], i / 2,
			i * 7);
		if (again)
			buf_add_c(&t, again);
		else
			buf_printf(&t, "%cnode-%02u", "abcde"[i / 2], i / 2);
		buf_add_c(&t, " RAS KERNEL INFO instruction cache parity corrected\n");
	}
	return buf_str(&t);
}

static void a_value_twice_in_a_row_is_said_once(void **state)
{
	struct bench *b = *state;
	str out, back, text = name_nodes(b, "node-04");

	assert_true(encode(b, text, "", &out));
	assert_str(out, "[log: 10 lines in 1 pattern" LOG_EXACT_WORDS LOG_TWIN_WORDS "]\n"
			"1: - <*> <time> <*> RAS KERNEL INFO instruction cache parity corrected\n"
			"1\tanode-00\t2005-06-03-15.42.50.000000\t^\n1\t=\t.000007\t=\n"
			"1\tbnode-01\t.000014\t^\n1\t=\t.000021\t=\n"
			"1\tcnode-02\t.000028\t^\n1\t=\t.000035\t=\n"
			"1\tdnode-03\t.000042\t^\n1\t=\t.000049\t=\n"
			"1\tenode-04\t.000056\t^\n1\t=\t.000063\tnode-04\n");
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
	/* where the sign itself stands */
	text = name_nodes(b, LOG_TWIN);
	assert_true(encode(b, text, "", &out));
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, text));
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
		"[1: 16 more like this until 17/06/09 20:10:56; 0 is 0 to 19]\n"
		"[7 like 1]\n"
		"17/06/09 20:10:47 ERROR executor.Executor: Exception in task 7.0\n"
		"[9 like 1]\n"
		"17/06/09 20:10:57 INFO executor.Executor: Running task 17.0 in stage 26.0\n"
		"17/06/09 20:10:58 INFO executor.Executor: Running task 18.0 in stage 26.0\n"
		"17/06/09 20:10:59 INFO executor.Executor: Running task 19.0 in stage 26.0\n");
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
	uint64_t n = seeds(), exact = 0, elided = 0;

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
		assert_true(log_mine(buf_str(&t), lines_split(&b->arena, buf_str(&t)).n, &a, &m));
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
		bench_test(a_value_twice_in_a_row_is_said_once),
		bench_test(elided_shows_firsts_and_errors),
		bench_test(prose_and_code_are_refused),
		bench_test(any_log_decodes_or_holds),
		bench_test(nothing_can_be_taken_out_of_what_holds),
		bench_test(values_of_listed_errors_are_all_needed),
		bench_test(damaged_texts_are_survived),
		bench_test(memory_grows_with_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

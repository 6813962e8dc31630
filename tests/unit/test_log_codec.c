/* The codec of logs: goldens of both forms, and what must hold for any text: the exact form decodes, the contract of the
 * elided form holds and is broken by whatever is taken out of it. HEADROOM_SEEDS: how many texts. */

#include "core/compress/lines.h"
#include "tests/unit/log_codec_help.h"
#include "tests/unit/random_log.h"
#include "tests/unit/seeds.h"

enum { SEEDS = 1500, LINES_MAX = 120 };

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

	assert_true(encode_log(b, text, "", &out));
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
	assert_true(encode_log(b, buf_str(&t), "", &out));
	assert_true(str_find(out, STR("\n1: 203.0.113.<*> - - [<time> +0100] \"GET /part/<*> "
				      "HTTP/1.1\" 200 <*>\n"
				      "1 0 02/Jan/2026:10:00:42 0 4000\n1 7 = + +\n")) != STR_NONE);
	assert_true(log_codec.decode(out, &b->arena, &back));
	assert_true(str_eq(back, buf_str(&t)));
}

/* What a row must not say: values with our signs, lines that look like rows. */
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
	assert_true(encode_log(b, buf_str(&t), "", &out));
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

	assert_true(encode_log(b, text, ROUTE, &out));
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

/* Errors of one pattern, in every tenth second for each of the first errors, between lines that are left out. */
static str log_with_errors(struct bench *b, unsigned errors)
{
	struct buf t;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 400; i++) {
		buf_printf(&t,
			"2026-01-02 10:%02u:%02u INFO all is well with server %u of the cluster\n",
			i / 60, i % 60, i % 7);
		if (i % 10 < errors)
			buf_printf(&t,
				"2026-01-02 10:%02u:%02u ERROR the disk /dev/sd%u of server %u is "
				"gone away\n",
				i / 60, i % 60, i, i % 7);
	}
	return buf_str(&t);
}

static unsigned errors_shown(str text, str out)
{
	unsigned n = 0;
	str line;

	while (str_next_line(&text, &line, NULL))
		n += str_find(line, STR(" ERROR ")) != STR_NONE && str_find(out, line) != STR_NONE;
	return n;
}

static void elided_shows_errors_that_are_alike_letter_by_letter(void **state)
{
	struct bench *b = *state;
	str text = log_with_errors(b, 1), out;

	assert_true(encode_log(b, text, ROUTE, &out));
	assert_true(log_codec.holds(text, out, &b->arena));
	assert_true(out.n < text.n / 2);
	assert_int_equal(errors_shown(text, out), 40);
}

/* Above a tenth of the text. */
static void elided_tells_many_errors_as_rows(void **state)
{
	struct bench *b = *state;
	str text = log_with_errors(b, 2), out;
	char *p;
	size_t at;

	assert_true(encode_log(b, text, ROUTE, &out));
	assert_true(log_codec.holds(text, out, &b->arena));
	assert_true(out.n < text.n / 10);
	assert_int_equal(errors_shown(text, out), 0);
	assert_true(str_find(out, STR("<time> ERROR the disk /dev/<*> of server <*> is gone away]\n"
				      "3 = sd0 0\n :01 sd1 +\n")) != STR_NONE);
	/* each value counts */
	p = arena_cstr(&b->arena, out);
	at = str_find(out, STR(" sd350 "));
	assert_true(at != STR_NONE);
	p[at + 5] = '9';
	assert_false(log_codec.holds(text, (str){p, out.n}, &b->arena));
}

/* What lines of several patterns begin with is said once, of errors too: what they report stands letter by letter. */
static void elided_says_once_what_errors_begin_with(void **state)
{
	static const char *const errors[] = {"disk full", "out of memory", "no route to the host",
		"bad checksum", "lease is gone", "peer hung up", "no such table", "too many users"};
	struct bench *b = *state;
	struct buf t;
	str out;

	buf_init_arena(&t, &b->arena, 1 << 16);
	for (unsigned i = 0; i < 400; i++) {
		buf_printf(&t, "2026-01-02 10:%02u:%02u INFO app.server: all is well, %u\n", i / 60,
			i % 60, i % 7);
		if (i % 50 == 7)
			buf_printf(&t, "2026-01-02 10:%02u:%02u ERROR app.server: %s\n", i / 60,
				i % 60, errors[i / 50]);
	}
	assert_true(encode_log(b, buf_str(&t), ROUTE, &out));
	assert_true(log_codec.holds(buf_str(&t), out, &b->arena));
	assert_true(str_find(out, STR("[rows of 3: 2026-01-02 <time> ERROR app.server: <...>]\n"
				      "3 = disk full\n")) != STR_NONE);
	for (size_t i = 0; i < ARRAY_N(errors); i++)
		assert_true(str_find(out, arena_printf(&b->arena, " %s\n", errors[i])) != STR_NONE);
}

static void prose_and_code_are_refused(void **state)
{
	static const char *const texts[] = {"", "x", "one\ntwo\nthree\n",
		"int main(void)\n{\n\treturn 0;\n}\n\n\n\n\n\n\n", "a\na\na\na\na\na\na\na\na\n"};
	struct bench *b = *state;
	str out;

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		assert_false(encode_log(b, str_from(texts[i]), "", &out));
		assert_false(encode_log(b, str_from(texts[i]), ROUTE, &out));
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
		str text = random_log(b, i), out, again = STR_NULL, back;

		if (encode_log(b, text, "", &out)) {
			exact++;
			if (!log_codec.decode(out, &b->arena, &back) || !str_eq(back, text))
				fail_msg("seed %llu does not decode", (unsigned long long)i);
			assert_true(encode_log(b, text, "", &again));
			assert_true(str_eq(out, again));
		}
		if (encode_log(b, text, ROUTE, &out)) {
			elided++;
			if (!log_codec.holds(text, out, &b->arena))
				fail_msg("seed %llu does not hold", (unsigned long long)i);
			assert_true(encode_log(b, text, ROUTE, &again));
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
		if (encode_log(b, buf_str(&t), "", &out)) {
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

		if (encode_log(b, text, ROUTE, &out)) {
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
	assert_true(encode_log(b, text, ROUTE, &out));
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
	assert_true(encode_log(b, buf_str(&t), ROUTE, &out));
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

		if (encode_log(b, text, is_elided ? ROUTE : "", &out)) {
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
		bench_test(signs_in_the_text_are_no_signs),
		bench_test(elided_shows_firsts_and_errors),
		bench_test(elided_shows_errors_that_are_alike_letter_by_letter),
		bench_test(elided_tells_many_errors_as_rows),
		bench_test(elided_says_once_what_errors_begin_with),
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

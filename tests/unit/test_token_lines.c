/* Counting with the help of lines that were counted gives what counting without gives, for every text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/token/lines.h"
#include "core/token/token.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

/* What pieces begin and end with, and what is taken for white space, a line end or a number column. */
static const char *const bits[] = {" ", " ", "  ", "\t", "\t\t", "\n", "\n", "\n\n", "\r\n", "\r",
	"/", "//", ";", "{", "}", "(", "'", "'s", "'LL", "\"", "a", "foo", "Bar", "XML", "getUser",
	"12", "7", "1234", "\xe2\x86\x92", "\xc3\xa9", "\xc2\xa0", "\xe3\x80\x80", "\xe2\x80\xa8",
	"\x0b", "\x0c", "\xcc\x81", "\xe6\x97\xa5", "-", ":", "|", ".", "#", "\x7f", "\x01",
	"    return x;\n", "\tif (a->b) {\n", "static int count;\n", "\xff"};

static void add_bits(struct rng *r, struct buf *b, uint32_t n)
{
	while (n--)
		buf_add_c(b, bits[rng_below(r, (uint32_t)ARRAY_N(bits) - !rng_once_in(r, 400))]);
}

/* Lines of a program or of bits, under a number column of some kind. */
static void add_both_ways(struct rng *r, struct buf *plain, struct buf *numbered)
{
	static const char *const columns[] = {
		"%6u\t", "%6u\xe2\x86\x92", "%u:", "%u-", "%4u | ", "%u ", "%u\t\t"};
	const char *column = RNG_PICK(r, columns);

	for (uint32_t i = 0, n = 20 + rng_below(r, 60); i < n; i++) {
		size_t at = plain->n;

		if (rng_once_in(r, 5))
			add_bits(r, plain, rng_below(r, 12));
		else
			add_source_line(r, plain);
		if (i + 1 < n || rng_once_in(r, 2))
			buf_add_byte(plain, '\n');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_printf(numbered, column, i + 1);
#pragma GCC diagnostic pop
		buf_add(numbered, str_sub(buf_str(plain), at, plain->n));
	}
}

/* Some of the lines, others beside them. */
static void add_some_lines(struct rng *r, str text, struct buf *out)
{
	str line;

	while (str_next_line(&text, &line, NULL)) {
		if (rng_once_in(r, 12))
			continue;
		if (rng_once_in(r, 12))
			add_bits(r, out, rng_below(r, 8));
		buf_add(out, line);
		if (!rng_once_in(r, 30))
			buf_add_byte(out, '\n');
	}
}

static void assert_counts_alike(str known, str text, struct token_cache *cache)
{
	struct arena a = ARENA_INIT;

	for (enum token_encoding e = 0; e < TOKEN_ENCODING_N; e++) {
		struct token_lines *lines;

		assert_int_equal(token_count_lines(e, known, cache, &a, &lines),
			token_count(e, known, NULL));
		assert_int_equal(
			token_count_with(e, text, lines, cache), token_count(e, text, NULL));
		/* what was remembered meanwhile is right, too */
		assert_int_equal(token_count(e, text, cache), token_count(e, text, NULL));
		assert_int_equal(
			token_count_with(e, text, lines, NULL), token_count(e, text, NULL));
	}
	arena_release(&a);
}

static void any_text_counts_the_same(void **state)
{
	uint64_t seeds = seeds_or(400);
	struct token_cache *cache = token_cache_new();

	(void)state;
	assert_non_null(cache);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct rng r = rng_new(seed);
		struct buf plain, numbered, some;

		buf_init(&plain, LIMIT_INPUT);
		buf_init(&numbered, LIMIT_INPUT);
		buf_init(&some, LIMIT_INPUT);
		if (rng_once_in(&r, 3)) {
			add_bits(&r, &plain, 400);
			buf_add(&numbered, buf_str(&plain));
		} else {
			add_both_ways(&r, &plain, &numbered);
		}
		add_some_lines(&r, buf_str(rng_once_in(&r, 4) ? &numbered : &plain), &some);
		assert_counts_alike(buf_str(&numbered), buf_str(&plain), cache);
		assert_counts_alike(buf_str(&numbered), buf_str(&some), cache);
		assert_counts_alike(buf_str(&plain), buf_str(&numbered), cache);
		buf_release(&plain);
		buf_release(&numbered);
		buf_release(&some);
	}
	token_cache_free(cache);
}

/* Many lines have one, however short the lines of a random program are. */
static void cores_end_with_their_lines(void **state)
{
	struct rng r = rng_new(5);
	struct buf plain, numbered;
	struct line_core core;
	size_t lines = 0, cores = 0;
	const char *at;
	str text;

	(void)state;
	buf_init(&plain, LIMIT_INPUT);
	buf_init(&numbered, LIMIT_INPUT);
	for (int i = 0; i < 200; i++)
		add_both_ways(&r, &plain, &numbered);
	text = buf_str(&plain);
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	for (at = text.p; line_core_next(text, &at, &core); cores++) {
		assert_true(core.from >= text.p && core.from < core.to && core.to <= at);
		assert_int_equal(core.to[-1], '\n');
	}
	assert_true(cores > lines / 4);
	buf_release(&plain);
	buf_release(&numbered);
}

/* A table that is full keeps what it has. */
static void a_table_has_an_end(void **state)
{
	struct arena a = ARENA_INIT;
	char text[4001];
	struct token_lines *l = token_lines_new(&a, (str){text, 0});
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < 400; i++)
		(void)snprintf(text + 10 * i, 11, "line %04zu\n", i);
	for (size_t i = 0; i < 400; i++)
		token_lines_put(l, &(struct line_core){text + 10 * i, text + 10 * i + 10}, i + 1);
	for (size_t i = 0; i < 400; i++) {
		size_t n =
			token_lines_find(l, &(struct line_core){text + 10 * i, text + 10 * i + 10});

		assert_true(!n || n == i + 1);
		found += n > 0;
	}
	assert_true(found > 10 && found < 400);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_text_counts_the_same),
		cmocka_unit_test(cores_end_with_their_lines),
		cmocka_unit_test(a_table_has_an_end),
	};

	return cmocka_run_group_tests_name("token: lines", tests, NULL, NULL);
}

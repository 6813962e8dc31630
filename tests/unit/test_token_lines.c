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

enum { COLUMNS_MAX = 100 };

/* A text, where its number columns end, and its lines. */
struct sample {
	struct buf text;
	size_t columns[COLUMNS_MAX], columns_n;
	str *raw, *body;
	size_t n;
};

/* Lines of a program or of bits, under a number column of some kind, or not. */
static void add_lines(struct rng *r, struct sample *s)
{
	static const char *const columns[] = {
		"%6u\t", "%6u\xe2\x86\x92", "%u:", "%u-", "%4u | ", "%u ", "%u\t\t"};
	const char *column = RNG_PICK(r, columns);
	bool is_numbered = rng_once_in(r, 2);

	for (uint32_t i = 0, n = 20 + rng_below(r, 60); i < n; i++) {
		is_numbered ^= rng_once_in(r, 20);
		if (is_numbered) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			buf_printf(&s->text, column, i + 1);
#pragma GCC diagnostic pop
			s->columns[s->columns_n++] = s->text.n;
		}
		if (rng_once_in(r, 5))
			add_bits(r, &s->text, rng_below(r, 12));
		else if (!rng_once_in(r, 6))
			add_source_line(r, &s->text);
		if (i + 1 < n || rng_once_in(r, 2))
			buf_add_byte(&s->text, '\n');
	}
}

static void split(struct sample *s, struct arena *a)
{
	size_t column = 0, at = 0;

	s->raw = arena_array(a, str, s->text.n + 1);
	s->body = arena_array(a, str, s->text.n + 1);
	for (size_t i = 0; i <= s->text.n; i++) {
		str *body = &s->body[s->n];

		if (i < s->text.n && s->text.p[i] != '\n')
			continue;
		s->raw[s->n] = *body = str_sub(buf_str(&s->text), at, i);
		if (column < s->columns_n && s->columns[column] <= i)
			*body = str_sub(*body, s->columns[column++] - at, body->n);
		s->n++;
		at = i + 1;
	}
}

/* Some of the lines, others beside them. */
static void draw(struct rng *r, const struct sample *s, struct arena *a, struct buf *out,
	struct token_runs *runs)
{
	struct token_run *v = arena_array(a, struct token_run, s->n);
	size_t next = SIZE_MAX; /* line of the run that is being written */

	for (size_t i = 0; i < s->n; i++) {
		if (rng_once_in(r, 12))
			continue;
		if (rng_once_in(r, 12)) {
			add_bits(r, out, rng_below(r, 8));
			buf_add_byte(out, '\n');
			next = SIZE_MAX;
		}
		if (i == next)
			v[runs->n - 1].n++;
		else
			v[runs->n++] = (struct token_run){out->n, &s->body[i], 1};
		next = i + 1;
		buf_add(out, s->body[i]);
		if (i + 1 < s->n || rng_once_in(r, 2))
			buf_add_byte(out, '\n');
	}
	runs->text = buf_str(out);
	runs->v = v;
}

static void assert_counts_alike(
	const struct sample *s, const struct token_runs *runs, struct token_cache *cache)
{
	struct token_text t = {buf_str(&s->text), s->raw, s->body, s->n};
	struct arena a = ARENA_INIT;

	for (enum token_encoding e = 0; e < TOKEN_ENCODING_N; e++) {
		struct token_lines *lines;

		assert_int_equal(
			token_count_lines(e, &t, cache, &a, &lines), token_count(e, t.text, NULL));
		for (size_t i = 0; lines && i < lines->n; i++) {
			const struct line_group *g = &lines->v[i];

			assert_true(g->line <= g->from && g->from < g->to && g->to <= t.text.n);
			assert_true(!i || g[-1].to <= g->line);
			assert_int_equal(t.text.p[g->to - 1], '\n');
		}
		assert_int_equal(
			token_count_runs(e, runs, lines, cache), token_count(e, runs->text, NULL));
		/* what was remembered meanwhile is right, too */
		assert_int_equal(
			token_count(e, runs->text, cache), token_count(e, runs->text, NULL));
		assert_int_equal(
			token_count_runs(e, runs, lines, NULL), token_count(e, runs->text, NULL));
		assert_int_equal(
			token_count_runs(e, runs, NULL, cache), token_count(e, runs->text, NULL));
	}
	arena_release(&a);
}

static void any_text_counts_the_same(void **state)
{
	uint64_t seeds = seeds_or(800);
	struct token_cache *cache = token_cache_new();

	(void)state;
	assert_non_null(cache);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct rng r = rng_new(seed);
		struct arena a = ARENA_INIT;
		struct token_runs runs = {.n = 0};
		struct sample s = {.n = 0};
		struct buf some;

		buf_init(&s.text, LIMIT_INPUT);
		buf_init(&some, LIMIT_INPUT);
		if (rng_once_in(&r, 4))
			add_bits(&r, &s.text, 400);
		else
			add_lines(&r, &s);
		split(&s, &a);
		draw(&r, &s, &a, &some, &runs);
		assert_counts_alike(&s, &runs, cache);
		buf_release(&s.text);
		buf_release(&some);
		arena_release(&a);
	}
	token_cache_free(cache);
}

/* Most of a program is known by its lines, with number columns and without. */
static void most_lines_are_known(void **state)
{
	struct arena a = ARENA_INIT;
	size_t lines_n = 0, known_n = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct rng r = rng_new(seed);
		struct sample s = {.n = 0};
		struct token_lines *lines;

		buf_init(&s.text, LIMIT_INPUT);
		add_lines(&r, &s);
		split(&s, &a);
		(void)token_count_lines(TOKEN_O200K,
			&(struct token_text){buf_str(&s.text), s.raw, s.body, s.n}, NULL, &a,
			&lines);
		lines_n += s.n;
		for (size_t i = 0; lines && i < lines->n; i++)
			known_n += lines->v[i].count ? lines->v[i].lines : 0;
		buf_release(&s.text);
		arena_reset(&a);
	}
	assert_true(known_n > lines_n / 2);
	arena_release(&a);
}

/* A run that says another line than it has is no reason to count it: here the number column is still there. */
static void lines_with_their_columns_are_counted(void **state)
{
	struct arena a = ARENA_INIT;
	struct sample s = {.n = 0};
	struct token_lines *lines;
	struct token_runs runs;
	str text;

	(void)state;
	buf_init(&s.text, LIMIT_INPUT);
	for (unsigned i = 1; i < 60; i++) {
		buf_printf(&s.text, "%6u\t", i);
		s.columns[s.columns_n++] = s.text.n;
		buf_add_c(&s.text, i % 5 ? "    return found;\n" : "\n");
	}
	split(&s, &a);
	text = buf_str(&s.text);
	(void)token_count_lines(
		TOKEN_O200K, &(struct token_text){text, s.raw, s.body, s.n}, NULL, &a, &lines);
	assert_non_null(lines);
	runs = (struct token_runs){text, &(struct token_run){0, s.raw, s.n}, 1};
	assert_int_equal(token_count_runs(TOKEN_O200K, &runs, lines, NULL),
		token_count(TOKEN_O200K, text, NULL));
	buf_release(&s.text);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_text_counts_the_same),
		cmocka_unit_test(most_lines_are_known),
		cmocka_unit_test(lines_with_their_columns_are_counted),
	};

	return cmocka_run_group_tests_name("token: lines", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/token/token.h"

#define IDS(...) \
	(const uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)

/* Text holds NULs nowhere. Checks every way to count as well. */
static void check_ids(enum token_encoding e, const char *text, const uint32_t *ids, size_t n)
{
	struct arena a = ARENA_INIT;
	struct token_cache *cache = token_cache_new();
	str s = str_from(text);
	size_t got_n;
	uint32_t *got = token_encode(e, s, &a, &got_n);

	assert_non_null(cache);
	assert_int_equal(got_n, n);
	assert_memory_equal(got, ids, n * sizeof *ids);
	assert_int_equal(token_count(e, s, NULL), n);
	assert_int_equal(token_count(e, s, cache), n);
	assert_int_equal(token_count(e, s, cache), n);
	token_cache_free(cache);
	arena_release(&a);
}

static void known_texts_have_the_ids_of_the_npm_tokenizers(void **state)
{
	(void)state;
	check_ids(TOKEN_O200K, "hello world", IDS(24912, 2375));
	check_ids(TOKEN_CL100K, "hello world", IDS(15339, 1917));
}

/* ---- properties over texts made from a seed ----------------------------------------------------------- */

static const char *const MADE_OF[] = {"the", "Quick", "HTTPServer", "don't", "it'S", "I'LL", "x",
	"0", "12", "3456", " ", "  ", "\n", "\r\n", "\t", "    ", "{", "}", "();", "//", "/", "'",
	"\"", "!=", "...", "\xc3\xa9", "\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\x98\x80", "\xcc\x81",
	"\xc2\xa0", "\xd0\x94\xd0\xb0", "\xef\xbb\xbf", "\xe2\x80\xa8", "\xff", "\xe4\xb8", "\x80",
	"\xed\xa0\x80", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"================"};

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static str made_text(uint32_t *seed, size_t max_parts, char *room)
{
	size_t n = 0;

	for (size_t i = random_next(seed) % max_parts; i > 0; i--) {
		const char *part = MADE_OF[random_next(seed) % ARRAY_N(MADE_OF)];

		memcpy(room + n, part, strlen(part));
		n += strlen(part);
	}
	return (str){room, n};
}

enum { ROOM = 100 * 80, ROUNDS = 3000 };

static void counting_again_after_an_edit_equals_counting_all(void **state)
{
	uint32_t seed = 2;
	char room[ROOM], edit_room[ROOM], joined[2 * ROOM];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		enum token_encoding e = i % TOKEN_ENCODING_N;
		str old = made_text(&seed, 60, room), text = made_text(&seed, 5, edit_room);
		uint32_t start = random_next(&seed) % (uint32_t)(old.n + 1);
		uint32_t end = start + random_next(&seed) % (uint32_t)(old.n - start + 1);
		size_t n = 0;

		if (i % 2)
			end = start;
		memcpy(joined, old.p, start);
		n = start;
		memcpy(joined + n, text.p, text.n);
		n += text.n;
		memcpy(joined + n, old.p + end, old.n - end);
		n += old.n - end;
		assert_int_equal(token_recount(e, old, token_count(e, old, NULL),
					 (struct span){start, end}, text, NULL),
			token_count(e, (str){joined, n}, NULL));
	}
}

static void counting_up_to_a_limit_gives_the_count_or_one_above_the_limit(void **state)
{
	uint32_t seed = 3;
	char room[ROOM];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		enum token_encoding e = i % TOKEN_ENCODING_N;
		str text = made_text(&seed, 60, room);
		size_t n = token_count(e, text, NULL), limit = random_next(&seed) % (n + 3);

		assert_int_equal(token_count_upto(e, text, limit, NULL), n > limit ? limit + 1 : n);
	}
}

static void ids_spell_the_text_and_the_cache_changes_no_count(void **state)
{
	struct token_cache *cache = token_cache_new();
	struct arena a = ARENA_INIT;
	uint32_t seed = 4;
	char room[ROOM];

	(void)state;
	assert_non_null(cache);
	for (int i = 0; i < ROUNDS; i++) {
		enum token_encoding e = i % TOKEN_ENCODING_N;
		str text = made_text(&seed, 60, room);
		size_t n, at = 0;
		uint32_t *ids = token_encode(e, text, &a, &n);

		assert_int_equal(token_count(e, text, cache), n);
		for (size_t k = 0; k < n; k++)
			at += token_bytes(e, ids[k]).n;
		assert_true(at >= text.n);
		arena_reset(&a);
	}
	arena_release(&a);
	token_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts_have_the_ids_of_the_npm_tokenizers),
		cmocka_unit_test(counting_again_after_an_edit_equals_counting_all),
		cmocka_unit_test(counting_up_to_a_limit_gives_the_count_or_one_above_the_limit),
		cmocka_unit_test(ids_spell_the_text_and_the_cache_changes_no_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

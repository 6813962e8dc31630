#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/token/split.h"
#include "core/token/recount.h"
#include "core/token/token.h"

/* ---- ids ------------------------------------------------------------------------------------- */

enum { IDS_MAX = 24 };

static const struct known {
	str text;
	size_t o200k_n;
	uint32_t o200k[IDS_MAX];
	size_t cl100k_n;
	uint32_t cl100k[IDS_MAX];
} KNOWN[] = {
	{STR("hello world"), 2, {24912, 2375}, 2, {15339, 1917}},
	{STR("don't I'LL it'S we'Re"), 7, {91418, 3413, 7454, 480, 31233, 581, 146756}, 9,
		{15357, 956, 358, 6, 4178, 433, 13575, 584, 50527}},
	{STR("HTTPServer getUserById XMLHttpRequest"), 8,
		{17893, 6444, 717, 1844, 1582, 906, 100497, 2303}, 5,
		{9412, 5592, 24075, 2787, 46938}},
	{STR("a1234567"), 4, {64, 7633, 19354, 22}, 4, {64, 4513, 10961, 22}},
	{STR("foo(bar);\n//x\n\n\tif (y) {\n"), 10,
		{16660, 106832, 9713, 87, 279, 1224, 350, 88, 8, 405}, 11,
		{8134, 55730, 317, 322, 87, 271, 748, 320, 88, 8, 341}},
	{STR("  \n  x   \n "), 5, {4066, 220, 1215, 10190, 220}, 5, {2355, 220, 865, 5996, 220}},
	{STR("\r\n\r\n  end  "), 4, {1414, 220, 1268, 256}, 4, {881, 220, 842, 256}},
	{STR("na\xc3\xafve \xc3\x89"
	     "COLE Stra\xc3\x9f"
	     "e \xc7\x85ungla"),
		12, {1503, 9954, 737, 10055, 8310, 1400, 71184, 220, 131, 227, 988, 1675}, 13,
		{3458, 38672, 588, 29124, 8445, 877, 27745, 24352, 220, 131, 227, 2234, 4355}},
	{STR("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97\xe7\xac\xa6\xe3\x80\x82\xe6\x97\xa5\xe6\x9c\xac"
	     "\xe8\xaa\x9e\xe3\x83\x86\xe3\x82\xad\xe3\x82\xb9\xe3\x83\x88"),
		8, {10667, 67951, 788, 9048, 40909, 16056, 18368, 38236}, 11,
		{16325, 17161, 49491, 1811, 9080, 22656, 45918, 252, 57933, 62903, 71634}},
	{STR("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\xf0\x9f"
	     "\x91\x8d\xf0\x9f\x8f\xbd"),
		12, {28823, 102, 2524, 31446, 119, 55506, 102, 55506, 103, 82514, 52622, 121}, 19,
		{9468, 239, 102, 378, 235, 93273, 119, 9468, 229, 102, 9468, 229, 103, 9468, 239,
			235, 9468, 237, 121}},
	{STR("e\xcc\x81 \xcc\x81x"), 5, {68, 13430, 220, 13430, 87}, 5,
		{68, 54939, 220, 54939, 87}},
	{STR("<|endoftext|><|im_start|>"), 12,
		{27, 91, 419, 1440, 919, 91, 3784, 91, 321, 10949, 91, 29}, 12,
		{27, 91, 8862, 728, 428, 91, 1822, 91, 318, 5011, 91, 29}},
	{STR("\xef\xbf\xbd a\xef\xbf\xbd"
	     "b"),
		4, {3251, 261, 3251, 65}, 4, {5809, 264, 5809, 65}},
	{STR("\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6 \xc2\xbd\xe2\x85\xa7"), 8,
		{81473, 98713, 97336, 122513, 220, 27124, 25371, 100}, 12,
		{149, 96, 149, 97, 149, 98, 149, 99, 220, 27154, 71567, 100}},
	{STR("x\xc2\xa0y\xe2\x80\x83z\xc2\x85w\xe2\x80\xa8v"), 10,
		{87, 5310, 88, 33203, 89, 126, 227, 86, 51008, 85}, 12,
		{87, 4194, 88, 378, 225, 89, 126, 227, 86, 378, 101, 85}},
	{STR("'\xc5\xbf 's 'tis ('ll"), 8, {6, 70067, 461, 82, 461, 109773, 9906, 680}, 10,
		{6, 129, 123, 364, 82, 364, 83, 285, 4417, 657}},
	{STR("\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80"
	     "\xe2\x94\x80"),
		1, {83261}, 1, {57906}},
	{STR("                                                                                     "
	     "               x"),
		3, {9344, 3523, 1215}, 3, {5351, 1961, 865}},
	{STR("a\x00"
	     "b\x01"),
		4, {64, 188, 65, 189}, 4, {64, 188, 65, 189}},
};

/* Every way to count, and the ids. */
static void check_ids(enum token_encoding e, str text, const uint32_t *ids, size_t n)
{
	struct arena a = ARENA_INIT;
	struct token_cache *cache = token_cache_new();
	size_t got_n;
	uint32_t *got = token_encode(e, text, &a, &got_n);

	assert_non_null(cache);
	assert_int_equal(got_n, n);
	assert_memory_equal(got, ids, n * sizeof *ids);
	assert_int_equal(token_count(e, text, NULL), n);
	assert_int_equal(token_count(e, text, cache), n);
	assert_int_equal(token_count(e, text, cache), n);
	token_cache_free(cache);
	arena_release(&a);
}

static void known_texts_have_the_ids_of_the_npm_tokenizers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_N(KNOWN); i++) {
		check_ids(TOKEN_O200K, KNOWN[i].text, KNOWN[i].o200k, KNOWN[i].o200k_n);
		check_ids(TOKEN_CL100K, KNOWN[i].text, KNOWN[i].cl100k, KNOWN[i].cl100k_n);
	}
}

static void the_empty_text_has_no_ids(void **state)
{
	(void)state;
	check_ids(TOKEN_O200K, STR_NULL, NULL, 0);
	check_ids(TOKEN_CL100K, STR(""), NULL, 0);
}

static void bad_utf8_counts_as_one_replacement_character_for_each_bad_part(void **state)
{
	static const struct {
		str bad, valid;
	} CASES[] = {
		{STR("a\xff"
		     "b"),
			STR("a\xef\xbf\xbd"
			    "b")},
		{STR("\xe4\xb8"), STR("\xef\xbf\xbd")},
		{STR("\xf0\x9f\x98 x"), STR("\xef\xbf\xbd x")},
		{STR("\xed\xa0\x80"), STR("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
		{STR("\xc0\xaf"), STR("\xef\xbf\xbd\xef\xbf\xbd")},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		struct arena a = ARENA_INIT;
		size_t n;
		uint32_t *ids = token_encode(TOKEN_O200K, CASES[i].valid, &a, &n);

		check_ids(TOKEN_O200K, CASES[i].bad, ids, n);
		arena_release(&a);
	}
}

static void a_token_has_the_bytes_that_it_stands_for(void **state)
{
	(void)state;
	assert_true(str_eq(token_bytes(TOKEN_O200K, 24912), STR("hello")));
	assert_true(str_eq(token_bytes(TOKEN_CL100K, 1917), STR(" world")));
	assert_int_equal(token_bytes(TOKEN_CL100K, token_id_n(TOKEN_CL100K)).n, 0);
	assert_int_equal(token_bytes(TOKEN_O200K, UINT32_MAX).n, 0);
	assert_int_equal(token_id_n(TOKEN_O200K), 199998);
	assert_int_equal(token_id_n(TOKEN_CL100K), 100256);
}

/* ---- properties over texts made from a seed -------------------------------------------------- */

static const char *const MADE_OF[] = {"the", "Quick", "HTTPServer", "don't", "it'S", "I'LL", "x",
	"0", "12", "3456", "\x01", "\v", ";\n", " ", "  ", "\n", "\r\n", "\t", "    ", "{", "}",
	"();", "//", "/", "'", "\"", "!=", "...",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"================",
	/* not ASCII */
	"\xc3\xa9", "\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\x98\x80", "\xcc\x81", "\xc2\xa0",
	"\xd0\x94\xd0\xb0", "\xef\xbb\xbf", "\xe2\x80\xa8",
	/* not UTF-8 */
	"\xff", "\xe4\xb8", "\x80", "\xed\xa0\x80"};
enum { ASCII_N = 30 };

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static str text_of(uint32_t *seed, size_t kinds_n, size_t max_parts, char *room)
{
	size_t n = 0;

	for (size_t i = random_next(seed) % max_parts; i > 0; i--) {
		const char *part = MADE_OF[random_next(seed) % kinds_n];

		memcpy(room + n, part, strlen(part));
		n += strlen(part);
	}
	return (str){room, n};
}

static str made_text(uint32_t *seed, size_t max_parts, char *room)
{
	return text_of(seed, ARRAY_N(MADE_OF), max_parts, room);
}

enum { ROOM = 100 * 80, ROUNDS = 3000 };

static void check_pieces(enum token_encoding e, str text)
{
	const char *ends[256], *end;

	while (text.n > 0) {
		size_t n = split_pieces(e, text, ends, ARRAY_N(ends));

		for (size_t k = 0; k < n; k++) {
			assert_int_equal(split_pieces(e, text, &end, 1), 1);
			assert_ptr_equal(ends[k], end);
			text = str_sub(text, (size_t)(end - text.p), text.n);
		}
	}
}

static void pieces_found_in_blocks_are_those_found_one_by_one(void **state)
{
	uint32_t seed = 1;
	char room[ROOM];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		str text = text_of(&seed, i % 4 ? ASCII_N : ARRAY_N(MADE_OF), 100, room);

		check_pieces(i % TOKEN_ENCODING_N, str_sub(text, 0, utf8_valid_n(text)));
	}
}

/* Where white space goes on behind a block only the next one tells what it is. */
static void white_space_at_the_end_of_a_block_is_left_to_the_next(void **state)
{
	uint32_t seed = 1;
	char room[600];

	(void)state;
	for (int i = 0; i < 10 * ROUNDS; i++) {
		for (size_t k = 0; k < sizeof room; k++)
			room[k] = "      \n\n\tx;word012"[random_next(&seed) % 18];
		check_pieces(i % TOKEN_ENCODING_N, (str){room, sizeof room});
	}
}

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

/* Of code, where most places tell, and of anything. */
static void a_count_is_between_its_bounds(void **state)
{
	uint32_t seed = 4;
	char room[ROOM];

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		str text = i % 2 ? made_text(&seed, 60, room) : text_of(&seed, ASCII_N, 60, room);

		for (int e = 0; e < TOKEN_ENCODING_N; e++) {
			size_t n = token_count((enum token_encoding)e, text, NULL);

			assert_true(token_least(text) <= n && n <= token_most(text));
		}
	}
	assert_int_equal(token_least(STR_NULL), 0);
	assert_int_equal(token_most(STR_NULL), 0);
	assert_int_equal(token_least(STR("one two, three(four) 5;six seven eight.")), 7);
	assert_int_equal(token_most(STR("four")), 4);
}

static void short_of_memory_a_count_is_off_by_little(void **state)
{
	enum { LONG_N = 6000 };
	static char room[LONG_N];
	str text = {room, LONG_N}, edit = {room, 5000};
	size_t n, got;

	(void)state;
	memset(room, 'q', sizeof room);
	n = token_count(TOKEN_O200K, text, NULL);
	mem_fail_after(1);
	got = token_recount(TOKEN_O200K, text, n, (struct span){10, 5010}, edit, NULL);
	assert_true(mem_failed());
	mem_fail_after(0);
	assert_in_range(got, n - 4, n + 4);

	room[LONG_N - 1] = '\xff';
	n = token_count(TOKEN_O200K, text, NULL);
	mem_fail_after(1);
	got = token_count(TOKEN_O200K, text, NULL);
	assert_true(mem_failed());
	mem_fail_after(0);
	assert_in_range(got, n - 8, n + 8);
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
		cmocka_unit_test(the_empty_text_has_no_ids),
		cmocka_unit_test(bad_utf8_counts_as_one_replacement_character_for_each_bad_part),
		cmocka_unit_test(a_token_has_the_bytes_that_it_stands_for),
		cmocka_unit_test(pieces_found_in_blocks_are_those_found_one_by_one),
		cmocka_unit_test(white_space_at_the_end_of_a_block_is_left_to_the_next),
		cmocka_unit_test(counting_again_after_an_edit_equals_counting_all),
		cmocka_unit_test(counting_up_to_a_limit_gives_the_count_or_one_above_the_limit),
		cmocka_unit_test(a_count_is_between_its_bounds),
		cmocka_unit_test(short_of_memory_a_count_is_off_by_little),
		cmocka_unit_test(ids_spell_the_text_and_the_cache_changes_no_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

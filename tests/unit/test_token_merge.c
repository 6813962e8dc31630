/* Windows of 64 bytes, which is less than a token may have, so that every way through merge_long is
 * taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/token/merge.c"

enum { TINY_N = 64, TEXT_N = 5000 };
typedef WINDOW_ROOM(TINY_N) tiny_room;

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Runs of a few characters. */
static str made_text(uint32_t *seed, char *room)
{
	size_t n = random_next(seed) % TEXT_N;

	for (size_t i = 0; i < n;) {
		char c = " =-abAx\n\xe3\x80\x82/"[random_next(seed) % 13];

		for (size_t k = random_next(seed) % 300; k > 0 && i < n; k--)
			room[i++] = c;
		for (size_t k = random_next(seed) % 20; k > 0 && i < n; k--)
			room[i++] = " =-abAx"[random_next(seed) % 7];
	}
	return (str){room, n};
}

static void windows_give_the_tokens_of_the_whole(void **state)
{
	static uint32_t whole_ids[TEXT_N], ids[TEXT_N];
	static char room[TEXT_N];
	static tiny_room tiny[2];
	struct vocab v = vocab_get(TOKEN_O200K);
	uint32_t seed = 5;
	size_t grown_n = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		str text = made_text(&seed, room);
		struct windows w = {WINDOW_IN(&tiny[0], TINY_N), WINDOW_IN(&tiny[1], TINY_N), NULL};
		struct windows large = w;
		size_t whole_n, n;

		assert_true(windows_grow(&large));
		whole_n = merge_long(&large, &v, text, SIZE_MAX, whole_ids);
		mem_free(large.large);
		n = merge_long(&w, &v, text, SIZE_MAX, ids);
		grown_n += w.large != NULL;
		mem_free(w.large);
		assert_int_equal(n, whole_n);
		assert_memory_equal(ids, whole_ids, n * sizeof *ids);
		assert_int_equal(merge_piece(&v, text, SIZE_MAX, NULL), n);
	}
	assert_true(grown_n > 10 && grown_n < 200);
}

static void short_of_memory_a_long_text_is_still_covered(void **state)
{
	static uint32_t ids[TEXT_N];
	static tiny_room tiny[2];
	static char room[TEXT_N];
	struct vocab v = vocab_get(TOKEN_O200K);
	uint32_t seed = 6;

	(void)state;
	for (int i = 0; i < 50; i++) {
		str text = made_text(&seed, room);
		struct windows w = {WINDOW_IN(&tiny[0], TINY_N), WINDOW_IN(&tiny[1], TINY_N), NULL};
		size_t n, bytes = 0;

		mem_fail_after(1);
		n = merge_long(&w, &v, text, SIZE_MAX, ids);
		mem_fail_after(0);
		assert_null(w.large);
		for (size_t k = 0; k < n; k++)
			bytes += vocab_length(&v, ids[k]);
		assert_int_equal(bytes, text.n);
	}
}

static void counting_stops_above_the_limit(void **state)
{
	static char room[1 << 20];
	struct vocab v = vocab_get(TOKEN_CL100K);
	size_t n;

	(void)state;
	memset(room, 'q', sizeof room);
	n = merge_piece(&v, (str){room, sizeof room}, 100, NULL);
	assert_true(n > 100 && n < 2000);
}

static void tokens_are_found_by_their_bytes_and_by_their_parts(void **state)
{
	char room[VOCAB_TOKEN_MAX + VOCAB_PAD];

	(void)state;
	for (int e = 0; e < TOKEN_ENCODING_N; e++) {
		struct vocab v = vocab_get(e);

		for (uint32_t id = 0; id < v.id_n; id++) {
			str bytes = vocab_bytes(&v, id);
			uint32_t ids[VOCAB_TOKEN_MAX] = {0};

			if (bytes.n == 0)
				continue;
			memset(room, 0xa5, sizeof room);
			memcpy(room, bytes.p, bytes.n);
			assert_int_equal(vocab_find(&v, room, bytes.n), id);
			assert_int_equal(merge_piece(&v, bytes, SIZE_MAX, ids), 1);
			assert_int_equal(ids[0], id);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_give_the_tokens_of_the_whole),
		cmocka_unit_test(short_of_memory_a_long_text_is_still_covered),
		cmocka_unit_test(counting_stops_above_the_limit),
		cmocka_unit_test(tokens_are_found_by_their_bytes_and_by_their_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

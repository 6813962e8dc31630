/* A text whose separators are swapped counts what the text with the other separators counts, with a cache and without one, which
 * goes on telling the truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/token/swap.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

static const char signs[] = {'\t', ' ', '|', ',', ';', ':', '/', '\n', '"', '-'};

/* What cells are made of, and what pieces begin and end with. */
static const char *const bits[] = {"\t", "\t", "\t", "\t", " ", "  ", "\n", "\n\n", "\r\n", "/",
	"//", "|", ",", "(", ")", "\"", "'", "'s", "'LL", "a", "foo", "Bar", "XML", "getUser", "12",
	"7", "1234", "\xe2\x80\xa6", "\xc3\xa9", "\xc2\xa0", "\xe6\x97\xa5", "\xcc\x81", "-", "+5",
	".", "2026-01-02T10:00:00Z", "internationalization", "null"};

static void add_bits(struct rng *r, struct buf *b)
{
	for (uint32_t n = rng_below(r, 60); n; n--)
		buf_add_c(b, RNG_PICK(r, bits));
}

/* Of the text with that sign where tabs are. */
static size_t count_with(
	enum token_encoding e, str text, char sign, struct token_cache *cache, struct arena *a)
{
	char *copy = arena_alloc(a, text.n + 1, 1);

	for (size_t i = 0; i < text.n; i++)
		copy[i] = text.p[i] == '\t' ? sign : text.p[i];
	return token_count(e, (str){copy, text.n}, cache);
}

static void check(enum token_encoding e, str text, struct token_cache *cache, struct arena *a)
{
	struct token_swap *with = token_swap_new(e, text, '\t', cache, a),
			  *without = token_swap_new(e, text, '\t', NULL, a);

	assert_int_equal(with != NULL, text.n > 0);
	for (size_t i = 0; text.n && i < sizeof signs; i++) {
		size_t n = count_with(e, text, signs[i], NULL, a);

		assert_int_equal(token_swap_count(with, signs[i]), n);
		assert_int_equal(token_swap_count(without, signs[i]), n);
		assert_int_equal(count_with(e, text, signs[i], cache, a), n);
	}
}

static void any_text_counts_the_same(void **state)
{
	struct token_cache *cache = token_cache_new();
	struct arena a = ARENA_INIT;

	(void)state;
	assert_non_null(cache);
	for (uint64_t seed = 1; seed <= seeds_or(2000); seed++) {
		struct rng r = rng_new(seed);
		struct buf b;

		buf_init(&b, LIMIT_INPUT);
		add_bits(&r, &b);
		for (enum token_encoding e = TOKEN_O200K; e < TOKEN_ENCODING_N; e++)
			check(e, buf_str(&b), cache, &a);
		buf_release(&b);
		arena_reset(&a);
	}
	token_cache_free(cache);
	arena_release(&a);
}

static void what_is_no_text_is_left_alone(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	assert_null(token_swap_new(TOKEN_O200K, STR("a\tb\xff"), '\t', NULL, &a));
	assert_null(token_swap_new(TOKEN_O200K, STR(""), '\t', NULL, &a));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_text_counts_the_same),
		cmocka_unit_test(what_is_no_text_is_left_alone),
	};

	return cmocka_run_group_tests_name("token: swap", tests, NULL, NULL);
}

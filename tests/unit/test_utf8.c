#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/base/utf8.h"

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Independent of the module: decodes by arithmetic and looks at the result (RFC 3629 section 3). Returns the
 * length of the sequence at p, 0 when there is no good one. */
static size_t decode(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
	uint32_t c = len == 1 ? *p : *p & (0x7Fu >> len);

	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3F);
	}
	return c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0 : len;
}

static size_t valid_n(const unsigned char *p, size_t n)
{
	size_t at = 0, len;

	while (at < n && (len = decode(p + at, n - at)))
		at += len;
	return at;
}

static void check(const unsigned char *p, size_t n)
{
	/* A copy without anything behind it, so that a sanitizer sees a read past the end. */
	unsigned char *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	memcpy(copy, p, n);
	assert_int_equal(utf8_valid_n((str){(char *)copy, n}), valid_n(p, n));
	free(copy);
}

/* Every start of every sequence, good and bad, at the end of, across and behind blocks. */
static void every_pair_and_triple_of_bytes_is_judged_right(void **state)
{
	static const unsigned char last[] = {
		0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xED, 0xF4, 0xFF};
	unsigned char text[256];

	(void)state;
	memset(text, 'a', sizeof text);
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		size_t at = 60 + pair % 8;

		text[at] = (unsigned char)(pair >> 8);
		text[at + 1] = (unsigned char)pair;
		for (size_t i = 0; i < sizeof last; i++) {
			text[at + 2] = last[i];
			text[at + 3] = last[(i * 5 + pair) % sizeof last];
			assert_int_equal(utf8_valid_n((str){(char *)text, sizeof text}),
				valid_n(text, sizeof text));
		}
		memset(text + at, 'a', 4);
	}
}

static void every_code_point_is_well_formed_but_surrogates(void **state)
{
	char text[64 + 4];

	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		unsigned n = utf8_put(text + 62, c);
		bool is_surrogate = c >= 0xD800 && c <= 0xDFFF;

		memset(text, 'a', 62);
		assert_int_equal(utf8_valid_n((str){text, 62 + n}), is_surrogate ? 62 : 62 + n);
		assert_int_equal(utf8_valid_n((str){text + 62, n}), is_surrogate ? 0 : n);
	}
}

static size_t random_text(uint32_t *seed, unsigned char *text, size_t max)
{
	size_t want = next_random(seed) % (max - 4), n = 0;

	while (n < want) {
		uint32_t c = next_random(seed);

		c = c % 4 == 0   ? c >> 8 & 0x7F
		    : c % 4 == 1 ? c >> 8 & 0x7FF
		    : c % 4 == 2 ? c >> 8 & 0xFFFF
				 : c % 0x110000;
		n += utf8_put((char *)text + n, c >= 0xD800 && c <= 0xDFFF ? 'x' : c);
	}
	for (unsigned faults = next_random(seed) % 3; n && faults; faults--)
		text[next_random(seed) % n] = (unsigned char)next_random(seed);
	return n;
}

static void random_texts_equal_a_decoder_by_arithmetic(void **state)
{
	uint32_t seed = 11;
	unsigned char text[400];

	(void)state;
	for (int round = 0; round < 30000; round++) {
		size_t n = random_text(&seed, text, sizeof text);

		check(text, n);
	}
}

static void texts_cut_at_every_place_end_before_the_cut_sequence(void **state)
{
	unsigned char text[200];

	(void)state;
	for (size_t n = 0; n < sizeof text; n += 4)
		memcpy(text + n, "\xf0\x9f\x98\x80", 4);
	for (size_t n = 0; n <= sizeof text; n++)
		assert_int_equal(utf8_valid_n((str){(char *)text, n}), n - n % 4);
}

static void ill_formed_parts_are_as_long_as_unicode_advises(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {{"\xff", 1}, {"\x80", 1}, {"\xc3", 1}, {"\xc0\x80", 1}, {"\xe2\x82", 2},
		{"\xe2\x82x", 2}, {"\xe0\x80\x80", 1}, {"\xed\xa0\x80", 1}, {"\xf0\x9f\x98", 3},
		{"\xf4\x90\x80\x80", 1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(cases); i++)
		assert_int_equal(utf8_bad_n(str_from(cases[i].text)), cases[i].n);
}

static void sanitized_text_is_well_formed_and_keeps_what_was(void **state)
{
	uint32_t seed = 12;
	unsigned char text[400];
	char out[3 * 400];

	(void)state;
	for (int round = 0; round < 5000; round++) {
		size_t n = random_text(&seed, text, sizeof text), good = valid_n(text, n);
		size_t out_n = utf8_sanitize((str){(char *)text, n}, out);

		assert_int_equal(utf8_valid_n((str){out, out_n}), out_n);
		assert_memory_equal(out, text, good);
		if (good == n)
			assert_int_equal(out_n, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_and_triple_of_bytes_is_judged_right),
		cmocka_unit_test(every_code_point_is_well_formed_but_surrogates),
		cmocka_unit_test(random_texts_equal_a_decoder_by_arithmetic),
		cmocka_unit_test(texts_cut_at_every_place_end_before_the_cut_sequence),
		cmocka_unit_test(ill_formed_parts_are_as_long_as_unicode_advises),
		cmocka_unit_test(sanitized_text_is_well_formed_and_keeps_what_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

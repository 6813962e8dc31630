/* Hex dumps and base64 of text: that they come back byte for byte, and that nothing else is taken for one.
 * HEADROOM_SEEDS=20000 makes it a longer run. */
#include "tests/unit/compress_help.h"
#include "tests/unit/random_opaque.h"
#include "tests/unit/seeds.h"

#include <inttypes.h>

#include "core/compress/opaque/bytes.h"
#include "core/compress/opaque/dump.h"

enum { SEEDS = 300 };

static bool encode(str text, struct arena *a, str *out)
{
	struct codec_in in = {.text = text, .kind = detect_kind(text)};
	struct codec_out o;
	bool is_encoded = bytes_codec.encode(&in, a, &o);

	*out = is_encoded ? o.text : STR_NULL;
	return is_encoded;
}

static void rows_are_those_of_the_programs(void **state)
{
	/* as xxd 2022-01-14, hexdump of util-linux 2.38 and od of coreutils 9.1 printed them */
	static const struct {
		enum dump_style style;
		const char *line;
		unsigned n;
	} rows[] = {
		{DUMP_XXD, "00000000: 8950 4e47 0d0a 1a0a 0000 000d 4948 4452  .PNG........IHDR",
			16},
		{DUMP_XXD, "00000010: 0000 0a                                  ...", 3},
		{DUMP_HEXDUMP,
			"00000000  7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00  "
			"|.ELF............|",
			16},
		{DUMP_HEXDUMP,
			"00000010  61 62 63 64 65 66 67 68  69                       |abcdefghi|",
			9},
		{DUMP_HEXDUMP, "00000019", 0},
		{DUMP_OD,
			"000000 23 20 68 65 61 64 72 6f 6f 6d 0a 0a 41 6e 20 41  ># headroom..An "
			"A<",
			16},
		{DUMP_OD, "000010 49                                               >I<", 1},
		{DUMP_OD, "000011", 0},
	};
	static const char *const others[] = {"", "*", "00000000", "00000000:", "0000000",
		"00000000: 8950 4e47 0d0a 1a0a 0000 000d 4948 4452  .PNG........IHDX",
		"00000000: 8950 4E47 0d0a 1a0a 0000 000d 4948 4452  .PNG........IHDR",
		"00000000: 8950 4e47 0d0a 1a0a 0000 000d 4948 4452  .PNG........IHDR ",
		"deadbeef cafe", "0: 12"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		struct dump_row row;

		if (!dump_row_parse(str_from(rows[i].line), rows[i].style, &row) ||
			row.n != rows[i].n)
			fail_msg("%s", rows[i].line);
	}
	for (size_t i = 0; i < ARRAY_N(others); i++) {
		struct dump_row row;

		assert_false(dump_row_parse(str_from(others[i]), DUMP_XXD, &row));
	}
}

static void a_dump_is_shown_as_what_it_is(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf b;
	str text, back;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	buf_add_c(&b, "$ xxd -l 96 a\n");
	for (unsigned i = 0; i < 6; i++) {
		struct dump_row row = {.offset = i * 16, .n = 16};

		memcpy(row.bytes, "a row of text \\\n", 16);
		row.bytes[0] = (unsigned char)(i ? 'b' : 0xe9);
		dump_row_write(&b, DUMP_XXD, &row);
		buf_add_byte(&b, '\n');
	}
	buf_add_c(&b, "$ ");
	assert_true(encode(buf_str(&b), &a, &text));
	assert_str(text, "$ xxd -l 96 a\n[bytes: 6 rows of xxd from 0, as text in 7 lines]\n"
			 "\\xe9 row of text \\\\\nb row of text \\\\\nb row of text \\\\\nb row of "
			 "text \\\\\n"
			 "b row of text \\\\\nb row of text \\\\\n\n$ ");
	assert_true(bytes_codec.decode(text, &a, &back) && str_eq(back, buf_str(&b)));
	arena_release(&a);
}

static void base64_of_text_is_that_text(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf b;
	str text, back;

	(void)state;
	buf_init_arena(&b, &a, LIMIT_INPUT);
	for (unsigned i = 0; i < 10; i++)
		buf_add_c(&b, i % 3 == 2 ? "c29tZSB3b3JkcyBvZiB0ZXh0LCBhbmQgYSBsaW5lIGVuZAo=\n"
					 : "c29tZSB3b3JkcyBvZiB0ZXh0LCBhbmQgYSBsaW5lIGVuZCAK\n");
	/* padding within: several texts, one a line */
	assert_false(encode(buf_str(&b), &a, &text));
	buf_reset(&b);
	for (unsigned i = 0; i < 10; i++)
		buf_add_c(&b, "c29tZSB3b3JkcyBvZiB0ZXh0LCBhbmQgYSBsaW5lIGVuZCAK\n");
	assert_true(encode(buf_str(&b), &a, &text));
	assert_true(str_starts(text,
		STR("[bytes: base64 in lines of 48 and a line end; what it stands for is below]\n"
		    "some words of text, and a line end \n")));
	assert_true(bytes_codec.decode(text, &a, &back) && str_eq(back, buf_str(&b)));
	arena_release(&a);
}

static void add_dump(struct rng *r, struct buf *b)
{
	enum dump_style style = (enum dump_style)rng_below(r, DUMP_STYLES);
	uint64_t offset = rng_once_in(r, 3) ? rng_below(r, 1U << 20) * 16 : 0;
	unsigned n = 6 + rng_below(r, 40), is_text = rng_below(r, 2);

	for (unsigned i = 0; i < n; i++) {
		struct dump_row row = {.offset = offset, .n = 16};

		if (i + 1 == n && rng_once_in(r, 2))
			row.n = 1 + rng_below(r, 15);
		for (unsigned k = 0; k < row.n; k++)
			row.bytes[k] =
				(unsigned char)(!is_text || rng_once_in(r, 20) ? rng_below(r, 256)
						: rng_once_in(r, 9)            ? '\n'
								    : 'a' + rng_below(r, 26));
		dump_row_write(b, style, &row);
		buf_add_byte(b, '\n');
		offset += row.n;
		if (style != DUMP_XXD && rng_once_in(r, 30)) {
			buf_add_c(b, "*\n");
			offset += 16 * (1 + rng_below(r, 9));
		}
	}
	if (style != DUMP_XXD && rng_once_in(r, 2)) {
		struct dump_row end = {.offset = offset};

		dump_row_write(b, style, &end);
		buf_add_c(b, rng_once_in(r, 2) ? "\n" : "");
	}
}

static void any_dump_comes_back(void **state)
{
	size_t encoded = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
		struct arena a = ARENA_INIT;
		struct rng r = rng_new(seed);
		struct buf b;
		str text, back;

		buf_init(&b, LIMIT_INPUT);
		for (unsigned k = rng_below(&r, 5); k; k--) {
			add_source_line(&r, &b);
			buf_add_byte(&b, '\n');
		}
		add_dump(&r, &b);
		if (rng_once_in(&r, 2)) {
			add_source_line(&r, &b);
			add_dump(&r, &b);
		}
		if (encode(buf_str(&b), &a, &text)) {
			encoded++;
			if (!bytes_codec.decode(text, &a, &back) || !str_eq(back, buf_str(&b)))
				fail_msg("seed %" PRIu64 ":\n" STR_FMT "\n" STR_FMT, seed,
					STR_ARG(buf_str(&b)), STR_ARG(text));
			assert_true(text.n < b.n);
		}
		buf_release(&b);
		arena_release(&a);
	}
	assert_true(encoded * 10 >= seeds_or(SEEDS) * 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_those_of_the_programs),
		cmocka_unit_test(a_dump_is_shown_as_what_it_is),
		cmocka_unit_test(base64_of_text_is_that_text),
		cmocka_unit_test(any_dump_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

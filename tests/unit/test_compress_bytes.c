/* Hex dumps and base64 of text: that they come back byte for byte, and that nothing else is taken for one.
 * HEADROOM_SEEDS=20000 makes it a longer run. */
#include "tests/unit/compress_help.h"
#include "tests/unit/random_opaque.h"
#include "tests/unit/seeds.h"

#include <inttypes.h>

#include "core/compress/opaque/bytes.h"
#include "core/compress/opaque/dump.h"

enum { SEEDS = 300 };

static const struct dump_format XXD = {
	.program = DUMP_XXD, .at = DUMP_AT_HEX, .cols = 16, .size = 2};

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
		const char *name, *line;
		unsigned n;
	} rows[] = {
		{"xxd", "00000000: 8950 4e47 0d0a 1a0a 0000 000d 4948 4452  .PNG........IHDR", 16},
		{"xxd", "00000010: 0000 0a                                  ...", 3},
		{"xxd -u", "00000000: 0000 2320 4465 7369 676E 0A0A 4F6E 6520  ..# Design..One ",
			16},
		{"xxd -g 4", "000000a0: 6d6d616e 64732c20 7465726d 69        mmands, termi", 13},
		{"xxd -c 20 -g 1",
			"00000000: 00 00 23 20 44 65 73 69 67 6e 0a 0a 4f 6e 65 20 62 69 6e 61  "
			"..# "
			"Design..One bina",
			20},
		{"xxd -c 10 -g 3", "000000aa: 726d69                   rmi", 3},
		{"xxd -e", "00000000: 20230000 69736544 0a0a6e67 20656e4f  ..# Design..One ", 16},
		{"xxd -e", "000000a0: 6e616d6d 202c7364 6d726574       69  mmands, termi", 13},
		{"xxd -c 8 -g 8 (trimmed)", "", 0},
		{"hexdump -C",
			"00000000  7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00  "
			"|.ELF............|",
			16},
		{"hexdump -C",
			"00000010  61 62 63 64 65 66 67 68  69                       |abcdefghi|",
			9},
		{"hexdump -C", "00000019", 0},
		{"hexdump", "0000010 6962 616e 7972 6120 646e 6f20 656e 6c20", 16},
		{"hexdump", "00000a0 6d6d 6e61 7364 202c 6574 6d72 0069     ", 14},
		{"hexdump -c",
			"00000a0   m   m   a   n   d   s   ,       t   e   r   m   i            ",
			16},
		{"hexdump -b",
			"0000000 000 000 043 040 104 145 163 151 147 156 012 012 117 156 145 040",
			16},
		{"od", "0000240 066555 067141 071544 020054 062564 066562 000151", 14},
		{"od", "0000255", 0},
		{"od -t c",
			"0000000  \\0 001 002   #       D   e   s   i   g   n  \\n  \\n   O   n "
			"377",
			16},
		{"od -A d -t x4", "0000016 616e6962 61207972 6f20646e 6c20656e", 16},
		{"od -t x8", "0000000 6973654420230000 20656e4f0a0a6e67", 16},
		{"od -t u1", "0000240 109 109  97 110 100 115  44  32 116 101 114 109 105", 13},
		{"od -A n -t x1", " 62 69 6e 61 72 79 20 61 6e 64 20 6f 6e 65 20 6c", 16},
		{"od -A x -t x1z",
			"000000 23 20 68 65 61 64 72 6f 6f 6d 0a 0a 41 6e 20 41  ># headroom..An "
			"A<",
			16},
		{"od -A x -t x1z", "000010 49                                               >I<",
			1},
		{"od -A x -t x1z", "000011", 0},
		{"od -t x2z", "0000240 6d6d 6e61 7364 202c 6574 6d72 0069       >mmands, termi<",
			13},
	};
	static const char *const others[] = {"", "*", "00000000", "00000000:", "0000000",
		"00000000: 8950 4e47 0d0a 1a0a 0000 000d 4948 4452  .PNG........IHDX",
		"00000000: 8950 4E47 0d0a 1a0a 0000 000d 4948 4452  .PNG........IHDR",
		"00000000: 8950 4e47 0d0a 1a0a 0000 000d 4948 4452  .PNG........IHDR ",
		"deadbeef cafe", "0: 12"};
	struct dump_format f;
	struct dump_row row;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		char place[64];
		struct buf again = {.p = place, .cap = sizeof place, .max = sizeof place};
		str name = str_from(rows[i].name);

		assert_true(dump_name_read(&name, &f) && !name.n);
		dump_name_write(&f, &again);
		assert_str(buf_str(&again), rows[i].name);
		if (!f.is_trimmed &&
			(!dump_row_parse(str_from(rows[i].line), &f, &row) || row.n != rows[i].n))
			fail_msg("%s: %s", rows[i].name, rows[i].line);
	}
	f = XXD;
	for (size_t i = 0; i < ARRAY_N(others); i++)
		assert_false(dump_row_parse(str_from(others[i]), &f, &row));
}

static void what_stands_in_columns_is_no_dump(void **state)
{
	static const char *const texts[] = {
		" 12 34 56 78 90 11 22 33\n 21 43 65 87 09 11 22 33\n",
		" 1999 2000 2001 2002 2003 2004 2005 2006\n 1000 1001 1002 1003 1004 1005 1006 "
		"1007\n",
		"0000000 1999 2000 2001 2002\n0000001 1999 2000 2001 2002\n",
		"0000000   1   2   3   4   5   6   7   8\n0000100   1   2   3   4   5   6   7   "
		"8\n",
	};
	struct arena a = ARENA_INIT;
	struct buf b;
	str out;

	(void)state;
	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		buf_init_arena(&b, &a, LIMIT_INPUT);
		for (unsigned k = 0; k < 20; k++)
			buf_add_c(&b, texts[i]);
		assert_false(encode(buf_str(&b), &a, &out));
	}
	arena_release(&a);
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
		dump_row_write(&b, &XXD, &row);
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

static void digits_alone_are_what_they_stand_for(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf plain, spaced, data;
	str text, back;

	(void)state;
	buf_init_arena(&plain, &a, LIMIT_INPUT);
	buf_init_arena(&spaced, &a, LIMIT_INPUT);
	buf_init_arena(&data, &a, LIMIT_INPUT);
	for (unsigned i = 0; i < 8; i++) {
		buf_add_c(
			&plain, "6120726f77206f66207465787420616e642061206c696e6520656e64202120\n");
		buf_add_c(&spaced, i ? " 61 20 72 6f 77 20 6f 66 20 74 65 78 74 0a"
				     : "61 20 72 6f 77 20 6f 66 20 74 65 78 74 0a");
		buf_add_c(&data, i ? " 7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 ff"
				   : "7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 ff");
	}
	assert_true(encode(buf_str(&plain), &a, &text));
	assert_true(str_starts(
		text, STR("[bytes: hexadecimal digits in lines of 62 and a line end; what "
			  "it stands for is below]\na row of text and a line end ! a row")));
	assert_true(bytes_codec.decode(text, &a, &back) && str_eq(back, buf_str(&plain)));
	assert_true(encode(buf_str(&spaced), &a, &text));
	assert_true(
		str_starts(text, STR("[bytes: hexadecimal digits with blanks in one line; what it "
				     "stands for is below]\na row of text\na row of text\n")));
	assert_true(bytes_codec.decode(text, &a, &back) && str_eq(back, buf_str(&spaced)));
	assert_true(encode(buf_str(&data), &a, &text));
	assert_true(
		str_starts(text, STR("[bytes: hexadecimal digits with blanks in one line; they are "
				     "below without blanks]\n7f454c4602010100 00000000000000ff "
				     "7f454c4602010100 00000000000000ff\n7f45")));
	assert_true(bytes_codec.decode(text, &a, &back) && str_eq(back, buf_str(&data)));
	arena_release(&a);
}

static void add_dump(struct rng *r, struct buf *b)
{
	static const char *const names[] = {"xxd", "xxd -c 32", "xxd -e", "xxd -u -g 1",
		"xxd (trimmed)", "xxd -c 7", "xxd -e -c 24 -g 8", "hexdump -C", "hexdump",
		"hexdump -c", "hexdump -b", "hexdump (trimmed)", "od", "od -A x -t x1z", "od -t c",
		"od -t c (trimmed)", "od -A d -t x4", "od -A n -t x1", "od -t x8 -w32", "od -t u1",
		"od -t x2z"};
	str name = str_from(RNG_PICK(r, names));
	struct dump_format f;
	uint64_t offset;
	unsigned n = 6 + rng_below(r, 40), is_text = rng_below(r, 2);

	assert_true(dump_name_read(&name, &f));
	offset = rng_once_in(r, 3) && f.at != DUMP_AT_NONE ? rng_below(r, 1U << 15) * 16 : 0;
	for (unsigned i = 0; i < n; i++) {
		struct dump_row row = {.offset = offset, .n = f.cols};

		if (i + 1 == n && rng_once_in(r, 2))
			row.n = 1 + rng_below(r, f.cols - 1);
		for (unsigned k = 0; k < row.n; k++)
			row.bytes[k] =
				(unsigned char)(!is_text || rng_once_in(r, 20) ? rng_below(r, 256)
						: rng_once_in(r, 9)            ? '\n'
						: rng_once_in(r, 5)            ? ' '
								    : 'a' + rng_below(r, 26));
		dump_row_write(b, &f, &row);
		buf_add_byte(b, '\n');
		offset += row.n;
		if (f.program != DUMP_XXD && f.at != DUMP_AT_NONE && rng_once_in(r, 30)) {
			buf_add_c(b, "*\n");
			offset += 16 * (1 + rng_below(r, 9));
		}
	}
	if (f.program != DUMP_XXD && f.at != DUMP_AT_NONE && rng_once_in(r, 2)) {
		struct dump_row end = {.offset = offset};

		dump_row_write(b, &f, &end);
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
			if (text.n >= b.n)
				fail_msg("seed %" PRIu64 ":\n" STR_FMT "\n" STR_FMT, seed,
					STR_ARG(buf_str(&b)), STR_ARG(text));
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
		cmocka_unit_test(what_stands_in_columns_is_no_dump),
		cmocka_unit_test(a_dump_is_shown_as_what_it_is),
		cmocka_unit_test(digits_alone_are_what_they_stand_for),
		cmocka_unit_test(base64_of_text_is_that_text),
		cmocka_unit_test(any_dump_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

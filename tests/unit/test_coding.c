#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "core/base/mem.h"
#include "proxy/coding.h"

#define TEXT "{\"messages\":[{\"role\":\"user\",\"content\":\"hello hello hello\"}]}\n"
#define BYTES(literal)                         \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

/* TEXT as Python's gzip and zlib, and node's brotli, write it. */
static const str GZIP = BYTES(
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x4d\x2d\x2e\x4e\x4c\x4f\x2d\x56\xb2"
	"\x8a\xae\x56\x2a\xca\xcf\x49\x55\xb2\x52\x2a\x2d\x4e\x2d\x52\xd2\x51\x4a\xce\xcf\x2b\x49"
	"\xcd\x2b\x01\x0a\x64\xa4\xe6\xe4\xe4\x2b\x20\x91\x4a\xb5\xb1\xb5\x5c\x00\xd0\x8a\xdb\x48"
	"\x3d\x00\x00\x00");
static const str ZLIB =
	BYTES("\x78\xda\xab\x56\xca\x4d\x2d\x2e\x4e\x4c\x4f\x2d\x56\xb2\x8a\xae\x56\x2a\xca\xcf\x49"
	      "\x55\xb2\x52\x2a\x2d\x4e\x2d\x52\xd2\x51\x4a\xce\xcf\x2b\x49\xcd\x2b\x01\x0a\x64\xa4"
	      "\xe6\xe4\xe4\x2b\x20\x91\x4a\xb5\xb1\xb5\x5c\x00\x91\x82\x15\x21");
static const str RAW =
	BYTES("\xab\x56\xca\x4d\x2d\x2e\x4e\x4c\x4f\x2d\x56\xb2\x8a\xae\x56\x2a\xca\xcf\x49\x55\xb2"
	      "\x52\x2a\x2d\x4e\x2d\x52\xd2\x51\x4a\xce\xcf\x2b\x49\xcd\x2b\x01\x0a\x64\xa4\xe6\xe4"
	      "\xe4\x2b\x20\x91\x4a\xb5\xb1\xb5\x5c\x00");
static const str BR =
	BYTES("\x1b\x3c\x00\xf8\x2d\x0e\x78\xf3\x19\xe2\x08\x15\x15\x7f\xe3\x1b\x23\xb4\x16\x29\xdb"
	      "\xda\xdb\x22\x6c\x72\x75\x52\x87\xa5\x2f\x15\xba\xfa\xea\x6d\x0e\x36\xe0\x44\x2c\x09"
	      "\x2c\xa1\x41\xe4\x3e\x40\x06\x50\xcc\xc1\xf5\xc3\x2e\x06\x2f\x51\x3c\x2d\x71\x03");
static const str GZIP_BR = BYTES(
	"\x0b\x23\x80\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\xca\x4d\x2d\x2e\x4e\x4c\x4f"
	"\x2d\x56\xb2\x8a\xae\x56\x2a\xca\xcf\x49\x55\xb2\x52\x2a\x2d\x4e\x2d\x52\xd2\x51\x4a\xce"
	"\xcf\x2b\x49\xcd\x2b\x51\xb2\x52\xca\x48\xcd\xc9\xc9\x57\x40\x22\x95\x6a\x63\x6b\xb9\x00"
	"\xd0\x8a\xdb\x48\x3d\x00\x00\x00\x03");
/* 64 MiB of NUL. */
static const str BR_BOMB =
	BYTES("\xcb\xff\xff\x3f\xf8\x27\x00\xe2\xb1\x40\x20\xf7\xfe\x8f\xff\xff\x7f\xf0\x4f\x00\xc4"
	      "\x61\x11\x80\xee\xfd\x1f\xff\xff\xff\xe0\x9f\x00\x88\xc3\x02\x00\xdd\xfb\x3f\xfe\xff"
	      "\xff\xc1\x3f\x01\x10\x87\x05\x00\xba\xf7\x7f\xfc\xff\xff\x83\x7f\x02\x20\x0e\x0b\x00"
	      "\x74\xef\xff\xf8\xff\xff\x07\xff\x04\x40\x1c\x16\x00\xe8\xde\xff\xf1\xff\xff\x0f\xfe"
	      "\x09\x80\x38\x2c\x00\xd0\xbd\xff\xcb\xff\xff\x3f\xfc\x13\x00\x71\x58\x00\xa0\x7b\xff"
	      "\x07");

static str zstd_of(str text, struct buf *b)
{
	assert_true(buf_reserve(b, ZSTD_compressBound(text.n)));
	b->n = ZSTD_compress(b->p, b->cap, text.p, text.n, 3);
	assert_false(ZSTD_isError(b->n));
	return buf_str(b);
}

static str gzip_of(str text, struct buf *b)
{
	z_stream z = {0};

	assert_int_equal(
		deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_true(buf_reserve(b, deflateBound(&z, text.n)));
	z.next_in = (Bytef *)(uintptr_t)text.p;
	z.avail_in = (unsigned)text.n;
	z.next_out = (Bytef *)b->p;
	z.avail_out = (unsigned)b->cap;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	b->n = z.total_out;
	assert_int_equal(deflateEnd(&z), Z_OK);
	return buf_str(b);
}

static enum err add(void *self, str piece, struct errctx *cx)
{
	(void)cx;
	buf_add(self, piece);
	return E_OK;
}

/* Decodes in pieces of n bytes. */
static enum err decode_in_pieces(enum coding c, str body, size_t n, struct buf *out)
{
	struct decoder *d = decoder_new(c);
	enum err e = E_OK;

	assert_non_null(d);
	for (size_t at = 0; at < body.n && e == E_OK; at += n) {
		/* on the heap, so that a read behind the piece is seen */
		str piece = str_sub(body, at, at + n < body.n ? at + n : body.n);
		char *copy = mem_alloc(piece.n);

		assert_non_null(copy);
		memcpy(copy, piece.p, piece.n);
		e = decoder_feed(d, (str){copy, piece.n}, add, out, NULL);
		mem_free(copy);
	}
	if (e == E_OK)
		e = decoder_finish(d, NULL);
	decoder_free(d);
	return e;
}

static void header_values_are_understood(void **state)
{
	static const struct {
		const char *value;
		unsigned want;
	} CASES[] = {
		{"", CODING_IDENTITY},
		{"identity", CODING_IDENTITY},
		{"gzip", CODING_GZIP},
		{"GZip", CODING_GZIP},
		{" x-gzip\t", CODING_GZIP},
		{"deflate", CODING_DEFLATE},
		{"br", CODING_BR},
		{"zstd", CODING_ZSTD},
		{"identity, gzip", CODING_GZIP},
		{"gzip,", CODING_GZIP},
		{"gzip, br", CODING_GZIP | CODING_BR << CODING_CHAIN_SHIFT},
		{"br,identity,gzip", CODING_BR | CODING_GZIP << CODING_CHAIN_SHIFT},
		{"gzip, gzip, gzip", CODING_UNKNOWN},
		{"gzip, pied-piper", CODING_UNKNOWN},
		{"compress", CODING_UNKNOWN},
		{"gzip;q=1", CODING_UNKNOWN},
		{"gz", CODING_UNKNOWN},
	};

	(void)state;
	assert_int_equal(coding_parse(STR_NULL), CODING_IDENTITY);
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		if ((unsigned)coding_parse(str_from(CASES[i].value)) != CASES[i].want)
			fail_msg("'%s'", CASES[i].value);
	}
	assert_null(decoder_new(CODING_UNKNOWN));
}

static void each_coding_gives_the_text_however_it_is_cut(void **state)
{
	const struct {
		const char *value;
		str body;
	} CASES[] = {{"", {TEXT, sizeof(TEXT) - 1}}, {"gzip", GZIP}, {"deflate", ZLIB},
		{"deflate", RAW}, {"br", BR}, {"gzip, br", GZIP_BR}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		enum coding c = coding_parse(str_from(CASES[i].value));

		for (size_t n = 1; n <= CASES[i].body.n; n++) {
			struct buf out;

			buf_init(&out, LIMIT_INPUT);
			assert_int_equal(decode_in_pieces(c, CASES[i].body, n, &out), E_OK);
			assert_true(str_eq(buf_str(&out), STR(TEXT)));
			buf_release(&out);
		}
	}
}

/* Every cut of every coding; identity has no end of its own. */
static void a_cut_body_is_malformed(void **state)
{
	const struct {
		const char *value;
		str body;
	} CASES[] = {{"gzip", GZIP}, {"deflate", ZLIB}, {"deflate", RAW}, {"br", BR},
		{"gzip, br", GZIP_BR}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		enum coding c = coding_parse(str_from(CASES[i].value));
		struct buf out;

		buf_init(&out, LIMIT_INPUT);
		for (size_t n = 1; n < CASES[i].body.n; n++) {
			struct errctx cx = {0};

			buf_reset(&out);
			assert_int_equal(coding_decode(c, str_sub(CASES[i].body, 0, n), LIMIT_INPUT,
						 &out, &cx),
				E_MALFORMED);
			assert_true(str_starts(STR(TEXT), buf_str(&out)));
			assert_true(cx.text[0]);
		}
		buf_reset(&out);
		assert_int_equal(coding_decode(c, STR_NULL, 0, &out, NULL), E_OK);
		assert_int_equal(out.n, 0);
		buf_release(&out);
	}
}

static void other_bytes_are_malformed(void **state)
{
	static const char *const VALUES[] = {"gzip", "deflate", "br", "zstd", "br, zstd"};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(VALUES); i++) {
		enum coding c = coding_parse(str_from(VALUES[i]));
		struct decoder *d = decoder_new(c);
		struct buf out;

		buf_init(&out, LIMIT_INPUT);
		assert_non_null(d);
		assert_int_equal(decoder_feed(d, STR(TEXT TEXT), add, &out, NULL), E_MALFORMED);
		/* and stays so */
		assert_int_equal(decoder_feed(d, STR_NULL, add, &out, NULL), E_MALFORMED);
		assert_int_equal(decoder_finish(d, NULL), E_MALFORMED);
		decoder_free(d);
		buf_release(&out);
	}
}

static void bytes_behind_the_end_are_malformed(void **state)
{
	const struct {
		enum coding coding;
		str body;
	} CASES[] = {{CODING_GZIP, GZIP}, {CODING_DEFLATE, ZLIB}, {CODING_BR, BR}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		for (size_t n = 1; n < 200; n += 100) {
			struct buf body, out;

			buf_init(&body, LIMIT_INPUT);
			buf_init(&out, LIMIT_INPUT);
			buf_add(&body, CASES[i].body);
			buf_add(&body, STR("junk"));
			assert_int_equal(decode_in_pieces(CASES[i].coding, buf_str(&body), n, &out),
				E_MALFORMED);
			assert_true(str_eq(buf_str(&out), STR(TEXT)));
			buf_release(&body);
			buf_release(&out);
		}
	}
}

static void members_and_frames_in_a_row_are_one_text(void **state)
{
	struct buf zstd, twice, out;

	(void)state;
	buf_init(&zstd, LIMIT_INPUT);
	buf_init(&twice, LIMIT_INPUT);
	buf_init(&out, LIMIT_INPUT);
	buf_add(&twice, GZIP);
	buf_add(&twice, GZIP);
	for (size_t n = 1; n <= twice.n; n++) {
		buf_reset(&out);
		assert_int_equal(decode_in_pieces(CODING_GZIP, buf_str(&twice), n, &out), E_OK);
		assert_true(str_eq(buf_str(&out), STR(TEXT TEXT)));
	}
	buf_reset(&twice);
	buf_add(&twice, zstd_of(STR(TEXT), &zstd));
	buf_add(&twice, buf_str(&zstd));
	for (size_t n = 1; n <= twice.n; n++) {
		buf_reset(&out);
		assert_int_equal(decode_in_pieces(CODING_ZSTD, buf_str(&twice), n, &out), E_OK);
		assert_true(str_eq(buf_str(&out), STR(TEXT TEXT)));
	}
	twice.n--;
	buf_reset(&out);
	assert_int_equal(decode_in_pieces(CODING_ZSTD, buf_str(&twice), 7, &out), E_MALFORMED);
	buf_release(&zstd);
	buf_release(&twice);
	buf_release(&out);
}

/* Larger than any buffer inside, and of sizes that are multiples of them. */
static void long_texts_come_whole(void **state)
{
	static const size_t SIZES[] = {1, 32 << 10, 64 << 10, (64 << 10) + 1, 300001, 300001};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(SIZES); i++) {
		struct buf text, body, out;

		buf_init(&text, LIMIT_INPUT);
		buf_init(&body, LIMIT_INPUT);
		buf_init(&out, LIMIT_INPUT);
		while (text.n < SIZES[i])
			buf_printf(&text, "%zu,", text.n * 2654435761U % 100003);
		text.n = SIZES[i];
		if (i % 2)
			memset(text.p, 'a', text.n);
		assert_int_equal(coding_decode(CODING_GZIP, gzip_of(buf_str(&text), &body), text.n,
					 &out, NULL),
			E_OK);
		assert_true(str_eq(buf_str(&out), buf_str(&text)));
		buf_reset(&out);
		buf_reset(&body);
		assert_int_equal(coding_decode(CODING_ZSTD, zstd_of(buf_str(&text), &body), text.n,
					 &out, NULL),
			E_OK);
		assert_true(str_eq(buf_str(&out), buf_str(&text)));
		/* one byte less is too little */
		buf_reset(&out);
		assert_int_equal(coding_decode(CODING_ZSTD, buf_str(&body), text.n - 1, &out, NULL),
			E_TOO_BIG);
		assert_true(out.n < text.n);
		buf_release(&text);
		buf_release(&body);
		buf_release(&out);
	}
}

static enum err count(void *self, str piece, struct errctx *cx)
{
	(void)cx;
	*(size_t *)self += piece.n;
	return E_OK;
}

/* Brotli takes all of the body long before its text is out. */
/* The decoder's own piece is full just when what has come, or the whole text, is at its end: nothing is wrong then. */
static void assert_whole(enum coding c, str body, size_t n)
{
	for (size_t cut = 1; cut <= body.n; cut++) {
		struct buf out;

		buf_init(&out, 1 << 20);
		if (decode_in_pieces(c, body, cut, &out) != E_OK || out.n != n)
			fail_msg("coding %d, %zu bytes in pieces of %zu: %zu", (int)c, n, cut,
				out.n);
		buf_release(&out);
	}
}

static void a_text_that_fills_whole_pieces_comes_out(void **state)
{
	enum { PIECE = 32 << 10 };
	static const str br[] = {BYTES("\x1b\xff\x7f\xf8\x27\x00\xe2\xb1\x40\x20\xf7\x0e\x00"),
		BYTES("\x1b\xff\xff\xf8\x27\x00\xe2\xb1\x40\x20\xf7\x1e"
		      "\x00")}; /* by node: 1 and 2 pieces of NUL */
	static const size_t sizes[] = {PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 4 * PIECE};
	char *text = mem_zalloc(4 * PIECE);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_N(br); i++)
		assert_whole(CODING_BR, br[i], (i + 1) * PIECE);
	for (size_t i = 0; i < ARRAY_N(sizes); i++) {
		struct buf b;

		buf_init(&b, 1 << 20);
		assert_whole(CODING_GZIP, gzip_of((str){text, sizes[i]}, &b), sizes[i]);
		buf_reset(&b);
		assert_whole(CODING_ZSTD, zstd_of((str){text, sizes[i]}, &b), sizes[i]);
		buf_release(&b);
	}
	mem_free(text);
}

static void text_that_waits_in_the_decoder_comes_out(void **state)
{
	struct decoder *d = decoder_new(CODING_BR);
	size_t n = 0;

	(void)state;
	assert_non_null(d);
	assert_int_equal(decoder_feed(d, BR_BOMB, count, &n, NULL), E_OK);
	assert_int_equal(decoder_finish(d, NULL), E_OK);
	assert_int_equal(n, 64 << 20);
	decoder_free(d);
}

static void bombs_are_stopped(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, LIMIT_INPUT);
	/* by the limit, by the ratio, and by the buffer's own maximum */
	assert_int_equal(coding_decode(CODING_BR, BR_BOMB, 1 << 20, &out, NULL), E_TOO_BIG);
	assert_in_range(out.n, 0, 1 << 20);
	buf_reset(&out);
	assert_int_equal(coding_decode(CODING_BR, BR_BOMB, LIMIT_INPUT, &out, NULL), E_TOO_BIG);
	assert_in_range(out.n, 0, LIMIT_CODING_FREE);
	buf_release(&out);
	buf_init(&out, 10);
	assert_int_equal(coding_decode(CODING_GZIP, GZIP, LIMIT_INPUT, &out, NULL), E_TOO_BIG);
	buf_release(&out);
	assert_int_equal(
		coding_decode(CODING_UNKNOWN, GZIP, LIMIT_INPUT, &out, NULL), E_UNSUPPORTED);
}

/* RFC 9659: a frame may ask for a window of 8 MiB and no more. */
static void large_windows_of_zstd_are_refused(void **state)
{
	for (int log = LIMIT_ZSTD_WINDOW_LOG; log <= LIMIT_ZSTD_WINDOW_LOG + 1; log++) {
		ZSTD_CCtx *z = ZSTD_createCCtx();
		char body[256];
		ZSTD_outBuffer to = {body, sizeof body, 0};
		ZSTD_inBuffer from = {TEXT, sizeof(TEXT) - 1, 0};
		struct buf out;

		(void)state;
		buf_init(&out, LIMIT_INPUT);
		assert_non_null(z);
		assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, log)));
		/* flushed first, so that the frame cannot know how short it is */
		assert_int_equal(ZSTD_compressStream2(z, &to, &from, ZSTD_e_flush), 0);
		assert_int_equal(ZSTD_compressStream2(z, &to, &from, ZSTD_e_end), 0);
		(void)ZSTD_freeCCtx(z);
		assert_int_equal(
			coding_decode(CODING_ZSTD, (str){body, to.pos}, LIMIT_INPUT, &out, NULL),
			log == LIMIT_ZSTD_WINDOW_LOG ? E_OK : E_MALFORMED);
		buf_release(&out);
	}
}

static enum err refuse(void *self, str piece, struct errctx *cx)
{
	(void)piece;
	++*(int *)self;
	return err_set(cx, E_BUSY, "no more");
}

static void an_error_of_the_sink_ends_it(void **state)
{
	struct decoder *d = decoder_new(coding_parse(STR("gzip, br")));
	struct errctx cx = {0};
	int calls = 0;

	(void)state;
	assert_non_null(d);
	assert_int_equal(decoder_feed(d, GZIP_BR, refuse, &calls, &cx), E_BUSY);
	assert_string_equal(cx.text, "no more");
	assert_int_equal(decoder_feed(d, GZIP_BR, refuse, &calls, &cx), E_BUSY);
	assert_int_equal(calls, 1);
	decoder_free(d);
}

/* Each allocation fails once; what there is says so or works, and nothing is lost. */
static void short_memory_is_an_error(void **state)
{
	const struct {
		enum coding coding;
		str body;
	} CASES[] = {{CODING_GZIP, GZIP}, {CODING_DEFLATE, RAW}, {CODING_BR, BR},
		{coding_parse(STR("gzip, br")), GZIP_BR}};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(CASES); i++) {
		bool has_failed = true;

		for (size_t n = 1; has_failed; n++) {
			struct buf out;
			enum err e;

			buf_init(&out, LIMIT_INPUT);
			mem_fail_after(n);
			e = coding_decode(CASES[i].coding, CASES[i].body, LIMIT_INPUT, &out, NULL);
			has_failed = mem_failed();
			mem_fail_after(0);
			assert_int_equal(e, has_failed ? E_NOMEM : E_OK);
			buf_release(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_values_are_understood),
		cmocka_unit_test(each_coding_gives_the_text_however_it_is_cut),
		cmocka_unit_test(a_cut_body_is_malformed),
		cmocka_unit_test(other_bytes_are_malformed),
		cmocka_unit_test(bytes_behind_the_end_are_malformed),
		cmocka_unit_test(members_and_frames_in_a_row_are_one_text),
		cmocka_unit_test(long_texts_come_whole),
		cmocka_unit_test(a_text_that_fills_whole_pieces_comes_out),
		cmocka_unit_test(text_that_waits_in_the_decoder_comes_out),
		cmocka_unit_test(bombs_are_stopped),
		cmocka_unit_test(large_windows_of_zstd_are_refused),
		cmocka_unit_test(an_error_of_the_sink_ends_it),
		cmocka_unit_test(short_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* bench_bytes: throughput of the codec of hex dumps and of base64 of text; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/opaque/bytes.h"
#include "core/compress/opaque/dump.h"
#include "tests/unit/random_opaque.h"

static void make_dump(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);
	static const struct dump_format xxd = {
		.program = DUMP_XXD, .at = DUMP_AT_HEX, .cols = 16, .size = 2};
	struct dump_row row = {.n = 16};

	for (; b->n < n; row.offset += row.n) {
		for (unsigned i = 0; i < row.n; i++)
			row.bytes[i] = (unsigned char)rng_below(&r, 256);
		dump_row_write(b, &xxd, &row);
		buf_add_byte(b, '\n');
	}
}

static void make_base64(struct buf *b, size_t n)
{
	while (b->n < n)
		buf_add_c(b, "c29tZSB3b3JkcyBvZiB0ZXh0LCBhbmQgYSBsaW5lIGVuZCAK\n");
}

static void make_words(struct buf *b, size_t n)
{
	struct rng r = rng_new(2);

	while (b->n < n) {
		add_source_line(&r, b);
		buf_add_byte(b, '\n');
	}
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {
		{"xxd", make_dump}, {"base64", make_base64}, {"words", make_words}};

	return speed_main(&bytes_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}

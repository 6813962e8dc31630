/* bench_opaque: throughput of the codec of data that nobody reads; bench/codec/speed.h says how. "words" has none, and is
 * declined: what every other text pays. */
#include "bench/codec/speed.h"
#include "core/compress/opaque/opaque.h"
#include "tests/unit/random_opaque.h"

static void make_data(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	while (b->n < n) {
		for (unsigned i = 0; i < 20; i++) {
			add_source_line(&r, b);
			buf_add_byte(b, '\n');
		}
		add_opaque(&r, b);
		buf_add_byte(b, '\n');
	}
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
	static const struct speed_text texts[] = {{"data", make_data}, {"words", make_words}};

	return speed_main(&opaque_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}

/* bench_records: throughput of the codec of records; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/pairs/records.h"
#include "tests/unit/random_records.h"

static void make_packages(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b,
			"%sPackage: %s-%u\nArchitecture: amd64\nVersion: 1.%u\nSection: libs\n"
			"Size: %u\nDescription: %s for %s\n about %s\n",
			i ? "\n" : "", RNG_PICK(&r, text_words), i, rng_below(&r, 90),
			rng_below(&r, 90000), RNG_PICK(&r, text_words), RNG_PICK(&r, text_words),
			RNG_PICK(&r, text_words));
}

static void make_gitlog(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b,
			"%scommit %08x%08x%08x%08x%08x\nAuthor: Joe Doe <joe@example.org>\n"
			"Date:   Sat Nov 28 10:%02u:%02u 2026 +0000\n\n    %s: %s the %s\n",
			i ? "\n" : "", rng_next(&r), rng_next(&r), rng_next(&r), rng_next(&r),
			rng_next(&r), i / 60 % 60, i % 60, RNG_PICK(&r, text_words),
			RNG_PICK(&r, text_words), RNG_PICK(&r, text_words));
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {
		{"packages", make_packages}, {"git log", make_gitlog}};

	return speed_main(&records_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}

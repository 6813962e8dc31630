/* bench_list: throughput of the codec of lists of files; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/list/list.h"
#include "tests/unit/random_list.h"

static void make_find(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b, "./packages/pkg-%u/src/%s/%s_%u.ts\n", i / 400,
			text_words[i / 40 % 10], RNG_PICK(&r, text_words), i);
}

static void make_tree(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	buf_add_c(b, ".\n");
	for (uint32_t i = 0; b->n < n || i % 20; i++) {
		if (i % 20 == 0)
			buf_printf(b, "├── dir_%u\n", i / 20);
		buf_printf(b, "│   %s── %s_%u.c\n", i % 20 == 19 ? "└" : "├",
			RNG_PICK(&r, text_words), i);
	}
	buf_add_c(b, "└── end\n");
}

static void make_wc(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b, "%7u ./lib/part-%u/%s_%u.py\n", rng_below(&r, 99999), i / 30,
			RNG_PICK(&r, text_words), i);
}

static void make_digests(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b, "100%s blob %08x%08x%08x%08x%08x\tlib/part-%u/%s_%u.py\n",
			i % 50 ? "644" : "755", rng_below(&r, 1u << 31), rng_below(&r, 1u << 31),
			rng_below(&r, 1u << 31), rng_below(&r, 1u << 31), rng_below(&r, 1u << 31),
			i / 30, RNG_PICK(&r, text_words), i);
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"find", make_find}, {"tree", make_tree},
		{"wc", make_wc}, {"git ls-tree", make_digests}};

	return speed_main(&list_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}

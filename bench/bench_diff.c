/* bench_diff: throughput of the codec of diffs; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/diff/diff.h"

enum { HUNKS = 3 };

static void add_file(struct buf *b, unsigned number)
{
	unsigned at = 1;

	buf_printf(b,
		"diff --git a/src/part%u/file%u.c b/src/part%u/file%u.c\nindex %07x..%07x 100644\n"
		"--- a/src/part%u/file%u.c\n+++ b/src/part%u/file%u.c\n",
		number % 17, number, number % 17, number, number * 2654435761u >> 4,
		number * 40503u, number % 17, number, number % 17, number);
	for (unsigned h = 0; h < HUNKS; h++, at += 40 + number % 9) {
		buf_printf(b, "@@ -%u,8 +%u,9 @@ static int count_%u(struct list *l)\n", at, at + h,
			h);
		for (unsigned i = 0; i < 3; i++)
			buf_printf(b, " \tstruct item *item%u = list_at(l, %u);\n", i, number + i);
		for (unsigned i = 0; i < 2; i++)
			buf_printf(b, "-\tcount += item%u->count * %u;\n", i, h);
		for (unsigned i = 0; i < 3; i++)
			buf_printf(
				b, "+\tcount += item_count(item%u, %u); /* %u */\n", i, h, number);
		for (unsigned i = 0; i < 3; i++)
			buf_printf(b, " \tif (count > LIMIT_%u)\n", i);
	}
}

static void make(struct buf *b, size_t n)
{
	for (unsigned i = 0; b->n < n; i++)
		add_file(b, i);
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"git diff", make}};

	return speed_main(&diff_codec, KIND_DIFF, texts, ARRAY_N(texts), argc, argv);
}

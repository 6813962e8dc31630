/* Throughput of the codec of diffs: exact encoding, decoding, eliding, the check of the contract, beside memcpy, over
 * a made-up diff of 1 KB to 100 MB, and over files given as arguments. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/compress/diff/diff.h"

enum { BATCH_BYTES = 20 << 20, HUNKS = 3 };

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

enum step { STEP_COPY, STEP_ENCODE, STEP_DECODE, STEP_ELIDE, STEP_HOLDS, STEP_N };

static void run_step(
	enum step s, str text, const struct codec_out made[STEP_N], struct arena *a, char *copy)
{
	struct codec_in in = {.text = text, .kind = KIND_DIFF};
	struct codec_out out;
	str back;
	bool is_ok = true;

	switch (s) {
	case STEP_COPY:
		memcpy(copy, text.p, text.n);
		break;
	case STEP_ELIDE:
		in.route = STR("headroom retrieve 3f");
		FALLTHROUGH;
	case STEP_ENCODE:
		is_ok = diff_codec.encode(&in, a, &out);
		break;
	case STEP_DECODE:
		is_ok = diff_codec.decode(made[STEP_ENCODE].text, a, &back) && str_eq(back, text);
		break;
	default:
		is_ok = diff_codec.holds(text, made[STEP_ELIDE].text, a);
	}
	if (!is_ok)
		exit(1);
}

static void measure(const char *name, str text)
{
	static const char *const words[STEP_N] = {"memcpy", "encode", "decode", "elide", "holds"};
	struct arena keep = ARENA_INIT, a = ARENA_INIT;
	struct codec_in in = {.text = text, .kind = KIND_DIFF};
	struct codec_out made[STEP_N] = {0};
	char *copy = arena_alloc(&keep, text.n + 1, 1);
	double copy_ns = 0;
	size_t rounds = BATCH_BYTES / (text.n + 1) + 1;

	if (!diff_codec.encode(&in, &keep, &made[STEP_ENCODE])) {
		printf("diff %-24s %9zu bytes: nothing to encode\n", name, text.n);
		arena_release(&keep);
		return;
	}
	in.route = STR("headroom retrieve 3f");
	printf("diff %-24s %9zu bytes:", name, text.n);
	for (int s = 0; s < STEP_N; s++) {
		int64_t start, best = INT64_MAX;

		if (s >= STEP_ELIDE && !made[STEP_ELIDE].text.n &&
			!diff_codec.encode(&in, &keep, &made[STEP_ELIDE]))
			break;
		for (int batch = 0; batch < 5; batch++) {
			start = clock_monotonic_ns(NULL);
			for (size_t i = 0; i < rounds; i++) {
				run_step((enum step)s, text, made, &a, copy);
				arena_reset(&a);
			}
			start = clock_monotonic_ns(NULL) - start;
			best = start < best ? start : best;
		}
		if (s == STEP_COPY)
			copy_ns = (double)best;
		printf("  %s %.0f MB/s", words[s],
			(double)text.n * (double)rounds * 1e3 / (double)best);
		if (s != STEP_COPY)
			printf(" (1/%.0f)", (double)best / copy_ns);
	}
	printf("\n");
	arena_release(&a);
	arena_release(&keep);
}

static void measure_file(const char *path)
{
	struct arena a = ARENA_INIT;
	FILE *f = fopen(path, "rb");
	char *text = arena_alloc(&a, LIMIT_INPUT, 1);

	if (f) {
		measure(path, (str){text, fread(text, 1, LIMIT_INPUT, f)});
		(void)fclose(f);
	}
	arena_release(&a);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1 << 10, 100 << 10, 10 << 20, 100 << 20};

	for (size_t i = 0; argc < 2 && i < ARRAY_N(sizes); i++) {
		struct arena a = ARENA_INIT;
		struct buf b;

		buf_init_arena(&b, &a, LIMIT_INPUT);
		for (unsigned n = 0; b.n < sizes[i]; n++)
			add_file(&b, n);
		measure("made up", buf_str(&b));
		arena_release(&a);
	}
	for (int i = 1; i < argc; i++)
		measure_file(argv[i]);
	return 0;
}

/* bench_records: throughput of the codecs of records and of keys and values, with --pairs before anything else;
 * bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/pairs/aligned.h"
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

static void make_describe(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b,
			"Name:             %s-%u\nNamespace:        default\nService Account:  "
			"web\n"
			"Labels:           app=web\n                  tier=%s\nContainers:\n"
			"  web:\n    Image:    registry.example.org/%s:2.14.0\n"
			"    Started:  10:%02u:%02u\n",
			RNG_PICK(&r, text_words), i, RNG_PICK(&r, text_words),
			RNG_PICK(&r, text_words), i / 60 % 60, i % 60);
}

static void make_oneline(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	while (b->n < n) {
		buf_printf(b, "%08x %s: %s\n", rng_next(&r), RNG_PICK(&r, text_words),
			RNG_PICK(&r, text_words));
		add_random_stat(&r, b, true);
	}
}

static void make_plan(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b,
			"  # aws_instance.web[%u] will be updated in-place\n"
			"  ~ resource \"aws_instance\" \"web\" {\n      ~ ami      = \"ami-%u\"\n"
			"      ~ host_id  = (known after apply)\n      + key_name = (known after "
			"apply)\n"
			"        tags     = {\n            \"Name\" = \"%s\"\n        }\n    }\n\n",
			i, rng_below(&r, 9000), RNG_PICK(&r, text_words));
}

static void make_sysctl(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b, "net.ipv4.conf.eth%u.%s_%u = %u\n", i / 9, RNG_PICK(&r, text_words),
			i % 9, rng_below(&r, 2));
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"packages", make_packages},
		{"git log", make_gitlog}, {"git log --oneline --stat", make_oneline}};
	static const struct speed_text pairs[] = {{"kubectl describe", make_describe},
		{"terraform plan", make_plan}, {"sysctl", make_sysctl}};

	if (argc > 1 && strcmp(argv[1], "--pairs") == 0)
		return speed_main(
			&aligned_codec, KIND_TEXT, pairs, ARRAY_N(pairs), argc - 1, argv + 1);
	return speed_main(&records_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}

/* bench_build: throughput of the codec of builds and test runs; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/build/build.h"
#include "tests/unit/random_build.h"

static void make(struct buf *b, size_t n, build_family_fn *family)
{
	struct build_text t = {.text = b};
	struct rng r = rng_new(1);

	while (b->n < n)
		family(&r, &t);
}

static void make_pytest(struct buf *b, size_t n)
{
	make(b, n, add_pytest);
}

static void make_cargo(struct buf *b, size_t n)
{
	make(b, n, add_cargo_test);
}

static void make_any(struct buf *b, size_t n)
{
	make(b, n, add_random_build);
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {
		{"pytest -v", make_pytest}, {"cargo test", make_cargo}, {"eight tools", make_any}};

	return speed_main(&build_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}

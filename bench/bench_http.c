/* bench_http: throughput of the codec of HTTP exchanges; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/http/http.h"
#include "tests/unit/random_http.h"

static void make_exchanges(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	while (b->n < n)
		add_random_http(&r, b);
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"curl", make_exchanges}};

	return speed_main(&http_codec, KIND_TEXT, texts, ARRAY_N(texts), argc, argv);
}

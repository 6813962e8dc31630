/* bench_log: throughput of the codec of logs; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/log/log.h"
#include "tests/unit/random_log.h"

static void make(struct buf *b, size_t n)
{
	struct log_clock c = {0};
	struct rng r = rng_new(1);

	while (b->n < n) {
		add_log4j(&r, &c, b);
		buf_add_byte(b, '\n');
		c.second++;
	}
}

/* No times: what lines begin with. */
static void make_symbols(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	for (uint32_t i = 0; b->n < n; i++)
		buf_printf(b, "%016x %c %s_%s\n", 0x1000 + i * 16, "tTdr"[rng_below(&r, 4)],
			RNG_PICK(&r, text_words), RNG_PICK(&r, text_words));
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"log4j", make}, {"nm", make_symbols}};

	return speed_main(&log_codec, KIND_LOG, texts, ARRAY_N(texts), argc, argv);
}

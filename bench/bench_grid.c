/* bench_grid: throughput of the codecs of plain tables; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/grid/cells.h"
#include "core/compress/grid/grid.h"
#include "tests/unit/random_grid.h"

static void make_csv(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	buf_add_c(b, "id,time,host,status,latency_ms,message\n");
	for (uint32_t i = 0; b->n < n; i++) {
		uint32_t x = rng_below(&r, 1000);

		buf_printf(b, "%u,2026-03-01T12:%02u:%02uZ,web-%u.example.com,%u,%u.%u,%s\n", i,
			i / 60 % 60, i % 60, x % 7, x ? 200 : 500, x, x % 10,
			RNG_PICK(&r, text_words));
	}
}

static void make_padded(struct buf *b, size_t n)
{
	struct rng r = rng_new(1);

	buf_printf(b, "%-8s %7s %4s %4s %s\n", "USER", "PID", "%CPU", "STAT", "COMMAND");
	for (uint32_t i = 0; b->n < n; i++) {
		uint32_t x = rng_below(&r, 1000);

		buf_printf(b, "%-8s %7u %2u.%u %-4s /usr/bin/%s --id %u\n",
			x % 9 ? "root" : "daemon", i % 4000000, x % 50, x % 10, x % 3 ? "S" : "Ssl",
			RNG_PICK(&r, text_words), x);
	}
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"CSV", make_csv}, {"ps", make_padded}};

	int status = speed_main(&grid_codec, KIND_TABLE, texts, ARRAY_N(texts), argc, argv);

	return status ? status
		      : speed_main(&cells_codec, KIND_TABLE, texts, ARRAY_N(texts), argc, argv);
}

/* bench_table: throughput of the codec of JSON as tables; bench/codec/speed.h says how. */
#include "bench/codec/speed.h"
#include "core/compress/table/table.h"

static void make(struct buf *b, size_t n)
{
	static const char *const words[] = {
		"alpha", "beta", "gamma", "delta", "token", "cache", "request", "index"};
	uint64_t x = 88172645463325252u;

	buf_add_byte(b, '[');
	for (unsigned i = 0; b->n < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		buf_printf(b,
			"%s{\"id\":%u,\"name\":\"web-%s-%u\",\"state\":\"%s\",\"ms\":%u.%02u,"
			"\"at\":\"2026-01-%02uT10:%02u:%02uZ\","
			"\"owner\":{\"login\":\"%s\",\"site\":false},\"note\":\"%s of the %s %s\"}",
			i ? "," : "", i, words[x & 7], i % 977, x >> 3 & 15 ? "running" : "stopped",
			(unsigned)(x >> 8 & 1023), (unsigned)(x >> 20) % 100,
			(unsigned)(x >> 28) % 28 + 1, i / 60 % 60, i % 60, words[x >> 36 & 7],
			words[x >> 40 & 7], words[x >> 44 & 7], words[x >> 48 & 7]);
	}
	buf_add_c(b, "]\n");
}

int main(int argc, char **argv)
{
	static const struct speed_text texts[] = {{"array of objects", make}};

	return speed_main(&table_codec, KIND_JSON, texts, ARRAY_N(texts), argc, argv);
}

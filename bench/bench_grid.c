/* bench_grid: throughput of the codec of plain tables, on one core.
 *
 *	bench_grid [FILE...]
 *
 * CSV and columns padded with blanks made here of 1 KB, 100 KB and 10 MB, CSV of 100 MB, then the files. Prints "text  what  MB/s  ratio to memcpy  bytes that
 * came out"; each figure is that of the fastest of several rounds, in time of the processor. Encoding includes the count of sampled tokens. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/compress/grid/grid.h"
#include "tests/unit/random_grid.h"

enum { ROUNDS_MAX = 2000, ROUNDS_NS = 300000000, MEGABYTE = 1000000 };

struct bench {
	const char *name;
	str text, exact, elided;
	struct arena made, arena;
	struct token_cache *cache;
	char *copy;
	double copy_speed;
};

static NORETURN void die(const char *what)
{
	(void)fprintf(stderr, "bench_grid: %s\n", what);
	exit(1);
}

static bool encode(struct bench *b, const char *route, struct arena *a, str *out)
{
	struct codec_in in = {.text = b->text,
		.kind = KIND_TABLE,
		.route = str_from(route),
		.encoding = TOKEN_O200K,
		.cache = b->cache};
	struct codec_out o;

	if (!grid_codec.encode(&in, a, &o))
		return false;
	*out = o.text;
	return true;
}

static size_t run_copy(struct bench *b)
{
	memcpy(b->copy, b->text.p, b->text.n);
	return b->text.n;
}

static size_t run_exact(struct bench *b)
{
	str out = STR_NULL;

	return encode(b, "", &b->arena, &out) ? out.n : 0;
}

static size_t run_elided(struct bench *b)
{
	str out = STR_NULL;

	return encode(b, "headroom retrieve 0", &b->arena, &out) ? out.n : 0;
}

static size_t run_decode(struct bench *b)
{
	str out = STR_NULL;

	if (!grid_codec.decode(b->exact, &b->arena, &out) || !str_eq(out, b->text))
		die("what was encoded does not decode");
	return out.n;
}

static size_t run_holds(struct bench *b)
{
	if (!grid_codec.holds(b->text, b->elided, &b->arena))
		die("the contract does not hold");
	return b->elided.n;
}

/* Of this process: what others do on the machine disturbs it least. */
static int64_t cpu_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
		die("no clock");
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static double measure(struct bench *b, const char *what, size_t (*run)(struct bench *))
{
	int64_t best = INT64_MAX, all = 0;
	size_t out = 0;
	double speed;

	for (int i = 0; i < ROUNDS_MAX && all < ROUNDS_NS; i++) {
		int64_t start = cpu_ns(), took;

		out = run(b);
		took = cpu_ns() - start + 1;
		best = took < best ? took : best;
		all += took;
		arena_reset(&b->arena);
	}
	speed = (double)b->text.n * 1000.0 / (double)best;
	if (run == run_copy)
		b->copy_speed = speed;
	printf("%-16s %-7s %9.1f MB/s  1/%-7.1f %zu\n", b->name, what, speed, b->copy_speed / speed,
		out);
	return speed;
}

static void bench_text(const char *name, str text)
{
	struct bench b = {.name = name, .text = text};

	b.cache = token_cache_new();
	b.copy = mem_alloc(text.n + 1);
	if (!b.cache || !b.copy || arena_recover(&b.arena) || arena_recover(&b.made))
		die("out of memory");
	measure(&b, "memcpy", run_copy);
	measure(&b, "exact", run_exact);
	measure(&b, "elided", run_elided);
	if (encode(&b, "", &b.made, &b.exact))
		measure(&b, "decode", run_decode);
	if (encode(&b, "headroom retrieve 0", &b.made, &b.elided))
		measure(&b, "holds", run_holds);
	arena_release(&b.made);
	arena_release(&b.arena);
	token_cache_free(b.cache);
	mem_free(b.copy);
}

static void bench_generated(const char *name, size_t n, bool is_padded)
{
	struct arena a = ARENA_INIT;
	struct rng r = rng_new(1);
	struct buf text;

	if (arena_recover(&a))
		die("out of memory");
	buf_init_arena(&text, &a, n + MEGABYTE);
	if (is_padded)
		buf_printf(
			&text, "%-8s %7s %4s %4s %s\n", "USER", "PID", "%CPU", "STAT", "COMMAND");
	else
		buf_add_c(&text, "id,time,host,status,latency_ms,message\n");
	for (uint32_t i = 0; text.n < n; i++) {
		uint32_t x = rng_below(&r, 1000);

		if (is_padded)
			buf_printf(&text, "%-8s %7u %2u.%u %-4s /usr/bin/%s --id %u\n",
				x % 9 ? "root" : "daemon", i % 4000000, x % 50, x % 10,
				x % 3 ? "S" : "Ssl", RNG_PICK(&r, text_words), x);
		else
			buf_printf(&text,
				"%u,2026-03-01T12:%02u:%02uZ,web-%u.example.com,%u,%u.%u,%s\n", i,
				i / 60 % 60, i % 60, x % 7, x ? 200 : 500, x, x % 10,
				RNG_PICK(&r, text_words));
	}
	bench_text(name, buf_str(&text));
	arena_release(&a);
}

int main(int argc, char **argv)
{
	bench_generated("CSV 1 KB", 1000, false);
	bench_generated("CSV 100 KB", 100000, false);
	bench_generated("CSV 10 MB", (size_t)10 * MEGABYTE, false);
	bench_generated("CSV 100 MB", (size_t)100 * MEGABYTE, false);
	bench_generated("padded 1 KB", 1000, true);
	bench_generated("padded 100 KB", 100000, true);
	bench_generated("padded 10 MB", (size_t)10 * MEGABYTE, true);
	for (int i = 1; i < argc; i++) {
		struct buf text;

		buf_init(&text, LIMIT_INPUT);
		if (file_read(argv[i], &text, NULL) != E_OK)
			die(argv[i]);
		bench_text(argv[i], buf_str(&text));
		buf_release(&text);
	}
	return 0;
}

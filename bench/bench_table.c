/* JSON as tables: MB/s of encoding, decoding and checking on one thread, of generated tables of three sizes and of files
 * given as arguments, beside copying the same bytes in the same run. The best of some rounds each, in processor
 * time.
 *	bench_table [--huge] [FILE...]      --huge: 100 MB, too */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/file.h"
#include "core/base/limits.h"
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

enum { BEST_NS = 400 * 1000 * 1000, ROUNDS_MAX = 2000 };

struct job {
	str text, exact, elided, route;
	char *copy;
};

static bool copy(struct job *j, struct arena *a)
{
	(void)a;
	memcpy(j->copy, j->text.p, j->text.n);
	return j->copy[j->text.n / 2] == j->text.p[j->text.n / 2];
}

static bool encode(struct job *j, struct arena *a)
{
	const struct codec_in in = {.text = j->text, .kind = KIND_JSON, .route = j->route};
	struct codec_out out;

	if (!table_codec.encode(&in, a, &out))
		return false;
	*(j->route.n ? &j->elided : &j->exact) = out.text;
	return true;
}

static bool elide(struct job *j, struct arena *a)
{
	bool is_good;

	j->route = STR("headroom retrieve 3f2a");
	is_good = encode(j, a);
	j->route = STR_NULL;
	return is_good;
}

static bool decode(struct job *j, struct arena *a)
{
	str got;

	return j->exact.n && table_codec.decode(j->exact, a, &got) && str_eq(got, j->text);
}

static bool check(struct job *j, struct arena *a)
{
	return j->elided.n && table_codec.holds(j->text, j->elided, a);
}

/* Of this thread: others may be at work on this machine. */
static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* MB/s; 0 when it fails. */
static double speed(struct job *j, bool (*run)(struct job *, struct arena *))
{
	int64_t begin = cpu_ns(), best = INT64_MAX;
	struct arena a = ARENA_INIT;

	for (int i = 0; i < ROUNDS_MAX && cpu_ns() - begin < BEST_NS; i++) {
		int64_t start = cpu_ns(), ns;

		arena_reset(&a);
		if (!run(j, &a))
			best = 0;
		ns = cpu_ns() - start;
		if (!best)
			break;
		best = ns < best ? ns : best;
	}
	arena_release(&a);
	return best ? (double)j->text.n * 1e3 / (double)best : 0;
}

static void measure(const char *name, str text)
{
	struct arena keep = ARENA_INIT;
	struct job j = {.text = text};
	double copied;

	j.copy = arena_alloc(&keep, text.n + 1, 1);
	copied = speed(&j, copy);
	printf("%-28.28s %10zu bytes  encode %6.1f", name, text.n, speed(&j, encode));
	if (encode(&j, &keep))
		printf("  decode %6.1f", speed(&j, decode));
	printf("  elide %6.1f", speed(&j, elide));
	if (elide(&j, &keep))
		printf("  holds %6.1f", speed(&j, check));
	printf("  MB/s; memcpy %.0f\n", copied);
	arena_release(&keep);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1000, 100 * 1000, 10 * 1000 * 1000, 100 * 1000 * 1000};
	bool is_huge = argc > 1 && str_eq_c(STR("--huge"), argv[1]);

	for (size_t i = 0; i < ARRAY_N(sizes) - !is_huge; i++) {
		struct buf b;

		buf_init(&b, LIMIT_INPUT);
		make(&b, sizes[i]);
		measure("generated", buf_str(&b));
		buf_release(&b);
	}
	for (int i = 1 + is_huge; i < argc; i++) {
		struct buf b;

		buf_init(&b, LIMIT_INPUT);
		if (file_read(argv[i], &b, NULL) != E_OK)
			return EXIT_FAILURE;
		measure(argv[i], buf_str(&b));
		buf_release(&b);
	}
	return 0;
}

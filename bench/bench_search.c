/* bench_search: throughput of the codec for search results beside memcpy, on one core.
 *
 *	bench_search [--large] [FILE...]
 *
 * Without files: results made from a seed, of 1 KB, 100 KB and 10 MB, with --large also 100 MB. For each: exact
 * (encode), decode, elided (encode with the original within reach), holds, in MB (10^6 bytes of the original) per
 * second of processor time and as a part of memcpy's in the same run. Each figure is that of the fastest of many
 * rounds, which disturbs least on a shared machine. A '-' stands where the codec declines the text. */
#include <stdio.h>
#include <time.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/compress/search/search.h"
#include "tests/unit/random_search.h"

enum { ROUNDS_MIN = 3, ROUNDS_NS = 200000000 };

struct bench {
	str text;
	char *copy;
	struct arena arena;
	struct codec_in in;
	struct codec_out exact, elided;
	bool has_exact, has_elided;
};

/* Processor time: others work on the machine, too. */
static int64_t now_ns(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool run_copy(struct bench *b)
{
	memcpy(b->copy, b->text.p, b->text.n);
	return true;
}

static bool encode(struct bench *b, str route, struct codec_out *out)
{
	b->in.route = route;
	return search_codec.encode(&b->in, &b->arena, out);
}

static bool run_exact(struct bench *b)
{
	struct codec_out out;

	return encode(b, STR_NULL, &out);
}

static bool run_decode(struct bench *b)
{
	str back;

	return b->has_exact && search_codec.decode(b->exact.text, &b->arena, &back);
}

static bool run_elided(struct bench *b)
{
	struct codec_out out;

	return encode(b, STR("headroom retrieve 3fa97c01"), &out);
}

static bool run_holds(struct bench *b)
{
	return b->has_elided && search_codec.holds(b->text, b->elided.text, &b->arena);
}

/* MB per second of the fastest round; 0 when the codec declines. */
static double rate(struct bench *b, bool (*run)(struct bench *))
{
	int64_t best = INT64_MAX, start = now_ns();

	for (unsigned i = 0; i < ROUNDS_MIN || now_ns() - start < ROUNDS_NS; i++) {
		int64_t at = now_ns(), took;

		if (!run(b))
			return 0;
		took = now_ns() - at;
		best = took > 0 && took < best ? took : best;
		arena_reset(&b->arena);
	}
	return (double)b->text.n * 1e3 / (double)best;
}

static void measure(const char *name, str text)
{
	static const struct {
		const char *name;
		bool (*run)(struct bench *);
	} whats[] = {{"exact", run_exact}, {"decode", run_decode}, {"elided", run_elided},
		{"holds", run_holds}};
	struct arena keep = ARENA_INIT;
	struct bench b = {.text = text};
	double copy;

	b.in = (struct codec_in){
		.text = text, .kind = KIND_SEARCH, .query = STR("find what fails")};
	b.copy = arena_alloc(&keep, text.n + 1, 1);
	b.has_exact = encode(&b, STR_NULL, &b.exact);
	b.exact.text = b.has_exact ? arena_str(&keep, b.exact.text) : STR_NULL;
	b.has_elided = encode(&b, STR("headroom retrieve 3fa97c01"), &b.elided);
	b.elided.text = b.has_elided ? arena_str(&keep, b.elided.text) : STR_NULL;
	arena_reset(&b.arena);
	copy = rate(&b, run_copy);
	printf("%-28s memcpy %8.0f MB/s", name, copy);
	for (size_t i = 0; i < ARRAY_N(whats); i++) {
		double r = rate(&b, whats[i].run);

		if (r > 0)
			printf("  %s %5.0f (%.4f)", whats[i].name, r, r / copy);
		else
			printf("  %s -", whats[i].name);
	}
	printf("\n");
	arena_release(&b.arena);
	arena_release(&keep);
}

static void measure_made(size_t n)
{
	static const struct {
		const char *name;
		enum search_spelling spelling;
	} texts[] = {{"rg -n", SPELL_FLAT}, {"rg -n -C", SPELL_CONTEXT},
		{"rg --vimgrep", SPELL_COLUMN}, {"rg -l", SPELL_LIST}, {"rg --json", SPELL_JSON}};

	for (size_t i = 0; i < ARRAY_N(texts); i++) {
		struct rng r = rng_new(7);
		struct arena a = ARENA_INIT;
		struct buf t;
		char name[64];

		buf_init_arena(&t, &a, LIMIT_INPUT);
		add_search(&r, &t, texts[i].spelling, true, n);
		(void)snprintf(name, sizeof name, "%s, %.3g MB", texts[i].name, (double)t.n / 1e6);
		measure(name, buf_str(&t));
		arena_release(&a);
	}
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1000, 100000, 10000000, 100000000};
	bool is_large = argc > 1 && strcmp(argv[1], "--large") == 0;
	struct errctx cx = {0};

	for (int i = 1 + is_large; i < argc; i++) {
		struct buf b;

		buf_init(&b, LIMIT_INPUT);
		if (file_read(argv[i], &b, &cx) != E_OK) {
			(void)fprintf(stderr, "bench_search: %s\n", cx.text);
			return 1;
		}
		measure(argv[i], buf_str(&b));
		buf_release(&b);
	}
	for (size_t i = 0; argc == 1 + is_large && i < ARRAY_N(sizes) - !is_large; i++)
		measure_made(sizes[i]);
	return 0;
}

#include "bench/codec/speed.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/limits.h"

enum { ROUNDS_MIN = 2, ROUNDS_MAX = 2000, ROUNDS_NS = 300000000 };

/* Of smaller texts the resident memory says nothing. */
enum { MEMORY_MIN = 1000 * 1000 };

struct speed {
	const struct codec *codec;
	struct codec_in in;
	str exact, elided; /* empty: declined */
	struct arena arena;
	char *copy;
};

static NORETURN void die(const char *what)
{
	(void)fprintf(stderr, "%s\n", what);
	exit(EXIT_FAILURE);
}

static str encode(struct speed *s, const char *route, struct arena *a)
{
	struct codec_out out;

	s->in.route = str_from(route);
	return s->codec->encode(&s->in, a, &out) ? out.text : STR_NULL;
}

/* Each step gives how many bytes came out; 0: declined. */
typedef size_t step_fn(struct speed *s);

static size_t copy(struct speed *s)
{
	memcpy(s->copy, s->in.text.p, s->in.text.n);
	return s->in.text.n;
}

static size_t make_exact(struct speed *s)
{
	return encode(s, NULL, &s->arena).n;
}

static size_t make_elided(struct speed *s)
{
	return encode(s, "headroom retrieve 0123456789abcdef01234567", &s->arena).n;
}

static size_t decode(struct speed *s)
{
	str back;

	if (!s->exact.n)
		return 0;
	if (!s->codec->decode(s->exact, &s->arena, &back) || !str_eq(back, s->in.text))
		die("what was encoded does not decode");
	return back.n;
}

static size_t hold(struct speed *s)
{
	if (s->elided.n && !s->codec->holds(s->in.text, s->elided, &s->arena))
		die("the contract does not hold");
	return s->elided.n;
}

static int64_t cpu_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
		die("no clock");
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* MB/s; 0 when declined. */
static double measure(struct speed *s, step_fn *step)
{
	int64_t best = INT64_MAX, all = 0;

	for (int i = 0; i < ROUNDS_MIN || (i < ROUNDS_MAX && all < ROUNDS_NS); i++) {
		int64_t start = cpu_ns(), took;

		if (!step(s))
			return 0;
		took = cpu_ns() - start + 1;
		best = took < best ? took : best;
		all += took;
		arena_reset(&s->arena);
	}
	return (double)s->in.text.n * 1e3 / (double)best;
}

/* The most kilobytes that were resident in a process of its own that takes this step, or none. */
static long peak_kb(struct speed *s, step_fn *step)
{
	struct rusage used;
	pid_t child;
	int status;

	/* what earlier rounds freed would be there already */
	(void)malloc_trim(0);
	child = fork();
	if (child == 0) {
		if (step)
			(void)step(s);
		_exit(EXIT_SUCCESS);
	}
	if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0)
		die("a process could not be measured");
	return used.ru_maxrss;
}

/* Bytes of memory for one of the text; the arena of s is empty. */
static double memory_of(struct speed *s, step_fn *step)
{
	return (double)(peak_kb(s, step) - peak_kb(s, NULL)) * 1024 / (double)s->in.text.n;
}

static void print_step(struct speed *s, const char *name, step_fn *step, double copied)
{
	double speed = measure(s, step);

	printf("  %s", name);
	if (speed > 0)
		printf(" %6.1f (1/%.0f)", speed, copied / speed);
	else
		printf(" -");
	arena_release(&s->arena);
	if (arena_recover(&s->arena))
		die("out of memory");
	if (speed > 0 && s->in.text.n >= MEMORY_MIN)
		printf(" %.1f B/B", memory_of(s, step));
}

static void measure_text(const struct codec *c, struct codec_in in, const char *name)
{
	static const struct {
		const char *name;
		step_fn *step;
	} steps[] = {{"exact", make_exact}, {"decode", decode}, {"elided", make_elided},
		{"holds", hold}};
	struct arena keep = ARENA_INIT;
	struct speed s = {.codec = c, .in = in};
	str text = in.text;
	double copied;

	s.in.cache = token_cache_new();
	if (!s.in.cache || arena_recover(&keep) || arena_recover(&s.arena))
		die("out of memory");
	s.copy = arena_alloc(&keep, text.n + 1, 1);
	s.exact = encode(&s, NULL, &keep);
	s.elided = encode(&s, "headroom retrieve 0123456789abcdef01234567", &keep);
	copied = measure(&s, copy);
	printf("%-28.28s %9zu bytes", name, text.n);
	for (size_t i = 0; i < ARRAY_N(steps); i++) {
		(void)fflush(stdout);
		print_step(&s, steps[i].name, steps[i].step, copied);
	}
	printf("  memcpy %.0f MB/s\n", copied);
	token_cache_free(s.in.cache);
	arena_release(&s.arena);
	arena_release(&keep);
}

static void measure_made(
	const struct codec *c, struct codec_in in, const struct speed_text *text, size_t n)
{
	struct buf b;

	buf_init(&b, LIMIT_INPUT);
	text->make(&b, n);
	if (b.err)
		die("out of memory");
	in.text = buf_str(&b);
	measure_text(c, in, text->name);
	buf_release(&b);
}

static void measure_file(const struct codec *c, struct codec_in in, const char *path)
{
	struct errctx cx = {0};
	struct buf b;

	buf_init(&b, LIMIT_INPUT);
	if (file_read(path, &b, &cx) != E_OK)
		die(cx.text);
	in.text = buf_str(&b);
	measure_text(c, in, path);
	buf_release(&b);
}

int speed_main(const struct codec *c, enum content_kind kind, const struct speed_text *texts,
	size_t n, int argc, char **argv)
{
	static const size_t sizes[] = {1000, 100 * 1000, 10 * 1000 * 1000, 100 * 1000 * 1000};
	bool is_large = argc > 1 && strcmp(argv[1], "--large") == 0;
	int first = 1 + is_large;
	struct codec_in in = {.kind = kind, .query = STR("find what fails")};

	if (first + 1 < argc && strcmp(argv[first], "--keep") == 0) {
		in.keep = strtod(argv[first + 1], NULL);
		first += 2;
	}
	for (int i = first; i < argc; i++)
		measure_file(c, in, argv[i]);
	for (size_t i = 0; first == argc && i < ARRAY_N(sizes) - !is_large; i++)
		for (size_t k = 0; k < n; k++)
			measure_made(c, in, &texts[k], sizes[i]);
	return EXIT_SUCCESS;
}

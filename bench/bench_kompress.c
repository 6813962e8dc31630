/* bench_kompress: tokens a second of the model engine at the size of the Kompress models (ModernBERT-base: 22 layers of 768), with random weights, in windows
 * of 512 tokens. Numbers do not depend on what the weights are. With a model and what transformers makes of some texts with it, as
 * bench/kompress/full.py writes them: the greatest difference between the two, too.
 *
 *	bench_kompress [DIR] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/file.h"
#include "core/compress/model/encoder.h"
#include "core/compress/model/kompress.h"
#include "core/json/scan.h"

enum { WINDOW = 512, RUNS = 2, VOCAB = 50368, HIDDEN = 768, LAYERS = 22, INTERMEDIATE = 1152 };

static const char config[] =
	"{\"vocab_size\":50368,\"hidden_size\":768,\"num_hidden_layers\":22,\"num_attention_"
	"heads\":12,"
	"\"intermediate_size\":1152,\"local_attention\":128,\"global_attn_every_n_layers\":3}";

/* All tensors are places in these numbers. */
struct source {
	struct arena *a;
	float *v;
	size_t n, at;
	struct weights w;
};

static void add(struct source *s, str name, size_t rows, size_t cols)
{
	struct tensor *t = arena_new(s->a, struct tensor);

	if (s->at + rows * cols > s->n)
		s->at = 0;
	*t = (struct tensor){.type = NUMBER_F32,
		.dims = {rows, cols, 1},
		.rank = 2,
		.n = rows * cols,
		.data = {(const char *)(s->v + s->at), rows * cols * sizeof(float)}};
	s->at += t->n;
	*map_at(&s->w.tensors, name) = t;
}

static void add_all(struct source *s)
{
	add(s, STR("model.embeddings.tok_embeddings.weight"), VOCAB, HIDDEN);
	add(s, STR("model.embeddings.norm.weight"), HIDDEN, 1);
	for (int i = 0; i < LAYERS; i++) {
#define NAMED(x) arena_printf(s->a, "model.layers.%d." x ".weight", i)
		add(s, NAMED("attn_norm"), HIDDEN, 1);
		add(s, NAMED("mlp_norm"), HIDDEN, 1);
		add(s, NAMED("attn.Wqkv"), 3 * HIDDEN, HIDDEN);
		add(s, NAMED("attn.Wo"), HIDDEN, HIDDEN);
		add(s, NAMED("mlp.Wi"), 2 * INTERMEDIATE, HIDDEN);
		add(s, NAMED("mlp.Wo"), HIDDEN, INTERMEDIATE);
#undef NAMED
	}
	add(s, STR("model.final_norm.weight"), HIDDEN, 1);
	add(s, STR("head.dense.weight"), HIDDEN, HIDDEN);
	add(s, STR("head.norm.weight"), HIDDEN, 1);
	add(s, STR("classifier.weight"), 2, HIDDEN);
}

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

/* Of all threads: what a machine with other things to do does not change much. */
static double cpu_seconds(void)
{
	return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

static void measure(const struct encoder *e, unsigned threads, struct arena *a)
{
	struct matrix_lib lib = matrix_open(threads);
	float *space = arena_array(a, float, encoder_space(e, WINDOW)), keep[WINDOW];
	uint32_t ids[WINDOW];
	double start, cpu;

	for (uint32_t i = 0; i < WINDOW; i++)
		ids[i] = i * 97 % VOCAB;
	start = seconds();
	cpu = cpu_seconds();
	for (int i = 0; i < RUNS; i++)
		encoder_run(e, &lib, ids, WINDOW, space, keep);
	printf("%u thread(s) of %s: %.0f tokens/s, %.0f for a second of processor\n", threads,
		lib.name, RUNS * WINDOW / (seconds() - start),
		RUNS * WINDOW / (cpu_seconds() - cpu));
	matrix_close(&lib);
}

static int measure_random(void)
{
	struct arena a = ARENA_INIT;
	struct errctx cx = {0};
	struct source s = {.a = &a, .n = (size_t)VOCAB * HIDDEN};
	struct encoder *e;
	uint32_t x = 1;

	s.v = arena_array(&a, float, s.n);
	for (size_t i = 0; i < s.n; i++) {
		x = x * 1664525 + 1013904223;
		s.v[i] = (float)(x >> 8) / (float)(1 << 27) - 0.06f;
	}
	map_init(&s.w.tensors, &a);
	add_all(&s);
	if (encoder_read(STR(config), &s.w, &a, &e, &cx)) {
		(void)fprintf(stderr, "%s\n", cx.text);
		return EXIT_FAILURE;
	}
	measure(e, 1, &a);
	measure(e, 2, &a);
	arena_release(&a);
	return 0;
}

/* ---- a model in files ---- */

struct difference {
	size_t texts, tokens, other_ids;
	double greatest, sum;
	double seconds, cpu;
};

static double number_at(const struct json_tape *t, uint32_t array, size_t n)
{
	struct json_iter it = json_iter(t, array);
	double v = 0;

	while (json_next(&it))
		if (!n-- && json_f64(t, it.value, &v))
			return v;
	return NAN;
}

/* What the two make of a text: ids and shares of all tokens but the special ones at the ends. */
static void compare(const struct kompress *k, const struct json_tape *t, uint32_t row,
	struct arena *a, struct difference *d)
{
	uint32_t ids = json_member(t, row, "ids"), keep = json_member(t, row, "keep");
	struct kompress_text read;
	double start, cpu;
	str text;

	if (!json_string(t, json_member(t, row, "text"), a, &text))
		return;
	start = seconds();
	cpu = cpu_seconds();
	if (!kompress_read(k, text, a, &read))
		return;
	d->seconds += seconds() - start;
	d->cpu += cpu_seconds() - cpu;
	d->texts++;
	d->tokens += read.tokens.n;
	for (size_t i = 0; i < read.tokens.n; i++) {
		double by = fabs((double)read.keep[i] - number_at(t, keep, i + 1));

		d->other_ids += !(fabs(number_at(t, ids, i + 1) - read.tokens.v[i].id) < 0.5);
		d->greatest = by > d->greatest ? by : d->greatest;
		d->sum += by;
	}
}

static int measure_files(const char *dir, unsigned threads)
{
	struct arena a = ARENA_INIT;
	struct difference d = {0};
	struct errctx cx = {0};
	struct kompress *k;
	struct json_tape t;
	struct buf b;
	char path[4096];

	buf_init(&b, LIMIT_INPUT);
	(void)snprintf(path, sizeof path, "%s/golden.json", dir);
	if (arena_recover(&a) || kompress_open(dir, threads, &k, &cx) || file_read(path, &b, &cx) ||
		json_scan(&a, buf_str(&b), &t, &cx)) {
		(void)fprintf(stderr, "%s\n", cx.text);
		return EXIT_FAILURE;
	}
	for (struct json_iter it = json_iter(&t, 0); json_next(&it);)
		compare(k, &t, it.value, &a, &d);
	printf("%s: %zu texts, %zu tokens, %zu of them not those of transformers; shares differ by "
	       "%.2g at most, by %.2g at the mean; %.0f tokens/s, %.0f for a second of processor, "
	       "by %u thread(s) of %s\n",
		dir, d.texts, d.tokens, d.other_ids, d.greatest, d.sum / (double)d.tokens,
		(double)d.tokens / d.seconds, (double)d.tokens / d.cpu, threads, kompress_blas(k));
	kompress_close(k);
	buf_release(&b);
	arena_release(&a);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	return argc > 1 ? measure_files(argv[1], 1) || measure_files(argv[1], 2) : measure_random();
}

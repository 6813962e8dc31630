#include "core/compress/model/encoder.h"

#include <math.h>

#include "core/compress/model/shape.h"

struct linear {
	const float *weight; /* out rows of in */
	const float *bias;   /* NULL: none */
	size_t in, out;
};

struct norm {
	const float *weight; /* NULL: there is no norm */
	const float *bias;   /* NULL: none */
};

struct layer {
	struct norm attention_norm, mlp_norm; /* the first layer has none before attention */
	struct linear qkv, attention, in, out;
	double theta;
	bool is_local;
};

/* A convolution over tokens: for each place in it a matrix, one behind the other. */
struct convolution {
	struct linear *taps;
	size_t n;
};

struct encoder {
	struct shape shape;
	const float *embeddings;
	struct norm embeddings_norm, final_norm;
	struct layer *layers;
	bool is_dual;
	struct linear dense; /* of the usual head */
	struct norm head_norm;
	struct linear classifier; /* of either */
	struct convolution spans[2];
};

uint32_t encoder_vocab_n(const struct encoder *e)
{
	return (uint32_t)e->shape.vocab_n;
}

size_t encoder_window(const struct encoder *e)
{
	return e->shape.window;
}

/* ---- reading --------------------------------------------------------------------------------------- */

struct reader {
	const struct weights *w;
	struct arena *a;
	struct errctx *cx;
	const char *prefix; /* of all but the head */
};

/* Dims that are 0 may be any; those behind them are 1. *out is NULL when it may be absent and is. */
static enum err find(const struct reader *r, str name, const size_t dims[TENSOR_RANK_MAX],
	bool may_miss, const struct tensor **out)
{
	*out = weights_find(r->w, name);
	if (!*out && may_miss)
		return E_OK;
	if (!*out)
		FAIL(r->cx, E_MALFORMED, "there is no tensor " STR_FMT, STR_ARG(name));
	for (size_t i = 0; i < TENSOR_RANK_MAX; i++)
		if (dims[i] && (*out)->dims[i] != dims[i])
			FAIL(r->cx, E_MALFORMED,
				"tensor " STR_FMT
				": its shape is %zu x %zu x %zu; expected %zu x %zu x %zu",
				STR_ARG(name), (*out)->dims[0], (*out)->dims[1], (*out)->dims[2],
				dims[0], dims[1], dims[2]);
	return E_OK;
}

static enum err read_norm(const struct reader *r, str name, size_t n, struct norm *out)
{
	const size_t dims[] = {n, 1, 1};
	const struct tensor *weight, *bias;

	TRY(find(r, arena_printf(r->a, STR_FMT ".weight", STR_ARG(name)), dims, false, &weight));
	TRY(find(r, arena_printf(r->a, STR_FMT ".bias", STR_ARG(name)), dims, true, &bias));
	*out = (struct norm){tensor_floats(weight, r->a), bias ? tensor_floats(bias, r->a) : NULL};
	return E_OK;
}

static enum err read_linear(
	const struct reader *r, str name, size_t in, size_t n, struct linear *out)
{
	const size_t dims[] = {n, in, 1}, bias_dims[] = {n, 1, 1};
	const struct tensor *weight, *bias;

	TRY(find(r, arena_printf(r->a, STR_FMT ".weight", STR_ARG(name)), dims, false, &weight));
	TRY(find(r, arena_printf(r->a, STR_FMT ".bias", STR_ARG(name)), bias_dims, true, &bias));
	*out = (struct linear){
		tensor_floats(weight, r->a), bias ? tensor_floats(bias, r->a) : NULL, in, n};
	return E_OK;
}

/* The numbers of a convolution stand place by place last: they are put in order. */
static enum err read_convolution(
	const struct reader *r, const char *name, size_t in, struct convolution *out)
{
	const size_t dims[] = {0, in, 0};
	const struct tensor *weight, *bias;
	const float *from;

	TRY(find(r, arena_printf(r->a, "%s.weight", name), dims, false, &weight));
	out->n = weight->dims[2];
	if (weight->rank != 3 || out->n % 2 == 0)
		FAIL(r->cx, E_MALFORMED,
			"tensor %s.weight: no convolution of as many before as behind", name);
	TRY(find(r, arena_printf(r->a, "%s.bias", name), (const size_t[]){weight->dims[0], 1, 1},
		true, &bias));
	from = tensor_floats(weight, r->a);
	out->taps = arena_array(r->a, struct linear, out->n);
	for (size_t k = 0; k < out->n; k++) {
		float *to = arena_array(r->a, float, weight->dims[0] * in);

		for (size_t i = 0; i < weight->dims[0] * in; i++)
			to[i] = from[i * out->n + k];
		out->taps[k] = (struct linear){.weight = to, .in = in, .out = weight->dims[0]};
	}
	out->taps[out->n / 2].bias = bias ? tensor_floats(bias, r->a) : NULL;
	return E_OK;
}

static enum err read_layer(
	const struct reader *r, const struct shape *s, size_t i, struct layer *out)
{
	str name = arena_printf(r->a, "%slayers.%zu.", r->prefix, i);

#define NAMED(x) arena_printf(r->a, STR_FMT x, STR_ARG(name))
	if (i > 0)
		TRY(read_norm(r, NAMED("attn_norm"), s->hidden, &out->attention_norm));
	TRY(read_norm(r, NAMED("mlp_norm"), s->hidden, &out->mlp_norm));
	TRY(read_linear(r, NAMED("attn.Wqkv"), s->hidden, 3 * s->hidden, &out->qkv));
	TRY(read_linear(r, NAMED("attn.Wo"), s->hidden, s->hidden, &out->attention));
	TRY(read_linear(r, NAMED("mlp.Wi"), s->hidden, 2 * s->intermediate, &out->in));
	TRY(read_linear(r, NAMED("mlp.Wo"), s->intermediate, s->hidden, &out->out));
#undef NAMED
	out->is_local = i % s->global_every != 0;
	out->theta = out->is_local ? s->local_theta : s->global_theta;
	return E_OK;
}

static enum err read_head(const struct reader *r, struct encoder *e)
{
	size_t n = e->shape.hidden;

	e->is_dual = weights_find(r->w, STR("token_head.weight"));
	if (e->is_dual) {
		TRY(read_linear(r, STR("token_head"), n, 2, &e->classifier));
		TRY(read_convolution(r, "span_conv.0", n, &e->spans[0]));
		TRY(read_convolution(r, "span_conv.2", e->spans[0].taps[0].out, &e->spans[1]));
		if (e->spans[1].taps[0].out != 1)
			FAIL(r->cx, E_MALFORMED,
				"tensor span_conv.2.weight: expected one value for a token");
		return E_OK;
	}
	TRY(read_linear(r, STR("head.dense"), n, n, &e->dense));
	TRY(read_norm(r, STR("head.norm"), n, &e->head_norm));
	return read_linear(r, STR("classifier"), n, 2, &e->classifier);
}

enum err encoder_read(str config, const struct weights *w, struct arena *a, struct encoder **out,
	struct errctx *cx)
{
	struct encoder *e = arena_new(a, struct encoder);
	bool is_dual = weights_find(w, STR("encoder.final_norm.weight"));
	struct reader r = {w, a, cx, is_dual ? "encoder." : "model."};
	const struct tensor *embeddings;

	TRY(shape_read(config, a, &e->shape, cx));
	TRY(find(&r, arena_printf(a, "%sembeddings.tok_embeddings.weight", r.prefix),
		(const size_t[]){e->shape.vocab_n, e->shape.hidden, 1}, false, &embeddings));
	e->embeddings = tensor_floats(embeddings, a);
	TRY(read_norm(&r, arena_printf(a, "%sembeddings.norm", r.prefix), e->shape.hidden,
		&e->embeddings_norm));
	TRY(read_norm(
		&r, arena_printf(a, "%sfinal_norm", r.prefix), e->shape.hidden, &e->final_norm));
	e->layers = arena_array(a, struct layer, e->shape.layers_n);
	for (size_t i = 0; i < e->shape.layers_n; i++)
		TRY(read_layer(&r, &e->shape, i, &e->layers[i]));
	TRY(read_head(&r, e));
	*out = e;
	return E_OK;
}

/* ---- running ---------------------------------------------------------------------------------------- */

struct run {
	const struct encoder *e;
	const struct matrix_lib *lib;
	size_t n;      /* tokens */
	float *x;      /* n rows of hidden: what goes through the layers */
	float *normed; /* the same size */
	float *wide;   /* n rows of 3 * hidden or of 2 * intermediate */
	float *part;   /* n rows of hidden or intermediate */
	float *scores; /* n rows of n */
	float *turns;  /* n rows of the cosines, then the sines, of a head's half */
};

static void normalize(const struct run *r, const struct norm *norm, const float *from, float *to)
{
	size_t n = r->e->shape.hidden;

	for (size_t i = 0; i < r->n; i++, from += n, to += n) {
		double mean = 0, spread = 0;

		for (size_t k = 0; k < n; k++)
			mean += from[k];
		mean /= (double)n;
		for (size_t k = 0; k < n; k++)
			spread += (from[k] - mean) * (from[k] - mean);
		spread = 1 / sqrt(spread / (double)n + r->e->shape.norm_eps);
		for (size_t k = 0; k < n; k++)
			to[k] = (float)((from[k] - mean) * spread) * norm->weight[k] +
				(norm->bias ? norm->bias[k] : 0);
	}
}

/* to (rows of l->out) = from * l, or that is added. */
static void apply(
	const struct run *r, const struct linear *l, const float *from, float *to, bool is_added)
{
	matrix_multiply(r->lib, (struct matrix){from, r->n, l->in, l->in},
		(struct matrix){l->weight, l->out, l->in, l->in},
		(struct matrix_out){to, l->out, 1, true, is_added});
	for (size_t i = 0; i < r->n && l->bias; i++)
		for (size_t k = 0; k < l->out; k++)
			to[i * l->out + k] += l->bias[k];
}

static float gelu(float x)
{
	return 0.5f * x * (1 + erff(x * 0.70710678f));
}

/* Rotary positions (arXiv 2104.09864), halves of a head as pairs. */
static void set_turns(const struct run *r, double theta)
{
	size_t half = r->e->shape.head / 2;

	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < half; k++) {
			float turn = (float)i * (float)pow(theta, -(double)k / (double)half);

			r->turns[(2 * i) * half + k] = cosf(turn);
			r->turns[(2 * i + 1) * half + k] = sinf(turn);
		}
}

static void turn(const struct run *r, float *v, size_t step)
{
	size_t half = r->e->shape.head / 2;

	for (size_t i = 0; i < r->n; i++, v += step)
		for (size_t k = 0; k < half; k++) {
			float c = r->turns[(2 * i) * half + k],
			      s = r->turns[(2 * i + 1) * half + k];
			float x = v[k], y = v[k + half];

			v[k] = x * c - y * s;
			v[k + half] = y * c + x * s;
		}
}

/* The part of a row of scores that a token may look at becomes shares of 1, all else 0. */
static void soften(float *row, size_t n, size_t from, size_t to)
{
	float most = row[from], sum = 0;

	for (size_t k = from; k < to; k++)
		most = row[k] > most ? row[k] : most;
	for (size_t k = 0; k < n; k++) {
		row[k] = k >= from && k < to ? expf(row[k] - most) : 0;
		sum += row[k];
	}
	for (size_t k = from; k < to; k++)
		row[k] /= sum;
}

static void attend(const struct run *r, const struct layer *l, size_t head)
{
	const struct shape *s = &r->e->shape;
	size_t step = 3 * s->hidden, n = r->n, reach = l->is_local ? s->local / 2 : n;
	float *q = r->wide + head * s->head, *k = q + s->hidden, *v = k + s->hidden;

	turn(r, q, step);
	turn(r, k, step);
	matrix_multiply(r->lib, (struct matrix){q, n, s->head, step},
		(struct matrix){k, n, s->head, step},
		(struct matrix_out){r->scores, n, 1 / sqrtf((float)s->head), true, false});
	for (size_t i = 0; i < n; i++)
		soften(r->scores + i * n, n, i > reach ? i - reach : 0,
			i + reach + 1 < n ? i + reach + 1 : n);
	matrix_multiply(r->lib, (struct matrix){r->scores, n, n, n},
		(struct matrix){v, n, s->head, step},
		(struct matrix_out){r->part + head * s->head, s->hidden, 1, false, false});
}

static void run_layer(const struct run *r, const struct layer *l)
{
	const struct shape *s = &r->e->shape;
	const float *in = r->x;

	if (l->attention_norm.weight) {
		normalize(r, &l->attention_norm, r->x, r->normed);
		in = r->normed;
	}
	apply(r, &l->qkv, in, r->wide, false);
	set_turns(r, l->theta);
	for (size_t i = 0; i < s->hidden / s->head; i++)
		attend(r, l, i);
	apply(r, &l->attention, r->part, r->x, true);
	normalize(r, &l->mlp_norm, r->x, r->normed);
	apply(r, &l->in, r->normed, r->wide, false);
	for (size_t i = 0; i < r->n; i++) {
		const float *row = r->wide + i * 2 * s->intermediate;

		for (size_t k = 0; k < s->intermediate; k++)
			r->part[i * s->intermediate + k] = gelu(row[k]) * row[s->intermediate + k];
	}
	apply(r, &l->out, r->part, r->x, true);
}

/* to: rows of the convolution's width. */
static void convolve(const struct run *r, const struct convolution *c, const float *from, float *to)
{
	size_t out = c->taps[0].out;

	memset(to, 0, r->n * out * sizeof *to);
	for (size_t k = 0; k < c->n; k++) {
		/* token i takes what is k - n / 2 behind it */
		size_t before = k < c->n / 2 ? c->n / 2 - k : 0,
		       behind = k > c->n / 2 ? k - c->n / 2 : 0;
		struct run part = *r;

		if (before + behind >= r->n)
			continue;
		part.n = r->n - before - behind;
		apply(&part, &c->taps[k], from + behind * c->taps[k].in, to + before * out, true);
	}
}

static void run_head(const struct run *r, float *keep)
{
	const struct encoder *e = r->e;
	float *two = r->wide;

	if (e->is_dual) {
		apply(r, &e->classifier, r->normed, two, false);
		convolve(r, &e->spans[0], r->normed, r->part);
		for (size_t i = 0; i < r->n * e->spans[0].taps[0].out; i++)
			r->part[i] = gelu(r->part[i]);
		convolve(r, &e->spans[1], r->part, r->scores);
	} else {
		apply(r, &e->dense, r->normed, r->part, false);
		for (size_t i = 0; i < r->n * e->shape.hidden; i++)
			r->part[i] = gelu(r->part[i]);
		normalize(r, &e->head_norm, r->part, r->x);
		apply(r, &e->classifier, r->x, two, false);
	}
	for (size_t i = 0; i < r->n; i++) {
		keep[i] = 1 / (1 + expf(two[2 * i] - two[2 * i + 1]));
		if (e->is_dual)
			keep[i] *= 0.5f + 0.5f / (1 + expf(-r->scores[i]));
	}
}

static size_t larger(size_t x, size_t y)
{
	return x > y ? x : y;
}

/* Floats of each row of wide, and of part. */
static size_t wide_n(const struct encoder *e)
{
	return larger(3 * e->shape.hidden, 2 * e->shape.intermediate);
}

static size_t part_n(const struct encoder *e)
{
	size_t spans = e->is_dual ? e->spans[0].taps[0].out : 0;

	return larger(larger(e->shape.hidden, e->shape.intermediate), spans);
}

size_t encoder_space(const struct encoder *e, size_t n)
{
	return n * (2 * e->shape.hidden + wide_n(e) + part_n(e) + n + e->shape.head);
}

static float *take(float **space, size_t n)
{
	float *p = *space;

	*space += n;
	return p;
}

void encoder_run(const struct encoder *e, const struct matrix_lib *l, const uint32_t *ids, size_t n,
	float *space, float *keep)
{
	const struct shape *s = &e->shape;
	struct run r = {.e = e, .lib = l, .n = n};

	r.x = take(&space, n * s->hidden);
	r.normed = take(&space, n * s->hidden);
	r.wide = take(&space, n * wide_n(e));
	r.part = take(&space, n * part_n(e));
	r.scores = take(&space, n * n);
	r.turns = take(&space, n * s->head);
	for (size_t i = 0; i < n; i++)
		memcpy(r.normed + i * s->hidden, e->embeddings + ids[i] * s->hidden,
			s->hidden * sizeof *r.x);
	normalize(&r, &e->embeddings_norm, r.normed, r.x);
	for (size_t i = 0; i < s->layers_n; i++)
		run_layer(&r, &e->layers[i]);
	normalize(&r, &e->final_norm, r.x, r.normed);
	run_head(&r, keep);
}

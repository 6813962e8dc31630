#include "core/memory/ivf.h"

#include <math.h>

#include "core/base/mem.h"

enum {
	/* Fewer lists are looked at one by one. */
	GROUPED = 64,
	/* Groups that are looked into: with fewer a vector is often put into a list that is not its nearest. */
	GROUPS_LOOKED = 6,
	ENDED_EACH = 4096, /* vectors between two looks whether to give up */
};

size_t ivf_lists_for(size_t n)
{
	size_t lists = (size_t)sqrt((double)n);

	return lists < 1 ? 1 : lists > IVF_LISTS_MAX ? IVF_LISTS_MAX : lists;
}

void ivf_free(struct ivf *x)
{
	mem_free(x->centroids);
	mem_free(x->group_centroids);
	mem_free(x->members);
	mem_free(x->starts);
	*x = (struct ivf){.dims = 0};
}

/* ---- which is nearest ---------------------------------------------------------------------------------------- */

static str row(const char *rows, size_t dims, size_t i)
{
	return (str){rows + i * VECTOR_BYTES(dims), VECTOR_BYTES(dims)};
}

/* Puts i in its place among the n best, which are had of them now. */
struct best {
	uint32_t *i;
	float *cosine;
	size_t n, had;
};

static void consider(struct best *b, uint32_t i, float cosine)
{
	size_t at;

	if (b->had == b->n && cosine <= b->cosine[b->n - 1])
		return;
	b->had += b->had < b->n;
	for (at = b->had - 1; at > 0 && cosine > b->cosine[at - 1]; at--) {
		b->i[at] = b->i[at - 1];
		b->cosine[at] = b->cosine[at - 1];
	}
	b->i[at] = i;
	b->cosine[at] = cosine;
}

static void consider_all(struct best *b, const char *rows, size_t dims, size_t n, str vector)
{
	for (size_t i = 0; i < n; i++)
		consider(b, (uint32_t)i, vector_cosine(row(rows, dims, i), vector));
}

size_t ivf_nearest(const struct ivf *x, str vector, size_t n, uint32_t *out)
{
	float cosine[IVF_PROBES_MAX];
	struct best b = {out, cosine, n < IVF_PROBES_MAX ? n : IVF_PROBES_MAX, 0};

	if (b.n && vector.n == VECTOR_BYTES(x->dims))
		consider_all(&b, x->centroids, x->dims, x->lists, vector);
	return b.had;
}

uint32_t ivf_list_of(const struct ivf *x, str vector)
{
	uint32_t list = 0, groups[GROUPS_LOOKED];
	float cosine = -2, group_cosine[GROUPS_LOOKED];
	struct best b = {&list, &cosine, 1, 0}, g = {groups, group_cosine, GROUPS_LOOKED, 0};

	if (!x->groups) {
		consider_all(&b, x->centroids, x->dims, x->lists, vector);
		return list;
	}
	consider_all(&g, x->group_centroids, x->dims, x->groups, vector);
	for (size_t k = 0; k < g.had; k++)
		for (uint32_t m = x->starts[groups[k]]; m < x->starts[groups[k] + 1]; m++)
			consider(&b, x->members[m],
				vector_cosine(row(x->centroids, x->dims, x->members[m]), vector));
	return list;
}

/* ---- k-means --------------------------------------------------------------------------------------------------- */

/* Some vectors of a set, or centroids themselves. */
struct sample {
	const char *rows;
	const uint32_t *i; /* which; NULL: the first n */
	size_t n, dims;
	ivf_end_fn *is_ended;
	void *self;
};

static str sampled(const struct sample *s, size_t k)
{
	return row(s->rows, s->dims, s->i ? s->i[k] : k);
}

/* Adds the vector as one of length 1. */
static void add_to(float *sum, str vector, size_t dims)
{
	float factor;

	memcpy(&factor, vector.p + dims, sizeof factor);
	for (size_t d = 0; d < dims; d++)
		sum[d] += (float)(int8_t)vector.p[d] * factor;
}

/* Each vector to its list, and each list to the middle of its vectors; one without stays where it is. */
static enum err move_once(const struct sample *s, struct ivf *x, float *sums)
{
	memset(sums, 0, x->lists * x->dims * sizeof *sums);
	for (size_t k = 0; k < s->n; k++) {
		if (k % ENDED_EACH == 0 && s->is_ended && s->is_ended(s->self))
			return E_BUSY;
		add_to(sums + ivf_list_of(x, sampled(s, k)) * x->dims, sampled(s, k), x->dims);
	}
	for (size_t l = 0; l < x->lists; l++) {
		char centroid[VECTOR_BYTES(VECTOR_DIMS_MAX)];

		if (vector_put(sums + l * x->dims, x->dims, centroid))
			memcpy(x->centroids + l * VECTOR_BYTES(x->dims), centroid,
				VECTOR_BYTES(x->dims));
	}
	return E_OK;
}

/* Makes x with lists that begin as vectors from all over; *sums: for move_once, to be freed also when it failed. */
static enum err start(const struct sample *s, size_t lists, struct ivf *x, float **sums)
{
	*sums = mem_alloc(lists * s->dims * sizeof **sums);
	*x = (struct ivf){.dims = s->dims, .lists = lists};
	x->centroids = mem_alloc(lists * VECTOR_BYTES(s->dims));
	if (!*sums || !x->centroids)
		return E_NOMEM;
	for (size_t l = 0; l < lists; l++) {
		size_t from = l * s->n / lists, step = s->n / lists;
		/* Scattered, for what comes may have a rhythm. */
		str v = sampled(s, from + (step ? l * 2654435761U % step : 0));

		memcpy(x->centroids + l * v.n, v.p, v.n);
	}
	return E_OK;
}

/* Lists without groups. */
static enum err cluster_few(const struct sample *s, size_t lists, struct ivf *x)
{
	float *sums;
	enum err e = start(s, lists, x, &sums);

	for (unsigned round = 0; round < IVF_ROUNDS && !e; round++)
		e = move_once(s, x, sums);
	mem_free(sums);
	return e;
}

/* ---- groups ---------------------------------------------------------------------------------------------------- */

/* Whose list is in which group: of them, sorted. */
static enum err sort_members(struct ivf *x, const struct ivf *groups)
{
	uint32_t *of = mem_alloc(x->lists * sizeof *of);

	x->members = mem_alloc(x->lists * sizeof *x->members);
	x->starts = mem_zalloc((groups->lists + 2) * sizeof *x->starts);
	if (!of || !x->members || !x->starts) {
		mem_free(of);
		return E_NOMEM;
	}
	for (size_t l = 0; l < x->lists; l++) {
		of[l] = ivf_list_of(groups, row(x->centroids, x->dims, l));
		x->starts[of[l] + 2]++;
	}
	for (size_t g = 2; g < groups->lists + 2; g++)
		x->starts[g] += x->starts[g - 1];
	for (uint32_t l = 0; l < x->lists; l++)
		x->members[x->starts[of[l] + 1]++] = l;
	mem_free(of);
	return E_OK;
}

static enum err find_groups(struct ivf *x)
{
	struct sample s = {.rows = x->centroids, .n = x->lists, .dims = x->dims};
	struct ivf groups;
	enum err e;

	mem_free(x->group_centroids);
	mem_free(x->members);
	mem_free(x->starts);
	x->group_centroids = NULL;
	x->members = x->starts = NULL;
	x->groups = 0;
	if (x->lists <= GROUPED)
		return E_OK;
	e = cluster_few(&s, ivf_lists_for(x->lists), &groups);
	e = e ? e : sort_members(x, &groups);
	if (!e) {
		x->group_centroids = groups.centroids;
		x->groups = groups.lists;
		groups.centroids = NULL;
	}
	ivf_free(&groups);
	return e;
}

static enum err cluster(const struct sample *s, size_t lists, struct ivf *x)
{
	float *sums;
	enum err e = start(s, lists, x, &sums);

	e = e ? e : find_groups(x);
	for (unsigned round = 0; round < IVF_ROUNDS && !e; round++) {
		e = move_once(s, x, sums);
		e = e ? e : find_groups(x);
	}
	mem_free(sums);
	return e;
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

static enum err take_sample(const struct near_set *s, size_t n, struct sample *out, uint32_t **i)
{
	size_t step = s->n / (n ? n : 1);

	*i = mem_alloc((n + 1) * sizeof **i);
	if (!*i)
		return E_NOMEM;
	step = step ? step : 1;
	*out = (struct sample){.rows = s->rows, .i = *i, .dims = s->dims};
	for (size_t k = 0; k < s->n && out->n < n; k += step)
		if (near_has(s, s->first + k))
			(*i)[out->n++] = (uint32_t)k;
	return E_OK;
}

static enum err put_in_lists(const struct near_set *s, const struct ivf *x, ivf_end_fn *is_ended,
	void *self, uint32_t *of)
{
	for (size_t k = 0; k < s->n; k++) {
		if (k % ENDED_EACH == 0 && is_ended && is_ended(self))
			return E_BUSY;
		of[k] = near_has(s, s->first + k) ? ivf_list_of(x, row(s->rows, s->dims, k))
						  : IVF_NONE;
	}
	return E_OK;
}

enum err ivf_make(const struct near_set *s, size_t lists, ivf_end_fn *is_ended, void *self,
	struct ivf *out, uint32_t *of)
{
	struct sample sample;
	uint32_t *i = NULL;
	enum err e;

	*out = (struct ivf){.dims = s->dims};
	if (!s->dims || !lists)
		return E_MALFORMED;
	e = take_sample(s, lists * IVF_SAMPLE, &sample, &i);
	sample.is_ended = is_ended;
	sample.self = self;
	if (!e)
		e = sample.n ? cluster(&sample, lists, out) : E_MALFORMED;
	e = e ? e : put_in_lists(s, out, is_ended, self, of);
	mem_free(i);
	if (e)
		ivf_free(out);
	return e;
}

enum err ivf_read(str centroids, size_t dims, struct ivf *out)
{
	size_t bytes = VECTOR_BYTES(dims);

	*out = (struct ivf){.dims = dims};
	if (!dims || !centroids.n || centroids.n % bytes)
		return E_MALFORMED;
	out->centroids = mem_alloc(centroids.n);
	if (!out->centroids)
		return E_NOMEM;
	memcpy(out->centroids, centroids.p, centroids.n);
	out->lists = centroids.n / bytes;
	return E_OK;
}

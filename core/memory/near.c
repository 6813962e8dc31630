#include "core/memory/near.h"

#include <math.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>

#include "core/base/attr.h"
#include "core/base/mem.h"

#if HR_X86
#include <immintrin.h>
#endif

/* What rounding may have taken from a bound. */
#define ROUNDING 1e-4f

void near_free(struct near_set *s)
{
	mem_free(s->rows);
	mem_free(s->heads);
	s->rows = NULL;
	s->heads = NULL;
	s->n = s->cap = 0;
}

static struct near_head head_of(str vector, size_t dims)
{
	struct near_head h = {.factor = 0};
	size_t n = dims < NEAR_HEAD ? dims : NEAR_HEAD;
	const int8_t *v = (const int8_t *)vector.p;
	int64_t rest = 0;

	memcpy(h.v, v, n);
	memcpy(&h.factor, vector.p + dims, sizeof h.factor);
	for (size_t i = n; i < dims; i++)
		rest += v[i] * v[i];
	h.rest = sqrtf((float)rest) * h.factor;
	return h;
}

/* More bytes for what is at *p; false: out of memory. */
static bool make_longer(const struct near_set *s, void *at, size_t had, size_t bytes)
{
	void **p = at, *longer;

	if (s->arena) {
		longer = arena_alloc(s->arena, bytes, alignof(max_align_t));
		if (had)
			memcpy(longer, *p, had);
	} else {
		longer = mem_realloc(*p, bytes);
	}
	if (longer)
		*p = longer;
	return longer != NULL;
}

static bool has_room(struct near_set *s)
{
	size_t cap = s->cap ? s->cap * 2 : 64, bytes = VECTOR_BYTES(s->dims);

	if (s->n < s->cap)
		return true;
	if (!make_longer(s, &s->rows, s->n * bytes, cap * bytes) ||
		!make_longer(s, &s->heads, s->n * sizeof *s->heads, cap * sizeof *s->heads))
		return false;
	s->cap = cap;
	return true;
}

bool near_put(struct near_set *s, size_t i, str vector)
{
	size_t bytes = VECTOR_BYTES(s->dims);

	if (i < s->first)
		return true;
	i -= s->first;
	if (i == s->n && !has_room(s))
		return false;
	s->n += i == s->n;
	if (vector.n == bytes) {
		memcpy(s->rows + i * bytes, vector.p, bytes);
		s->heads[i] = head_of(vector, s->dims);
	} else {
		memset(s->rows + i * bytes, 0, bytes);
		s->heads[i] = (struct near_head){.factor = 0};
	}
	return true;
}

bool near_has(const struct near_set *s, size_t i)
{
	return i >= s->first && i - s->first < s->n && s->heads[i - s->first].factor > 0;
}

float near_usual(const struct near_set *s, str vector)
{
	enum { SAMPLE = 512, SAMPLE_MIN = 16 };
	size_t bytes = VECTOR_BYTES(s->dims), step = s->n / SAMPLE + 1, n = 0;
	float sum = 0, squares = 0, mean;

	if (vector.n != bytes)
		return 1;
	for (size_t i = 0; i < s->n; i += step) {
		bool has = s->heads[i].factor > 0;
		float c = has ? vector_cosine((str){s->rows + i * bytes, bytes}, vector) : 0;

		n += has;
		sum += c;
		squares += c * c;
	}
	if (n < SAMPLE_MIN)
		return 1;
	mean = sum / (float)n;
	return fminf(mean + 2 * sqrtf(fmaxf(squares / (float)n - mean * mean, 0)), 1);
}

/* ---- the best ---------------------------------------------------------------------------------------------- */

struct near_finding {
	const struct near_set *s;
	const struct near_query *q;
	struct near_head asked;
	float least; /* of a cosine that may still count */
	struct near *out;
	size_t n;
};

static bool is_nearer(const struct near_finding *f, const struct near *a, const struct near *b)
{
	if (a->cosine < b->cosine || a->cosine > b->cosine)
		return a->cosine > b->cosine;
	return f->q->is_first(f->q->self, a->i, b->i);
}

static bool is_asked(const struct near_finding *f, uint32_t i)
{
	return f->q->counts[i] && !(f->q->except && near_has(f->q->except, i));
}

/* Whether i is asked about is looked up behind its cosine: that stands somewhere else for each. */
static bool may_take(const struct near_finding *f, const struct near *one)
{
	const struct near *last = &f->out[NEAR_MAX - 1];

	if (one->cosine <= f->q->min || (f->n == NEAR_MAX && one->cosine < last->cosine))
		return false;
	return is_asked(f, one->i) && (f->n < NEAR_MAX || is_nearer(f, one, last));
}

static void take(struct near_finding *f, const struct near *one)
{
	size_t at;

	f->n += f->n < NEAR_MAX;
	for (at = f->n - 1; at > 0 && is_nearer(f, one, &f->out[at - 1]); at--)
		f->out[at] = f->out[at - 1];
	f->out[at] = *one;
	if (f->n == NEAR_MAX)
		f->least = f->out[f->n - 1].cosine - ROUNDING;
}

static bool may_count(const struct near_finding *f, const struct near_head *h, int32_t dot)
{
	return (float)dot * h->factor * f->asked.factor + h->rest * f->asked.rest >= f->least;
}

/* Row k of the set. */
static void look(struct near_finding *f, size_t k)
{
	size_t bytes = VECTOR_BYTES(f->s->dims);
	struct near one = {(uint32_t)(f->s->first + k),
		vector_cosine((str){f->s->rows + k * bytes, bytes}, f->q->vector)};

	if (may_take(f, &one))
		take(f, &one);
}

void near_offer(struct near_finding *f, uint32_t i, str vector)
{
	struct near one = {i, vector_cosine(vector, f->q->vector)};

	if (!may_take(f, &one))
		return;
	for (size_t k = 0; k < f->n; k++)
		if (f->out[k].i == i)
			return;
	take(f, &one);
}

static void find_plain(struct near_finding *f)
{
	for (size_t k = 0; k < f->s->n; k++) {
		const struct near_head *h = &f->s->heads[k];

		if (may_count(f, h, vector_dot_plain(h->v, f->asked.v, NEAR_HEAD)))
			look(f, k);
	}
}

#if HR_X86
__attribute__((target("avx2"))) static inline __m256i wide(const int8_t *v)
{
	__m128i bytes;

	memcpy(&bytes, v, sizeof bytes);
	return _mm256_cvtepi8_epi16(bytes);
}

__attribute__((target("avx2"))) static void find_avx2(struct near_finding *f)
{
	const struct near_set *s = f->s;
	__m256i asked[NEAR_HEAD / 16];

	for (size_t k = 0; k < NEAR_HEAD / 16; k++)
		asked[k] = wide(f->asked.v + k * 16);
	for (size_t k = 0; k < s->n; k++) {
		const struct near_head *h = &s->heads[k];
		__m256i sum = _mm256_madd_epi16(wide(h->v), asked[0]);
		__m128i half;

		for (size_t d = 1; d < NEAR_HEAD / 16; d++)
			sum = _mm256_add_epi32(
				sum, _mm256_madd_epi16(wide(h->v + d * 16), asked[d]));
		half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
		half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
		half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
		if (may_count(f, h, _mm_cvtsi128_si32(half)))
			look(f, k);
	}
}
#endif

size_t near_find(const struct near_set *s, const struct near_query *q, struct near out[NEAR_MAX])
{
	struct near_finding f = {.s = s, .q = q, .out = out, .least = q->min - ROUNDING};

	if (q->vector.n != VECTOR_BYTES(s->dims))
		return 0;
	f.asked = head_of(q->vector, s->dims);
	if (s->rest)
		s->rest(s->self, q, &f);
#if HR_X86
	if (__builtin_cpu_supports("avx2")) {
		find_avx2(&f);
		return f.n;
	}
#endif
	find_plain(&f);
	return f.n;
}

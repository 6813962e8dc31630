/* What endpoints answer with vectors is read as what it says or refused, and what is near is what a look at each would find. */
#include <math.h>

#include "core/memory/embedder.h"
#include "core/memory/finder.h"
#include "core/memory/near.h"
#include "core/store/memory_far.h"
#include "tests/unit/memory_help.h"
#include "tests/unit/random_text.h"
#include "tests/unit/seeds.h"

/* ---- answers ---------------------------------------------------------------------------------------------- */

static enum err read_answer(const char *body, size_t n, struct arena *a, str *vectors)
{
	struct errctx cx = {0};
	enum err e = embedder_read(str_from(body), n, a, vectors, &cx);

	assert_true(!e || cx.text[0]);
	return e;
}

static void answers_are_put_in_order(void **state)
{
	struct arena a = ARENA_INIT;
	str v[2];

	(void)state;
	assert_int_equal(
		read_answer("{\"object\":\"list\",\"data\":[{\"index\":1,\"embedding\":[0,2]},"
			    "{\"index\":0,\"embedding\":[-3.5,0]}],\"model\":\"m\"}",
			2, &a, v),
		E_OK);
	assert_int_equal(vector_dims(v[0]), 2);
	assert_int_equal(v[0].p[0], -127);
	assert_int_equal(v[1].p[1], 127);
	/* without an index they are in the order of the texts */
	assert_int_equal(
		read_answer("{\"data\":[{\"embedding\":[1,0]},{\"embedding\":[0,1]}]}", 2, &a, v),
		E_OK);
	assert_int_equal(v[1].p[1], 127);
	/* no direction, but an answer */
	assert_int_equal(read_answer("{\"data\":[{\"embedding\":[0,0]}]}", 1, &a, v), E_OK);
	assert_int_equal(v[0].n, 0);
	/* 1.0 and -1.0, little-endian, with and without padding */
	assert_int_equal(read_answer("{\"data\":[{\"embedding\":\"AACAPwAAgL8=\"},"
				     "{\"embedding\":\"AACAPwAAgL8\"}]}",
				 2, &a, v),
		E_OK);
	assert_int_equal(vector_dims(v[1]), 2);
	assert_int_equal(v[1].p[1], -127);
	arena_release(&a);
}

static void nonsense_is_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "{}", "{\"data\":3}", "{\"data\":[]}",
		"{\"data\":[{\"embedding\":[1]}]}", /* one for two */
		"{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]},{\"embedding\":[1]}]}",
		"{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[1]}]}",
		"{\"data\":[{\"embedding\":[1]},{\"embedding\":[]}]}",
		"{\"data\":[{\"embedding\":[1]},{\"embedding\":[null]}]}",
		"{\"data\":[{\"embedding\":[1]},{\"embedding\":[1e300]}]}",
		"{\"data\":[{\"embedding\":[1]},{\"embedding\":[\"1\"]}]}",
		"{\"data\":[{\"embedding\":[1]},{}]}", "{\"data\":[{\"embedding\":[1]},7]}",
		"{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
		"{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":2,\"embedding\":[1]}]}",
		"{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":-1,\"embedding\":[1]}]}",
		/* base64 of half a number, of letters that are none, and of NaN */
		"{\"data\":[{\"embedding\":\"AACAPw==\"},{\"embedding\":\"AACA\"}]}",
		"{\"data\":[{\"embedding\":\"AACAPw==\"},{\"embedding\":\"AAC*Pw==\"}]}",
		"{\"data\":[{\"embedding\":\"AACAPw==\"},{\"embedding\":\"AADAfw==\"}]}"};
	struct arena a = ARENA_INIT;
	str v[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_N(bad); i++)
		if (read_answer(bad[i], 2, &a, v) != E_MALFORMED)
			fail_msg("not refused: %s", bad[i]);
	arena_release(&a);
}

static void requests_say_what_is_read(void **state)
{
	static const char want[] = "{\"model\":\"m\",\"encoding_format\":\"float\","
				   "\"input\":[\"a \\\"b\\\"\",\" .\"]}";
	str texts[] = {STR("a \"b\""), STR("  ")};
	char text[256];
	struct buf b = {.p = text, .cap = sizeof text, .max = sizeof text};

	(void)state;
	embedder_write(STR("m"), texts, 2, &b);
	assert_true(str_eq_c(buf_str(&b), want));
}

/* ---- what is near ------------------------------------------------------------------------------------------ */

static bool is_less(const void *self, uint32_t a, uint32_t b)
{
	(void)self;
	return a < b;
}

static void random_vector(struct rng *r, size_t dims, size_t steep, char *out)
{
	float v[VECTOR_DIMS_MAX];

	for (size_t i = 0; i < dims; i++) /* the first ones vary most, or all alike */
		v[i] = ((float)rng_below(r, 2001) - 1000) / (1 + (float)(i * steep) / 16);
	v[0] += 0.5f; /* not all 0 */
	assert_true(vector_put(v, dims, out));
}

static size_t near_plainly(const struct near_set *s, const struct near_query *q, struct near *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		size_t bytes = VECTOR_BYTES(s->dims), at;
		struct near one = {i, vector_cosine((str){s->rows + i * bytes, bytes}, q->vector)};

		if (!q->counts[i] || one.cosine <= q->min || (q->except && near_has(q->except, i)))
			continue;
		for (at = n; at > 0 && out[at - 1].cosine < one.cosine; at--)
			if (at < NEAR_MAX)
				out[at] = out[at - 1];
		if (at < NEAR_MAX)
			out[at] = one;
		n += n < NEAR_MAX;
	}
	return n;
}

static void check_near(uint64_t seed)
{
	enum { MOST = 400, DIMS_MOST = 200 };
	struct rng r = rng_new(seed);
	struct near_set s = {.dims = 1 + rng_below(&r, DIMS_MOST)}, other = {.dims = s.dims};
	size_t n = rng_below(&r, MOST), steep = rng_below(&r, 3);
	uint32_t counts[MOST + 1];
	char vector[VECTOR_BYTES(DIMS_MOST)];
	str v = {vector, VECTOR_BYTES(s.dims)};
	struct near got[NEAR_MAX], want[NEAR_MAX];
	struct near_query q = {.vector = v,
		.min = (float)rng_below(&r, 10) / 20,
		.counts = counts,
		.is_first = is_less,
		.except = rng_once_in(&r, 2) ? &other : NULL};
	size_t got_n, want_n;

	for (size_t i = 0; i < n; i++) {
		random_vector(&r, s.dims, steep, vector);
		assert_true(near_put(&s, i, rng_once_in(&r, 9) ? STR_NULL : v));
		assert_true(near_put(&other, i, rng_once_in(&r, 4) ? v : STR_NULL));
		counts[i] = rng_below(&r, 5);
	}
	random_vector(&r, s.dims, steep, vector);
	if (n) /* one that was there changes */
		assert_true(near_put(&s, rng_below(&r, (uint32_t)n), v));
	got_n = near_find(&s, &q, got);
	want_n = near_plainly(&s, &q, want);
	assert_int_equal(got_n, want_n);
	for (size_t i = 0; i < got_n; i++)
		if (got[i].i != want[i].i)
			fail_msg("seed %llu: number %zu", (unsigned long long)seed, i);
	near_free(&s);
	near_free(&other);
}

static void the_nearest_are_those_that_all_would_tell(void **state)
{
	uint64_t seeds = seeds_or(100);

	(void)state;
	for (uint64_t seed = 1; seed <= seeds; seed++)
		check_near(seed);
}

/* What is usual follows from the vectors, whatever two texts of a model have in common. */
static void usual_is_what_most_have(void **state)
{
	struct near_set s = {.dims = 8};
	struct rng r = rng_new(7);
	char vector[VECTOR_BYTES(8)];
	float v[8];

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		for (size_t k = 0; k < 8; k++)
			v[k] = 3 + (float)rng_below(&r, 100) / 100;
		assert_true(vector_put(v, 8, vector));
		assert_true(near_usual(&s, (str){vector, sizeof vector}) >= (i < 16 ? 1 : 0.9f));
		assert_true(near_put(&s, i, (str){vector, sizeof vector}));
	}
	assert_true(near_usual(&s, (str){vector, sizeof vector}) < 1);
	assert_true(near_usual(&s, STR("abc")) >= 1);
	near_free(&s);
}

/* ---- of a store -------------------------------------------------------------------------------------------- */

struct asked {
	size_t requests_n, texts_n;
	bool fails;
};

static enum err answer(void *self, const str *texts, size_t n, int64_t timeout_ms, struct arena *a,
	str *vectors, struct errctx *cx)
{
	struct asked *asked = self;
	float v[4] = {1};

	assert_true(n > 0 && n <= EMBEDDER_BATCH && timeout_ms > 0);
	if (asked->fails)
		FAIL(cx, E_UNAVAILABLE, "not now");
	asked->requests_n++;
	asked->texts_n += n;
	for (size_t i = 0; i < n; i++) {
		char *out = arena_alloc(a, VECTOR_BYTES(4), 1);

		v[1] = (float)texts[i].n;
		vectors[i] = (str){out, vector_put(v, 4, out) ? VECTOR_BYTES(4) : 0};
	}
	return E_OK;
}

static void add(struct memory_store *s, const char *text)
{
	struct memory m = memory_blank();
	struct memory_added added;
	struct errctx cx = {0};

	m.text[MEMORY_USER] = STR("ann");
	m.text[MEMORY_CONTENT] = str_from(text);
	assert_int_equal(memory_add(s, &m, &added, &cx), E_OK);
	assert_int_equal(memory_index_store(s, &cx), E_OK);
}

static size_t fill(struct memory_store *s, struct embedder e, const char *name, enum err want)
{
	struct errctx cx = {0};
	size_t n;

	e.name = str_from(name);
	assert_int_equal(embedder_fill(s, &e, 1000, NULL, NULL, &n, &cx), want);
	return n;
}

static void count_vector(void *self, int64_t number, str vector)
{
	(void)number;
	assert_int_equal(vector_dims(vector), 4);
	++*(size_t *)self;
}

static size_t vectors_of(struct memory_store *s, const char *name)
{
	struct errctx cx = {0};
	size_t n = 0;

	assert_int_equal(memory_far_read(s, 0, str_from(name), count_vector, &n, &cx), E_OK);
	return n;
}

static void each_memory_is_asked_about_once(void **state)
{
	struct asked asked = {.fails = true};
	struct embedder e = {.ask = answer, .self = &asked};
	struct memory_store *s = NULL;
	struct errctx cx = {0};
	struct temp temp;
	char text[32];

	(void)state;
	temp_make(&temp, "memory.db");
	assert_int_equal(memory_store_open(temp.path, MEMORY_WRITE, &test_clock, &s, &cx), E_OK);
	assert_false(memory_far_is_there(s));
	for (int i = 0; i < 2 * EMBEDDER_BATCH + 3; i++) {
		(void)snprintf(text, sizeof text, "fact %d", i);
		add(s, text);
	}
	assert_int_equal(fill(s, e, "m1", E_UNAVAILABLE), 0);
	asked.fails = false;
	assert_int_equal(fill(s, e, "m1", E_OK), 2 * EMBEDDER_BATCH + 3);
	assert_int_equal(asked.requests_n, 3);
	assert_int_equal(fill(s, e, "m1", E_OK), 0);
	add(s, "another fact");
	assert_int_equal(fill(s, e, "m1", E_OK), 1);
	assert_int_equal(vectors_of(s, "m1"), 2 * EMBEDDER_BATCH + 4);
	/* another model: all anew */
	assert_int_equal(fill(s, e, "m2", E_OK), 2 * EMBEDDER_BATCH + 4);
	assert_int_equal(vectors_of(s, "m1"), 0);
	/* what is forgotten for good leaves no vector */
	{
		int64_t n;

		assert_int_equal(memory_erase_all(s, &n, &cx), E_OK);
		assert_int_equal(memory_index_store(s, &cx), E_OK);
		assert_int_equal(vectors_of(s, "m2"), 0);
	}
	memory_store_close(s);
	temp_remove(&temp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_put_in_order),
		cmocka_unit_test(nonsense_is_refused), cmocka_unit_test(requests_say_what_is_read),
		cmocka_unit_test(the_nearest_are_those_that_all_would_tell),
		cmocka_unit_test(usual_is_what_most_have),
		cmocka_unit_test(each_memory_is_asked_about_once)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

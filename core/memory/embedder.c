#include "core/memory/embedder.h"

#include <math.h>

#include "core/json/scan.h"
#include "core/json/write.h"
#include "core/memory/vector.h"
#include "core/store/memory_far.h"

enum { FLOAT_BYTES = 4 };

/* ---- what is asked ---------------------------------------------------------------------------------------- */

static bool is_inside_letter(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Endpoints refuse an empty text. */
static str cut(str text)
{
	size_t n = text.n < EMBEDDER_TEXT_MAX ? text.n : EMBEDDER_TEXT_MAX;

	while (n && n < text.n && is_inside_letter(text.p[n]))
		n--;
	return str_trim(str_sub(text, 0, n)).n ? str_sub(text, 0, n) : STR(" .");
}

/* Source: OpenAI's API reference, "Create embeddings". */
void embedder_write(str model, const str *texts, size_t n, struct buf *out)
{
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_str(&w, "model", model);
	json_write_c(&w, "encoding_format", "float");
	json_write_array(&w, "input");
	for (size_t i = 0; i < n; i++)
		json_write_str(&w, NULL, cut(texts[i]));
	json_write_end(&w);
	json_write_end(&w);
}

/* ---- what is answered ------------------------------------------------------------------------------------- */

static int digit_of(char c)
{
	return c >= 'A' && c <= 'Z'   ? c - 'A'
	       : c >= 'a' && c <= 'z' ? c - 'a' + 26
	       : c >= '0' && c <= '9' ? c - '0' + 52
	       : c == '+'             ? 62
	       : c == '/'             ? 63
				      : -1;
}

/* RFC 4648 section 4 of whole floats, little-endian. False: it is something else. */
static bool read_base64(str s, float *v, size_t max, size_t *n)
{
	unsigned char bytes[FLOAT_BYTES];
	uint32_t bits = 0;
	unsigned had = 0;
	size_t bytes_n = 0;

	while (s.n && s.p[s.n - 1] == '=')
		s.n--;
	*n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int d = digit_of(s.p[i]);

		if (d < 0)
			return false;
		bits = bits << 6 | (uint32_t)d;
		had += 6;
		if (had < 8)
			continue;
		had -= 8;
		bytes[bytes_n++] = (unsigned char)(bits >> had & 0xff);
		if (bytes_n < FLOAT_BYTES)
			continue;
		bytes_n = 0;
		if (*n == max)
			return false;
		memcpy(&v[(*n)++], bytes, sizeof *v);
	}
	return !bytes_n;
}

static bool read_numbers(const struct json_tape *t, uint32_t list, float *v, size_t max, size_t *n)
{
	double d;

	*n = 0;
	for (struct json_iter it = json_iter(t, list); json_next(&it);) {
		if (*n == max || !json_f64(t, it.value, &d) || !isfinite((float)d))
			return false;
		v[(*n)++] = (float)d;
	}
	return true;
}

struct reading {
	const struct json_tape *tape;
	struct arena *arena;
	size_t n, dims; /* dims 0: not known yet */
	str *vectors;   /* .p NULL: not answered yet */
	float *v;       /* of VECTOR_DIMS_MAX */
};

static bool read_one(struct reading *r, uint32_t object, size_t at)
{
	const struct json_tape *t = r->tape;
	uint32_t index, value;
	uint64_t i = at;
	size_t dims;
	str text;
	char *out;

	if (!json_is(t, object, JSON_OBJECT))
		return false;
	index = json_member(t, object, "index");
	value = json_member(t, object, "embedding");
	if (value == JSON_ABSENT || (index != JSON_ABSENT && !json_u64(t, index, &i)) ||
		i >= r->n || r->vectors[i].p)
		return false;
	if (json_string(t, value, r->arena, &text)
			? !read_base64(text, r->v, VECTOR_DIMS_MAX, &dims)
			: !json_is(t, value, JSON_ARRAY) ||
				  !read_numbers(t, value, r->v, VECTOR_DIMS_MAX, &dims))
		return false;
	if (!dims || (r->dims && dims != r->dims))
		return false;
	r->dims = dims;
	for (size_t k = 0; k < dims; k++)
		if (!isfinite(r->v[k]))
			return false;
	out = arena_alloc(r->arena, VECTOR_BYTES(dims), 1);
	r->vectors[i] = (str){out, vector_put(r->v, dims, out) ? VECTOR_BYTES(dims) : 0};
	return true;
}

enum err embedder_read(str body, size_t n, struct arena *a, str *vectors, struct errctx *cx)
{
	struct json_tape t;
	struct reading r = {.tape = &t, .arena = a, .n = n, .vectors = vectors};
	uint32_t data;
	size_t had = 0;

	for (size_t i = 0; i < n; i++)
		vectors[i] = STR_NULL;
	if (json_scan(a, body, &t, NULL) || !json_is(&t, 0, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "the answer is no JSON object");
	data = json_member(&t, 0, "data");
	if (data == JSON_ABSENT || !json_is(&t, data, JSON_ARRAY))
		FAIL(cx, E_MALFORMED, "the answer has no list \"data\"");
	r.v = arena_array(a, float, VECTOR_DIMS_MAX);
	for (struct json_iter it = json_iter(&t, data); json_next(&it); had++)
		if (!read_one(&r, it.value, had))
			FAIL(cx, E_MALFORMED, "vector %zu of the answer cannot be used", had);
	if (had != n)
		FAIL(cx, E_MALFORMED, "the answer has %zu vectors for %zu texts", had, n);
	return E_OK;
}

/* ---- for a store ------------------------------------------------------------------------------------------ */

struct batch {
	struct arena arena;
	int64_t numbers[EMBEDDER_BATCH];
	str texts[EMBEDDER_BATCH], vectors[EMBEDDER_BATCH];
	size_t n;
};

static void add_text(void *self, int64_t number, str content)
{
	struct batch *b = self;

	b->numbers[b->n] = number;
	b->texts[b->n++] = arena_str(&b->arena, cut(content));
}

static enum err keep(
	struct memory_store *s, const struct embedder *e, const struct batch *b, struct errctx *cx)
{
	enum err err = E_OK;

	TRY(memory_begin(s, cx));
	for (size_t i = 0; i < b->n && !err; i++)
		err = memory_far_set(s, b->numbers[i], e->name, b->vectors[i], cx);
	err = err ? err : memory_commit(s, cx);
	if (err)
		memory_rollback(s);
	return err;
}

enum err embedder_fill(struct memory_store *s, const struct embedder *e, int64_t timeout_ms,
	embedder_end_fn *is_ended, void *self, size_t *n, struct errctx *cx)
{
	struct batch b = {.n = 1};
	int64_t behind = 0;
	enum err err;

	*n = 0;
	err = memory_far_make(s, cx);
	while (b.n && !err && !(is_ended && is_ended(self))) {
		b.n = 0;
		err = memory_far_missing(s, e->name, behind, EMBEDDER_BATCH, add_text, &b, cx);
		if (err || !b.n)
			break;
		err = e->ask(e->self, b.texts, b.n, timeout_ms, &b.arena, b.vectors, cx);
		err = err ? err : keep(s, e, &b, cx);
		*n += err ? 0 : b.n;
		behind = b.numbers[b.n - 1];
		arena_reset(&b.arena);
	}
	arena_release(&b.arena);
	return err;
}

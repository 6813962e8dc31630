#include "core/compress/model/weights.h"

#include "core/json/scan.h"

enum {
	LENGTH_BYTES = 8,
	HEADER_MAX = 100 << 20, /* what the format's own readers allow */
};

static const struct {
	const char *name;
	size_t bytes;
} types[] = {
	[NUMBER_F32] = {"F32", 4},
	[NUMBER_F16] = {"F16", 2},
	[NUMBER_BF16] = {"BF16", 2},
};

/* False when numbers of that type are not read here. */
static bool find_type(const struct json_tape *t, uint32_t node, enum number_type *out)
{
	for (size_t i = 0; i < ARRAY_N(types); i++)
		if (json_string_is(t, node, types[i].name)) {
			*out = (enum number_type)i;
			return true;
		}
	return false;
}

static bool read_shape(const struct json_tape *t, uint32_t node, struct tensor *out)
{
	out->n = 1;
	for (size_t i = 0; i < TENSOR_RANK_MAX; i++)
		out->dims[i] = 1;
	for (struct json_iter it = json_iter(t, node); json_next(&it);) {
		uint64_t dim;

		if (out->rank == TENSOR_RANK_MAX || !json_u64(t, it.value, &dim) || !dim ||
			dim > SIZE_MAX / out->n)
			return false;
		out->dims[out->rank++] = (size_t)dim;
		out->n *= (size_t)dim;
	}
	return true;
}

static bool read_range(const struct json_tape *t, uint32_t node, size_t size, uint64_t range[2])
{
	size_t n = 0;

	for (struct json_iter it = json_iter(t, node); json_next(&it); n++)
		if (n == 2 || !json_u64(t, it.value, &range[n]))
			return false;
	return n == 2 && range[0] <= range[1] && range[1] <= size;
}

static enum err read_tensor(const struct json_tape *t, struct json_iter *it, str numbers,
	struct weights *out, struct errctx *cx)
{
	struct arena *a = out->tensors.arena;
	struct tensor *tensor = arena_new(a, struct tensor);
	uint32_t shape = json_is(t, it->value, JSON_OBJECT) ? json_member(t, it->value, "shape")
							    : JSON_ABSENT;
	uint32_t at = json_is(t, it->value, JSON_OBJECT) ? json_member(t, it->value, "data_offsets")
							 : JSON_ABSENT;
	uint32_t type = json_is(t, it->value, JSON_OBJECT) ? json_member(t, it->value, "dtype")
							   : JSON_ABSENT;
	uint64_t range[2];
	str name;

	if (!json_string(t, it->key, a, &name))
		FAIL(cx, E_MALFORMED, "the name of a tensor is no text");
	if (str_eq_c(name, "__metadata__"))
		return E_OK;
	if (shape == JSON_ABSENT || at == JSON_ABSENT || type == JSON_ABSENT ||
		!read_range(t, at, numbers.n, range))
		FAIL(cx, E_MALFORMED,
			"tensor " STR_FMT ": no type, shape and place within the file",
			STR_ARG(name));
	if (!find_type(t, type, &tensor->type) || !read_shape(t, shape, tensor))
		return E_OK;
	if (range[1] - range[0] != (uint64_t)tensor->n * types[tensor->type].bytes ||
		tensor->n > SIZE_MAX / types[tensor->type].bytes)
		FAIL(cx, E_MALFORMED, "tensor " STR_FMT ": its shape is not its size",
			STR_ARG(name));
	tensor->data = str_sub(numbers, (size_t)range[0], (size_t)range[1]);
	*map_at(&out->tensors, name) = tensor;
	return E_OK;
}

enum err weights_read(str file, struct arena *a, struct weights *out, struct errctx *cx)
{
	struct json_tape t;
	uint64_t length = 0;

	map_init(&out->tensors, a);
	for (size_t i = LENGTH_BYTES; i-- > 0 && file.n >= LENGTH_BYTES;)
		length = length << 8 | (unsigned char)file.p[i];
	if (file.n < LENGTH_BYTES || length > HEADER_MAX || length > file.n - LENGTH_BYTES)
		FAIL(cx, E_MALFORMED, "no safetensors file: its header is longer than it is");
	TRY(json_scan(a, str_sub(file, LENGTH_BYTES, LENGTH_BYTES + (size_t)length), &t, cx));
	if (!json_is(&t, 0, JSON_OBJECT))
		FAIL(cx, E_MALFORMED, "no safetensors file: its header is no object");
	for (struct json_iter it = json_iter(&t, 0); json_next(&it);)
		TRY(read_tensor(
			&t, &it, str_sub(file, LENGTH_BYTES + (size_t)length, file.n), out, cx));
	return E_OK;
}

const struct tensor *weights_find(const struct weights *w, str name)
{
	return map_find(&w->tensors, name);
}

static float float_of(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof f);
	return f;
}

/* IEEE 754 binary16. */
static float half_of(uint32_t bits)
{
	uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31, fraction = bits & 1023;

	if (exponent == 31)
		return float_of(sign | 0x7f800000u | fraction << 13);
	if (exponent)
		return float_of(sign | (exponent + 112) << 23 | fraction << 13);
	return float_of(sign | 0x3f800000u) * ((float)fraction / (float)(1 << 24));
}

static uint32_t bits_at(const unsigned char *p, size_t bytes)
{
	uint32_t bits = 0;

	while (bytes--)
		bits = bits << 8 | p[bytes];
	return bits;
}

static bool is_little_endian(void)
{
	const uint16_t one = 1;

	return *(const unsigned char *)&one == 1;
}

const float *tensor_floats(const struct tensor *t, struct arena *a)
{
	const unsigned char *p = (const unsigned char *)t->data.p;
	size_t bytes = types[t->type].bytes;
	float *out;

	if (t->type == NUMBER_F32 && is_little_endian() && (uintptr_t)p % alignof(float) == 0)
		return (const float *)(const void *)p;
	out = arena_array(a, float, t->n);
	for (size_t i = 0; i < t->n; i++) {
		uint32_t bits = bits_at(p + i * bytes, bytes);

		out[i] = t->type == NUMBER_F32    ? float_of(bits)
			 : t->type == NUMBER_BF16 ? float_of(bits << 16)
						  : half_of(bits);
	}
	return out;
}

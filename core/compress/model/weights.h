/* weights: the tensors of a safetensors file (github.com/huggingface/safetensors, README "Format"): 8 bytes of length, a JSON object that says
 * where each stands, their numbers. Outside bytes: everything is checked before it is believed.
 * Owns: nothing; tensors point into the file's bytes, which must outlive them. Thread: any number of readers. */
#ifndef CORE_COMPRESS_MODEL_WEIGHTS_H
#define CORE_COMPRESS_MODEL_WEIGHTS_H

#include "core/base/err.h"
#include "core/base/map.h"

enum number_type { NUMBER_F32, NUMBER_F16, NUMBER_BF16 };

enum { TENSOR_RANK_MAX = 3 };

struct tensor {
	str data; /* little-endian */
	enum number_type type;
	size_t dims[TENSOR_RANK_MAX]; /* those behind rank are 1 */
	unsigned rank;
	size_t n; /* numbers: the product of all dims */
};

struct weights {
	struct map
		tensors; /* of struct tensor; other types of numbers and higher ranks are left out */
};

/* file: all of its bytes. E_MALFORMED with what is wrong. */
enum err weights_read(str file, struct arena *a, struct weights *out, struct errctx *cx) MUST_CHECK;

/* NULL: there is none of that name. */
const struct tensor *weights_find(const struct weights *w, str name);

/* The numbers: where they stand when that is possible, else converted into the arena. */
const float *tensor_floats(const struct tensor *t, struct arena *a) RETURNS_NONNULL;

#endif

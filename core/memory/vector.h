/* vector: directions that are compared by their cosine, a byte a dimension. As bytes in a store: the dimensions, and behind them the
 * factor (float, of this machine) that makes a product of two of them a cosine. Owns: nothing. Thread: any. */
#ifndef CORE_MEMORY_VECTOR_H
#define CORE_MEMORY_VECTOR_H

#include "core/base/str.h"

enum { VECTOR_DIMS_MAX = 4096 }; /* the widest of those in use have 3072 */

/* Bytes of a vector in a store; out of vector_put has room for them. */
#define VECTOR_BYTES(dims) ((size_t)(dims) + sizeof(float))

/* False when all are 0, or some are no numbers: no direction. */
bool vector_put(const float *v, size_t dims, char *out) MUST_CHECK;
/* The number of dimensions; 0: no vector. */
size_t vector_dims(str bytes) PURE;
/* Of two with the same dimensions, -1 to 1. */
float vector_cosine(str a, str b);
/* The sum of the products of n dimensions. */
int32_t vector_dot(const int8_t *a, const int8_t *b, size_t n) PURE;
int32_t vector_dot_plain(
	const int8_t *a, const int8_t *b, size_t n) PURE; /* without the processor's vectors */

#endif

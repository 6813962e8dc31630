/* matrix: products of matrices of floats, row by row in memory. By the cblas_sgemm of a library that is opened when a model is loaded, never before: a
 * BLAS takes memory and threads as soon as it is there. Without one, by a plain loop. Thread: any number of users. */
#ifndef CORE_COMPRESS_MODEL_MATRIX_H
#define CORE_COMPRESS_MODEL_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"

struct matrix_lib {
	void *handle; /* NULL: the plain loop */
	void (*sgemm)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
		const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
	const char *name; /* static */
};

/* Opens OpenBLAS, or any BLAS that has the C interface; threads: at most so many, where it can be told. */
struct matrix_lib matrix_open(unsigned threads);
void matrix_close(struct matrix_lib *l);

/* What is multiplied: rows of a by columns of b, or, where is_b_rows, by rows of b. step: from one row to the next. */
struct matrix {
	const float *v;
	size_t rows, cols, step;
};

/* out (rows of a, step) = scale * a * b, or, where is_added, that is added. Dimensions fit. */
struct matrix_out {
	float *v;
	size_t step;
	float scale;
	bool is_b_rows, is_added;
};
void matrix_multiply(
	const struct matrix_lib *l, struct matrix a, struct matrix b, struct matrix_out out);

#endif

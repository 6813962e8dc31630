#include "core/compress/model/matrix.h"

#include <dlfcn.h>

/* Of the reference CBLAS, cblas.h. */
enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };

/* The libraries of Debian's libopenblas0-* and libblas3, best first. */
static const char *const libs[] = {"libopenblas.so.0", "libblas.so.3"};

/* A function from an object pointer, as POSIX asks for. */
static void take(void *handle, const char *name, void *fn)
{
	*(void **)fn = dlsym(handle, name);
}

struct matrix_lib matrix_open(unsigned threads)
{
	struct matrix_lib l = {.name = "a plain loop"};

	for (size_t i = 0; i < ARRAY_N(libs) && !l.sgemm; i++) {
		void (*set_threads)(int) = NULL;

		l.handle = dlopen(libs[i], RTLD_NOW | RTLD_LOCAL);
		if (!l.handle)
			continue;
		take(l.handle, "cblas_sgemm", (void *)&l.sgemm);
		take(l.handle, "openblas_set_num_threads", (void *)&set_threads);
		if (set_threads)
			set_threads((int)threads);
		if (!l.sgemm)
			matrix_close(&l);
		else
			l.name = libs[i];
	}
	return l;
}

void matrix_close(struct matrix_lib *l)
{
	if (l->handle)
		(void)dlclose(l->handle);
	*l = (struct matrix_lib){.name = "a plain loop"};
}

static void multiply(struct matrix a, struct matrix b, struct matrix_out out)
{
	size_t n = out.is_b_rows ? b.rows : b.cols;

	for (size_t i = 0; i < a.rows; i++) {
		for (size_t j = 0; j < n; j++) {
			float sum = 0, *to = &out.v[i * out.step + j];

			for (size_t k = 0; k < a.cols; k++)
				sum += a.v[i * a.step + k] *
				       (out.is_b_rows ? b.v[j * b.step + k] : b.v[k * b.step + j]);
			*to = (out.is_added ? *to : 0) + out.scale * sum;
		}
	}
}

void matrix_multiply(
	const struct matrix_lib *l, struct matrix a, struct matrix b, struct matrix_out out)
{
	if (!l->sgemm) {
		multiply(a, b, out);
		return;
	}
	l->sgemm(ROW_MAJOR, NO_TRANS, out.is_b_rows ? TRANS : NO_TRANS, (int)a.rows,
		(int)(out.is_b_rows ? b.rows : b.cols), (int)a.cols, out.scale, a.v, (int)a.step,
		b.v, (int)b.step, out.is_added ? 1 : 0, out.v, (int)out.step);
}

/* Any bytes as the answer of an endpoint for vectors, after a byte that says how many texts were asked about: what is read has a
 * vector or nothing for each, all of the same dimensions, and each is as near to itself as can be. */
#include <math.h>

#include "core/base/check.h"
#include "core/memory/embedder.h"
#include "core/memory/vector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	str vectors[EMBEDDER_BATCH];
	size_t asked = n ? data[0] % EMBEDDER_BATCH + 1u : 1, dims = 0;
	struct errctx cx = {0};

	if (n && !embedder_read((str){(const char *)data + 1, n - 1}, asked, &a, vectors, &cx))
		for (size_t i = 0; i < asked; i++) {
			size_t has = vector_dims(vectors[i]);

			ASSERT(!vectors[i].n || has);
			ASSERT(!has || !dims || has == dims);
			dims = has ? has : dims;
			ASSERT(!has || fabsf(vector_cosine(vectors[i], vectors[i]) - 1) < 1e-3f);
		}
	arena_release(&a);
	return 0;
}

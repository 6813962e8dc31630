/* ivf: very many vectors in lists of those that are near to each other, each list with a centroid, so that a search need look at a
 * few lists alone (an inverted file: Jegou, Douze and Schmid 2011, section II; Sivic and Zisserman 2003). Lists are made by spherical k-means
 * over a sample, and centroids stand in groups made in the same way: to find the list of a vector takes about the square root of the
 * comparisons. The same vectors give the same lists.
 *
 * Owns: struct ivf. Zero-initialise. Free: ivf_free. Thread: one that makes it, or any that look. */
#ifndef CORE_MEMORY_IVF_H
#define CORE_MEMORY_IVF_H

#include "core/base/err.h"
#include "core/memory/near.h"

enum {
	IVF_NONE = UINT32_MAX, /* no list: a vector without direction */
	/* Vectors of a sample for each list: more do not find more again (docs/memory.md). */
	IVF_SAMPLE = 48,
	IVF_ROUNDS = 6,
	IVF_LISTS_MAX = 4096,
};

struct ivf {
	size_t dims, lists;
	char *centroids; /* VECTOR_BYTES(dims) each */
	/* Of more than some lists: what groups of them are about, and whose list is in which. */
	size_t groups;
	char *group_centroids;
	uint32_t *members; /* lists by group */
	uint32_t *starts;  /* of a group in members; groups + 1 of them */
};

/* So many lists are best for n vectors: about the square root. */
size_t ivf_lists_for(size_t n) PURE;
/* Makes the lists of a set, and says of each vector in which it is: of[i], of s->n. is_ended: NULL, or whether to give up. E_NOMEM, E_BUSY: given up. */
typedef bool ivf_end_fn(void *self);
enum err ivf_make(const struct near_set *s, size_t lists, ivf_end_fn *is_ended, void *self,
	struct ivf *out, uint32_t *of) MUST_CHECK;
/* Of centroids that were kept: lists * VECTOR_BYTES(dims) bytes, which are copied. E_MALFORMED, E_NOMEM. */
enum err ivf_read(str centroids, size_t dims, struct ivf *out) MUST_CHECK;
void ivf_free(struct ivf *x);

/* The list of a vector of that many dimensions. */
uint32_t ivf_list_of(const struct ivf *x, str vector) PURE;
/* The nearest lists, nearest first, at most n. Returns how many. */
enum { IVF_PROBES_MAX = 256 };
size_t ivf_nearest(const struct ivf *x, str vector, size_t n, uint32_t *out);

#endif

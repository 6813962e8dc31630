/* vec: a typed growable array in an arena. Nothing to free; growing may leave the old place behind in the
 * arena until its reset. Thread: that of the arena.
 *
 *	VEC(struct edit) edits = {0};
 *	*vec_push(&edits, arena) = (struct edit){...};
 *	for (size_t i = 0; i < edits.n; i++) use(&edits.v[i]);
 */
#ifndef CORE_BASE_VEC_H
#define CORE_BASE_VEC_H

#include "core/base/arena.h"

#define VEC(T)                 \
	struct {               \
		T *v;          \
		size_t n, cap; \
	}

/* A pointer to a new last element, not initialised. */
#define vec_push(vec, a)                                                             \
	(vec_room((a), (void **)&(vec)->v, (vec)->n, &(vec)->cap, sizeof *(vec)->v), \
		&(vec)->v[(vec)->n++])

static inline void vec_room(struct arena *a, void **v, size_t n, size_t *cap, size_t size)
{
	size_t more;

	if (n < *cap)
		return;
	more = *cap ? *cap * 2 : 8;
	*v = arena_grow(a, *v, *cap * size, more * size, alignof(max_align_t));
	*cap = more;
}

#endif

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

/* The same of what is read from a text, of which done bytes are behind it, of all: makes room by what came so far, so that
 * growing leaves little behind. */
#define vec_push_of(vec, a, done, all)                                                             \
	(vec_room_of(                                                                              \
		 (a), (void **)&(vec)->v, (vec)->n, &(vec)->cap, sizeof *(vec)->v, (done), (all)), \
		&(vec)->v[(vec)->n++])

enum {
	VEC_TELLS = 64, /* elements that tell how many will come */
	VEC_MOST = 16,  /* times as many, at once */
};

static inline void vec_room(struct arena *a, void **v, size_t n, size_t *cap, size_t size)
{
	size_t more;

	if (n < *cap)
		return;
	more = *cap ? *cap * 2 : 8;
	*v = arena_grow(a, *v, *cap * size, more * size, alignof(max_align_t));
	*cap = more;
}

static inline void vec_room_of(
	struct arena *a, void **v, size_t n, size_t *cap, size_t size, size_t done, size_t all)
{
	size_t more = *cap ? *cap * 2 : 8;

	if (n < *cap)
		return;
	if (n >= VEC_TELLS && done && done <= all) {
		double rest = (double)n * (double)(all - done) / (double)done;
		size_t most = n * (VEC_MOST - 1);

		/* A sixteenth for what is left of a text in which they lie closer. */
		more = n + n / 16 + 8 + (rest < (double)most ? (size_t)rest : most);
		more = more < n + n / 2 ? n + n / 2 : more;
	}
	*v = arena_grow(a, *v, *cap * size, more * size, alignof(max_align_t));
	*cap = more;
}

#endif

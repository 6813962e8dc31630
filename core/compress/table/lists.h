/* lists: the columns of arrays that are as long as one another (points, samples, rows of a query), and the column of values that are
 * no objects. Between the files of core/compress/table/shape.h.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_LISTS_H
#define CORE_COMPRESS_TABLE_LISTS_H

#include "core/compress/table/shape.h"

/* True for a container of nothing that has something in it. */
bool lists_is_flat(const struct facts *f, uint32_t container) PURE;
/* shape_find_at() of arrays that are flat; one of other elements is no such row. */
struct shape *lists_find(const struct facts *f, const uint32_t *nodes, uint32_t n, uint32_t least,
	uint32_t *rows, unsigned depth, struct arena *a);
/* The same of values that have nothing in them. */
struct shape *lists_find_values(
	const struct facts *f, const uint32_t *nodes, uint32_t n, uint32_t *rows, struct arena *a);
/* True when a column says something of its cells in the head. */
bool lists_has_head(const struct shape *s) PURE;

#endif

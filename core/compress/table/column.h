/* column: what all cells of a column of a table have in common is said once, in the head of the table, and a row shows
 * the rest. Knows no spelling: table/ (JSON) and grid/ (CSV and the like) write it each in their notation. Owns: nothing,
 * all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_COLUMN_H
#define CORE_COMPRESS_TABLE_COLUMN_H

#include "core/base/arena.h"

enum column_kind {
	COLUMN_CELLS, /* prefix, what the row shows, suffix */
	COLUMN_SAME,  /* prefix is every cell; rows show nothing */
	COLUMN_COUNT, /* row i is from + i * step, in decimal; rows show nothing */
};

struct column {
	enum column_kind kind;
	str prefix, suffix; /* slices of a cell */
	int64_t from, step;
};

/* The cheapest way to say n cells (n >= 1). COLUMN_COUNT and affixes only from 3 cells on. */
struct column column_plan(const str *cells, uint32_t n);
/* What the row shows of a cell of COLUMN_CELLS. */
str column_rest(const struct column *c, str cell);
/* The reverse, and the cell of the other kinds (rest is not looked at). In the arena. */
str column_cell(const struct column *c, uint32_t row, str rest, struct arena *a);

#endif

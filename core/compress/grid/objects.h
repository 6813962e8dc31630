/* objects: a table as a JSON array of one object for each row, and back. A cell that JSON spells as a number, true, false or
 * null is one, any other a string. Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_GRID_OBJECTS_H
#define CORE_COMPRESS_GRID_OBJECTS_H

#include "core/compress/grid/parse.h"
#include "core/compress/grid/text.h"

/* Appends the value of one cell. */
typedef void objects_add_fn(str cell, struct buf *out);
objects_add_fn objects_add_cell;

/* The first rows_n rows, without white space. False when they take more than a text may. */
bool objects_write(const struct grid *g, uint32_t rows_n, objects_add_fn *add, struct arena *a,
	str *json) MUST_CHECK;
/* The reverse of objects_write with objects_add_cell: all rows are shown, there are no odd lines; plans and rows are NULL. False when it
 * is no array of such rows. */
bool objects_read(str json, struct arena *a, struct grid_text *out) MUST_CHECK;

#endif

/* parse: a table of plain text as its cells and the layout that gives its lines back. Every line is printed anew and
 * compared before it counts as a row; other lines within the table are kept as they are.
 * Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_GRID_PARSE_H
#define CORE_COMPRESS_GRID_PARSE_H

#include "core/base/vec.h"
#include "core/compress/grid/layout.h"

/* A line that is no row, before that row. */
struct grid_odd {
	uint32_t row;
	str line;
};

struct grid {
	struct grid_layout layout;
	str before,
		after; /* of the text; after begins with the end of the last row's line, or is empty */
	str *names;    /* of the columns; "1", "2", ... when there are none */
	bool has_names;
	uint32_t rows_n;
	size_t stride; /* cell r of column c is cells[c * stride + r] */
	str *cells;
	VEC(struct grid_odd) odd;
};

enum { GRID_ROWS_MIN = 4 };

/* The table in the text; false when there is none. Linear. */
bool grid_parse(str text, struct arena *a, struct grid *g) MUST_CHECK;

/* ---- between the files of this module ---- */

/* The lines that may be those of a table, and what has become of them. */
struct grid_lines {
	str *v; /* without their ends */
	uint32_t n;
};
/* True when the cells of a line could be told: cell c goes to cells[c * stride]. */
typedef bool grid_cut(const struct grid *g, str line, struct arena *a, str *cells, size_t stride);

/* Fills rows and odd lines from lines, of which the first is the header when g->has_names. False when too few are
 * rows. */
bool grid_fill(struct grid *g, str text, struct grid_lines lines, grid_cut *cut,
	struct arena *a) MUST_CHECK;
/* Takes the "\r" off the lines when the first has one. False when others have not. */
bool grid_strip(struct grid *g, str text, struct grid_lines *lines);

bool grid_parse_separated(str text, struct arena *a, struct grid *g) MUST_CHECK;
bool grid_parse_box(str text, struct arena *a, struct grid *g) MUST_CHECK;
bool grid_parse_pipes(
	str text, struct grid_lines lines, struct arena *a, struct grid *g) MUST_CHECK;
bool grid_parse_padded(
	str text, struct grid_lines lines, struct arena *a, struct grid *g) MUST_CHECK;

/* True when no cell of a first row looks like a value, so that they are names. */
bool grid_are_names(const str *cells, uint32_t n);
/* "1", "2", ... */
void grid_number_names(struct grid *g, struct arena *a);

#endif

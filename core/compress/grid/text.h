/* text: the notation in which a table is sent: a line of columns, then a line for each row (see grid.h). Knows nothing
 * of layouts nor of how rows are chosen. Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_GRID_TEXT_H
#define CORE_COMPRESS_GRID_TEXT_H

#include "core/compress/grid/parse.h"
#include "core/compress/grid/spell.h"
#include "core/token/token.h"

/* Which signs occur, so that the head explains no others. */
enum { GRID_USED_DITTO = 1, GRID_USED_ODD = 2, GRID_USED_GAP = 4, GRID_USED_USUAL = 8 };

struct grid_write {
	const struct grid *g;
	const bool *is_shown; /* by row; NULL: all are */
	str summary;          /* of those that are not; perhaps empty */
	enum token_encoding encoding;
	struct token_cache *cache; /* may be NULL */
	struct arena *arena;
};
/* Lines without the last line end. Returns what is used. */
unsigned grid_write(const struct grid_write *w, struct buf *out);

/* What was read. Shown row i is row number rows[i]; its cell of column c is cells[c * stride + i]. */
struct grid_text {
	uint32_t rows_n, cols_n;
	const str *names;
	const struct grid_plan *plans;
	uint32_t shown_n;
	const uint32_t *rows;
	const str *cells;
	size_t stride;
	VEC(struct grid_odd) odd;
	size_t end; /* where what follows begins */
};
bool grid_read(str text, struct arena *a, struct grid_text *out) MUST_CHECK;
/* Appends the lines of a table of which all rows are shown, without the end of the last one. Sets the widths of l's columns
 * that are not given. */
void grid_print(struct grid_layout *l, const struct grid_text *t, struct buf *out);

#endif

/* column: a table as its columns, whatever it was parsed from. What all cells of a column have in common is said once
 * in the head of the table, and a row shows the rest:
 *
 *	[4 rows id=1..4 kind=file path:"src/….c"]     COUNT, SAME, CELLS with a prefix and a suffix
 *	main                                          1, file, src/main.c
 *
 * The first half of this module is for one column and knows no spelling; the second writes and reads whole tables of
 * plain text (CSV, fixed width), in that notation. Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_COLUMN_H
#define CORE_COMPRESS_TABLE_COLUMN_H

#include "core/base/buf.h"
#include "core/token/token.h"

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

/* ---- tables of text ---- */

struct columns {
	uint32_t rows_n, cols_n;
	const str *names; /* cols_n of them */
	const str *cells; /* column by column: cell r of column c is cells[c * rows_n + r] */
};

/* A cell that would read as something else is quoted as in RFC 4180: '"', and each '"' within twice. A cell equal to
 * the one above it may be '^'. */
#define COLUMN_DITTO "^"
/* What stands for the row's text between prefix and suffix (U+2026, three bytes). */
#define COLUMN_HOLE "\xe2\x80\xa6"

/* "[N rows" and the columns, separated by the cheapest of " ", "|", "," and tab, "]"; then a line for each row. All
 * lines end in "\n". */
void columns_write(const struct columns *t, enum token_encoding encoding, struct token_cache *cache,
	struct arena *a, struct buf *out);
/* Takes such a table from the beginning of *text. False when it is damaged. */
bool columns_read(str *text, struct arena *a, struct columns *out) MUST_CHECK;

#endif

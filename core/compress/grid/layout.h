/* layout: how the lines of a table were laid out around its cells: one that is written from the cells alone, so that
 * nothing of it has to be sent but a few words. Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_GRID_LAYOUT_H
#define CORE_COMPRESS_GRID_LAYOUT_H

#include "core/base/buf.h"

enum {
	GRID_COLS_MAX = 256, /* more are read by nobody, and cells in memory are bounded by it */
	GRID_WIDTH_MAX =
		4096 /* of a padded column; a wider one is text, and blanks of its size are an attack */
};

/* U+2502, U+2500, and the signs where they meet. */
#define GRID_BOX_BAR   "\xe2\x94\x82"
#define GRID_BOX_DASH  "\xe2\x94\x80"
#define GRID_BOX_LEFT  "\xe2\x94\x9c"
#define GRID_BOX_CROSS "\xe2\x94\xbc"
#define GRID_BOX_RIGHT "\xe2\x94\xa4"

enum grid_kind {
	GRID_SEPARATED, /* a,b */
	GRID_PIPES,     /* | a | b | */
	GRID_PADDED,    /* a    b */
};

/* Which cells of GRID_SEPARATED are in quotes (RFC 4180 section 2, 5 to 7). */
enum grid_quotes {
	GRID_QUOTES_NEEDED, /* that hold a quote, a separator or a line end */
	GRID_QUOTES_ALL,
	GRID_QUOTES_TEXT, /* that are no numbers */
	GRID_QUOTES_SIGNS, /* that hold a blank, a quote, a separator or what is not ASCII: sqlite3 */
	GRID_QUOTES_COLUMNS, /* all names; of columns that are quoted, all but NA: R, pandas */
	GRID_QUOTES_BARE,    /* none: quotes are part of the cells */
};

enum grid_align {
	GRID_NONE, /* not padded; of a header: as its column */
	GRID_LEFT,
	GRID_RIGHT,
	GRID_CENTER, /* of a header, the odd blank behind it */
};

/* The blanks at the end of a line. */
enum grid_end {
	GRID_KEEP, /* the last cell is not padded */
	GRID_TRIM, /* there are none */
	GRID_FULL, /* the last cell is padded */
};

/* The line below the header, of dashes. */
enum grid_rule {
	GRID_RULE_NONE,
	GRID_RULE_JOINED,     /* |-----|----| as wide as the cells */
	GRID_RULE_THREE,      /* |---|---| */
	GRID_RULE_THREE_WIDE, /* | --- | --- | */
	GRID_RULE_CELLS,      /* | --- | -- | as wide as the cells; without pipes for GRID_PADDED */
	GRID_RULE_CROSS,      /* +-----+----+ */
	GRID_RULES_N
};

struct grid_column {
	enum grid_align align;
	uint32_t gap;   /* of GRID_PADDED: blanks before it */
	uint32_t width; /* of the widest cell, unless is_given */
	bool is_given;
	bool is_quoted; /* of GRID_QUOTES_COLUMNS */
};

struct grid_layout {
	enum grid_kind kind;
	char sep;
	enum grid_quotes quotes;
	bool is_crlf;
	bool is_box; /* of GRID_PIPES: drawn with the signs above */
	bool has_border, has_pad,
		has_indent; /* of GRID_PIPES: "|" at both ends, blanks beside them, one in front */
	enum grid_end end;
	bool is_tidied; /* then TIDY_BLANKS_MIN blanks or more at a line's end were left out */
	enum grid_align header;
	bool has_header; /* names of columns are the first line */
	enum grid_rule rule;
	uint32_t cols_n;
	struct grid_column *cols;
};

/* True for what puts a cell in quotes with GRID_QUOTES_SIGNS, besides separators and '"' (sqlite3, its shell's needCsvQuote). */
bool grid_is_sign(char c) PURE;
/* In columns of a terminal, one for each character. */
uint32_t grid_width(str s) PURE;
/* True for a line of GRID_SEPARATED that is its cells and separators and nothing else, so that any cells that it is cut
 * into give it back. */
bool grid_is_plain(const struct grid_layout *l, str line) PURE;
/* A line without its end; cell c is cells[c * stride]. */
void grid_print_row(const struct grid_layout *l, const str *cells, size_t stride, bool is_header,
	struct buf *b);
void grid_print_rule(const struct grid_layout *l, struct buf *b);

/* The layout in words: "padded, columns <>>+2". */
void grid_layout_write(const struct grid_layout *l, struct buf *b);
/* The reverse, with cols_n columns in the arena. */
bool grid_layout_read(
	str words, uint32_t cols_n, struct arena *a, struct grid_layout *l) MUST_CHECK;

#endif

/* spell: how cells and the line of columns are spelled, for the two that write and read them. Thread: any. */
#ifndef CORE_COMPRESS_GRID_SPELL_H
#define CORE_COMPRESS_GRID_SPELL_H

#include "core/base/buf.h"
#include "core/compress/table/column.h"

#define GRID_ODD "="
/* A cell equal to the one above it; and what stands for the row's text between prefix and suffix (U+2026). */
#define GRID_DITTO    "^"
#define GRID_HOLE     "\xe2\x80\xa6"
#define GRID_GAP      GRID_HOLE
#define GRID_MORE     " more rows"
#define GRID_WHOLE    "+" /* begins a row that shows columns of usual values as well */
#define GRID_LEFT_OUT GRID_GAP " left out: "

/* A column of a table: as in column.h, or one that most rows have the same value in, which only others show. */
struct grid_plan {
	struct column column; /* usual: of COLUMN_SAME */
	bool is_usual;
};
/* True when that row shows a cell of it. */
static inline bool grid_plan_shows(const struct grid_plan *p, bool is_whole)
{
	return p->is_usual ? is_whole : p->column.kind == COLUMN_CELLS;
}

enum { GRID_SEPARATORS_N = 4 };
extern const char grid_separators[GRID_SEPARATORS_N];

enum grid_place {
	GRID_IN_HEAD,
	GRID_FIRST = 1, /* of a row; a set with GRID_LAST */
	GRID_LAST = 2,
	GRID_INNER = 4,
};

void grid_spell(str s, char sep, unsigned place, struct buf *out);
/* The reverse, from the beginning of *text; ends: what ends a bare text, besides a hole when it is an affix. */
bool grid_unspell(str *text, const char *ends, bool is_affix, struct arena *a, str *out) MUST_CHECK;

void grid_spell_head(const str *names, const struct grid_plan *plans, uint32_t cols_n,
	uint32_t rows_n, char sep, struct buf *out);

struct grid_head {
	uint32_t rows_n, cols_n;
	char sep;
	str *names;
	struct grid_plan *plans;
};
bool grid_unspell_head(str *text, struct arena *a, struct grid_head *h) MUST_CHECK;

#endif

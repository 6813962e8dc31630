/* separator: the sign between the cells of a table, the one that takes the fewest tokens. The table, or some of its rows,
 * is written once, with tabs, which no cell has; for the other signs it is noted which cells have them and need quotes
 * then. What comes out is what would be written with each of them.
 * Owns: nothing, all in the arena of the writer. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_SEPARATOR_H
#define CORE_COMPRESS_TABLE_SEPARATOR_H

#include "core/compress/table/write.h"

/* The table as it was tried. */
struct separated {
	str text;
	unsigned used;
};

/* w->has_guess says then whether the rows that were tried would not be written like that. */
char separator_choose(
	struct writer *w, const struct table_memo *m, uint32_t step, struct separated *best);
/* With w->notes, before text that can stand bare in that place is written: as it is, or shorter. literal: what is written
 * where it cannot; null: the text in quotes. */
void separator_note(struct writer *w, struct place p, str text, str literal, str shorter);

#endif

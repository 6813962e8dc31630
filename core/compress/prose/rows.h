/* rows: tables in Markdown without the blanks and dashes that line their columns up. Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_PROSE_ROWS_H
#define CORE_COMPRESS_PROSE_ROWS_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* True for "| a | b |". */
bool rows_is_row(str line) PURE;

/* True for the line below a table's head: "|---|:-:|". */
bool rows_is_rule(str line) PURE;

/* The text with one blank where rows of tables have several, but in code, and three dashes where a rule has more; the very same slice when there is
 * nothing to do. */
str rows_tight(str text, struct arena *a) MUST_CHECK;

#endif

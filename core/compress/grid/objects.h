/* objects: a table as a JSON array of one object for each row, and back. A cell that JSON spells as a number, true, false or
 * null is one, any other a string. Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_GRID_OBJECTS_H
#define CORE_COMPRESS_GRID_OBJECTS_H

#include "core/compress/grid/parse.h"
#include "core/compress/grid/text.h"
#include "core/json/tape.h"

/* The first rows_n rows, without white space, and the tape of that. is_picked: for who looks which rows are unusual: "False" in any
 * case of its letters is no word. False when there are none or they take more than a text may. Whether it is UTF-8 is not
 * looked at (JSON_NOTE_INVALID_UTF8 is set). */
bool objects_write(const struct grid *g, uint32_t rows_n, bool is_picked, struct arena *a,
	struct json_tape *out) MUST_CHECK;
/* The reverse of objects_write without is_picked: all rows are shown, there are no odd lines; plans and rows are NULL. False when it
 * is no array of such rows. */
bool objects_read(str json, struct arena *a, struct grid_text *out) MUST_CHECK;

#endif

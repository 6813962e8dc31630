/* rows: which rows of a table are shown when the others may be left out: as those of a JSON array of the same content
 * (core/compress/table/pick.h), and which of them tell of errors. Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_GRID_ROWS_H
#define CORE_COMPRESS_GRID_ROWS_H

#include "core/compress/codec.h"
#include "core/compress/grid/parse.h"

struct grid_rows {
	bool *is_shown; /* by row */
	str summary;    /* of those that are not; perhaps empty */
};
/* False when it does not pay, when columns have no names, so that nobody could be told what was left out, or when the
 * table cannot be spelled as JSON (it is not UTF-8). */
bool grid_pick(const struct grid *g, const struct codec_in *in, struct arena *a,
	struct grid_rows *out) MUST_CHECK;

/* is_shown: by row. Whether the others may be left out: none tells of an error by the value of a cell, and what they say of
 * errors in words is said by one that is shown. False when that cannot be told. */
bool grid_may_hide(const struct grid *g, const bool *is_shown, struct arena *a) MUST_CHECK;

#endif

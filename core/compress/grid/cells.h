/* cells: the same tables as grid.h in the notation of JSON tables (core/compress/table/cell.h), as an array of objects whose
 * keys are the names of the columns: where times run in steps or near to each other, or where texts come again and again,
 * it says less. Which of the two is shorter is tried on the first rows.
 *
 *	[cells: CSV; rows below their columns]
 *	[3 rows date=2026-01-02..by1d high low weather]
 *	12.8 5.0 rain
 *	10.6 2.8 rain
 *	11.7 7.2 sun
 *
 * Only exact: rows are left out in the notation of grid.h alone. Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_GRID_CELLS_H
#define CORE_COMPRESS_GRID_CELLS_H

#include "core/compress/codec.h"

extern const struct codec cells_codec;

#endif

/* timing: a column of points in time, told by how far they are from one another: in equal steps, from the first, or each
 * from the row above; or in fewer signs (20260102T102030 with "2026-01-02T10:20:30Z" in the head); the cheapest by tokens, or as they are.
 * Owns: nothing; slices of cells. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_TIMING_H
#define CORE_COMPRESS_TABLE_TIMING_H

#include "core/compress/table/facts.h"
#include "core/compress/table/stamp.h"

enum timing_how {
	TIMING_NONE,
	TIMING_STEPS, /* row i is base + i * step; rows show nothing */
	TIMING_BASE,  /* cells are what is between base and them */
	TIMING_ABOVE, /* cells are what is between the one above and them, with a sign */
	TIMING_SHORT, /* cells are times of one spelling without the signs between their digits, or a zone */
};

struct timing {
	enum timing_how how;
	struct stamp base; /* ABOVE: its unit is that of the first cell */
	str base_text;
	bool is_string; /* cells are strings, not numbers */
	int64_t step;
};

/* key: JSON_ABSENT where there is none. nodes: by row, JSON_ABSENT where there is none: all numbers, or all strings and null. prefix, suffix: bytes of cells
 * that would be said once otherwise. can_step: rows may show nothing. NONE where nothing is gained. */
struct timing timing_plan(const struct facts *f, uint32_t key, const uint32_t *nodes, uint32_t n,
	bool can_step, size_t prefix, size_t suffix);
/* What a cell shows: digits, with a sign where the one above is meant, or a time in short. False when it has to be shown as it is. above:
 * JSON_ABSENT when it cannot be meant. */
bool timing_cell(const struct timing *t, const struct facts *f, uint32_t above, uint32_t node,
	char out[STAMP_BYTES], size_t *n) MUST_CHECK;
/* The reverse: the cell's text without quotes. above: as it was read, without quotes. */
bool timing_read(
	const struct timing *t, str above, str shown, char out[STAMP_BYTES], size_t *n) MUST_CHECK;
/* Row i of STEPS. */
bool timing_step(const struct timing *t, uint32_t row, char out[STAMP_BYTES], size_t *n) MUST_CHECK;

#endif

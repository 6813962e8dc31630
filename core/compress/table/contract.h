/* contract: what a text with rows left out has to show of its original. Compares two documents value for value; knows
 * nothing of how rows are chosen or written. Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_CONTRACT_H
#define CORE_COMPRESS_TABLE_CONTRACT_H

#include "core/compress/table/gist.h"
#include "core/compress/table/read.h"
#include "core/json/tape.h"

/* shown is the original but for children of arrays, of which gaps says how many stood where; none of them tells of
 * an error (core/compress/table/alarm.h) by a member, and what they say of errors in words is said by others; with a proof, and but for long strings
 * (core/compress/table/gist.h). Linear; a: for as long as it runs. */
bool contract_holds(const struct json_tape *original, const struct json_tape *shown,
	const struct read_out *gaps, struct gist_proof *gist, struct arena *a) MUST_CHECK;

#endif

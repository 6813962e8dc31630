/* contract: what a text with rows left out has to show of its original. Compares two documents value for value; knows
 * nothing of how rows are chosen or written. Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_CONTRACT_H
#define CORE_COMPRESS_TABLE_CONTRACT_H

#include "core/compress/table/read.h"
#include "core/json/tape.h"

/* shown is the original but for children of arrays, of which gaps says how many stood where; none of them tells of
 * an error (core/compress/table/alarm.h) by a member, and what they say of errors in words is said by others; with is_gist, and but for long strings, as core/compress/table/gist_text.h shows
 * them. Linear; a: for as long as it runs. */
bool contract_holds(const struct json_tape *original, const struct json_tape *shown,
	const struct read_out *gaps, bool is_gist, struct arena *a) MUST_CHECK;

#endif

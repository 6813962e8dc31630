/* pick: which rows of large arrays are shown when the others may be left out. Shown are: rows that tell of errors
 * (core/compress/table/alarm.h), rows of rare keys or with a rare value where others have a few, numbers far from all
 * others, the row where a value changes that seldom does, rows that the query names, rows that speak of errors where
 * few do, the first and the last; and what is left out is summed up by column.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_PICK_H
#define CORE_COMPRESS_TABLE_PICK_H

#include "core/base/buf.h"
#include "core/compress/table/facts.h"

/* An array of which some children are left out. */
struct picked {
	uint32_t array; /* node */
	bool *is_shown; /* by child */
	uint32_t hidden_n;
	str summary; /* of these: "status ok 400, pending 12; id 17..480"; perhaps empty */
};

struct pick {
	struct picked *v; /* in the order of their arrays */
	size_t n, cap;
};

/* Looks for arrays that pay; false when there are none. is_gentle: more rows are shown. */
bool pick_rows(const struct facts *f, str query, bool is_gentle, struct arena *a, struct pick *out);
/* NULL when all of that array are shown. */
const struct picked *pick_of(const struct pick *p, uint32_t array);

#endif

/* variant: a long line that differs from an earlier one in a few words, said as the other line and the words.
 * The words are written as JSON strings: "plan-approved" -> "approved", "12" -> "13". Thread: any. */
#ifndef CORE_COMPRESS_VARIANT_H
#define CORE_COMPRESS_VARIANT_H

#include "core/base/arena.h"

enum {
	VARIANT_LINE = 100, /* bytes of a line that may be a variant, or have one */
	VARIANT_END = 40,   /* bytes that both lines share at the beginning or at the end */
};

/* The words by which line differs from old, as they are written; false when it is not much like it. */
bool variant_make(str old, str line, struct arena *a, str *words) MUST_CHECK;
/* The reverse: old with the words exchanged. False when they do not fit. */
bool variant_apply(str old, str words, struct arena *a, str *line) MUST_CHECK;
/* True when words is such a list. */
bool variant_is_list(str words);

#endif

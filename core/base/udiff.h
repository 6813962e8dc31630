/* udiff: what makes one text of another, as a unified diff with three lines of context (POSIX diff -u), which patch(1) and git take.
 * Owns: nothing; scratch lives in the arena. Thread: any. */
#ifndef CORE_BASE_UDIFF_H
#define CORE_BASE_UDIFF_H

#include "core/base/buf.h"

/* Lines that differ are compared one with another up to so many pairs, an int each; a larger difference is one that takes all
 * lines away and brings all others. */
#define UDIFF_PAIRS_MAX ((size_t)4 << 20)

struct udiff {
	str old_name, new_name; /* "/dev/null" where there is no file */
	str before, after;
};

/* Appends it to out; nothing when the texts are equal. */
void udiff_add(struct arena *a, const struct udiff *d, struct buf *out);

#endif

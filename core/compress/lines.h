/* lines: a text as its lines. The parts between "\n", as many as there are "\n" plus one, so that joining
 * them with "\n" gives the same bytes: a text that ends in "\n" has an empty last line. Thread: any. */
#ifndef CORE_COMPRESS_LINES_H
#define CORE_COMPRESS_LINES_H

#include "core/base/arena.h"

struct lines {
	str *v;
	uint32_t n; /* at least 1 */
};

struct lines lines_split(struct arena *a, str text);

/* hash64 of every line, n of them. */
uint64_t *lines_hash(struct arena *a, struct lines l) RETURNS_NONNULL;

#endif

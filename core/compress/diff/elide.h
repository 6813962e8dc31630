/* elide: what the elided form and its check say alike. Thread: any. */
#ifndef CORE_COMPRESS_DIFF_ELIDE_H
#define CORE_COMPRESS_DIFF_ELIDE_H

#include "core/base/buf.h"
#include "core/compress/diff/parse.h"

/* What is not shown, beside lines of headers. */
struct elide_counts {
	uint64_t context; /* unchanged lines */
	uint64_t files;   /* of which only counts are given */
};

/* Appends the head line's words for a diff. */
void elide_words(struct buf *b, const struct diff_doc *d, const struct elide_counts *c);

#endif

/* gutter: finds the line-number columns that agents' file tools put before every line. A segment is a run
 * of lines whose numbers grow by one in one and the same style. Thread: any. */
#ifndef CORE_COMPRESS_GUTTER_H
#define CORE_COMPRESS_GUTTER_H

#include "core/compress/lines.h"
#include "core/compress/marker.h"

struct gutter_segment {
	uint32_t first, n; /* lines of the text */
	uint32_t number;   /* of the first line */
	struct gutter_style style;
};

struct gutter {
	struct gutter_segment *v; /* in order, disjoint */
	uint32_t n;
};

/* Number columns that could as well be data ("1<tab>x" in a table, "1: x" in a list) are found only when
 * is_file_view says that the tool numbers lines, or when there are many in a row. */
struct gutter gutter_find(struct arena *a, struct lines l, bool is_file_view);

/* The line without its number column; the line must belong to the segment. */
str gutter_body(const struct gutter_segment *s, str line);

#endif

/* padded: are the lines of a text columns that are padded with blanks (ps, ls -l, kubectl)? For detect.c. Thread: any. */
#ifndef CORE_COMPRESS_PADDED_H
#define CORE_COMPRESS_PADDED_H

#include "core/base/str.h"

/* What was found of such columns. lines is 0 when there are none. */
struct padded {
	unsigned lines, columns;
	bool has_header;
};

/* Lines that all have blanks in the same places. Gives up at the first line of running text that does not fit, which
 * is the third or so. */
struct padded padded_find(str text);
/* True below a line that names the columns; or where there are more of both without. */
bool padded_is_table(const struct padded *p, bool needs_header) PURE;

#endif

/* hoist: consecutive lines that begin alike ("src/core/a.c", "src/core/b.c") with their common beginning said
 * once, in front, and, where it pays, with their common end and a piece in the middle:
 *	[12 lines, each: src/core/….c]             the lines say what stands at the …
 *	[9 lines, each: Installing … in /usr/lib (…]  the lines say both, with " … " between them
 * Lossless; nested at most once. Thread: any. */
#ifndef CORE_COMPRESS_HOIST_H
#define CORE_COMPRESS_HOIST_H

#include "core/base/buf.h"
#include "core/compress/lines.h"
#include "core/token/token.h"

/* Appends the n lines at v to out, one "\n" before each line of output but the very first of out when
 * *is_first (which is cleared). True when a prefix was hoisted. Lines with is_pinned are left as they are. */
struct hoist {
	enum token_encoding encoding;
	struct token_cache *cache;
	struct arena *arena;
	struct buf *out;
	bool *is_first;
};
bool hoist_lines(struct hoist *h, const str *v, const bool *is_pinned, uint32_t n);

/* Appends the whole line: what a marker says of each, and the rest that the line says. False when the rest does not
 * fit. */
bool hoist_fill(str common, str rest, struct buf *out) MUST_CHECK;

#endif

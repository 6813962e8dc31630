/* list: lists of paths (rg -l, rg -c, find, an agent's Glob) below their directories:
 *
 *	AGENTS.md
 *	                      an empty line ends a directory
 *	docs/models:
 *	anthropic.md          docs/models/anthropic.md
 *	openai.md
 *
 * Order, counts behind the paths and everything else stay. Thread: any. */
#ifndef CORE_COMPRESS_SEARCH_LIST_H
#define CORE_COMPRESS_SEARCH_LIST_H

#include "core/base/buf.h"

/* The paths of a text: where they begin, where the line behind them does, how many there are. False when the text
 * is no list of paths. */
struct search_list {
	size_t start, end, n;
};
bool search_list_find(str text, struct search_list *out) MUST_CHECK;

/* Appends them, grouped, without a line end behind the last; false when no directory is worth it. */
bool search_list_write(str lines, size_t n, struct arena *a, struct buf *out) MUST_CHECK;
/* The reverse; false when there are not n. */
bool search_list_read(str lines, size_t n, struct buf *out) MUST_CHECK;

#endif

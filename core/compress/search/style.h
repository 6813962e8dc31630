/* style: how search results were spelled and what was done to them, as a set of bits, and the words of a head
 * line that say so. Thread: any. */
#ifndef CORE_COMPRESS_SEARCH_STYLE_H
#define CORE_COMPRESS_SEARCH_STYLE_H

#include "core/base/buf.h"

/* X(name, words of the head line; "" = only its counts tell). In the order in which the head says them. */
#define SEARCH_STYLES(X)                                               \
	X(LIST, "")     /* paths alone, perhaps with counts */         \
	X(CONTEXT, "")  /* matches have ':', lines around '-' */       \
	X(PATHLESS, "") /* grep -n in one file */                      \
	X(HEADING, "as rg --heading")                                  \
	X(JSON, "from rg --json, its offsets and times left out")      \
	X(NUMBERLESS, "without line numbers")                          \
	X(COLUMN, "line:column")                                       \
	X(GAPS, "\"--\" left out where lines are missing")             \
	X(DIRS, "\"dir:\" holds for the names below it")               \
	X(SHARED, "paths with the same line stand together above it")  \
	X(REPEAT, "\"3,9:text\" stands on both lines")                 \
	X(STARTS, "\"7~text\": line 7 is what \"~=\" says, then text") \
	X(NEXT, "a line without number is the next one")               \
	X(BARE, "lines around matches left out")                       \
	X(TRIMMED, "indentation left out")                             \
	X(MORE, "[+3 more]: as many like these left out of the file")

enum search_style_bit {
#define X(name, words) SEARCH_BIT_##name,
	SEARCH_STYLES(X)
#undef X
		SEARCH_BIT_N
};

enum search_style {
#define X(name, words) SEARCH_##name = 1 << SEARCH_BIT_##name,
	SEARCH_STYLES(X)
#undef X
};

/* What a head line says. */
struct search_head {
	unsigned style;
	uint64_t lines;   /* LIST: paths */
	uint64_t matches; /* of the lines; only said with CONTEXT, BARE */
	uint64_t files;   /* groups of lines below a path; not said with LIST, PATHLESS */
};

void search_head_write(struct buf *b, const struct search_head *h);
/* False when search_head_write writes nothing like these words. */
bool search_head_parse(str words, struct search_head *out) MUST_CHECK;

#endif

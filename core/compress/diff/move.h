/* move: blocks of lines that are removed in one place of a diff and added in another, or the other way round. The
 * second of the two is said by the first:
 *
 *	[14 lines added, as removed at src/a.c:120]	line 120 of the old file; of added lines, of the new one
 *
 * Names are those of the last file before it that has this name. Thread: any. */
#ifndef CORE_COMPRESS_DIFF_MOVE_H
#define CORE_COMPRESS_DIFF_MOVE_H

#include "core/base/buf.h"
#include "core/compress/diff/parse.h"

struct move {
	uint32_t at, end; /* of the lines in the text */
	uint32_t n;       /* lines */
	char sign;        /* of those lines; their source has the other one */
	str name;         /* of the file of the source */
	uint32_t number;  /* of its first line */
};

struct moves {
	struct move *v; /* in the order of the text */
	size_t n;
};

/* All that are worth it. Linear. */
struct moves moves_find(const struct diff_doc *d, struct arena *a);

/* "[14 lines added, as removed at src/a.c:120]" without line end. */
void move_write(struct buf *b, const struct move *m);
/* False when the line is none; at and end are not set. */
bool move_parse(str line, struct move *out) MUST_CHECK;

/* A text in which the lines of all moves are empty but for their signs, to what it was; moves: their places in that
 * text. False when a source is not there. */
bool moves_fill(str text, const struct moves *moves, struct arena *a, struct buf *out) MUST_CHECK;

#endif

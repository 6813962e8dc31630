/* graph_page: rows of the code graph as a page of text that a model reads: what several rows have in common (the file; of importers what they
 * import) stands once above them, and the lines of one caller in one row:
 *	core/base/buf.c
 *	43,61 grow
 *	88 buf_add
 *	90 buf_add by CHECK         a call of a macro that calls it
 *	(rows 1 to 4 of 412; for more: offset 4)
 * Owns: its text, from init to release. Thread: one at a time. */
#ifndef CORE_MCP_GRAPH_PAGE_H
#define CORE_MCP_GRAPH_PAGE_H

#include "core/base/buf.h"
#include "core/store/graph.h"

struct graph_page {
	enum graph_question question;
	str what;               /* is asked for; the caller's */
	uint64_t offset, limit; /* rows before it, and on it at most */
	uint64_t rows;          /* that were added */
	uint64_t end;           /* row behind the last one on the page */
	bool is_full, has_place;
	struct buf text, last, head, label; /* last: the row that came last, to know it again */
};

/* what: lasts as long as the page. limit: 0 for the usual. */
void graph_page_init(struct graph_page *p, enum graph_question question, str what, uint64_t offset,
	uint64_t limit);
void graph_page_release(struct graph_page *p);

/* A graph_each_row; self is a struct graph_page. A row that is the same as the one before it is passed over. */
void graph_page_add(void *self, str path, const struct graph_row *row);

/* Behind the last row: says how many there are, and how the next page is had, unless all are on this one. */
void graph_page_end(struct graph_page *p);

#endif

/* note: the kinds of lines that the elided form puts between those of the log, and nothing else knows how they are
 * spelled:
 *	[3: 97 more like this until 18:02:01,001; 12 is 1 to 77]         behind the first line of a pattern
 *	[3: 97 more errors like this until 18:02:01,001; 19 is 19 23 77] the same; values are all that there are
 *	[412 like 1 2 5]                         where lines were left out
 *	[412 like 1 2 5 7 8 9 and more]          they are of more patterns than that
 *	[412 like 1 2 5, 7 others], [7 others]   some are like none of those shown
 *	[31 like 1 2 among the 40 lines below]   where few are left out again and again
 *	[rows of 4: <time> ERROR disk <*>]       the pattern, or the beginning, of rows here or further below
 * Thread: any. */
#ifndef CORE_COMPRESS_LOG_NOTE_H
#define CORE_COMPRESS_LOG_NOTE_H

#include "core/base/buf.h"

enum { LOG_GAP_NAMES = 6 };

struct log_note {
	uint32_t number, more;
	bool is_errors;
	str values; /* behind the first "; ", without the bracket */
};

struct log_gap {
	uint32_t like, others; /* lines */
	uint32_t names[LOG_GAP_NAMES];
	uint32_t names_n;
	bool has_more_names;
	uint32_t among; /* shown lines below it between which they were; 0: all of them were here */
};

/* What comes before the values; the caller adds "; ..." and ']'. */
void log_note_begin(struct buf *b, const struct log_note *n, str until);
bool log_note_parse(str line, struct log_note *out) MUST_CHECK;

void log_gap_write(struct buf *b, const struct log_gap *g);
bool log_gap_parse(str line, struct log_gap *out) MUST_CHECK;

void log_rows_begin(struct buf *b, uint32_t number, str spelled);
bool log_rows_parse(str line, uint32_t *number, str *spelled) MUST_CHECK;

#endif

/* row: a line of a pattern as the pattern's number and what stands at each of its places, and back. Both sides walk
 * through the rows with the same memory of what stood before; the writer sets a pattern up from its spelling, as the
 * reader does.
 *	1: <time> INFO Executor: Running task <*> of <*> in stage <^> on <*>
 *	1 20:11:08 38 40 worker-07.example.org
 *	1 :09 +            the minute as before, 39, and the rest as before, since nothing more is said
 *	2 = 44 ^           another pattern: the same second, 44, and the long value that was written last
 *	2*3                three lines that are the same
 * Values stand between blanks, blanks that pad a number belong to it; a blank in a time is a '_', nothing is "".
 * A place shares its memory with that of all patterns that are spelled alike up to it. Thread: any; memory is the
 * caller's arena, strings are slices of the texts. */
#ifndef CORE_COMPRESS_LOG_ROW_H
#define CORE_COMPRESS_LOG_ROW_H

#include "core/base/buf.h"
#include "core/base/map.h"
#include "core/compress/log/line.h"

/* Places in the spelling of a pattern. */
#define LOG_ANY   "<*>"
#define LOG_TIME  "<time>"
#define LOG_TWIN  "<^>"     /* the same as the <*> before it, always */
#define LOG_CLOCK "<clock>" /* the time of day of the <time> before it */
#define LOG_REST  "<...>"   /* all that is left of the line */

enum {
	/* Longer time stamps (of very many digits) are none that a row could say. */
	LOG_STAMP_BYTES = 64,
	/* Digits of the longest number, with a sign. */
	LOG_NUMBER_BYTES = 24,
	/* Long values that can be named: one that was written earlier is hard to find. */
	LOG_SAID = 4,
};

enum log_place { LOG_PLACE_ANY, LOG_PLACE_TIME, LOG_PLACE_TWIN, LOG_PLACE_CLOCK, LOG_PLACE_REST };

struct log_cell {
	str v; /* NULL: none yet */
	char number[LOG_NUMBER_BYTES];
};

struct log_spelled {
	str *texts; /* places_n + 1: texts[0] value texts[1] ... */
	uint8_t *places;
	struct log_cell **cells; /* of those that are ANY */
	uint32_t places_n;
	uint32_t second; /* the place of the second time; places_n when there is none */
};

struct log_time {
	char bytes[LOG_STAMP_BYTES];
	size_t n;
};

struct log_rows {
	struct arena *arena;
	struct map cells; /* spelling of a pattern up to a place -> struct log_cell */
	struct log_time time[LOG_STAMPS_MAX]; /* of the row before */
	/* A line's second time is expected to be the time of day of its first, and said last. */
	bool is_synced;
	bool has_dittos;    /* a row that begins with a blank is of the pattern of the row before */
	uint32_t last;      /* that pattern's number; 0: another line stands between */
	str rest;           /* of the line that is read */
	str said[LOG_SAID]; /* long values that were written, the last one first */
	/* For the writer: where the last rows begin that say no more than their number, and how many they are; which
	 * signs were used. */
	size_t run_at;
	uint32_t run;
	bool has_steps, has_said, has_runs;
};

void log_rows_init(struct log_rows *r, struct arena *a);

/* False when the pattern has more times than lines can have, a twin or a clock of nothing, or a rest that is not its last. */
bool log_spelled_parse(struct log_rows *r, str spelled, struct log_spelled *p) MUST_CHECK;

/* Writes the row with a line end. values: one for each place. False when they cannot be said: nothing has changed
 * then. */
bool log_row_write(struct log_rows *r, const struct log_spelled *p, uint32_t number,
	const str *values, struct buf *out) MUST_CHECK;

/* The time of day in a time; empty for none. */
str log_time_clock(str time) PURE;

/* Something else stands before the next row: it is not told with those before. */
void log_rows_break(struct log_rows *r);

/* A line that is none of a pattern, without a line end; numbers_n: of all patterns. */
void log_row_write_line(struct log_rows *r, uint32_t numbers_n, str line, struct buf *out);

struct log_row {
	uint32_t number; /* of the pattern; 0: the line stands as it is */
	uint32_t times;  /* as many lines */
	str fields;      /* what follows the number; the line */
};

/* What the line is where there are so many patterns. */
void log_row_parse(struct log_rows *r, uint32_t numbers_n, str line, struct log_row *row);

/* Writes the line of the row without a line end. False when the row is none of the pattern. */
bool log_row_read(
	struct log_rows *r, const struct log_spelled *p, str fields, struct buf *out) MUST_CHECK;

/* What of now has to be said after before, both time stamps: from a colon, point or comma on, or behind a blank or
 * 'T' on; "=": nothing. All of now when nothing can be saved. */
str log_time_cut(str before, str now);
/* The reverse, over what stood there before; false when that is no cut of it. */
bool log_time_join(struct log_time *t, str cut) MUST_CHECK;

#endif

/* layout: how the patterns whose lines are told as rows are spelled: which values always stand twice, and whether both
 * times of a line go together, as the first lines of each tell. Thread: any; memory is the caller's arena. */
#ifndef CORE_COMPRESS_LOG_LAYOUT_H
#define CORE_COMPRESS_LOG_LAYOUT_H

#include "core/compress/log/begin.h"
#include "core/compress/log/mine.h"
#include "core/compress/log/row.h"

enum {
	/* More kinds of beginnings with times than a log has. */
	LOG_STAMPED_MAX = 4,
	LOG_LEADS_MAX = LOG_STAMPED_MAX + LOG_BEGINS_MAX,
};

/* What many lines that are told as they are begin with: their times and what stands around them, or words (begin.h). */
struct log_lead {
	struct log_pattern p;
	uint32_t stamps; /* slots of it before the rest */
	uint64_t lines;
	uint32_t patterns;
	bool is_error; /* all of them, by their levels */
	str text;
	struct log_spelled spelled;
	uint32_t number; /* the caller's */
};

struct log_layout {
	const struct log_mine *m;
	struct arena *arena;
	bool *is_row;                /* of every pattern: its lines are told as rows */
	str *text;                   /* of these: the pattern as it is spelled */
	struct log_spelled *spelled; /* the same, as a reader has it */
	struct log_rows rows;
	struct log_lead leads[LOG_LEADS_MAX];
	uint32_t leads_n;
	bool has_twins;
	str values[LOG_WORDS_MAX]; /* of a line */
};

/* is_row: of every pattern; stays the caller's and is cleared for those that cannot be spelled. */
void log_layout_init(
	struct log_layout *l, const struct log_mine *m, str text, bool *is_row, struct arena *a);

/* Whether it pays that rows of the pattern of the row before leave out its number, where so many would, and so many other lines
 * begin with a blank. */
bool log_layout_dittos(uint32_t dittos, uint32_t blanks) PURE;

/* Bytes that each line of the pattern would save as a row; less than none where it would be longer. */
long log_layout_gain(const struct log_pattern *p) PURE;

/* Finds leads of times, of errors others where that saves more; plain: of every pattern, its lines that will stand as they are. What the leads save, in bytes. */
long log_layout_find_leads(struct log_layout *l, const uint32_t *plain);
/* Others behind these, of words. */
void log_layout_add_begins(struct log_layout *l, const struct log_begin *begins, uint32_t n);

/* The lead that the line begins with; its values are in l->values then. NULL when there is none. */
struct log_lead *log_layout_lead(struct log_layout *l, str line);

/* The line as a row, with a line end. False when it has to stand as it is. */
bool log_layout_write(struct log_layout *l, uint32_t pattern, uint32_t number, str line,
	struct buf *out) MUST_CHECK;

/* What the head says of the rows that were written, and what a reader has to know of it; false when there are no
 * rows. */
void log_layout_words(const struct log_layout *l, struct buf *b);
bool log_layout_read_words(struct log_rows *r, str words);

#endif

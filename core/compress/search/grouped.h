/* grouped: search results as we write them, below a head line:
 *
 *	src/a.c                a path stands first, and first behind an empty line
 *	12:int a;              its lines
 *	13	int b;         the ':' is left out before blanks
 *		int c;         and a number that is the next one
 *	20,31:return;          equal lines once, where the first of them stood
 *
 *	src:                   DIRS: a directory for the paths below, until the next; ".:" is none
 *	b.c
 *	7:int d;
 *	[+3 more]              MORE: so many lines of the file were left out
 *
 *	src/c.c:3              SHARED: files whose only line is the same
 *	src/d.c:5
 *	:import json
 *
 *	Binary file x matches  alone between empty lines: some other line, as it was
 *
 * STARTS: what lines begin with is said by a sign, explained first; starts.h.
 *
 * With CONTEXT matches keep number and ':', the lines around them have '-' where these have ':', and no line is
 * moved. Thread: any. */
#ifndef CORE_COMPRESS_SEARCH_GROUPED_H
#define CORE_COMPRESS_SEARCH_GROUPED_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/compress/search/source.h"
#include "core/compress/search/starts.h"

/* What stands behind the results when other text follows them. */
#define SEARCH_END "[end of search]"

/* False when a line could be taken for one of our markers, or for the end of the results. */
bool search_is_harmless(str line);

/* Which matches an elided text leaves out; elide.h. */
struct search_elision;
/* Where lines stand again; lines.c. */
struct search_same;

struct search_writer {
	struct arena *arena;
	struct buf out; /* "\n" before every line */
	struct search_head head;
	struct search_elision *elision; /* NULL: all is shown */
	const uint32_t *dir_n;          /* of every file, in order; NULL without DIRS */
	struct search_starts *starts;   /* NULL without STARTS */
	VEC(str) paths;                 /* of every file, in order */
	bool is_unfit;                  /* a line cannot be said in this form */
	/* Of the file that is open, and of those before it that may share a line: */
	str path, dir;
	VEC(struct search_item) items;
	VEC(struct search_item) shared;
	struct search_same *same;
};

void search_writer_init(struct search_writer *w, struct arena *a, unsigned style, size_t max);
/* Before all lines. */
void search_writer_starts(struct search_writer *w, struct search_starts *starts);
/* A match, a line of context, or a gap that is to be said. */
void search_writer_add(struct search_writer *w, const struct search_item *it);
/* Any other line. */
void search_writer_other(struct search_writer *w, str line);
void search_writer_end(struct search_writer *w);

/* The lines of one file (lines.c), and one line with what stands before it: for this folder. */
void search_writer_lines(struct search_writer *w, const struct search_item *v, size_t n);
void search_writer_line(struct search_writer *w, const char *before, str line);
/* The text of a line, with its beginning said by a sign, or else with this between it and its number. */
void search_writer_body(struct search_writer *w, str body, const char *between);

static inline bool search_has_margin(str body)
{
	return body.n && (*body.p == ' ' || *body.p == '\t');
}

/* One file with its lines, or one other line. */
struct search_group {
	bool is_other; /* path is that line */
	str path;
	VEC(struct search_item) items; /* as they were in the file; MORE items where they stand */
	uint64_t more;                 /* lines left out */
};

struct search_reader {
	struct arena *arena;
	str text; /* the results, without the line end behind the last one */
	size_t at;
	unsigned style;
	struct search_starts starts;
	bool is_damaged;
	bool has_repeat; /* the group has lines that stand with others */
	str dir;
	size_t joined;     /* bytes of directories and beginnings put before others */
	size_t shared_end; /* where the line stands whose paths are just returned; 0: none */
	struct search_item shared;
	struct search_group group;
};

void search_reader_init(struct search_reader *r, struct arena *a, str text, unsigned style);
/* The next group (r->group, until the next call). False at the end, or where the text is damaged. */
bool search_reader_next(struct search_reader *r) MUST_CHECK;

/* True when numbers (and columns) grow from line to line. */
bool search_is_ascending(const struct search_item *v, size_t n);

#endif

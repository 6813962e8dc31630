/* source: reads search results as the tools print them, line by line. Nothing is lost: path, number, column and
 * body of every line can be put together again in the style that search_open found.
 *
 *	flat        src/a.c:12:int a;   src/a.c:12:5:int a;   src/a.c-13-int b;   --   C:\a.c:12:x
 *	NUMBERLESS  src/a.c:int a;
 *	HEADING     src/a.c, below it 12:int a; and 13-int b; and an empty line before the next path
 *	PATHLESS    12:int a;
 *	JSON        {"type":"match",...} (ripgrep's printer, crate grep-printer)
 *	LIST        src/a.c or src/a.c:17, see list.h
 * Where a path could end in two places any choice is right: the same bytes come out. */
#ifndef CORE_COMPRESS_SEARCH_SOURCE_H
#define CORE_COMPRESS_SEARCH_SOURCE_H

#include "core/base/arena.h"
#include "core/compress/search/style.h"

enum search_kind {
	SEARCH_ITEM_MATCH,  /* path, number, column, body */
	SEARCH_ITEM_AROUND, /* a line of context; the same */
	SEARCH_ITEM_GAP,    /* "--" */
	SEARCH_ITEM_OTHER,  /* body: any other line */
	SEARCH_ITEM_MORE,   /* number: matches that a grouped text left out here */
};

struct search_item {
	enum search_kind kind;
	uint32_t number, column; /* 0 where the style has none */
	bool is_heading;         /* HEADING, JSON: the first below its path */
	uint32_t nth;            /* line of a match among all that the source has returned */
	str path, body;
};

struct search_source {
	str text;
	size_t at; /* where the next line begins */
	unsigned style;
	str path; /* of the last line that had one */
	uint32_t returned;
	unsigned misses;     /* looks ahead for a path that found nothing */
	struct arena *arena; /* for JSON's escapes */
	/* BARE: lines of context that were passed over, where the last one ends, whose they are as long as no match of
	 * that file came, of which file the last match was; a file had no match. */
	uint64_t left;
	size_t left_end;
	str around, matched;
	bool is_lost;
};

/* Looks at the beginning of the text: what style it has and where its first line of results begins
 * (out->at). False when it does not look like search results. */
bool search_open(str text, struct arena *a, struct search_source *out) MUST_CHECK;
/* The next line; with BARE, the next that is no context and no gap. False where the results end (s->at is there), at the end of the text at the latest. */
bool search_next(struct search_source *s, struct search_item *out) MUST_CHECK;

/* The line at offset at of a text, and where the next one begins. */
str search_line(str text, size_t at, size_t *next);
/* True when the line is a plausible path by itself, perhaps with spaces in it. */
bool search_is_path(str line);
/* The same, perhaps with ":17" behind it; a path that nobody would take for a word. */
bool search_is_listed(str line);
/* A decimal number from 1 on, of up to nine digits, is taken off the beginning. */
bool search_take_number(str *s, uint32_t *out) MUST_CHECK;

/* True when a text begins with a line of ripgrep's JSON about a file: whoever took these lines for rows of a table would
 * leave out matches. */
bool search_json_begins(str text) PURE;
/* One line of ripgrep's JSON. False when it is not spelled as ripgrep does, or holds several lines of a file. Lines
 * that are no results (begin, end, summary) have *is_result false. */
bool search_json_line(
	str line, struct arena *a, struct search_item *out, bool *is_result) MUST_CHECK;

/* True when a "--" stands between these lines wherever a tool separates groups of context. */
bool search_has_gap(unsigned style, const struct search_item *before, const struct search_item *it);

#endif

/* gap: the lines that stand in place of what was left out of a build's or a test run's text, in brackets, in plain words:
 *	[12 passed; tests/a.py 10, tests/b.py 2]
 *	[15 lines: 12 passed, 1 skipped]   two of the lines are blank, or belong to tests
 *	[93 lines of progress] [18 lines of source] [57 lines of output] [9 lines of frames]
 *	[57 lines of output, 3 as shown above]   three of them must be shown, and were
 *	[57 lines of output among the 12 lines below]    a few before each
 *	[14 lines of the same error] [350 lines of the same error in 14 more tests]
 * Thread: any. */
#ifndef CORE_COMPRESS_BUILD_GAP_H
#define CORE_COMPRESS_BUILD_GAP_H

#include "core/base/buf.h"

enum build_kind {
	BUILD_SHOWN,
	BUILD_PASSED,   /* tests that passed or were skipped, and the blank lines between them */
	BUILD_PROGRESS, /* of build_is_progress() */
	BUILD_AGAIN, /* what is below the title of a test that failed as the one before did, and titles that are named elsewhere */
	BUILD_SOURCE, /* code and variables that a trace of pytest quotes, frames of libraries between them */
	BUILD_OUTPUT,   /* what a program printed */
	BUILD_FRAMES,   /* of stack traces, with the code below them */
	BUILD_REPEATED, /* of lines, never of gaps: output, as a line that was shown */
};

enum { GAP_SUITES = 6 /* that are named; their names are not what was asked for */ };

struct build_suite {
	str name;
	uint32_t passed;
};

struct build_gap {
	enum build_kind kind;
	uint32_t lines, passed, skipped; /* the latter two: PASSED only */
	uint32_t titles;                 /* AGAIN only */
	uint32_t repeated;               /* OUTPUT only */
	uint32_t
		among; /* OUTPUT only: shown lines below it between which they were; 0: all of them were here */
	struct build_suite suites[GAP_SUITES];
	uint32_t suites_n;
};

/* Adds what was passed to the suite of that name, if it is among the first ones. */
void build_gap_count(struct build_gap *g, str suite, uint32_t passed);
/* The line without line end. */
void build_gap_write(struct buf *b, const struct build_gap *g);
/* True when the line is such a one, exactly as it is written. Names point into the line. */
bool build_gap_parse(str line, struct build_gap *out) MUST_CHECK;

#endif

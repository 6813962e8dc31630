/* command: a line for the shell, as far as habits can be told from it: where it runs, what it prepares, which program it is
 * about. A guess by the words: quotes and separators are understood, what variables hold is not.
 * Owns: nothing; parts point into the line or live in the arena. Thread: any. */
#ifndef LEARN_COMMAND_H
#define LEARN_COMMAND_H

#include "core/base/arena.h"

enum { COMMAND_PARTS_MAX = 16, COMMAND_WORDS_MAX = 24 };

/* One program with its words, as it stands between separators. */
struct command_part {
	str text;                     /* from its program on: without assignments before it */
	str words[COMMAND_WORDS_MAX]; /* without quotes around a whole word */
	uint32_t words_n;
	str assigned; /* "A=1 B=2" before the program; empty: none */
	char before;  /* the separator: '&' "&&", '|', 'o' "||", ';', 'b' "&"; 0: the first */
};

struct command {
	struct command_part parts[COMMAND_PARTS_MAX];
	uint32_t parts_n;
	str dir;       /* of "cd DIR &&" at the beginning; empty: none */
	str activate;  /* "source DIR/bin/activate" before the program; empty: none */
	uint32_t main; /* the part that it is about: behind those, waits and settings */
	/* From that part to the end, blanks as one, without what is changed from time to time: "| head -50", "2>&1". In the arena. */
	str core;
	bool is_plain; /* nothing but that part and such endings: no pipe, loop, substitution or heredoc */
};

/* False: no program is in it, or it has too many parts. */
bool command_parse(str line, struct arena *a, struct command *out) MUST_CHECK;

static inline const struct command_part *command_main(const struct command *c)
{
	return &c->parts[c->main];
}
static inline str command_program(const struct command *c)
{
	return c->parts[c->main].words[0];
}
/* True when a part runs a program of that name (the last part of its path). */
bool command_runs(const struct command *c, str name) PURE;

/* True when it may change files or what is installed, so that what failed before it may work behind it. */
bool command_changes(const struct command *c) PURE;

/* Whether one that worked may be what was meant by one that did not: the same program, or the same words behind another
 * (uv run pytest for pytest). */
bool command_is_related(const struct command *failed, const struct command *worked) PURE;
/* What stands before the words that both end with, up to whole words; true when these are at least the failed one's without
 * its program, and the programs differ: then *wrong is "python", *right is "uv run python". */
bool command_replacement(const struct command *failed, const struct command *worked, str *wrong,
	str *right) MUST_CHECK;

#endif

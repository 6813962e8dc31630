/* lines: where the lines of a text can be counted by themselves, and a table of what they counted. The core of a line is the
 * part that begins and ends with ends of pieces in every text that has it at a like place: not the number column nor
 * all of the indentation, but the line end. Internal to core/token; o200k_base only, whose pieces at the end of a text are
 * those that they are elsewhere.
 * Owns: nothing; a table lives in an arena and borrows its text. Thread: one at a time while it is filled, then any. */
#ifndef CORE_TOKEN_LINES_H
#define CORE_TOKEN_LINES_H

#include "core/base/arena.h"

/* [from, to), with the line end. */
struct line_core {
	const char *from, *to;
};

/* The next line from *at on, which is the beginning of a line of text, that has a core; *at becomes the beginning of the
 * line behind it. False: no line from there on has one. */
bool line_core_next(str text, const char **at, struct line_core *out);

struct token_lines;

/* For the lines of that text. */
struct token_lines *token_lines_new(struct arena *a, str text) RETURNS_NONNULL;
/* A line of the text; passed over when the table is full or the line is longer than 64 KB. count: above 0. */
void token_lines_put(struct token_lines *l, const struct line_core *core, size_t count);
/* 0: not there. */
size_t token_lines_find(const struct token_lines *l, const struct line_core *core);

#endif

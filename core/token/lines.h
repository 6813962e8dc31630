/* lines: groups of lines that count the same in every text that has them. A group is a line that begins where a piece does, with
 * those behind it that do not: blank ones, mostly. Of a line with a number column only what is behind it belongs to the group: it counts what its
 * pieces count in the text, but for those near the column and before blank lines, which are others without columns.
 * Internal to core/token; o200k_base only, whose pieces at the end of a text are those that they are elsewhere.
 * Owns: nothing; groups live in an arena and borrow their text. Thread: one at a time while counts are filled in, then any. */
#ifndef CORE_TOKEN_LINES_H
#define CORE_TOKEN_LINES_H

#include "core/base/arena.h"
#include "core/token/token.h"

/* Offsets in the text. */
struct line_group {
	uint32_t line; /* where the first line begins, behind its number column */
	uint32_t from,
		to; /* pieces that are counted as they are in the text: the first line's at least from here on */
	uint32_t lines : 15;
	uint32_t
		is_numbered : 1; /* the first line; those behind it have nothing but number columns */
	uint32_t count : 16;     /* 0: not known */
};

struct token_lines {
	str text;
	struct line_group *v; /* in order */
	size_t n;
};

/* The groups of a text, without counts. */
struct token_lines *token_lines_new(struct arena *a, const struct token_text *t) RETURNS_NONNULL;

/* Whether a piece ends behind the line end before p, where a line begins: true at a text's beginning, too. */
bool token_line_starts(const char *p, const char *end);

#endif

/* outline: which lines of a source file say what there is, and which only how it works, by its syntax tree. The one user of
 * tree-sitter. All memory is the caller's arena, but for what tree-sitter takes while it is at work. Thread: any. */
#ifndef CORE_COMPRESS_CODE_OUTLINE_H
#define CORE_COMPRESS_CODE_OUTLINE_H

#include "core/compress/code/language.h"
#include "core/compress/lines.h"

/* Something that is defined, by lines from 0 on. */
struct code_definition {
	uint32_t first, last; /* both included, with what stands around it */
	uint32_t body;        /* the first line that its signature does not need; last + 1: none */
	bool is_type;
	str name; /* may be empty */
};

struct code_outline {
	bool *is_hidden;           /* of each line */
	struct code_definition *v; /* in the order in which they begin */
	uint32_t n;
};

struct code_outliner;
struct code_outliner *code_outliner_new(
	const struct code_language *language, struct arena *a) RETURNS_NONNULL;

/* source: the lines joined by "\n", all of a file or whole definitions of it; is_first: it begins with them. out: arrays of zeros for
 * as many as there are lines. False when it does not parse without an error, when it is too large, or when memory is
 * short; linear in the source. Hidden are the bodies of functions, but for lines of functions and classes in them that
 * define these, and what comments and descriptions have beyond their beginning. */
bool code_outline_part(struct code_outliner *o, str source, struct lines lines, bool is_first,
	struct code_outline *out) MUST_CHECK;

/* The same of a source without errors alone. parsed: the source, or what stands for it, of the same length and with the same lines. */
bool code_outline_clean(struct code_outliner *o, str parsed, str source, struct lines lines,
	struct code_outline *out) MUST_CHECK;
const struct code_language *code_outliner_language(const struct code_outliner *o);
struct arena *code_outliner_arena(const struct code_outliner *o);

#endif

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

/* source: the lines joined by "\n". False when it does not parse without an error, when it is too large, or when memory is
 * short; linear in the source. Hidden are the bodies of functions, but for lines of functions and classes in them that
 * define these, and what comments and descriptions have beyond their beginning. */
bool code_outline(const struct code_language *language, str source, struct lines lines,
	struct arena *a, struct code_outline *out) MUST_CHECK;

#endif

/* nest: what stands around each line of a source whose definitions are within the brackets of others: namespaces, classes. Lines
 * below such a bracket can be told by themselves, between what opens it and what closes it.
 * By the brackets alone; strings and comments are known as far as most languages have them alike. Thread: any; all memory is the caller's arena. */
#ifndef CORE_COMPRESS_CODE_NEST_H
#define CORE_COMPRESS_CODE_NEST_H

#include "core/compress/code/language.h"
#include "core/compress/lines.h"

/* A bracket that has definitions in it. */
struct code_opener {
	uint32_t first, line; /* of what stands before it, and its own */
	uint32_t last;        /* of the one that closes it */
	uint32_t outer;       /* the next one around it, as a place in v from 1 on; 0: none */
	bool has_mark;        /* a semicolon has to follow the closing one */
};

/* In around: the line begins within brackets of another kind. */
#define NEST_OTHER UINT32_MAX

struct code_nest {
	bool is_guess; /* where an opener is closed has to be held against a tree */
	struct code_opener *v;
	uint32_t n;
	uint32_t *
		around; /* of each line: the innermost around its beginning, as outer; NEST_OTHER */
};

/* True when all brackets come in pairs, as far as this can tell. */
bool code_nest_read(const struct code_language *l, struct lines lines, struct arena *a,
	struct code_nest *out) MUST_CHECK;
/* The same where "end" is what closes: by how far lines are indented. A line that is not as far as its class' members are is in NEST_OTHER. */
bool code_nest_read_ends(struct lines lines, struct arena *a, struct code_nest *out) MUST_CHECK;

#endif

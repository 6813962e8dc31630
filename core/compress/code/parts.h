/* parts: the outline of a source file from those of its parts, so that of a file that was changed only what has changed is parsed again.
 * A file is cut before lines that define something at its top level; where, depends on the lines near and on what is open there. The outline is a function of
 * the source, whatever is kept: each part is parsed by itself (between what opens and what closes the namespaces and classes that it is in) whether its outline is kept or not, and where one of them does
 * not parse, all of the file is, as if it had none.
 * Owns: a cache what it keeps, in two generations of at most GENERATION_BYTES. Thread: a cache, any. */
#ifndef CORE_COMPRESS_CODE_PARTS_H
#define CORE_COMPRESS_CODE_PARTS_H

#include "core/compress/code/nest.h"
#include "core/compress/code/outline.h"

/* Outlines of parts that were seen lately. */
struct code_cache;
struct code_cache *code_cache_new(void) MUST_CHECK; /* NULL: out of memory */
void code_cache_free(struct code_cache *c);         /* NULL is allowed */
/* What has been parsed so far for want of an outline, in bytes of sources. */
size_t code_cache_parsed(struct code_cache *c) MUST_CHECK;

/* The first line of each part, n of them, the first of which is 0. */
struct code_parts {
	uint32_t *v;
	uint32_t n;
	const struct code_nest
		*nest; /* of languages that have nests; NULL: nothing stands around the parts */
};
struct code_parts code_parts_find(
	const struct code_language *language, struct lines lines, struct arena *a);

/* source: the lines joined by "\n". c: NULL is allowed. False when it does not parse, is too large, or memory is short. */
bool code_outline(const struct code_language *language, str source, struct lines lines,
	struct code_cache *c, struct arena *a, struct code_outline *out) MUST_CHECK;

#endif

/* part: the JSON in a text: all of it, a document between other lines, or several documents one below the other.
 * Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_PART_H
#define CORE_COMPRESS_TABLE_PART_H

#include "core/compress/table/layout.h"
#include "core/json/tape.h"

struct part {
	str before, body, after;
	bool has_lines; /* several documents, "\n" between them: the tape has them as elements of an array */
	struct layout layout;
	struct json_tape tape;
};

/* Finds the part that is worth it. */
bool part_find(str text, struct arena *a, struct part *out) MUST_CHECK;
/* Finds the layout that gives the same bytes; false when there is none. bytes: of the tape's document without white space. */
bool part_find_layout(struct part *p, size_t bytes) MUST_CHECK;
/* True when a document that is nothing but that has no white space between its tokens. */
bool part_is_minified(const struct json_tape *t) PURE;
/* The body again, of the document (or array of documents) without white space. False when has_lines and it is no
 * array. */
bool part_print(
	const struct layout *l, bool has_lines, str minified, struct arena *a, str *out) MUST_CHECK;

#endif

/* patch: edits as {span, replacement}, spliced into the original bytes. Every byte outside the spans is
 * copied as it is. Thread: any. */
#ifndef CORE_JSON_PATCH_H
#define CORE_JSON_PATCH_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"

struct patch_edit {
	struct span at; /* may be empty: an insertion */
	str text;       /* goes in place of it, as it is (JSON strings come with their quotes) */
};

/* Sorts edits by place (stable: insertions at one place keep their order). */
void patch_sort(struct patch_edit *edits, size_t n);
/* Appends doc with the sorted edits to out. E_INTERNAL when edits overlap or leave the document;
 * out's own error otherwise. */
enum err patch_apply(str doc, const struct patch_edit *edits, size_t n, struct buf *out) MUST_CHECK;

#endif

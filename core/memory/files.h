/* files: Anthropic's memory tool (type memory_20250818): files below /memories that are nowhere but in a store of memories, one
 * memory each, so that they have versions, are shown and searched as the others are. Its commands: view, create, str_replace,
 * insert, delete, rename (docs.claude.com, "Memory tool"). Paths are exact: nothing is found by likeness.
 * Owns: nothing. Thread: any. */
#ifndef CORE_MEMORY_FILES_H
#define CORE_MEMORY_FILES_H

#include "core/memory/recall.h"

extern const char memory_files_type[]; /* "memory_20250818" */
extern const char memory_files_name[]; /* "memory" */

/* Answers a call: arguments as the model wrote them. Appends text. False: it says what is wrong. */
bool memory_files_answer(
	struct recall *r, const struct recall_scope *s, str arguments, struct buf *out) MUST_CHECK;

#endif

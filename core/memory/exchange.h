/* exchange: memories as text, for people and for other programs: JSON, JSON Lines and Markdown, out and in again. What was
 * written is read back to the same memories. A JSON array as the Python program exports is read, too.
 *
 * In Markdown a memory is a list item under the heading of its category; what else there is to it stands in a comment at
 * the item's end, so that a list that somebody wrote by hand is read as well.
 * Owns: nothing; what is read lives in the arena. Thread: that of the arena. */
#ifndef CORE_MEMORY_EXCHANGE_H
#define CORE_MEMORY_EXCHANGE_H

#include "core/base/vec.h"
#include "core/json/write.h"
#include "core/store/memory.h"

enum memory_format { MEMORY_AS_JSONL, MEMORY_AS_JSON, MEMORY_AS_MARKDOWN };

/* The members of an object that is open: all of a memory. What is not set is null. */
void memory_write_members(struct json_writer *w, const struct memory *m);
/* out's own error when it is full. */
enum err memory_write_all(enum memory_format format, const struct memory *v, size_t n,
	struct buf *out, struct errctx *cx) MUST_CHECK;

struct memory_read {
	VEC(struct memory) v; /* those without id are new */
	size_t bad_n;         /* entries that are no memories */
	str first_bad;        /* why the first of them is none */
};
/* The format is found out. user: of those that name none. E_MALFORMED: no memory can be found in it at all. */
enum err memory_read_all(
	str text, str user, struct arena *a, struct memory_read *out, struct errctx *cx) MUST_CHECK;

#endif

/* keep: the index over very many memories: made, and renewed as they change. With fewer every search is exact and reads the vectors of all; with so
 * many that is what a process would spend its first seconds on, and each search more than it has. The index has the figures
 * of all in sheets, and their vectors in lists (core/memory/finder_parts.c); docs/decisions/0038-lists-of-vectors.md says why it is so.
 *
 * It is never made by who saves, or before an answer: memory_keep is for the moments after one, and for threads that nobody waits for. It
 * writes in short transactions; who saves meanwhile waits for one of them at most. Owns: nothing. Thread: that of the store. */
#ifndef CORE_MEMORY_KEEP_H
#define CORE_MEMORY_KEEP_H

#include "core/memory/finder.h"

enum {
	/* From so many on there is an index: what a look at all vectors takes is a few milliseconds until then. */
	KEEP_LEAST = 100000,
	/* Changes that a process reads one by one at its first search, some 15 us each, before they come into the index: a hundredth of
	 * least. */
	KEEP_LOG_PART = 100,
	/* Lists are made anew when an eighth as many have come behind them: those are all compared. */
	KEEP_TAIL_PART = 8,
};

/* After a search: is something due? least: KEEP_LEAST, but for tests. */
bool memory_finder_is_behind(const struct memory_finder *f, size_t least) PURE;

enum kept {
	KEPT_AS_IT_WAS, /* nothing is due, or another process is at it */
	KEPT_RENEWED,   /* what has changed is in it */
	KEPT_MADE,      /* with new lists */
};
/* Does what is due. is_ended: NULL, or whether to give up; what was begun counts for nothing then. MEMORY_WRITE, with its
 * words (memory_index_store), outside of a transaction. Takes about 250 bytes a memory while lists are made. */
typedef bool memory_keep_end(void *self);
enum err memory_keep(struct memory_store *s, size_t least, memory_keep_end *is_ended, void *self,
	enum kept *out, struct errctx *cx) MUST_CHECK;

#endif

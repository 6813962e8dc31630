/* recall_keep: what recall (core/memory/recall.h) has that indexes over very many memories (core/memory/keep.h) are made and renewed: a thread, begun when
 * one is due for the first time, so that who has few memories has none.
 *
 * Owns: struct recall_keep: the thread, and names of files. Free: recall_keep_free, which makes the thread give up what it is at. Thread: any. */
#ifndef CORE_MEMORY_RECALL_KEEP_H
#define CORE_MEMORY_RECALL_KEEP_H

#include "core/base/clock.h"
#include "core/base/err.h"

/* After a file for which nothing could be done: it is not to be written, or others are at it. */
enum { RECALL_KEEP_REST_MS = 60000 };

struct recall_keep;

/* clock outlives it. */
enum err recall_keep_new(
	const struct clock *clock, struct recall_keep **out, struct errctx *cx) MUST_CHECK;
void recall_keep_free(struct recall_keep *k);               /* NULL is allowed */
size_t recall_keep_least(const struct recall_keep *k) PURE; /* KEEP_LEAST */
void recall_keep_from(struct recall_keep *k, size_t least); /* for tests, before the first search */
/* Something is due in that file. */
void recall_keep_want(struct recall_keep *k, const char *file);
/* Waits until nothing is wanted: for tests. */
void recall_keep_settle(struct recall_keep *k);

#endif

/* recall_far: what recall (core/memory/recall.h) has of an embedder: questions are asked about in the request's time, and memories get their
 * vectors in a thread of their own. An endpoint that has failed is let alone for RECALL_FAR_REST_MS: a request must not wait
 * for one that is not there, and the next one neither.
 *
 * Owns: struct recall_far: the thread, and names of files. Free: recall_far_free, which waits for a request that is under way. Thread: any. */
#ifndef CORE_MEMORY_RECALL_FAR_H
#define CORE_MEMORY_RECALL_FAR_H

#include "core/memory/embedder.h"

enum {
	RECALL_FAR_REST_MS = 30000,
	/* Of a batch: nobody waits for it but the end of the process. */
	RECALL_FAR_BATCH_MS = 20000,
};

struct recall_far;

/* e and clock outlive it. */
enum err recall_far_new(const struct embedder *e, const struct clock *clock,
	struct recall_far **out, struct errctx *cx) MUST_CHECK;
void recall_far_free(struct recall_far *f); /* NULL is allowed */
str recall_far_name(const struct recall_far *f) PURE;
/* The vector of a question, in a; empty: there is none in that time. f may be NULL. */
str recall_far_ask(struct recall_far *f, str text, int64_t timeout_ms, struct arena *a);
/* Memories of that file may have no vector yet. f may be NULL. */
void recall_far_want(struct recall_far *f, const char *file);
/* Waits until nothing is wanted, or cannot be had now: for tests. */
void recall_far_settle(struct recall_far *f);

#endif

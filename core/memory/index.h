/* index: memories in memory, and the search over them (core/memory/score.h), without any store.
 *
 * Owns: nothing; all of it lives in the arena, texts are borrowed and must outlive it. Thread: one while it is built, then
 * any number of searches, each with an arena of its own. */
#ifndef CORE_MEMORY_INDEX_H
#define CORE_MEMORY_INDEX_H

#include "core/memory/score.h"

struct memory_index;

struct memory_index_doc {
	str content;
	str session;        /* memories of one session stand in its order; empty: of none */
	str speaker;        /* who said it; empty: not known */
	str entities;       /* names that it is about, in any notation */
	int64_t created_ms; /* 0: not known */
	double importance;  /* 0 to 1 */
};

struct memory_index *memory_index_new(struct arena *a) RETURNS_NONNULL;
/* Documents are numbered from 0 in the order in which they come. */
void memory_index_add(struct memory_index *x, const struct memory_index_doc *d);
/* After the last one, before the first search. */
void memory_index_seal(struct memory_index *x);
size_t memory_index_n(const struct memory_index *x) PURE;

/* Best first; ties: the newer, then the later one. Returns how many; hits has room for q->limit. */
size_t memory_index_search(struct memory_index *x, const struct memory_query *q,
	struct arena *scratch, struct memory_hit *hits);

#endif

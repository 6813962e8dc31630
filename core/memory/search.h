/* search: the memories of a store that answer a question, best first, as many as fit.
 * Owns: nothing. Thread: that of the store. */
#ifndef CORE_MEMORY_SEARCH_H
#define CORE_MEMORY_SEARCH_H

#include "core/memory/index.h"
#include "core/store/memory.h"

enum { MEMORY_HITS_MAX = 1000 };

struct memory_found {
	const struct memory *memory; /* in the set */
	double score, coverage;
	size_t tokens;
};

struct memory_search {
	struct memory_query query;
	/* What embedder made of the question; empty: nothing. Of a store, by core/memory/finder.h. */
	str asked_far;
	size_t tokens_max; /* of all that is found together, counted with o200k_base; 0: no bound */
};

/* Of the memories in set (memory_list; in any order). out: in a, at most query.limit of them. */
size_t memory_search(const struct memory_set *set, const struct memory_search *s, struct arena *a,
	struct memory_found **out);
/* Of those found, best first, what fits together; counts their tokens. Returns how many are left. tokens_max 0: all. */
size_t memory_found_fit(struct memory_found *v, size_t n, size_t tokens_max);

#endif

/* index: memories in memory, and the search over them. Words are scored by BM25; what stands beside a
 * hit in the same session, who is asked about, and when, count too. The formula, with the reason of each constant, is in
 * docs/memory.md; it holds no clock and no order of insertion but that of ties, so the same memories and
 * the same question give the same answer.
 *
 * Owns: nothing; all of it lives in the arena, texts are borrowed and must outlive it. Thread: one while it is built, then
 * any number of searches, each with an arena of its own. */
#ifndef CORE_MEMORY_INDEX_H
#define CORE_MEMORY_INDEX_H

#include "core/base/map.h"
#include "core/base/vec.h"

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

struct memory_query {
	str text;
	int64_t now_ms;      /* for "yesterday" and for how old memories are; 0: neither counts */
	size_t limit;        /* the most that are returned */
	double coverage_min; /* hits that say less of the question are no hits; 0: any word is enough */
	bool keeps_duplicates; /* also of texts that have the same words */
};

struct memory_hit {
	uint32_t doc;
	double score;    /* what they are ordered by; comparable within one search */
	double coverage; /* how much of the question it says, 0 to 1, by the weight of the words */
};

/* Best first; ties: the newer, then the later one. Returns how many; hits has room for q->limit. */
size_t memory_index_search(const struct memory_index *x, const struct memory_query *q,
	struct arena *scratch, struct memory_hit *hits);

#endif

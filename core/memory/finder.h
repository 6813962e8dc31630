/* finder: the search over the memories of a store (core/memory/score.h), for those who ask once and for those who ask all day. The
 * words of the memories stand in the store (core/store/memory_doc.h); a finder has in memory the few figures of each that
 * ranking needs, and before each search reads what has changed since, whoever changed it.
 *
 * Owns: those figures, about 80 bytes a memory, and postings of words that were asked for. Borrows the store. Free:
 * memory_finder_free, before the store. Thread: that of the store. */
#ifndef CORE_MEMORY_FINDER_H
#define CORE_MEMORY_FINDER_H

#include "core/memory/search.h"

struct memory_finder;

enum err memory_finder_new(
	struct memory_store *s, struct memory_finder **out, struct errctx *cx) MUST_CHECK;
/* Vectors of that embedder (core/memory/embedder.h) count, too. name outlives the finder. Before the first search. */
void memory_finder_use(struct memory_finder *f, str name);
void memory_finder_free(struct memory_finder *f); /* NULL is allowed */

struct memory_answer {
	struct memory_found *v; /* best first, at most query.limit; in the arena */
	size_t n;
	struct memory_set set; /* the memories. Free: memory_set_free */
};
/* Of the memories that the filter lets pass; limit and order of the filter do not count. The same as memory_search over all
 * of them. A store that is only read and has no words, or not those of all memories, is searched by reading it. */
enum err memory_find_answers(struct memory_finder *f, const struct memory_filter *filter,
	const struct memory_search *s, struct arena *a, struct memory_answer *out,
	struct errctx *cx) MUST_CHECK;

/* The words and vectors of all memories of a store that is written: after something was added to it, in the same transaction or later.
 * A search does it, too. */
enum err memory_index_store(struct memory_store *s, struct errctx *cx) MUST_CHECK;
/* Nothing is left to do for it. */
bool memory_is_indexed(struct memory_store *s);
/* Opens a file to be read. Words that are missing, for an older headroom or another program has written it, are added first
 * when we may; else a search reads all memories. */
enum err memory_open_indexed(const char *path, const struct clock *clock, struct memory_store **out,
	struct errctx *cx) MUST_CHECK;

#endif

/* memory_far: vectors of memories that somebody else than this program has made, beside those of memory_doc.h, which are always there.
 * The table is made by the first who has such vectors; a file without them is as it was. Each doc has at most one, with the name of
 * who made it: those of another maker are taken for missing, and go when the new one comes.
 * Owns: nothing. Thread: that of the store. */
#ifndef CORE_STORE_MEMORY_FAR_H
#define CORE_STORE_MEMORY_FAR_H

#include "core/store/memory_doc.h"

bool memory_far_is_there(struct memory_store *s);
/* Makes the table. MEMORY_WRITE, outside of a transaction. */
enum err memory_far_make(struct memory_store *s, struct errctx *cx) MUST_CHECK;
/* Docs of current memories behind that number without a vector of the maker: (number, content) to fn, at most limit, in their order. */
enum err memory_far_missing(struct memory_store *s, str maker, int64_t behind, size_t limit,
	memory_text_fn fn, void *self, struct errctx *cx) MUST_CHECK;
/* vector: if need be of no bytes. A doc that has gone gets none. */
enum err memory_far_set(struct memory_store *s, int64_t number, str maker, str vector,
	struct errctx *cx) MUST_CHECK;
/* By number. number 0: all. */
enum err memory_far_read(struct memory_store *s, int64_t number, str maker, memory_vector_fn fn,
	void *self, struct errctx *cx) MUST_CHECK;

#endif

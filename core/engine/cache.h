/* cache: what an engine keeps between requests: conversations, found again by their chain hash, and what
 * its threads work with. What is taken out belongs to the taker until it is put back. Thread: any. */
#ifndef CORE_ENGINE_CACHE_H
#define CORE_ENGINE_CACHE_H

#include "core/base/buf.h"
#include "core/compress/code/parts.h"
#include "core/engine/conversation.h"

struct engine_cache;

struct engine_cache *engine_cache_new(size_t bytes_max) MUST_CHECK; /* NULL: out of memory */
void engine_cache_free(struct engine_cache *c);

/* The conversation whose chain is chains[i] for the largest i below n; *at becomes that i. NULL when there is
 * none. It is out of the cache then. */
struct conversation *engine_cache_take(
	struct engine_cache *c, const struct hash128 *chains, uint32_t n, uint32_t *at);
/* Gives one back; the least recently used ones go when there is too much. */
void engine_cache_put(struct engine_cache *c, struct conversation *conversation);

/* What a pass works with; kept, so that its memory is there for the next one. */
struct engine_worker {
	struct token_cache *tokens; /* may be NULL: counting works without */
	struct arena scratch;       /* of one block */
	struct buf heap;            /* for the store, which must not write to an arena */
};

/* Outlines of parts of source files. May be NULL. */
struct code_cache *engine_cache_outlines(struct engine_cache *c);

struct engine_worker *engine_cache_take_worker(struct engine_cache *c); /* NULL: out of memory */
void engine_cache_put_worker(struct engine_cache *c, struct engine_worker *w);

#endif

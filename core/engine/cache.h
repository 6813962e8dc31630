/* cache: what an engine keeps between requests: conversations, found again by their chain hash, and token caches
 * for its threads. What is taken out belongs to the taker until it is put back. Thread: any. */
#ifndef CORE_ENGINE_CACHE_H
#define CORE_ENGINE_CACHE_H

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

/* NULL when memory is short: counting works without. */
struct token_cache *engine_cache_take_tokens(struct engine_cache *c);
void engine_cache_put_tokens(struct engine_cache *c, struct token_cache *t);

#endif

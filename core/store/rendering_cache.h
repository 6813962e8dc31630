/* rendering_cache: decisions in memory, found by key, the least recently used dropped when they
 * take more than the maximum. Those that wait for the writer (is_pending) are never dropped and
 * count for nothing here: the writer's queue bounds them. Split into shards, each behind a lock
 * of its own.
 * Owns: the entries in it. Thread: any. Lock order: a shard's lock before the store's. */
#ifndef CORE_STORE_RENDERING_CACHE_H
#define CORE_STORE_RENDERING_CACHE_H

#include <pthread.h>

#include "core/store/rendering.h"

struct entry {
	struct entry *chain;         /* next of the same hash slot */
	struct entry *newer, *older; /* by use; not while pending */
	struct hash128 key;
	struct rendering r;
	int64_t used_ms; /* the last use that the file knows of, or will from the queue */
	bool is_pending; /* the writer reads r and text without the lock: they do not change */
	bool is_lost;    /* took the place of a decision that was put here and lost */
	bool is_told;    /* the peer has it, while the file takes nothing */
	bool is_sent;    /* went out while it was pending: it holds here, whatever the file says */
	size_t n;
	char text[];
};

struct rendering_shard {
	pthread_mutex_t lock;
	struct entry **slots; /* slots_n of them, a power of two; NULL until the first entry */
	size_t slots_n, entries_n;
	struct entry *newest, *oldest;
	size_t bytes;
};

enum { RENDERING_SHARDS = 8 };

struct rendering_cache {
	struct rendering_shard shards[RENDERING_SHARDS];
	size_t shard_bytes_max;
};

void rendering_cache_init(struct rendering_cache *c, size_t bytes_max);
void rendering_cache_release(struct rendering_cache *c); /* frees the entries */

/* An entry with a copy of r and room for n bytes of text, copied from text unless that is NULL;
 * on the heap: mem_free. NULL when memory is short. */
struct entry *entry_new(
	struct hash128 key, const struct rendering *r, size_t n, const char *text) MUST_CHECK;

struct rendering_shard *rendering_cache_lock(
	struct rendering_cache *c, struct hash128 key) RETURNS_NONNULL;
void rendering_cache_unlock(struct rendering_shard *sh);

/* Under the lock of the key's shard: */

/* NULL when absent. Does not count as a use. */
struct entry *rendering_cache_find(struct rendering_shard *sh, struct hash128 key) MUST_CHECK;
/* Takes e, whose key must be absent; may drop others. False when memory is short: e stays the
 * caller's. */
bool rendering_cache_add(
	struct rendering_cache *c, struct rendering_shard *sh, struct entry *e) MUST_CHECK;
void rendering_cache_used(struct rendering_shard *sh, struct entry *e);
/* The writer is done with e. */
void rendering_cache_settle(struct rendering_cache *c, struct rendering_shard *sh, struct entry *e);
void rendering_cache_remove(struct rendering_shard *sh, struct entry *e); /* frees e */

#endif

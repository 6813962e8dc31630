#include "core/store/rendering_cache.h"

#include "core/base/check.h"
#include "core/base/mem.h"

enum { SLOTS_FIRST = 64 };

void rendering_cache_init(struct rendering_cache *c, size_t bytes_max)
{
	*c = (struct rendering_cache){.shard_bytes_max = bytes_max / RENDERING_SHARDS};
	for (size_t i = 0; i < RENDERING_SHARDS; i++)
		ASSERT(pthread_mutex_init(&c->shards[i].lock, NULL) == 0);
}

void rendering_cache_release(struct rendering_cache *c)
{
	for (size_t i = 0; i < RENDERING_SHARDS; i++) {
		struct rendering_shard *sh = &c->shards[i];

		for (size_t slot = 0; slot < sh->slots_n; slot++)
			for (struct entry *e = sh->slots[slot], *next; e; e = next) {
				next = e->chain;
				mem_free(e);
			}
		mem_free(sh->slots);
		pthread_mutex_destroy(&sh->lock);
	}
}

struct entry *entry_new(struct hash128 key, const struct rendering *r, size_t n, const char *text)
{
	struct entry *e = mem_alloc(sizeof *e + n);

	if (!e)
		return NULL;
	*e = (struct entry){.key = key, .r = *r, .n = n};
	e->r.label[sizeof e->r.label - 1] = '\0';
	e->r.original[sizeof e->r.original - 1] = '\0';
	if (!r->is_changed)
		e->r.original[0] = '\0';
	if (text && n)
		memcpy(e->text, text, n);
	return e;
}

/* Keys are hashes already: their bits select shard and slot. */
struct rendering_shard *rendering_cache_lock(struct rendering_cache *c, struct hash128 key)
{
	struct rendering_shard *sh = &c->shards[key.hi % RENDERING_SHARDS];

	pthread_mutex_lock(&sh->lock);
	return sh;
}

void rendering_cache_unlock(struct rendering_shard *sh)
{
	pthread_mutex_unlock(&sh->lock);
}

static struct entry **slot_of(struct rendering_shard *sh, struct hash128 key)
{
	return &sh->slots[key.lo & (sh->slots_n - 1)];
}

struct entry *rendering_cache_find(struct rendering_shard *sh, struct hash128 key)
{
	struct entry *e = sh->slots_n ? *slot_of(sh, key) : NULL;

	while (e && !hash128_eq(e->key, key))
		e = e->chain;
	return e;
}

/* Keeps at most one entry per slot on average. */
static bool make_room(struct rendering_shard *sh)
{
	size_t old_n = sh->slots_n, slots_n = old_n ? old_n * 2 : SLOTS_FIRST;
	struct entry **old = sh->slots, **slots;

	if (sh->entries_n < old_n)
		return true;
	slots = mem_zalloc(slots_n * sizeof(struct entry *));
	if (!slots)
		return old_n != 0; /* longer chains will do */
	sh->slots = slots;
	sh->slots_n = slots_n;
	for (size_t i = 0; i < old_n; i++)
		for (struct entry *e = old[i], *next; e; e = next) {
			struct entry **slot = slot_of(sh, e->key);

			next = e->chain;
			e->chain = *slot;
			*slot = e;
		}
	mem_free(old);
	return true;
}

static size_t entry_bytes(const struct entry *e)
{
	return sizeof *e + e->n;
}

static void list_add(struct rendering_shard *sh, struct entry *e)
{
	e->newer = NULL;
	e->older = sh->newest;
	if (sh->newest)
		sh->newest->newer = e;
	else
		sh->oldest = e;
	sh->newest = e;
	sh->bytes += entry_bytes(e);
}

static void list_remove(struct rendering_shard *sh, struct entry *e)
{
	*(e->newer ? &e->newer->older : &sh->newest) = e->older;
	*(e->older ? &e->older->newer : &sh->oldest) = e->newer;
	sh->bytes -= entry_bytes(e);
}

/* Drops the least recently used, but never the newest: one that is larger than the maximum must
 * still reach the reader that it was fetched for. */
static void drop_surplus(struct rendering_cache *c, struct rendering_shard *sh)
{
	while (sh->bytes > c->shard_bytes_max && sh->oldest != sh->newest)
		rendering_cache_remove(sh, sh->oldest);
}

bool rendering_cache_add(struct rendering_cache *c, struct rendering_shard *sh, struct entry *e)
{
	struct entry **slot;

	if (!make_room(sh))
		return false;
	slot = slot_of(sh, e->key);
	e->chain = *slot;
	*slot = e;
	sh->entries_n++;
	if (!e->is_pending) {
		list_add(sh, e);
		drop_surplus(c, sh);
	}
	return true;
}

void rendering_cache_used(struct rendering_shard *sh, struct entry *e)
{
	if (e->is_pending || sh->newest == e)
		return;
	list_remove(sh, e);
	list_add(sh, e);
}

void rendering_cache_settle(struct rendering_cache *c, struct rendering_shard *sh, struct entry *e)
{
	ASSERT(e->is_pending);
	e->is_pending = false;
	list_add(sh, e);
	drop_surplus(c, sh);
}

void rendering_cache_remove(struct rendering_shard *sh, struct entry *e)
{
	struct entry **at = slot_of(sh, e->key);

	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	sh->entries_n--;
	if (!e->is_pending)
		list_remove(sh, e);
	mem_free(e);
}

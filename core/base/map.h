/* map: str -> pointer, open addressing, in an arena; keys are not copied, nothing is ever removed.
 * Iteration is in order of insertion, so that no output depends on hash order. Thread: that of the
 * arena. */
#ifndef CORE_BASE_MAP_H
#define CORE_BASE_MAP_H

#include "core/base/arena.h"

struct map_entry {
	str key;
	uint64_t hash;
	void *value;
};

struct map {
	struct arena *arena;
	struct map_entry *entries; /* n of them, oldest first */
	uint32_t *slots;           /* index into entries + 1, 0 = free */
	size_t n, entries_cap, slots_n;
};

void map_init(struct map *m, struct arena *a);
void *map_find(const struct map *m, str key) MUST_CHECK; /* NULL when absent */
/* The place of the value; made (NULL inside) when the key is new. Valid until the next map_at. */
void **map_at(struct map *m, str key) RETURNS_NONNULL;

#endif

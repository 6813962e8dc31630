#include "core/base/map.h"

#include "core/base/hash.h"

void map_init(struct map *m, struct arena *a)
{
	*m = (struct map){.arena = a};
}

/* The slot that holds key, or the free one where it belongs. slots_n is a power of two, never full. */
static size_t find_slot(const struct map *m, str key, uint64_t hash)
{
	size_t mask = m->slots_n - 1, i = hash & mask;

	while (m->slots[i]) {
		const struct map_entry *e = &m->entries[m->slots[i] - 1];

		if (e->hash == hash && str_eq(e->key, key))
			break;
		i = (i + 1) & mask;
	}
	return i;
}

void *map_find(const struct map *m, str key)
{
	uint32_t e;

	if (!m->n)
		return NULL;
	e = m->slots[find_slot(m, key, hash64(key))];
	return e ? m->entries[e - 1].value : NULL;
}

static void rehash(struct map *m)
{
	size_t n = m->slots_n ? m->slots_n * 2 : 16;

	m->slots = arena_array(m->arena, uint32_t, n);
	m->slots_n = n;
	for (size_t e = 0; e < m->n; e++) {
		size_t i = m->entries[e].hash & (n - 1);

		while (m->slots[i])
			i = (i + 1) & (n - 1);
		m->slots[i] = (uint32_t)e + 1;
	}
}

void **map_at(struct map *m, str key)
{
	uint64_t hash = hash64(key);
	size_t slot;

	if ((m->n + 1) * 4 > m->slots_n * 3)
		rehash(m);
	slot = find_slot(m, key, hash);
	if (!m->slots[slot]) {
		if (m->n == m->entries_cap) {
			size_t cap = m->entries_cap ? m->entries_cap * 2 : 8;

			m->entries = arena_grow(m->arena, m->entries,
				m->entries_cap * sizeof *m->entries, cap * sizeof *m->entries,
				alignof(struct map_entry));
			m->entries_cap = cap;
		}
		m->entries[m->n] = (struct map_entry){key, hash, NULL};
		m->slots[slot] = (uint32_t)++m->n;
	}
	return &m->entries[m->slots[slot] - 1].value;
}

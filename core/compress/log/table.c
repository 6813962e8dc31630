#include "core/compress/log/table.h"

enum { TABLE_MIN = 1 << 6 };

void log_table_init(struct log_table *t, struct arena *a, uint32_t at_least)
{
	uint32_t n = TABLE_MIN;

	while (n < at_least * 2)
		n *= 2;
	*t = (struct log_table){.slots_n = n,
		.arena = a,
		.keys = arena_alloc(a, n * sizeof(uint64_t), alignof(uint64_t)),
		.values = arena_array(a, uint32_t, n)};
}

static uint32_t slot_of(const struct log_table *t, uint64_t key)
{
	uint32_t i = (uint32_t)((key * 0x9e3779b97f4a7c15ULL) >> 32) & (t->slots_n - 1);

	while (t->values[i] && t->keys[i] != key)
		i = (i + 1) & (t->slots_n - 1);
	return i;
}

uint32_t *log_table_at(struct log_table *t, uint64_t key)
{
	uint32_t i;

	if (t->n * 2 >= t->slots_n) {
		struct log_table old = *t;

		log_table_init(t, old.arena, old.slots_n);
		t->n = old.n;
		for (i = 0; i < old.slots_n; i++) {
			if (old.values[i]) {
				uint32_t k = slot_of(t, old.keys[i]);

				t->keys[k] = old.keys[i];
				t->values[k] = old.values[i];
			}
		}
	}
	i = slot_of(t, key);
	if (!t->values[i]) {
		t->keys[i] = key;
		t->n++;
	}
	return &t->values[i];
}

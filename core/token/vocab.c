#include "core/token/vocab.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the token tables are little-endian"
#endif

extern const char token_table_o200k[], token_table_cl100k[];

/* Numbers at the start of a table, little-endian. Those of sections are their places, counted from here. */
struct table_head {
	uint32_t id_n;
	uint32_t byte_ids, children, starts, bytes, sets, short_ids;
	struct {
		uint32_t pilot_mask, slots_n, pilots, slots;
	} shorts, longs, pairs, prefixes;
};

#define TABLE(head, name)                                                                   \
	{                                                                                   \
		.pilots = (const void *)(table + (head)->name.pilots),                      \
		.slots = table + (head)->name.slots, .pilot_mask = (head)->name.pilot_mask, \
		.slots_n = (head)->name.slots_n                                             \
	}

struct vocab vocab_get(enum token_encoding e)
{
	const char *table = e == TOKEN_O200K ? token_table_o200k : token_table_cl100k;
	const struct table_head *h = (const void *)table;

	return (struct vocab){
		.byte_ids = (const void *)(table + h->byte_ids),
		.children = (const void *)(table + h->children),
		.starts = (const void *)(table + h->starts),
		.bytes = table + h->bytes,
		.sets = (const void *)(table + h->sets),
		.short_ids = (const void *)(table + h->short_ids),
		.shorts = TABLE(h, shorts),
		.longs = TABLE(h, longs),
		.pairs = TABLE(h, pairs),
		.prefixes = TABLE(h, prefixes),
		.id_n = h->id_n,
	};
}

/* Lengths of the tokens that begin with the four bytes at p; NULL: there are none. */
static const uint64_t *lengths_at(const struct vocab *v, const char *p)
{
	uint32_t prefix = (uint32_t)vocab_word(p);
	const uint32_t(*slots)[2] = v->prefixes.slots;
	size_t slot = vocab_slot(&v->prefixes, vocab_hash_step(VOCAB_HASH_SEED, prefix));

	return slots[slot][0] == prefix ? v->sets[slots[slot][1]] : NULL;
}

uint32_t vocab_longest(const struct vocab *v, const char *p, size_t n)
{
	const uint64_t *set = n < 4 ? NULL : lengths_at(v, p);

	for (int half = 1; set && half >= 0; half--) {
		size_t base = 64 * (size_t)half;
		uint64_t lengths = set[half];

		if (n <= base)
			continue;
		if (n - base < 64)
			lengths &= (UINT64_C(1) << (n - base)) - 1;
		while (lengths) {
			int bit = 63 - __builtin_clzll(lengths);
			uint32_t id = vocab_find(v, p, base + (size_t)bit + 1);

			if (id != VOCAB_NONE)
				return id;
			lengths ^= UINT64_C(1) << bit;
		}
	}
	for (size_t k = n < 3 ? n : 3; k > 1; k--) {
		uint32_t id = vocab_find(v, p, k);

		if (id != VOCAB_NONE)
			return id;
	}
	return v->byte_ids[(unsigned char)*p];
}

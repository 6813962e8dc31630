#include "core/token/vocab.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the token tables are little-endian"
#endif

extern const char token_table_o200k[], token_table_cl100k[];

/* Numbers at the start of a table, little-endian. Those of sections are their places, counted from
 * here. */
struct table_head {
	uint32_t id_n;
	uint32_t byte_ids, byte_pairs, starts, bytes, short_ids;
	struct {
		uint32_t pilot_mask, slots_n, pilots, slots;
	} shorts, longs, pairs;
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
		.id_n = h->id_n,
		.byte_ids = (const void *)(table + h->byte_ids),
		.byte_pairs = (const void *)(table + h->byte_pairs),
		.starts = (const void *)(table + h->starts),
		.bytes = table + h->bytes,
		.short_ids = (const void *)(table + h->short_ids),
		.shorts = TABLE(h, shorts),
		.longs = TABLE(h, longs),
		.pairs = TABLE(h, pairs),
	};
}

uint32_t vocab_find_long(const struct vocab *v, const char *p, size_t n)
{
	const uint32_t print_mask = (1u << VOCAB_PRINT_BITS) - 1;
	uint64_t hash;
	uint32_t slot, id;
	const char *q;

	if (n > VOCAB_TOKEN_MAX)
		return VOCAB_NONE;
	hash = vocab_hash(p, n);
	slot = ((const uint32_t *)v->longs.slots)[vocab_slot(&v->longs, hash)];
	id = slot >> VOCAB_PRINT_BITS;
	if ((slot & print_mask) != ((hash >> 32) & print_mask) || id >= v->id_n ||
		vocab_length(v, id) != n)
		return VOCAB_NONE;
	for (q = v->bytes + v->starts[id]; n > 8; n -= 8, p += 8, q += 8) {
		if (vocab_word(p) != vocab_word(q))
			return VOCAB_NONE;
	}
	return vocab_word_n(vocab_word(p) ^ vocab_word(q), n) == 0 ? id : VOCAB_NONE;
}

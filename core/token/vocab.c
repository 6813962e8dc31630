#include "core/token/vocab.h"

#include "core/base/check.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the token tables are little-endian"
#endif

extern const char token_table_o200k[], token_table_cl100k[];

struct table_head {
	uint32_t id_n, pair_slots, piece_slots;
	uint32_t byte_ids, pairs, pieces, starts, bytes; /* offsets from the head */
};

struct vocab vocab_get(enum token_encoding e)
{
	const char *table = e == TOKEN_O200K ? token_table_o200k : token_table_cl100k;
	const struct table_head *h = (const void *)table;

	return (struct vocab){
		.byte_ids = (const void *)(table + h->byte_ids),
		.pairs = (const void *)(table + h->pairs),
		.pieces = (const void *)(table + h->pieces),
		.starts = (const void *)(table + h->starts),
		.bytes = table + h->bytes,
		.id_n = h->id_n,
		.pair_slots = h->pair_slots,
		.piece_slots = h->piece_slots,
	};
}

uint32_t vocab_find_hashed(const struct vocab *v, str piece, uint64_t h)
{
	uint64_t at = ((h >> 32) * v->piece_slots) >> 32;
	uint32_t print = (uint32_t)h & 0x3fff, slot;

	for (; (slot = v->pieces[at]) != UINT32_MAX; at++) {
		if ((slot & 0x3fff) == print && str_eq(vocab_bytes(v, slot >> 14), piece))
			return slot >> 14;
	}
	return VOCAB_NONE;
}

uint32_t vocab_find(const struct vocab *v, str piece)
{
	uint64_t h = piece.n;

	for (size_t at = 0; at < piece.n; at += 8) {
		uint64_t word = 0;

		memcpy(&word, piece.p + at, piece.n - at < 8 ? piece.n - at : 8);
		h = vocab_hash_step(h, word);
	}
	return vocab_find_hashed(v, piece, vocab_hash_finish(h));
}

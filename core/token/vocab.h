/* vocab: the vocabulary of one encoding: bytes of each token, token of given bytes, token that two tokens
 * merge into. A view of the table that deps/gen/tokens.mjs wrote; both sides must agree on layout and
 * hashes. Owns nothing. Thread: any.
 *
 * The table: 16 words of 32 bits (ids, pair slots, piece slots, then where the sections start), and the
 * sections. All numbers are little-endian. Hash tables are open, probed upwards, never wrap, and end in
 * free slots. A token's id is also its rank: of two possible merges the one into the lower id comes first. */
#ifndef CORE_TOKEN_VOCAB_H
#define CORE_TOKEN_VOCAB_H

#include "core/base/str.h"
#include "core/token/token.h"

enum {
	VOCAB_ID_BITS = 18,
	VOCAB_TOKEN_MAX = 128 /* bytes of the longest token of both encodings */
};
#define VOCAB_NONE UINT32_MAX

struct vocab {
	const uint32_t *byte_ids; /* [256] */
	const uint64_t *pairs;    /* left:18 right:18 id:18; all ones: free */
	const uint32_t *pieces;   /* id:18, low 14 bits of the hash; all ones: free */
	const uint32_t *starts;   /* [id_n + 1] into bytes */
	const char *bytes;        /* of all tokens; readable for 64 bytes behind the last */
	uint32_t id_n, pair_slots, piece_slots;
};

struct vocab vocab_get(enum token_encoding e);

/* The golden ratio as a 64-bit fraction, as in Fibonacci hashing. */
#define VOCAB_HASH_K UINT64_C(0x9e3779b97f4a7c15)

/* One step of the hash of a piece: start from its length, step with each 8 bytes of it (little-endian, the
 * last padded with zeros), and finish. */
static inline uint64_t vocab_hash_step(uint64_t h, uint64_t word)
{
	h = (h ^ word) * VOCAB_HASH_K;
	return h ^ h >> 32;
}

static inline uint64_t vocab_hash_finish(uint64_t h)
{
	return h * VOCAB_HASH_K;
}

/* The token that these two merge into, or VOCAB_NONE. Neither may be VOCAB_NONE. */
static inline uint32_t vocab_merge(const struct vocab *v, uint32_t left, uint32_t right)
{
	uint64_t key = (uint64_t)left << VOCAB_ID_BITS | right;
	uint64_t at = ((key * VOCAB_HASH_K >> 32) * v->pair_slots) >> 32;
	uint64_t slot;

	while ((slot = v->pairs[at]) >> VOCAB_ID_BITS != key) {
		if (slot == UINT64_MAX)
			return VOCAB_NONE;
		at++;
	}
	return (uint32_t)slot & ((1u << VOCAB_ID_BITS) - 1);
}

/* The token with exactly these bytes, or VOCAB_NONE. h is the finished hash of piece. */
uint32_t vocab_find_hashed(const struct vocab *v, str piece, uint64_t h);
uint32_t vocab_find(const struct vocab *v, str piece);

static inline str vocab_bytes(const struct vocab *v, uint32_t id) /* id < id_n */
{
	return (str){v->bytes + v->starts[id], v->starts[id + 1] - v->starts[id]};
}

#endif

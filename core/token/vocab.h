/* vocab: the vocabulary of one encoding: bytes of each token, token of given bytes, token that two
 * tokens merge into. A view of the table that deps/gen/tokens.mjs wrote; both sides must agree on
 * layout and hashes. Owns nothing. Thread: any.
 *
 * A token's id is also its rank: of two possible merges the one into the lower id comes first.
 * Every token has a higher id than those it is merged from (the generator checks that).
 *
 * Bytes are given as pointer and length and read in words of eight: VOCAB_PAD bytes behind them
 * must be readable, whatever they hold. */
#ifndef CORE_TOKEN_VOCAB_H
#define CORE_TOKEN_VOCAB_H

#include "core/base/str.h"
#include "core/token/token.h"

enum {
	VOCAB_ID_BITS = 18,
	VOCAB_PRINT_BITS = 14,
	VOCAB_SHORT_MAX = 7,   /* bytes of a short token */
	VOCAB_TOKEN_MAX = 128, /* bytes of the longest token of both encodings */
	VOCAB_PAD = 8
};
#define VOCAB_NONE  UINT32_MAX
#define VOCAB_NO_ID ((1u << VOCAB_ID_BITS) - 1) /* merges with no other */

/* A perfect hash: the hash of a key names a pilot, both together name its one possible slot. */
struct vocab_table {
	const uint16_t *pilots;
	const void *slots;
	uint32_t pilot_mask, slots_n;
};

struct vocab {
	uint32_t id_n;
	const uint32_t *byte_ids; /* [256] */
	const uint32_t
		*byte_pairs; /* [first * 256 + second] what two bytes merge into, or VOCAB_NO_ID */
	const uint32_t *starts;    /* [id_n + 1] into bytes */
	const char *bytes;         /* of all tokens, and padding */
	const uint32_t *short_ids; /* by slot of shorts */
	struct vocab_table shorts; /* slot: the bytes:56, how many:8 */
	struct vocab_table longs;  /* slot: id:18 print:14 */
	struct vocab_table pairs;  /* slot: left:18 right:18 id:18 */
};

struct vocab vocab_get(enum token_encoding e);

/* ---- hashes ---------------------------------------------------------------------------------- */

/* The golden ratio as a 64-bit fraction, as in Fibonacci hashing. */
#define VOCAB_HASH_K    UINT64_C(0x9e3779b97f4a7c15)
#define VOCAB_HASH_SEED UINT64_MAX /* for keys that are one number */

static inline uint64_t vocab_hash_step(uint64_t h, uint64_t word)
{
	h = (h ^ word) * VOCAB_HASH_K;
	return h ^ h >> 32;
}

static inline uint64_t vocab_word(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* The first n bytes of a word (1 <= n <= 8), zeros behind them. */
static inline uint64_t vocab_word_n(uint64_t word, size_t n)
{
	return word & UINT64_MAX >> (64 - 8 * n);
}

static inline uint64_t vocab_hash(const char *p, size_t n) /* n >= 1 */
{
	uint64_t h = VOCAB_HASH_SEED;
	size_t rest = n;

	for (; rest > 8; rest -= 8, p += 8)
		h = vocab_hash_step(h, vocab_word(p));
	return vocab_hash_step(h ^ n * VOCAB_HASH_K, vocab_word_n(vocab_word(p), rest));
}

static inline size_t vocab_slot(const struct vocab_table *t, uint64_t hash)
{
	uint64_t pilot = t->pilots[hash & t->pilot_mask];

	return ((hash * (2 * pilot + 1)) >> 32) * t->slots_n >> 32;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static inline size_t vocab_length(const struct vocab *v, uint32_t id) /* id < id_n */
{
	return v->starts[id + 1] - v->starts[id];
}

static inline str vocab_bytes(const struct vocab *v, uint32_t id) /* id < id_n */
{
	return (str){v->bytes + v->starts[id], vocab_length(v, id)};
}

/* The token that these two merge into, or VOCAB_NO_ID. Without branches: which of the two is hard
 * to predict. */
static inline uint32_t vocab_merge(const struct vocab *v, uint32_t left, uint32_t right)
{
	uint64_t key = (uint64_t)left << VOCAB_ID_BITS | right;
	size_t at = vocab_slot(&v->pairs, vocab_hash_step(VOCAB_HASH_SEED, key));
	uint64_t slot = ((const uint64_t *)v->pairs.slots)[at];

	return (slot | -(uint64_t)(slot >> VOCAB_ID_BITS != key)) & VOCAB_NO_ID;
}

/* The bytes of a piece of at most VOCAB_SHORT_MAX, and how many. */
static inline uint64_t vocab_short_key(const char *p, size_t n)
{
	return vocab_word_n(vocab_word(p), n) | (uint64_t)n << 56;
}

static inline bool vocab_has_short(const struct vocab *v, uint64_t key)
{
	size_t slot = vocab_slot(&v->shorts, vocab_hash_step(VOCAB_HASH_SEED, key));

	return ((const uint64_t *)v->shorts.slots)[slot] == key;
}

static inline uint32_t vocab_find_short(const struct vocab *v, uint64_t key)
{
	size_t slot = vocab_slot(&v->shorts, vocab_hash_step(VOCAB_HASH_SEED, key));

	return ((const uint64_t *)v->shorts.slots)[slot] == key ? v->short_ids[slot] : VOCAB_NONE;
}

/* The token with exactly these bytes, more than VOCAB_SHORT_MAX, or VOCAB_NONE. */
uint32_t vocab_find_long(const struct vocab *v, const char *p, size_t n);

/* The token with exactly these bytes, or VOCAB_NONE; 1 <= n. */
static inline uint32_t vocab_find(const struct vocab *v, const char *p, size_t n)
{
	if (n <= VOCAB_SHORT_MAX)
		return vocab_find_short(v, vocab_short_key(p, n));
	return vocab_find_long(v, p, n);
}

#endif

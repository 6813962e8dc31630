/* keys: what lines are looked up by in a view: neighbours as a pair, the same but for their indentation, a long line by itself and by its
 * ends. Made once for a text. Thread: any. */
#ifndef CORE_COMPRESS_KEYS_H
#define CORE_COMPRESS_KEYS_H

#include "core/compress/lines.h"

/* A line of this many bytes is looked up by itself; shorter ones only as a pair with the next. */
enum { KEYS_LONG_LINE = 48 };

/* Of the hashes of two lines, in this order. */
static inline uint32_t key_of_pair(uint64_t first, uint64_t second)
{
	/* The golden ratio as a 64-bit fraction: Fibonacci hashing. */
	return (uint32_t)((first * UINT64_C(0x9e3779b97f4a7c15) + second) >> 32);
}

static inline uint32_t key_of_line(uint64_t hash)
{
	return (uint32_t)hash;
}

/* Of two lines without their indentation; 0 when they say too little to be looked for so: brackets and the like stand everywhere. */
uint32_t key_of_shifted(str first, str second) PURE;

/* Which keys of a line may be those of another one of its text, too: the others lead to nothing there. */
enum { KEYS_PAIR = 1, KEYS_SHIFTED = 2, KEYS_LINE = 4 };

struct keys {
	uint64_t *hashes;  /* hash64 of each line */
	uint32_t *shifted; /* of each line and the next */
	uint8_t *again;    /* KEYS_ of each line (and the next) */
};

struct keys keys_of(struct arena *a, struct lines l);

#endif

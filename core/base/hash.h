/* hash: XXH3 for keys within a process and for renderings, SHA-256 where a name is shown to others.
 * Thread: any. */
#ifndef CORE_BASE_HASH_H
#define CORE_BASE_HASH_H

#include "core/base/str.h"

struct hash128 {
	uint64_t lo, hi;
};

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

uint64_t hash64(str s) PURE;                     /* XXH3-64, seed 0 */
uint64_t hash64_seed(str s, uint64_t seed) PURE; /* XXH3-64 */
struct hash128 hash128(str s) PURE;              /* XXH3-128, seed 0; stable across machines */
/* The next link of a chain: a hash of both, in this order. */
struct hash128 hash128_chain(struct hash128 before, struct hash128 next) PURE;

static inline bool hash128_eq(struct hash128 a, struct hash128 b)
{
	return a.lo == b.lo && a.hi == b.hi;
}

/* SHA-256 (FIPS 180-4) as bytes / as lower-case hex with a NUL behind it. */
void sha256(str s, unsigned char out[SHA256_BYTES]);
/* Of one behind the other. False: no memory. */
bool sha256_both(str a, str b, unsigned char out[SHA256_BYTES]);
void sha256_hex(str s, char out[SHA256_HEX + 1]);

#endif

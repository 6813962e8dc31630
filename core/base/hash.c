#include "core/base/hash.h"

#include <openssl/sha.h>

#define XXH_INLINE_ALL /* most of what is hashed is a line: a call takes as long as its hash */
#include <xxhash.h>

uint64_t hash64(str s)
{
	return XXH3_64bits(s.p, s.n);
}

uint64_t hash64_seed(str s, uint64_t seed)
{
	return XXH3_64bits_withSeed(s.p, s.n, seed);
}

struct hash128 hash128(str s)
{
	XXH128_hash_t h = XXH3_128bits(s.p, s.n);

	return (struct hash128){h.low64, h.high64};
}

struct hash128 hash128_chain(struct hash128 before, struct hash128 next)
{
	struct hash128 both[2] = {before, next};

	return hash128((str){(const char *)both, sizeof both});
}

void sha256(str s, unsigned char out[SHA256_BYTES])
{
	SHA256((const unsigned char *)s.p, s.n, out);
}

void sha256_hex(str s, char out[SHA256_HEX + 1])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char d[SHA256_BYTES];

	sha256(s, d);
	for (int i = 0; i < SHA256_BYTES; i++) {
		out[2 * i] = hex[d[i] >> 4];
		out[2 * i + 1] = hex[d[i] & 15];
	}
	out[SHA256_HEX] = '\0';
}

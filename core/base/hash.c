#include "core/base/hash.h"

#include "core/base/hash_avx2.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#define XXH_INLINE_ALL /* most of what is hashed is a line: a call takes as long as its hash */
#include <xxhash.h>

static inline bool is_for_avx2(str s)
{
#if HR_X86
	return s.n > HASH_LONG && __builtin_cpu_supports("avx2");
#else
	(void)s;
	return false;
#endif
}

#if !HR_X86
#define hash64_seed_avx2 hash64_seed
#define hash128_avx2     hash128
#endif

uint64_t hash64(str s)
{
	return is_for_avx2(s) ? hash64_seed_avx2(s, 0) : XXH3_64bits(s.p, s.n);
}

uint64_t hash64_seed(str s, uint64_t seed)
{
	return is_for_avx2(s) ? hash64_seed_avx2(s, seed) : XXH3_64bits_withSeed(s.p, s.n, seed);
}

struct hash128 hash128(str s)
{
	XXH128_hash_t h;

	if (is_for_avx2(s))
		return hash128_avx2(s);
	h = XXH3_128bits(s.p, s.n);

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

bool sha256_both(str a, str b, unsigned char out[SHA256_BYTES])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool is_ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
		     EVP_DigestUpdate(md, a.p, a.n) == 1 && EVP_DigestUpdate(md, b.p, b.n) == 1 &&
		     EVP_DigestFinal_ex(md, out, NULL) == 1;

	EVP_MD_CTX_free(md);
	return is_ok;
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

/* XXH3 of long inputs by AVX2, in half the instructions: xxhash.h once more, compiled for processors that have it. The hashes are the
 * same. */
#include "core/base/hash_avx2.h"

#if HR_X86

#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#define XXH_INLINE_ALL
#define XXH_VECTOR XXH_AVX2
#include <xxhash.h>

uint64_t hash64_seed_avx2(str s, uint64_t seed)
{
	return XXH3_64bits_withSeed(s.p, s.n, seed);
}

struct hash128 hash128_avx2(str s)
{
	XXH128_hash_t h = XXH3_128bits(s.p, s.n);

	return (struct hash128){h.low64, h.high64};
}

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

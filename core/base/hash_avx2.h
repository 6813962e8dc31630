/* hash_avx2: hashes of long inputs, for processors with AVX2. Inner header of core/base. Thread: any. */
#ifndef CORE_BASE_HASH_AVX2_H
#define CORE_BASE_HASH_AVX2_H

#include "core/base/attr.h"
#include "core/base/hash.h"

/* Above so many bytes XXH3 works in stripes, and vectors pay. */
enum { HASH_LONG = 240 };

#if HR_X86
uint64_t hash64_seed_avx2(str s, uint64_t seed) PURE;
struct hash128 hash128_avx2(str s) PURE;
#endif

#endif

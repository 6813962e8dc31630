/* lane: bytes compared 16 at a time, by the vector extension of gcc and clang; on x86-64 by SSE2, which all have. Thread: any. */
#ifndef CORE_BASE_LANE_H
#define CORE_BASE_LANE_H

#include <stdint.h>
#include <string.h>

#include "core/base/attr.h"

#if HR_X86
#include <emmintrin.h>
#endif

enum { LANE_N = 16, LANE_BLOCK = 64 /* bytes whose bits fill a word */ };
typedef signed char lane __attribute__((vector_size(LANE_N)));

static inline lane lane_load(const char *p)
{
	lane x;

	memcpy(&x, p, sizeof x);
	return x;
}

/* One bit of each of the bytes, which are all ones or zero. */
static inline uint64_t lane_bits(lane x)
{
#if HR_X86
	return (uint64_t)_mm_movemask_epi8((__m128i)x);
#else
	uint64_t half[2];

	memcpy(half, &x, sizeof half);
	for (int i = 0; i < 2; i++)
		half[i] = (half[i] & UINT64_C(0x8040201008040201)) * UINT64_C(0x0101010101010101) >>
			  56;
	return half[0] | half[1] << 8;
#endif
}

/* Bit i: p[i] is c; of LANE_BLOCK bytes. */
static inline uint64_t lane_block_bits(const char *p, char c)
{
	uint64_t a = lane_bits(lane_load(p) == c), b = lane_bits(lane_load(p + LANE_N) == c);
	uint64_t d = lane_bits(lane_load(p + 2 * LANE_N) == c);
	uint64_t e = lane_bits(lane_load(p + 3 * LANE_N) == c);

	return a | b << LANE_N | d << 2 * LANE_N | e << 3 * LANE_N;
}

/* How many bits are set, of which there are few. */
static inline unsigned lane_count(uint64_t bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

#endif

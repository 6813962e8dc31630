/* The masks of 64 bytes by SSE2 and by AVX2. */
#include "core/json/index.h"

#if HR_X86

#include <immintrin.h>

#include "core/json/index_block.h"

/* ---- SSE2: every x86-64 processor has it ---- */

JSON_INLINE uint64_t bits16(__m128i v, unsigned at)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(v) << at;
}

JSON_INLINE __m128i is16(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

JSON_INLINE void classify_sse2(const char *p, struct json_masks *m)
{
	*m = (struct json_masks){0};
	JSON_UNROLL
	for (unsigned i = 0; i < JSON_BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i lower = _mm_or_si128(v, _mm_set1_epi8(0x20)); /* '[' to '{', ']' to '}' */
		__m128i white =
			_mm_or_si128(is16(v, '\t'), _mm_or_si128(is16(v, '\n'), is16(v, '\r')));
		__m128i op = _mm_or_si128(is16(v, ':'), is16(v, ','));

		op = _mm_or_si128(op, _mm_or_si128(is16(lower, '{'), is16(lower, '}')));
		m->quote |= bits16(is16(v, '"'), i);
		m->backslash |= bits16(is16(v, '\\'), i);
		m->white |= bits16(_mm_or_si128(white, is16(v, ' ')), i);
		m->op |= bits16(op, i);
		m->control |= bits16(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v), i);
		m->non_ascii |= bits16(v, i);
	}
}

JSON_INLINE void check_escapes_sse2(
	const char *p, uint64_t escaped, uint64_t *bad, uint64_t *unicode)
{
	static const char letters[] = "\"\\/bfnrt";
	uint64_t legal = 0, u = 0;

	JSON_UNROLL
	for (unsigned i = 0; i < JSON_BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i)),
			any = is16(v, letters[0]);

		JSON_UNROLL
		for (unsigned j = 1; j < sizeof letters - 1; j++)
			any = _mm_or_si128(any, is16(v, letters[j]));
		legal |= bits16(any, i);
		u |= bits16(is16(v, 'u'), i);
	}
	*bad = escaped & ~(legal | u);
	*unicode = escaped & u;
}

void json_index_blocks_sse2(struct json_index *x, const char *p, uint32_t n)
{
	static const struct json_kit kit = {
		classify_sse2, check_escapes_sse2, json_prefix_xor_plain, json_count_plain};

	json_index_blocks(x, p, n, &kit);
}

/* ---- AVX2 ---- */

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))

AVX2 JSON_INLINE uint64_t bits32(__m256i v, unsigned at)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(v) << at;
}

AVX2 JSON_INLINE __m256i is32(__m256i v, char c)
{
	return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c));
}

/* Sixteen values, to be looked up by the low four bits of each byte (0 where its highest bit is set). */
#define TABLE16(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))

AVX2 JSON_INLINE void classify_avx2(const char *p, struct json_masks *m)
{
	/* At the low half of a character's code the character itself: a byte is one of them when it equals
	 * what it finds there. 0 finds nothing, as no byte with a low half above 0 equals it. */
	const __m256i white = TABLE16(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0);
	/* With bit 0x20 set, '[' and ']' turn into '{' and '}'. 0x0C and 0x1A turn into ',' and ':', which does
	 * no harm: they become entries so, and no grammar takes them. */
	const __m256i op = TABLE16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);

	*m = (struct json_masks){0};
	JSON_UNROLL
	for (unsigned i = 0; i < JSON_BLOCK; i += 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
		__m256i lower = _mm256_or_si256(v, _mm256_set1_epi8(0x20));

		m->quote |= bits32(is32(v, '"'), i);
		m->backslash |= bits32(is32(v, '\\'), i);
		m->white |= bits32(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(white, v), v), i);
		m->op |= bits32(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(op, v), lower), i);
		m->control |=
			bits32(_mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1F)), v), i);
		m->non_ascii |= bits32(v, i);
	}
}

AVX2 JSON_INLINE void check_escapes_avx2(
	const char *p, uint64_t escaped, uint64_t *bad, uint64_t *unicode)
{
	/* Both halves of a code must have a bit in common: 1 for codes 0x2_, 2 for 0x5_, 4 for 0x6_, 8 for 0x7_. */
	const __m256i high = TABLE16(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i low = TABLE16(0, 0, 1 | 4 | 8 /* " b r */, 0, 8 /* t */, 8 /* u */, 4 /* f */,
		0, 0, 0, 0, 0, 2 /* \\ */, 0, 4 /* n */, 1 /* / */);
	uint64_t legal = 0, u = 0;

	JSON_UNROLL
	for (unsigned i = 0; i < JSON_BLOCK; i += 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
		__m256i high_half = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));
		__m256i common = _mm256_and_si256(
			_mm256_shuffle_epi8(low, v), _mm256_shuffle_epi8(high, high_half));

		legal |= bits32(_mm256_cmpgt_epi8(common, _mm256_setzero_si256()), i);
		u |= bits32(is32(v, 'u'), i);
	}
	*bad = escaped & ~legal;
	*unicode = escaped & u;
}

/* A product without carries by all ones adds up, at each place, all bits from the lowest. */
AVX2 JSON_INLINE uint64_t prefix_xor_avx2(uint64_t bits)
{
	__m128i product = _mm_clmulepi64_si128(
		_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xFF), 0);

	return (uint64_t)_mm_cvtsi128_si64(product);
}

AVX2 JSON_INLINE unsigned count_avx2(uint64_t bits)
{
	return (unsigned)_mm_popcnt_u64(bits);
}

AVX2 void json_index_blocks_avx2(struct json_index *x, const char *p, uint32_t n)
{
	static const struct json_kit kit = {
		classify_avx2, check_escapes_avx2, prefix_xor_avx2, count_avx2};

	json_index_blocks(x, p, n, &kit);
}

#endif

/* Well-formed UTF-8 by AVX2, after the idea of Keiser and Lemire, "Validating UTF-8 in less than one
 * instruction per byte" (2021): what can be wrong with two bytes in a row is looked up by three of their
 * halves, each table saying which faults are still possible, and a fault is what all three agree on. */
#include "core/base/utf8.h"

#if HR_X86

#include <immintrin.h>

#define AVX2_INLINE static inline __attribute__((always_inline, target("avx2")))

/* The faults of two bytes in a row (Unicode 15 table 3-7). */
enum {
	SHORT = 1,       /* a first byte, and no continuation behind it */
	LONG = 2,        /* ASCII, and a continuation behind it */
	OVERLONG_3 = 4,  /* E0 80..9F */
	TOO_LARGE = 8,   /* F4 90..BF, F5..FF 80..BF */
	SURROGATE = 16,  /* ED A0..BF */
	OVERLONG_2 = 32, /* C0..C1 80..BF */
	OVERLONG_4 = 64, /* F0 80..8F; and F5..FF 80..8F, so that F4 80..8F is not TOO_LARGE */
	CONTINUATIONS =
		128 /* two in a row: right where a sequence of 3 or 4 goes on, and only there */
};

#define TABLE16(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))
#define FAULTS(x)    ((char)(x))

AVX2_INLINE __m256i high_halves(__m256i v)
{
	return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));
}

AVX2_INLINE __m256i by_first_high(__m256i first)
{
	const char ascii = FAULTS(LONG), cont = FAULTS(CONTINUATIONS);
	const __m256i table =
		TABLE16(ascii, ascii, ascii, ascii, ascii, ascii, ascii, ascii, /* 0_ to 7_ */
			cont, cont, cont, cont,                                 /* 8_ to B_ */
			FAULTS(SHORT | OVERLONG_2),                             /* C_ */
			FAULTS(SHORT),                                          /* D_ */
			FAULTS(SHORT | OVERLONG_3 | SURROGATE),                 /* E_ */
			FAULTS(SHORT | TOO_LARGE | OVERLONG_4));                /* F_ */

	return _mm256_shuffle_epi8(table, high_halves(first));
}

AVX2_INLINE __m256i by_first_low(__m256i first)
{
	enum { ANY = SHORT | LONG | CONTINUATIONS };
	const char other = FAULTS(ANY | TOO_LARGE | OVERLONG_4); /* F5 to FF */
	const __m256i table =
		TABLE16(FAULTS(ANY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4), /* C0, E0, F0 */
			FAULTS(ANY | OVERLONG_2),                           /* C1 */
			FAULTS(ANY), FAULTS(ANY),                           /* _2, _3 */
			FAULTS(ANY | TOO_LARGE),                            /* F4 */
			other, other, other, other, other, other, other, other,
			FAULTS(ANY | TOO_LARGE | OVERLONG_4 | SURROGATE), /* ED, FD */
			other, other);

	return _mm256_shuffle_epi8(table, _mm256_and_si256(first, _mm256_set1_epi8(15)));
}

AVX2_INLINE __m256i by_second_high(__m256i second)
{
	enum { ANY = LONG | CONTINUATIONS | OVERLONG_2 };
	const char no = FAULTS(SHORT);
	const __m256i table = TABLE16(no, no, no, no, no, no, no, no, /* 0_ to 7_ */
		FAULTS(ANY | OVERLONG_3 | OVERLONG_4),                /* 8_ */
		FAULTS(ANY | OVERLONG_3 | TOO_LARGE),                 /* 9_ */
		FAULTS(ANY | SURROGATE | TOO_LARGE),                  /* A_ */
		FAULTS(ANY | SURROGATE | TOO_LARGE),                  /* B_ */
		no, no, no, no);                                      /* C_ to F_ */

	return _mm256_shuffle_epi8(table, high_halves(second));
}

/* v moved up by n bytes, the last n of before in front of it. */
#define SHIFTED(before, v, n) \
	_mm256_alignr_epi8((v), _mm256_permute2x128_si256((before), (v), 0x21), 16 - (n))

/* Not zero where v is wrong, before being the 32 bytes that come before it. */
AVX2_INLINE __m256i faults_of(__m256i before, __m256i v)
{
	__m256i first = SHIFTED(before, v, 1);
	__m256i faults = _mm256_and_si256(
		_mm256_and_si256(by_first_high(first), by_first_low(first)), by_second_high(v));
	/* Highest bit: two before it is E0 or more, or three before it F0 or more. */
	__m256i third =
		_mm256_subs_epu8(SHIFTED(before, v, 2), _mm256_set1_epi8((char)(0xE0 - 0x80)));
	__m256i fourth =
		_mm256_subs_epu8(SHIFTED(before, v, 3), _mm256_set1_epi8((char)(0xF0 - 0x80)));
	__m256i must_continue =
		_mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));

	return _mm256_xor_si256(faults, must_continue); /* CONTINUATIONS is the highest bit */
}

/* Not zero when a sequence goes on behind v. */
AVX2_INLINE __m256i cut_off(__m256i v)
{
	const char any = (char)0xFF;
	const __m256i last_whole = _mm256_setr_epi8(any, any, any, any, any, any, any, any, any,
		any, any, any, any, any, any, any, any, any, any, any, any, any, any, any, any, any,
		any, any, any, (char)0xEF, (char)0xDF, (char)0xBF);

	return _mm256_subs_epu8(v, last_whole);
}

__attribute__((target("avx2"))) size_t utf8_valid_blocks_avx2(const char *p, size_t n)
{
	__m256i before = _mm256_setzero_si256();
	size_t at = 0;

	for (; n - at >= UTF8_BLOCK; at += UTF8_BLOCK) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(p + at));
		__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + at + 32));
		__m256i faults;

		if (!_mm256_movemask_epi8(_mm256_or_si256(a, b)))
			faults = cut_off(before);
		else
			faults = _mm256_or_si256(faults_of(before, a), faults_of(a, b));
		if (!_mm256_testz_si256(faults, faults))
			break;
		before = b;
	}
	return at;
}

#endif

#include "core/memory/vector.h"

#include <math.h>
#include <string.h>

#include "core/base/attr.h"

#if HR_X86
#include <immintrin.h>
#endif

int32_t vector_dot_plain(const int8_t *a, const int8_t *b, size_t n)
{
	int32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

#if HR_X86
/* 16 dimensions at once: a pair of products fits 32 bits, and so does the sum of VECTOR_DIMS_MAX of them. */
__attribute__((target("avx2"))) static int32_t dot_avx2(const int8_t *a, const int8_t *b, size_t n)
{
	__m256i sum = _mm256_setzero_si256();
	__m128i half;
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		__m128i x, y;

		memcpy(&x, a + i, sizeof x);
		memcpy(&y, b + i, sizeof y);
		sum = _mm256_add_epi32(
			sum, _mm256_madd_epi16(_mm256_cvtepi8_epi16(x), _mm256_cvtepi8_epi16(y)));
	}
	half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
	half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
	return _mm_cvtsi128_si32(half) + vector_dot_plain(a + i, b + i, n - i);
}

int32_t vector_dot(const int8_t *a, const int8_t *b, size_t n)
{
	return __builtin_cpu_supports("avx2") ? dot_avx2(a, b, n) : vector_dot_plain(a, b, n);
}
#else
int32_t vector_dot(const int8_t *a, const int8_t *b, size_t n)
{
	return vector_dot_plain(a, b, n);
}
#endif

bool vector_put(const float *v, size_t dims, char *out)
{
	float peak = 0, factor;
	int32_t square = 0;

	for (size_t i = 0; i < dims; i++) {
		if (!isfinite(v[i]))
			return false;
		peak = fmaxf(peak, fabsf(v[i]));
	}
	if (peak <= 0)
		return false;
	for (size_t i = 0; i < dims; i++) {
		int8_t b = (int8_t)lrintf(v[i] / peak * 127);

		out[i] = (char)b;
		square += b * b;
	}
	factor = 1 / sqrtf((float)square);
	memcpy(out + dims, &factor, sizeof factor);
	return true;
}

size_t vector_dims(str bytes)
{
	return bytes.n > sizeof(float) && bytes.n <= VECTOR_BYTES(VECTOR_DIMS_MAX)
		       ? bytes.n - sizeof(float)
		       : 0;
}

float vector_cosine(str a, str b)
{
	size_t dims = vector_dims(a);
	float x, y;

	memcpy(&x, a.p + dims, sizeof x);
	memcpy(&y, b.p + dims, sizeof y);
	return (float)vector_dot((const int8_t *)a.p, (const int8_t *)b.p, dims) * x * y;
}

#include "core/base/str.h"

#include <errno.h>
#include <stdlib.h>

#if HR_X86
#include <emmintrin.h>
#endif

size_t str_find_byte(str s, char c)
{
	const char *p = s.n ? memchr(s.p, c, s.n) : NULL;

	return p ? (size_t)(p - s.p) : STR_NONE;
}

size_t str_rfind_byte(str s, char c)
{
	const char *p = s.n ? memrchr(s.p, c, s.n) : NULL;

	return p ? (size_t)(p - s.p) : STR_NONE;
}

#if HR_X86
enum { BLOCK = 16, BLOCK_NEEDLE_MAX = 32 /* bounds the work on a text of almost-needles */ };

/* Two bytes of the needle that are looked for first. */
struct ends {
	__m128i first, last;
	size_t at, distance; /* of the first in the needle, and between them */
};

/* The outermost ones; a key in its quotes is told from others by what stands behind its first quote. */
static inline struct ends ends_of(str needle)
{
	size_t last = needle.n - 1, at = last > 1 && needle.p[0] == needle.p[last];

	return (struct ends){
		_mm_set1_epi8(needle.p[at]), _mm_set1_epi8(needle.p[last]), at, last - at};
}

/* Bytes that are all ones where both stand at their distance: BLOCK places from p on. */
static inline __m128i ends_at(const char *p, const struct ends *e)
{
	__m128i a = _mm_loadu_si128((const __m128i *)(const void *)(p + e->at));
	__m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + e->at + e->distance));

	return _mm_and_si128(_mm_cmpeq_epi8(a, e->first), _mm_cmpeq_epi8(b, e->last));
}

/* True where one of the BLOCK places from p on has the needle. */
static bool find_in_block(const char *p, str needle, const struct ends *e, size_t *at)
{
	int found = _mm_movemask_epi8(ends_at(p, e));

	for (; found; found &= found - 1) {
		size_t k = (size_t)__builtin_ctz((unsigned)found);

		if (memcmp(p + k, needle.p, needle.n) == 0) {
			*at = k;
			return true;
		}
	}
	return false;
}

/* True where none of four times BLOCK places from p on can have the needle: nearly everywhere. */
static inline bool is_none_near(const char *p, const struct ends *e)
{
	__m128i x = _mm_or_si128(ends_at(p, e), ends_at(p + BLOCK, e));
	__m128i y = _mm_or_si128(ends_at(p + 2 * BLOCK, e), ends_at(p + 3 * BLOCK, e));

	return !_mm_movemask_epi8(_mm_or_si128(x, y));
}

/* Of a text that has BLOCK places for the needle or more; the last BLOCK of them are looked at together. */
static size_t find_in_blocks(str s, str needle)
{
	const struct ends e = ends_of(needle);
	size_t places = s.n - needle.n + 1, at;

	for (size_t i = 0; i < places; i += BLOCK) {
		while (i + 4 * BLOCK <= places && is_none_near(s.p + i, &e))
			i += 4 * BLOCK;
		if (i == places)
			break;
		if (i > places - BLOCK)
			i = places - BLOCK;
		if (find_in_block(s.p + i, needle, &e, &at))
			return i + at;
	}
	return STR_NONE;
}
#endif

/* Of a text with few places for it. */
static size_t find_in_short(str s, str needle)
{
	const char *p = s.p, *end = s.p + (s.n - needle.n + 1);

	while ((p = memchr(p, *needle.p, (size_t)(end - p)))) {
		if (memcmp(p, needle.p, needle.n) == 0)
			return (size_t)(p - s.p);
		if (++p == end)
			break;
	}
	return STR_NONE;
}

enum { SHORT = 16 };

size_t str_find(str s, str needle)
{
	const char *p;

	if (!needle.n)
		return 0;
	if (s.n < needle.n)
		return STR_NONE;
	if (s.n - needle.n < SHORT)
		return find_in_short(s, needle);
#if HR_X86
	if (needle.n <= BLOCK_NEEDLE_MAX)
		return find_in_blocks(s, needle);
#endif
	p = memmem(s.p, s.n, needle.p, needle.n);
	return p ? (size_t)(p - s.p) : STR_NONE;
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

size_t str_common_prefix(str a, str b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;

	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

size_t str_common_suffix(str a, str b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;

	while (i < n && a.p[a.n - 1 - i] == b.p[b.n - 1 - i])
		i++;
	return i;
}

static bool is_same_nocase(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

enum { WORD = sizeof(uint64_t) };

/* Most texts that are the same are so byte by byte. */
static inline bool is_same_word(const char *a, const char *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x == y || is_same_nocase(a, b, WORD);
}

bool str_eq_nocase(str a, str b)
{
	if (a.n != b.n)
		return false;
	if (a.n < WORD)
		return is_same_nocase(a.p, b.p, a.n);
	for (size_t i = 0; i + WORD < a.n; i += WORD)
		if (!is_same_word(a.p + i, b.p + i))
			return false;
	return is_same_word(a.p + a.n - WORD, b.p + a.n - WORD);
}

int str_cmp(str a, str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_trim_right(str s)
{
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

str str_trim(str s)
{
	while (s.n && is_space(*s.p)) {
		s.p++;
		s.n--;
	}
	return str_trim_right(s);
}

bool str_next_line(str *rest, str *line, bool *has_eol)
{
	size_t n;

	if (!rest->n)
		return false;
	n = str_find_byte(*rest, '\n');
	if (has_eol)
		*has_eol = n != STR_NONE;
	if (n == STR_NONE) {
		*line = *rest;
		*rest = str_sub(*rest, rest->n, rest->n);
	} else {
		*line = str_sub(*rest, 0, n);
		*rest = str_sub(*rest, n + 1, rest->n);
	}
	return true;
}

bool str_split(str *rest, char sep, str *part)
{
	size_t n;

	if (!rest->p)
		return false;
	n = str_find_byte(*rest, sep);
	if (n == STR_NONE) {
		*part = *rest;
		*rest = STR_NULL;
	} else {
		*part = str_sub(*rest, 0, n);
		*rest = str_sub(*rest, n + 1, rest->n);
	}
	return true;
}

bool str_u64(str s, uint64_t *out)
{
	uint64_t v = 0;

	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10u, &v) ||
			__builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*out = v;
	return true;
}

bool str_take_u64(str *s, uint64_t max, uint64_t *out)
{
	uint64_t v;
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (!str_u64(str_sub(*s, 0, n), &v) || v > max)
		return false;
	*out = v;
	*s = str_sub(*s, n, s->n);
	return true;
}

bool str_take_u32(str *s, uint32_t max, uint32_t *out)
{
	uint64_t v;

	if (!str_take_u64(s, max, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

bool str_i64(str s, int64_t *out)
{
	bool is_negative = s.n && *s.p == '-';
	uint64_t v;

	if (!str_u64(is_negative ? str_sub(s, 1, s.n) : s, &v) ||
		v > (uint64_t)INT64_MAX + is_negative)
		return false;
	*out = is_negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool str_f64(str s, double *out)
{
	char text[64], *end;

	if (!s.n || s.n >= sizeof text)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (strspn(text, "0123456789.eE+-") != s.n) /* no nan, no 0x, no blanks */
		return false;
	errno = 0;
	*out = strtod(text, &end);
	return end == text + s.n && errno != ERANGE;
}

/* One '[...]' at pattern[*i]; moves *i behind it. An unclosed bracket stands for itself. */
static bool glob_set(str pattern, size_t *i, unsigned char c, bool nocase)
{
	size_t j = *i + 1;
	bool is_negated = j < pattern.n && (pattern.p[j] == '!' || pattern.p[j] == '^');
	bool is_in = false;

	if (is_negated)
		j++;
	for (size_t first = j; j < pattern.n && (pattern.p[j] != ']' || j == first); j++) {
		unsigned char lo = (unsigned char)pattern.p[j], hi = lo;

		if (j + 2 < pattern.n && pattern.p[j + 1] == '-' && pattern.p[j + 2] != ']') {
			hi = (unsigned char)pattern.p[j + 2];
			j += 2;
		}
		if (nocase) {
			lo = lower((char)lo);
			hi = lower((char)hi);
		}
		is_in |= c >= lo && c <= hi;
	}
	if (j >= pattern.n) {
		*i += 1;
		return c == '[';
	}
	*i = j + 1;
	return is_in != is_negated;
}

/* How far both go together up to the first special character; STR_NONE when they part before it. Most
 * patterns of a table are told apart from a name here. */
static size_t glob_literal(str s, str pattern, bool nocase)
{
	size_t i = 0;

	while (i < s.n && i < pattern.n) {
		char p = pattern.p[i];

		if (p == '*' || p == '?' || p == '[')
			break;
		if (s.p[i] != p && (!nocase || lower(s.p[i]) != lower(p)))
			return STR_NONE;
		i++;
	}
	return i;
}

bool str_glob(str s, str pattern, bool nocase)
{
	size_t i = glob_literal(s, pattern, nocase), j = i, star = STR_NONE, mark = 0;

	if (i == STR_NONE)
		return false;
	while (j < s.n) {
		unsigned char c = nocase ? lower(s.p[j]) : (unsigned char)s.p[j];
		size_t next = i;
		bool is_match = false;

		if (i < pattern.n && pattern.p[i] == '*') {
			star = i++;
			mark = j;
			continue;
		}
		if (i < pattern.n && pattern.p[i] == '[') {
			is_match = glob_set(pattern, &next, c, nocase);
		} else if (i < pattern.n) {
			unsigned char p =
				nocase ? lower(pattern.p[i]) : (unsigned char)pattern.p[i];

			is_match = p == '?' || p == c;
			next = i + 1;
		}
		if (is_match) {
			i = next;
			j++;
		} else if (star != STR_NONE) {
			i = star + 1;
			j = ++mark;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.p[i] == '*')
		i++;
	return i == pattern.n;
}

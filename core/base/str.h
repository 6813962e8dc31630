/* str: a slice of bytes, pointer and length. Never owned, never assumed to end in NUL, may hold any
 * byte. Passed by value. Thread: any. */
#ifndef CORE_BASE_STR_H
#define CORE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/attr.h"

typedef struct str {
	const char *p;
	size_t n;
} str;

/* A half-open range [start, end) of bytes in a document of at most 4 GiB. */
struct span {
	uint32_t start, end;
};

#define STR(literal) ((str){(literal), sizeof(literal) - 1})
/* The same in a table, where a compound literal is no constant. */
#define LIT(literal)                           \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}
#define STR_NULL   ((str){NULL, 0})
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

static inline str str_from(const char *c)
{
	return (str){c, c ? strlen(c) : 0};
}

static inline str str_sub(str s, size_t start, size_t end) /* start <= end <= s.n */
{
	return (str){start ? s.p + start : s.p, end - start}; /* p may be NULL */
}

static inline str span_str(str doc, struct span sp)
{
	return (str){doc.p + sp.start, (size_t)(sp.end - sp.start)};
}

static inline bool str_eq(str a, str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_eq_c(str a, const char *b)
{
	return str_eq(a, str_from(b));
}

static inline bool str_starts(str s, str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* Takes prefix off the beginning of *s; false (and *s as it was) when it does not begin so. */
static inline bool str_take(str *s, str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_sub(*s, prefix.n, s->n);
	return true;
}

static inline bool str_ends(str s, str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

#define STR_NONE ((size_t)-1)
/* Offset of the first (last) such byte, or of the first such text; STR_NONE when there is none. */
size_t str_find_byte(str s, char c) PURE;
size_t str_rfind_byte(str s, char c) PURE;
size_t str_find(str s, str needle) PURE;
/* How many bytes both have in common at the beginning (at the end). */
size_t str_common_prefix(str a, str b) PURE;
size_t str_common_suffix(str a, str b) PURE;
bool str_eq_nocase(str a, str b) PURE; /* ASCII letters only */
int str_cmp(str a, str b) PURE;        /* by bytes, then by length */

str str_trim(str s);       /* without ASCII white space at both ends */
str str_trim_right(str s); /* without ASCII white space at the end */

/* The next line of *rest without its "\n" (a "\r" stays); false when *rest is empty. has_eol (may be
 * NULL) tells whether a "\n" ended it. */
bool str_next_line(str *rest, str *line, bool *has_eol);
/* The part before the next sep, which is consumed; false when *rest is exhausted (p == NULL). */
bool str_split(str *rest, char sep, str *part);

/* Whole of s as a decimal number without sign; false on anything else or overflow. */
bool str_u64(str s, uint64_t *out) MUST_CHECK;
/* The same, perhaps with a '-'. */
bool str_i64(str s, int64_t *out) MUST_CHECK;
/* The same with sign, point and exponent, of at most 63 bytes; never nan, inf or hexadecimal. */
bool str_f64(str s, double *out) MUST_CHECK;
/* Takes the digits at the beginning of *s, a number of at most max; false, and *s as it was, when there are none or it is larger. */
bool str_take_u64(str *s, uint64_t max, uint64_t *out) MUST_CHECK;
bool str_take_u32(str *s, uint32_t max, uint32_t *out) MUST_CHECK;

/* Matches s against a glob of '*', '?' and '[...]', as fnmatch(3) without flags, ASCII case ignored when
 * nocase. Linear in s.n * pattern.n. */
bool str_glob(str s, str pattern, bool nocase) PURE;

#endif

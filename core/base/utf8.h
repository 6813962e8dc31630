/* utf8: well-formed UTF-8 (Unicode 15 table 3-7, RFC 3629). Thread: any. */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include "core/base/str.h"

/* How many bytes at the start of s are well-formed; s.n when all are, else the place of the first
 * sequence that is ill-formed or cut off by the end. */
size_t utf8_valid_n(str s) PURE;
/* Length of the ill-formed part at the start of s (utf8_valid_n(s) == 0, s not empty), as Unicode 15
 * section 3.9 advises to replace it by one U+FFFD: the longest start of a well-formed sequence, else 1. */
size_t utf8_bad_n(str s) PURE;
/* s with U+FFFD in place of each ill-formed part (Encoding Standard, "UTF-8 decoder"). out has room for
 * 3 * s.n bytes; returns how many were written. */
size_t utf8_sanitize(str s, char *out);
/* Writes a code point up to U+10FFFF as 1 to 4 bytes (surrogates too, as WTF-8 does); returns how many. */
unsigned utf8_put(char out[4], uint32_t c);

/* utf8_x86.c, for utf8.c: how many whole blocks at the start of p are well-formed, in bytes; the last
 * sequence of them may be cut off. The processor must have AVX2. */
enum { UTF8_BLOCK = 64 };
size_t utf8_valid_blocks_avx2(const char *p, size_t n) PURE;

#endif

/* unicode: what the split patterns ask of a character, and UTF-8 as the Encoding Standard decodes it.
 * Classes are those of Unicode 17, written by deps/gen/unicode.mjs. Thread: any. */
#ifndef CORE_TOKEN_UNICODE_H
#define CORE_TOKEN_UNICODE_H

#include "core/base/str.h"

/* In the order of deps/gen/unicode.mjs. */
enum char_class {
	CHAR_OTHER,
	CHAR_SPACE,   /* \s of JavaScript without line ends: U+FEFF is one, U+0085 is not */
	CHAR_NEWLINE, /* "\r", "\n" */
	CHAR_NUMBER,  /* N */
	CHAR_UPPER,   /* Lu, Lt */
	CHAR_LOWER,   /* Ll */
	CHAR_LETTER,  /* Lm, Lo */
	CHAR_MARK     /* M */
};

/* The class of the character at p, which must be valid UTF-8; *n is its length in bytes. */
enum char_class char_class_at(const unsigned char *p, size_t *n);

/* Number of bytes at the start of s that are valid UTF-8 (RFC 3629). */
size_t utf8_valid_n(str s) PURE;
/* s with U+FFFD in place of each maximal bad part (Encoding Standard, "UTF-8 decoder"). out has room for
 * 3 * s.n bytes; returns how many were written. */
size_t utf8_sanitize(str s, char *out);

#endif

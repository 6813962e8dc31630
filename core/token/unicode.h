/* unicode: what the split patterns ask of a character. Classes are those of Unicode 17, written by
 * deps/gen/unicode.mjs. Thread: any. */
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

#endif

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

/* The table: the block of each run of 128 code points, then the classes in each block. The first
 * block is that of ASCII. */
enum { UNICODE_BLOCK_BITS = 7, UNICODE_BLOCKS_N = 0x110000 >> UNICODE_BLOCK_BITS };
extern const unsigned char token_table_unicode[];

/* The class of a character that is not ASCII. */
enum char_class char_class_wide(const unsigned char *p, size_t *n);

static inline enum char_class char_class_ascii(unsigned char c)
{
	return token_table_unicode[UNICODE_BLOCKS_N + c];
}

/* The class of the character at p, which must be valid UTF-8; *n is its length in bytes. */
static inline enum char_class char_class_at(const unsigned char *p, size_t *n)
{
	*n = 1;
	return *p < 0x80 ? char_class_ascii(*p) : char_class_wide(p, n);
}

#endif

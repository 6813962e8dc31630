/* block: where pieces end in 64 bytes of ASCII, found for all bytes at once. The classes of the
 * characters become 64-bit masks, and the rules of the split patterns, which look at neighbours
 * almost always, become shifts of them. What needs a longer look is left to split.c. Thread:
 * any. */
#ifndef CORE_TOKEN_BLOCK_H
#define CORE_TOKEN_BLOCK_H

#include "core/token/token.h"

enum { BLOCK_N = 64 };

/* p: the start of a piece, and BLOCK_N bytes of the text. Bit i set: the text has another piece
 * starting at p + i. All starts are named up to the last one; 0 when even the next one needs a
 * longer look. */
uint64_t block_starts(enum token_encoding e, const char *p);

#endif

/* block: where pieces end in 64 bytes of ASCII, found for all bytes at once. The classes of the
 * characters become 64-bit masks, and the rules of the split patterns, which look at neighbours
 * almost always, become shifts of them. What needs a longer look is left to split.c. Thread:
 * any. */
#ifndef CORE_TOKEN_BLOCK_H
#define CORE_TOKEN_BLOCK_H

#include "core/token/token.h"

enum { BLOCK_N = 64 };

/* Bit i: character i of a block is of this class. */
struct block_classes {
	uint64_t upper, lower, number;
	uint64_t space;   /* ' ' */
	uint64_t blank;   /* ' ' and the other white space within lines */
	uint64_t newline; /* "\r", "\n" */
	uint64_t wide;    /* not ASCII */
	uint64_t slash, quote;
};

/* The block that was looked at last. */
struct block {
	const char *at; /* NULL: none */
	struct block_classes classes;
};

/* p: the start of a piece, and BLOCK_N bytes of the text, at or behind b->at. Bit i set: the text has another piece
 * starting at p + i. All starts are named up to the last one; 0 when even the next one needs a
 * longer look. */
uint64_t block_starts(enum token_encoding e, struct block *b, const char *p);

#endif

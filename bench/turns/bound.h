/* bound: what no compressor of results of tools can do better, for the arms "referred" and "unrepeated". Thread: one. */
#ifndef BENCH_TURNS_BOUND_H
#define BENCH_TURNS_BOUND_H

#include "core/base/buf.h"

/* All text of a request so far, in which pieces are looked for. Zero-initialise; memory in the arena. */
struct bound {
	struct arena *arena;
	struct buf text;
	uint32_t *slots; /* offset + 1 of a piece of text, by hash */
	size_t slots_n;  /* a power of two */
	size_t indexed;  /* bytes whose pieces are in slots */
	/* Pieces of fewer bytes stay, at least BOUND_PIECE_MIN; what stands for a longer one. */
	size_t piece_min;
	str instead;
};

enum { BOUND_PIECE_MIN = 24 };

/* Adds a text as it is sent. */
void bound_add(struct bound *b, str text);

/* The text without its pieces that stand before it, or further up in itself. */
str bound_unrepeated(struct bound *b, str text);

#endif

/* bound: what no compressor of results of tools can do better, for the arms "empty" and "unrepeated". Thread: one. */
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
};

/* Adds a text as it is sent. */
void bound_add(struct bound *b, str text);

/* The text without its pieces of 24 bytes or more that stand before it, or further up in itself: nothing stands for them. */
str bound_unrepeated(struct bound *b, str text);

#endif

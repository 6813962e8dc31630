/* near: which of many vectors are nearest to one. Exact, and yet most of them are not read: of each the first dimensions stand by
 * themselves, with the length of the rest. By Cauchy and Schwarz the rest adds no more to a cosine than the product of both
 * lengths, so one look says of most that they are none of the best. It pays where the first dimensions vary most, as those of
 * the built-in table do (bench/memory/distill.py orders them so); elsewhere the answer is the same, and later there.
 *
 * Owns: struct near_set. Zero-initialise but for dims and arena; free: near_free, unless it lives in an arena. Thread: one that changes it, or any that search. */
#ifndef CORE_MEMORY_NEAR_H
#define CORE_MEMORY_NEAR_H

#include "core/base/arena.h"
#include "core/memory/vector.h"

enum {
	NEAR_HEAD = 32, /* 48 and 64 leave fewer to be looked at whole, and take as long */
	NEAR_MAX = 64,  /* memories that count by their vectors */
};

struct near_head {
	int8_t v[NEAR_HEAD];
	float factor; /* of the vector; 0: it has no direction */
	float rest;   /* length of what is behind the head, of a whole of 1 */
};

struct near_finding;
struct near_query;

struct near_set {
	size_t dims;         /* before the first one */
	struct arena *arena; /* NULL: the heap */
	size_t first;        /* vectors before that one stand elsewhere; set while n is 0 */
	char *rows;          /* VECTOR_BYTES(dims) each, from the first on */
	struct near_head *heads;
	size_t n, cap; /* without those */
	/* Offers (near_offer) what may count of those that stand elsewhere. NULL: there are none. */
	void (*rest)(void *self, const struct near_query *q, struct near_finding *f);
	void *self;
};

void near_free(struct near_set *s);
/* Vector i, at most first + n: one more; one before the first is left where it is. Of other dimensions, or empty: it has no direction, and is near to nothing. False: out of memory. */
bool near_put(struct near_set *s, size_t i, str vector) MUST_CHECK;

struct near {
	uint32_t i;
	float cosine;
};
struct near_query {
	str vector;
	float min;              /* what is nearer counts */
	const uint32_t *counts; /* 0: i is passed over */
	const uint32_t *likely; /* some that are to be looked at in any case, wherever they stand */
	size_t likely_n;
	const struct near_set *except; /* so is what has a direction there; NULL: nothing */
	/* Of two that are as near: is a to be taken rather than b? */
	bool (*is_first)(const void *self, uint32_t a, uint32_t b);
	const void *self;
};
/* Does i have a direction? */
bool near_has(const struct near_set *s, size_t i) PURE;
/* What is nearer to a vector than the many are: the mean and twice the deviation of its cosines with some. 1: they are too few to say.
 * Models differ: of one two texts with nothing in common have 0.1, of another 0.7. */
float near_usual(const struct near_set *s, str vector) PURE;

/* A vector of the set's dimensions that stands elsewhere; again: nothing. */
void near_offer(struct near_finding *f, uint32_t i, str vector);
/* Nearest first. Returns how many. */
size_t near_find(const struct near_set *s, const struct near_query *q, struct near out[NEAR_MAX]);

#endif

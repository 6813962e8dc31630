/* arm: a compressor as the benchmark sees it: a request body in, a request body out, once per turn of a
 * conversation. Thread: one. */
#ifndef BENCH_TURNS_ARM_H
#define BENCH_TURNS_ARM_H

#include "bench/turns/recording.h"

/* What one kind of rewriting did to one request. */
struct arm_label {
	char name[32];
	uint64_t blocks;
	int64_t saved; /* tokens, by the arm's own count */
};

struct arm_output {
	str body; /* in the arena of the turn, or the input itself */
	struct arm_label *labels;
	uint32_t label_n;
};

struct arm {
	const char *name, *about;
	/* State of one conversation; both may be NULL. */
	enum err (*open)(struct arena *a, void **state, struct errctx *cx);
	void (*close)(void *state);
	enum err (*run)(void *state, struct arena *a, enum dialect d, str body,
		struct arm_output *out, struct errctx *cx);
};

const struct arm *arm_find(str name); /* NULL when there is none of that name */
const struct arm *arm_next(
	const struct arm *arm); /* all of them, in order; starts and ends with NULL */

#endif

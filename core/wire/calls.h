/* calls: which call a tool result answers, when the two stand in different documents (a recorded session
 * holds one message per line). Remembers the last CALLS_KEPT calls, which is far more than any agent has
 * open at a time, so its size is fixed.
 * Owns: itself; no memory besides. Zero-initialise. Thread: one at a time. */
#ifndef CORE_WIRE_CALLS_H
#define CORE_WIRE_CALLS_H

#include "core/base/str.h"

enum {
	CALLS_KEPT = 256,
	CALLS_NAME = 128, /* longest name of a tool; Anthropic allows 128, the others 64 */
};

struct wire_call {
	uint64_t id; /* hash64 of the call's id */
	uint32_t number;
	uint8_t name_n;
	char name[CALLS_NAME];
};

struct wire_calls {
	struct wire_call v[CALLS_KEPT]; /* a ring; the newest is v[(n - 1) % CALLS_KEPT] */
	uint32_t n;
	uint32_t block_n; /* blocks of this conversation so far */
};

/* A name longer than CALLS_NAME is kept as empty. */
void wire_calls_add(struct wire_calls *c, str id, str name, uint32_t number);
/* The newest call with that id; NULL when there is none. */
const struct wire_call *wire_calls_find(const struct wire_calls *c, str id);

#endif

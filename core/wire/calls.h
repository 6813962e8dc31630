/* calls: which tool a result comes from, when call and result stand in different documents (a recorded session
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
	uint8_t name_n;
	char name[CALLS_NAME];
};

struct wire_calls {
	struct wire_call v[CALLS_KEPT]; /* a ring; the newest is v[(n - 1) % CALLS_KEPT] */
	uint32_t n;
};

/* A name longer than CALLS_NAME is kept as empty. */
void wire_calls_add(struct wire_calls *c, str id, str name);
/* The name of the newest call with that id, in c; empty when there is none. */
str wire_calls_name(const struct wire_calls *c, str id);

#endif

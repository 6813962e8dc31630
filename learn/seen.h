/* seen: what was counted already: a history is sent again with every request, and some agents copy a session into a new file
 * when it is taken up again. Two generations of hashes, so that its size is bounded: of what is older than a few million
 * events it knows nothing.
 * Owns: its tables. Free: seen_release. Thread: one at a time. */
#ifndef LEARN_SEEN_H
#define LEARN_SEEN_H

#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEEN_MAX = 1 << 21 }; /* hashes of a generation: 32 MB at most for it */

struct seen {
	uint64_t *now, *before; /* open addressing; 0: free */
	size_t now_n, now_cap, before_cap;
};

/* True when it was added before; adds it. Without memory for it, it is new. */
bool seen_add(struct seen *s, uint64_t hash);
void seen_release(struct seen *s);

#endif

/* names: what the sources of a view are called in references: tool, argument and field of a call, no two alike.
 * Owns: nothing; all lives in the arena. Thread: one at a time. */
#ifndef CORE_COMPRESS_NAMES_H
#define CORE_COMPRESS_NAMES_H

#include "core/base/map.h"

struct names {
	struct arena *arena;
	struct map taken;
	struct map tails; /* tail of a path -> the path that it belongs to */
};

void names_init(struct names *names, struct arena *a);
/* See view_name and view_unnumbered. */
str names_make(struct names *names, str tool, str argument, str field);
str names_unnumbered(struct names *names, str name);

#endif

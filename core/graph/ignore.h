/* ignore: files that .gitignore leaves out, as far as people use it: names, globs, directories, anchored patterns, "!".
 * gitignore(5), but that '*' matches '/', too, in patterns with a '/'. All memory is the caller's arena. Thread: any. */
#ifndef CORE_GRAPH_IGNORE_H
#define CORE_GRAPH_IGNORE_H

#include "core/base/arena.h"

/* The patterns of one directory, within those of the directories above. */
struct ignore {
	const struct ignore *up;
	str dir; /* below the root; empty: the root */
	struct ignore_pattern *v;
	uint32_t n;
};

/* text: of the .gitignore in dir; may be empty. */
const struct ignore *ignore_read(
	str text, str dir, const struct ignore *up, struct arena *a) RETURNS_NONNULL;
/* path: below the root. */
bool ignore_has(const struct ignore *i, str path, bool is_dir) MUST_CHECK;

#endif

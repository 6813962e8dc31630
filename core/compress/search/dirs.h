/* dirs: which paths of a list share a directory that is worth saying once above them. Thread: any. */
#ifndef CORE_COMPRESS_SEARCH_DIRS_H
#define CORE_COMPRESS_SEARCH_DIRS_H

#include "core/base/arena.h"

/* For every path the bytes of the directory said above it, without its last '/'; 0 where none is. Paths of one
 * directory that stand next to each other have the same. In the arena. *saved (may be NULL): bytes that
 * are said less often, net of the lines that say the directories. */
uint32_t *search_dirs(struct arena *a, const str *paths, size_t n, size_t *saved) RETURNS_NONNULL;

#endif

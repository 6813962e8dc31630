/* mark: which lines of a build's or a test run's text are left out, and as what. Thread: any; memory is the caller's arena. */
#ifndef CORE_COMPRESS_BUILD_MARK_H
#define CORE_COMPRESS_BUILD_MARK_H

#include "core/compress/build/gap.h"
#include "core/compress/lines.h"

/* An enum build_kind for each line; all of them SHOWN in a text in which there is nothing to leave out. is_gentle: only what went well is
 * left out, code, output and frames stay. */
uint8_t *build_mark(struct lines l, bool is_gentle, struct arena *a) RETURNS_NONNULL;

#endif

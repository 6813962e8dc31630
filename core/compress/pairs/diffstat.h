/* diffstat: the lines of git's --stat as what each says of its file; columns, bars and the sum below them can be computed:
 *
 *	 a.c     | 12 +++++++++---          a.c +9 -3 | lib/b.c +1
 *	 lib/b.c |  1 +
 *	 2 files changed, 10 insertions(+), 3 deletions(-)
 *
 * Where git has shortened a bar it stays, "a.c 120 +++++--", and the sum stands last: "= +101 -26".
 * Thread: any; pure functions in the caller's arena. */
#ifndef CORE_COMPRESS_PAIRS_DIFFSTAT_H
#define CORE_COMPRESS_PAIRS_DIFFSTAT_H

#include "core/base/buf.h"

/* lines: the block, without the last line end. False when it is none, or would not be the same again. */
bool diffstat_pack(str lines, struct arena *a, str *out) MUST_CHECK;
/* The block of what was packed; false when it is damaged. */
bool diffstat_unpack(str packed, struct arena *a, str *out) MUST_CHECK;

#endif

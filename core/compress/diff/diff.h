/* diff: the codec of unified diffs: git diff, show, log -p, format-patch, stash show, diff -u, combined diffs
 * of merges, hg and svn, alone or within other text. All of it is pure; memory is the caller's arena's.
 * Thread: any.
 *
 * Exact: the four or five lines that name a file become one, lengths that the lines of a hunk tell are left
 * out, the sign of many lines is said once, and a moved block is shown once:
 *
 *	[diff: 2 files, +9 -1; headers shortened]
 *	diff src/a.c (2050a18..0b81fb0)
 *	@@ -8 +8 @@ int main(void)
 *	 ...
 *	diff src/b.c (new, 77de68d)
 *	[next 8 lines: each +]
 *	 ...
 *
 * Elided: a patch that still applies with git apply. Unchanged lines farther than one from a change are gone, and
 * header lines that add nothing; files that nobody wrote by hand are a line of counts. */
#ifndef CORE_COMPRESS_DIFF_DIFF_H
#define CORE_COMPRESS_DIFF_DIFF_H

#include "core/compress/codec.h"

extern const struct codec diff_codec;

/* The parts of the codec: see struct codec. */
bool diff_encode_exact(const struct codec_in *in, struct arena *a, struct codec_out *out);
bool diff_encode_elided(const struct codec_in *in, struct arena *a, struct codec_out *out);
bool diff_decode(str text, struct arena *a, str *out);
bool diff_holds(str original, str text, struct arena *a);

#endif

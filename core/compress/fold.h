/* fold: the line encoders. Drops number columns, refers to runs of lines that the view has, counts lines
 * that repeat. Lossless: rendered_decode gives the original back. Thread: any. */
#ifndef CORE_COMPRESS_FOLD_H
#define CORE_COMPRESS_FOLD_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/compress/encode.h"

/* The lines that fold_lines works on: of in's text, kept in in->known. */
struct known_lines fold_split(const struct encode_in *in, struct arena *a);

/* Lines that stand in a rendering as they are in the text, but for their number columns. */
typedef VEC(struct token_run) fold_runs;

/* Appends the rendering to out and returns the set of encoders that did something; 0 when none did (out and runs are
 * then of no use). runs: in the arena, and borrow the lines. The view is as before on return. */
unsigned fold_lines(const struct encode_in *in, const struct encode_policy *policy,
	struct view *view, struct token_cache *cache, struct arena *a, struct buf *out,
	fold_runs *runs);

#endif

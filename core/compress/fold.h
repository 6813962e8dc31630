/* fold: the line encoders. Drops number columns, refers to runs of lines that the view has, counts lines
 * that repeat. Lossless: rendered_decode gives the original back. Thread: any. */
#ifndef CORE_COMPRESS_FOLD_H
#define CORE_COMPRESS_FOLD_H

#include "core/base/buf.h"
#include "core/compress/encode.h"

/* The lines that fold_lines works on: of in's text, kept in in->known. */
struct known_lines fold_split(const struct encode_in *in, struct arena *a);

/* Appends the rendering to out and returns the set of encoders that did something; 0 when none did (out is
 * then of no use). The view is as before on return. */
unsigned fold_lines(const struct encode_in *in, const struct encode_policy *policy,
	struct view *view, struct token_cache *cache, struct arena *a, struct buf *out);

#endif

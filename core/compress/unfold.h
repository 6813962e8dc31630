/* unfold: a text as it was sent, on its way back: out of its envelope and with its lines again. What is proven of a draft before it is
 * sent, and what encode_decode() and encode_verify() say of one that was, is worked out by the same steps.
 * Owns: nothing; memory is the arena's. Thread: any. */
#ifndef CORE_COMPRESS_UNFOLD_H
#define CORE_COMPRESS_UNFOLD_H

#include "core/compress/codec.h"
#include "core/compress/encode.h"
#include "core/compress/rendered.h"

/* What a codec made is still as it was made. */
struct unfolded {
	str envelope; /* head line, or empty */
	str text;
	bool has_codec;
	struct codec_head head;
	struct rendered_notes notes;
};

/* Of the text that in has. False: it is none that was made here. */
bool unfold(const struct encode_in *in, const struct view *view, struct arena *a,
	struct unfolded *u) MUST_CHECK;
/* The text that its codec was given; false: there is no way back, for it was elided. */
bool unfold_codec(const struct unfolded *u, struct arena *a, str *out) MUST_CHECK;
/* May the lines of that text be said by what the agent wrote? */
bool unfold_has_echo(const struct encode_in *in) PURE;

#endif

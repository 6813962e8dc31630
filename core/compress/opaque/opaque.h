/* opaque: the codec of texts with stretches that nobody reads: base64, hexadecimal digits, minified code, binary data. Of
 * each both ends stay, and between them it says what it is:
 *	[opaque: 2 stretches of data left out, each where it says so; original: headroom retrieve 3f0a]
 *	<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA[18120 bytes of base64 left out: PNG 640x480, 13613
 *	bytes, sha256 9c1d0e7faa10]AElFTkSuQmCC">
 * What is left of the text may be in the exact form of another codec, whose head line follows. Elided only.
 * Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_OPAQUE_OPAQUE_H
#define CORE_COMPRESS_OPAQUE_OPAQUE_H

#include "core/compress/codec.h"

extern const struct codec opaque_codec;

#endif

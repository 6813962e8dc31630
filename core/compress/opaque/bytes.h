/* bytes: the codec of bytes that are printed twice, or in a form that is longer than what they say: hex dumps without their
 * columns of offsets and characters, or as the text that they are, and base64 or digits of text as that text:
 *	[bytes: 40 rows of xxd from 0, as hexadecimal digits]
 *	7f454c4602010100 0000000000000000
 *	[bytes: base64 in lines of 60; what it stands for is below]
 * Exact only. Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_OPAQUE_BYTES_H
#define CORE_COMPRESS_OPAQUE_BYTES_H

#include "core/compress/codec.h"

extern const struct codec bytes_codec;

#endif

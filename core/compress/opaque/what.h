/* what: what bytes are, by what they begin with. Thread: any; pure. */
#ifndef CORE_COMPRESS_OPAQUE_WHAT_H
#define CORE_COMPRESS_OPAQUE_WHAT_H

#include "core/base/buf.h"
#include "core/compress/opaque/span.h"

/* Appends "PNG 640x480"; "text" for UTF-8 without control characters; nothing when it is not known. */
void what_is(str bytes, struct buf *b);

/* The bytes that a span of base64 or of hexadecimal digits stands for, in the arena. Other characters are passed over. */
str what_decode(str span, enum opaque_kind kind, struct arena *a);

#endif

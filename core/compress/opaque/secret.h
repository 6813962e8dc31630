/* secret: what stands before a run of base64 or hexadecimal digits says that somebody has to use it letter by letter: a
 * token, a cursor, a signature, part of an address, a key. Such runs stay as they are. Thread: any; pure. */
#ifndef CORE_COMPRESS_OPAQUE_SECRET_H
#define CORE_COMPRESS_OPAQUE_SECRET_H

#include "core/base/attr.h"
#include "core/base/str.h"

/* n: bytes of the run that begins at start. */
bool secret_is_key(str text, size_t start, size_t n) PURE;
/* A private key: PEM (RFC 7468), or base64 of that. */
bool secret_is_private(str text, size_t start, size_t end) PURE;

#endif

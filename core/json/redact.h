/* redact: takes secrets and large images out of what is going to be logged. A secret is replaced by
 * "<redacted:TYPE>", a base64 image of 1 KB and more by "<image:base64 bytes=N>" (N: of the image itself). Secrets are
 * known by their own shape, never by entropy: what has no shape passes. One pass, linear time.
 * Owns: nothing. Thread: any. */
#ifndef CORE_JSON_REDACT_H
#define CORE_JSON_REDACT_H

#include "core/base/buf.h"

/* Appends text to out with its secrets replaced; returns how many were. JSON inside of the text is fine: an escape counts
 * as what it stands for. */
size_t redact_text(str text, struct buf *out);
/* The same for a JSON document, of which only the insides of strings are changed, so that it stays JSON with the same
 * values at the same places. Bytes that are no JSON are copied in the same way, without harm. */
size_t redact_json(str json, struct buf *out);
/* The same for the target of a request: in addition, values of parameters whose names say that they are secret (key,
 * access_token, ...) are replaced, whatever they look like. */
size_t redact_query(str target, struct buf *out);
/* True when the value of this header must not be logged. ASCII case is ignored. */
bool redact_header(str name) PURE;

#endif

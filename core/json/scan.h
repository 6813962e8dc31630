/* scan: strict JSON (RFC 8259) to a tape of spans (core/json/tape.h). Nothing is copied, converted or
 * repaired. No recursion; depth is bounded by LIMIT_JSON_DEPTH.
 * Owns: nothing; the tape lives in the caller's arena and points into the caller's document.
 * Thread: any, one arena each. */
#ifndef CORE_JSON_SCAN_H
#define CORE_JSON_SCAN_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/json/tape.h"
#include "core/json/text.h"

/* Whole of doc must be one JSON value with white space around it (no byte order mark). E_MALFORMED (with
 * byte offset, line and column in cx), E_TOO_BIG over LIMIT_INPUT. Invalid UTF-8 and lone surrogates inside
 * strings are accepted and noted in the tape. */
enum err json_scan(struct arena *a, str doc, struct json_tape *out, struct errctx *cx) MUST_CHECK;

#endif

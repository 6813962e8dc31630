/* fail_at: says where in a text something is wrong. Thread: any. */
#ifndef CORE_JSON_FAIL_AT_H
#define CORE_JSON_FAIL_AT_H

#include "core/base/err.h"
#include "core/base/str.h"

/* E_MALFORMED with "<what> at byte B (line L, column C)": B counts from 0, L and C from 1, C in characters.
 * at <= doc.n. */
enum err json_fail_at(struct errctx *cx, str doc, size_t at, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

#endif

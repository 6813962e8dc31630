/* text: what stands between the quotes of a JSON string (RFC 8259 section 7).
 * Owns: nothing. Thread: any. */
#ifndef CORE_JSON_TEXT_H
#define CORE_JSON_TEXT_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* The text of a string literal (with its quotes) that a scan has accepted, without quotes and escapes: a
 * slice of the literal when it has no escapes, else a copy in the arena. False when it holds a lone
 * surrogate or invalid UTF-8. */
bool json_unescape(str literal, struct arena *a, str *out) MUST_CHECK;

/* Compares, as str_cmp, the bytes that a literal reads as (given without its quotes) with b, which is
 * such an inside too when is_escaped, else plain text. A lone surrogate counts as the three bytes that
 * UTF-8 would have for it (as in WTF-8), so that every literal has a place in the order. */
int json_inside_cmp(str inside, str b, bool is_escaped);

/* The code unit of four hexadecimal digits at p; -1 when one of them is none. */
int json_hex4(const char *p);

#endif

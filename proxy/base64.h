/* base64: RFC 4648. Pure functions.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_BASE64_H
#define PROXY_BASE64_H

#include "core/base/arena.h"

/* Section 4, with padding; is_url: section 5, without. */
str base64_encode(str s, bool is_url, struct arena *a);
/* Section 4, with or without padding; is_url: section 5, without (as RFC 7515 section 2 has it). Strictly: false on any
 * other byte, an impossible length or bits left over. */
bool base64_decode(str s, bool is_url, struct arena *a, str *out) MUST_CHECK;

#endif

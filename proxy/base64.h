/* base64: RFC 4648. Of what tokens say, see jwt.h for the other direction. Pure functions.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_BASE64_H
#define PROXY_BASE64_H

#include "core/base/arena.h"

/* Section 4, with padding; is_url: section 5, without. */
str base64_encode(str s, bool is_url, struct arena *a);
/* Section 4, with or without padding. False on any other byte or an impossible length. */
bool base64_decode(str s, struct arena *a, str *out) MUST_CHECK;

#endif

/* digits: a text that is base64 or hexadecimal digits from its beginning to its end, as the text that it stands for; of
 * hexadecimal digits with blanks between bytes, which stand for no text, as digits without them. Thread: any; pure functions,
 * all memory is the caller's arena. */
#ifndef CORE_COMPRESS_OPAQUE_DIGITS_H
#define CORE_COMPRESS_OPAQUE_DIGITS_H

#include "core/base/buf.h"

/* What the text stands for, and the words of a head line that say how it was spelled. False when it is no such text. */
bool digits_read(str text, struct arena *a, str *words, str *out) MUST_CHECK;
/* True when words are such words. */
bool digits_is_word(str words) PURE;
/* The reverse; false when words or text are damaged. */
bool digits_write(str words, str text, struct arena *a, str *out) MUST_CHECK;

#endif

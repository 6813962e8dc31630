/* minify: JSON without white space between its tokens. Number spelling, key order and escapes stay as they
 * are (LOSS_FORMAT). Thread: any. */
#ifndef CORE_COMPRESS_MINIFY_H
#define CORE_COMPRESS_MINIFY_H

#include "core/base/arena.h"

/* The minified text in the arena; the very same slice when the text is not one JSON object or array, or
 * has no white space to lose. */
str minify_json(str text, struct arena *a);

#endif

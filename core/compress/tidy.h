/* tidy: what a terminal would show, for text that was written to one. Colours and other control sequences go,
 * lines that were overwritten (carriage return, backspace) are left as they ended, long runs of blanks at
 * line ends go, and of lines that were filled up for a terminal of hundreds of columns the filling. Loses nothing that shows (LOSS_FORMAT). ECMA-48 section 5.4 (CSI), 8.3.89 (OSC). Thread: any. */
#ifndef CORE_COMPRESS_TIDY_H
#define CORE_COMPRESS_TIDY_H

#include "core/base/arena.h"

enum { TIDY_BLANKS_MIN = 4 /* at a line's end: so many go; fewer, as of an empty cell, stay */ };

/* The tidied text in the arena; the very same slice when there was nothing to do. */
str tidy_text(str text, struct arena *a);

#endif

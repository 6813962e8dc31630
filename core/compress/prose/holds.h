/* holds: the proof of what the prose codec left out, from the original and what is shown alone. Thread: any. */
#ifndef CORE_COMPRESS_PROSE_HOLDS_H
#define CORE_COMPRESS_PROSE_HOLDS_H

#include "core/base/arena.h"
#include "core/base/str.h"

#define PROSE_GAP "\xe2\x80\xa6" /* U+2026 */

/* True when all that is shown is the original's, in its order, letter by letter but for the blanks that line tables up (rows.h), and between that there was no number, no
 * negation, nothing in strong emphasis, no line of structure, and no link, piece of code or, but for lines of blocks of code, name that is shown nowhere. */
bool prose_holds(str original, str text, struct arena *a) MUST_CHECK;

#endif

/* brackets: whether those of a source in the manner of C come in pairs. Knows strings, characters and comments, but
 * not raw strings and the preprocessor. Thread: any. */
#ifndef CORE_COMPRESS_CODE_BRACKETS_H
#define CORE_COMPRESS_CODE_BRACKETS_H

#include "core/base/arena.h"

bool code_is_balanced(str source, struct arena *a) MUST_CHECK;

#endif

/* program: which program a shell's command line runs for its output, so that what one prints is told apart from what
 * others do. A guess from the words alone: nothing depends on its being right. Thread: any. */
#ifndef CORE_COMPRESS_PROGRAM_H
#define CORE_COMPRESS_PROGRAM_H

#include "core/base/arena.h"

enum { PROGRAM_MAX = 32 };

/* "pytest" of "cd /w && X=1 timeout 60 python -m pytest -q | tail", "git-log" of "git -C x log"; in the arena, of letters,
 * digits, '.', '_', '+' and '-' alone, at most PROGRAM_MAX bytes. Empty when it cannot be told. */
str program_of(str command, struct arena *a);

#endif

/* leftover_text: the texts behind wrap/leftover.h. Owns: nothing. Thread: any. */
#ifndef WRAP_LEFTOVER_TEXT_H
#define WRAP_LEFTOVER_TEXT_H

#include "wrap/leftover.h"

/* Without the section between its Markdown marks, the remains joined by one blank line. */
str leftover_drop_section(struct arena *a, str text);

#endif

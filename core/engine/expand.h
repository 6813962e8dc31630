/* expand: the lines of an original that the user asks for in so many words, shown behind that question before the model
 * has to look for them. Decided once for each text of the user's, by what stands before it, and kept as a rendering is:
 * the conversation has it for ever after, whoever sends it. Inner header of core/engine. Thread: that of the result. */
#ifndef CORE_ENGINE_EXPAND_H
#define CORE_ENGINE_EXPAND_H

#include "core/engine/pass.h"

/* What is shown behind block i, which has just been walked, when it is a text of the user's; NULL: nothing. */
const struct shown *expand_block(struct pass *p, uint32_t i);

/* Takes such a block, whole and with one end, off the beginning of *text; false when it does not begin with one. */
bool expand_take_fence(str *text);

#endif

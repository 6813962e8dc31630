/* memories: what earlier sessions have left stands behind the newest text of the user's that it is about, as one fenced block that
 * says whose words it is not. Decided once for each text of the user's and kept as a rendering is: whoever sends that text
 * again sends the same bytes, whatever was remembered or forgotten since, and "nothing" is kept, too. Only the newest
 * text can get some: what stands before the assistant's last words may be in a provider's cache.
 *
 * Conversations of different files or users have nothing in common: the place is part of where their chain begins.
 * Inner header of core/engine. Thread: that of the result; waits for the file of memories (core/memory/recall.h). */
#ifndef CORE_ENGINE_MEMORIES_H
#define CORE_ENGINE_MEMORIES_H

#include "core/engine/pass.h"

/* Finds where the memories of this request are, and sets p->memory. Returns where its chain begins then. */
struct hash128 memories_place(struct pass *p, struct hash128 start);

/* What stands behind block i, which has just been walked, when it is a text of the user's; NULL: nothing. */
const struct shown *memories_block(struct pass *p, uint32_t i);

/* The block as it stands in a text that was sent: true when all of text is one such, whole and with one end. */
bool memories_is_block(str text) PURE;

#endif

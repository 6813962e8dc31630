/* again: what the model asks for a second time: a file or command that it has had, although nothing was written to it since, and
 * originals of what was left out. That is how a rendering shows that it did not do: who has what he needs does not ask again. It is
 * counted in the newest turn of a request alone, so that over the requests of a conversation each question counts once.
 * Inner header of core/engine. Thread: that of the conversation. */
#ifndef CORE_ENGINE_AGAIN_H
#define CORE_ENGINE_AGAIN_H

#include "core/engine/pass.h"

/* Notes whose result b is. Returns the index of the result that it repeats, plus one; 0: it is asked for the first time. To be called
 * before the result goes into the conversation. */
uint32_t again_note(struct conversation *c, const struct wire_doc *doc, const struct wire_block *b,
	const struct call *call);

/* Marks the blocks of the newest turn, and says in the result what was asked for again in it. After all blocks were fed. */
void again_report(struct pass *p);

#endif

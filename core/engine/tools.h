/* tools: the definitions of a request's tools, without what says nothing. Decided when a conversation begins and then for ever:
 * tools stand before all else, so a list that changes between two requests loses the whole cached prefix. Inner header of
 * core/engine. Thread: that of the result. */
#ifndef CORE_ENGINE_TOOLS_H
#define CORE_ENGINE_TOOLS_H

#include "core/engine/pass.h"

/* Adds the edits, and sets p->tools and result->is_trimmed; the decision is settled with those of the pass. */
void tools_trim(struct pass *p, own_edits *edits);

/* Fills the block that says what became of the list, and adds it to the sums of the result. */
void tools_report(struct pass *p, struct compress_block *out);

#endif

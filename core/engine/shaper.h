/* shaper: a note behind the system prompt that asks the model for fewer words. Decided when a conversation begins, with its level, and then for ever: the
 * system prompt stands before all messages, so a note that comes, goes or changes between two requests loses the cached prefix.
 * Inner header of core/engine. Thread: that of the result. */
#ifndef CORE_ENGINE_SHAPER_H
#define CORE_ENGINE_SHAPER_H

#include "core/engine/pass.h"

/* Levels are 1 to this. */
enum { SHAPER_LEVEL_MAX = 4 };

/* Adds the edit, and counts the note among what is ours. Nothing where the request has no system prompt of text. */
void shaper_add(struct pass *p, own_edits *edits);

/* The last text of the system prompt that the conversation begins with; NULL: there is none. */
const struct wire_block *shaper_place(const struct wire_doc *doc);
/* True when text, which is within a JSON string, is the note of any level. */
bool shaper_is_note(str text);

#endif

/* effort: less thinking for turns that a user has only waved through. Behind a message that says no more than "yes, go on" stands one that
 * lowers the model's effort, behind the next one with something new in it another that takes it up again. Both are messages of the
 * dialect, put behind all that was sent before, so that the provider's prompt cache holds; changing the request's own value would begin it anew.
 *
 * Whether a conversation has them is decided at its first request, each message when the text before it is the newest one, and then for ever.
 * https://platform.claude.com/docs/en/build-with-claude/effort-per-message (in beta; read in November 2026).
 * Inner header of core/engine. Owns: nothing. Thread: that of the result. */
#ifndef CORE_ENGINE_EFFORT_H
#define CORE_ENGINE_EFFORT_H

#include "core/engine/pass.h"

/* Adds the edits, and counts what they cost among what is ours. Nothing where the dialect, the model or the request has no place for them. */
void effort_add(struct pass *p, own_edits *edits);

/* True when text is such a message, byte for byte. */
bool effort_is_message(str text);

#endif

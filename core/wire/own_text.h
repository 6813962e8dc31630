/* own_text: a text of ours behind one that the user wrote, as an edit of the body (core/json/patch.h). The user's own
 * bytes stay.
 * Owns: nothing; everything lives in the caller's arena. Thread: any. */
#ifndef CORE_WIRE_OWN_TEXT_H
#define CORE_WIRE_OWN_TEXT_H

#include "core/wire/own_turn.h"

/* Adds the edits that put text behind block i, a text of the user's: as a part of its own where the message has parts,
 * and for Anthropic also where it is a plain string, which to that provider is the same as one part and is now spelled
 * one way, now the other by clients. In other plain strings it is the end of them, behind an empty line. False, and
 * nothing added, where the block stands in nothing of the kind. */
bool own_text_put(const struct wire_doc *doc, uint32_t i, str text, struct arena *a,
	own_edits *edits) MUST_CHECK;

#endif

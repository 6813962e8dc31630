/* pin: originals that the model has asked for in a conversation. What it wanted whole is not taken from it again: a
 * result that shows the same text once more goes as it came. Inner header of core/engine. Thread: that of the
 * conversation. */
#ifndef CORE_ENGINE_PIN_H
#define CORE_ENGINE_PIN_H

#include "core/engine/conversation.h"

/* The calls of a retrieve tool in a block of the client's, or in a turn that was put back (those of ours). What is no
 * such call, or names nothing, changes nothing. */
void pin_call(struct conversation *c, const struct wire_doc *doc, const struct wire_block *b,
	struct arena *scratch);
void pin_turn(struct conversation *c, const struct own_turn *turn, enum wire_format f,
	struct arena *scratch);

/* The key that a call of a retrieve tool names, in scratch; empty: it is no such call, or names none. */
str pin_key_of(const struct wire_doc *doc, const struct wire_block *b, struct arena *scratch);

/* True for a shell command that prints an original. */
bool pin_is_command(str command) MUST_CHECK;
/* The key that it names; empty: none. */
str pin_key_of_command(str command);

#endif

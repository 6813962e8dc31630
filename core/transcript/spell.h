/* spell: messages in a provider's spelling, for agents that record them in a shape of their own. Strings are copied
 * as they stand in the recording, with their quotes and escapes. Anthropic Messages, or else OpenAI Chat.
 * Internal to core/transcript. */
#ifndef CORE_TRANSCRIPT_SPELL_H
#define CORE_TRANSCRIPT_SPELL_H

#include "core/base/buf.h"
#include "core/wire/wire.h"

/* A message of the user or the assistant that is being written. */
struct spelling {
	enum wire_format format;
	struct buf parts; /* of the content */
	struct buf calls; /* Chat: beside the content */
};

void spell_begin(struct spelling *s, struct arena *a, enum wire_format f);
/* literal: a string with its quotes. */
void spell_text(struct spelling *s, str literal);
/* id, name: strings with their quotes; input: any JSON. */
void spell_call(struct spelling *s, str id, str name, str input);
/* The message; empty when nothing was said. */
str spell_end(struct spelling *s, enum wire_role role);

/* The answer to a call; content: a string with its quotes, or a list of texts as spell_texts() gives it. */
str spell_result(struct arena *a, enum wire_format f, str id, str content, bool is_error);

#endif

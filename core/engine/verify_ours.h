/* verify_ours: what is ours in a body that was sent, which the client's has not: tools, fenced texts behind those of the user's, the
 * note behind the system prompt, and messages that set the effort. Inner header of core/engine. Owns: nothing. Thread: that of the arena. */
#ifndef CORE_ENGINE_VERIFY_OURS_H
#define CORE_ENGINE_VERIFY_OURS_H

#include "core/wire/wire.h"

/* The original with what is ours in sent, put where it belongs and nowhere else: what is compared with sent from there on. The
 * original itself when there is nothing of the kind. */
const struct wire_doc *verify_with_ours(struct arena *a, const struct wire_doc *original,
	const struct wire_doc *sent) RETURNS_NONNULL;

#endif

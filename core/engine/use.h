/* use: what a conversation depends on in the store: decisions, and the originals that these and other markers in it
 * name. Looking one up counts as a use; a conversation that is kept in memory does not look up again what it
 * knows, so that it says now and then that all of it is still in use: nothing that a client still sends may be evicted.
 * Inner header of core/engine. Thread: the pass'. */
#ifndef CORE_ENGINE_USE_H
#define CORE_ENGINE_USE_H

#include "core/engine/pass.h"

/* The conversation depends on that decision, and on the original that it names (24 hex digits, or empty). */
void use_decision(struct pass *p, struct hash128 key, const char *original);
/* It has a text that was made smaller elsewhere and names an original. If that is in this store, it stays there; nothing
 * else follows from what a text says. */
void use_marker(struct pass *p, str text);
/* Says so, when that is due. */
void use_renew(struct pass *p);

#endif

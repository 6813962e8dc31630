/* turn: turns of a conversation in which tools of ours were called, from the store into later requests. They are
 * kept as renderings are, in the same table, under the chain of the conversation before the message that the client
 * has and what tells that message apart. Inner header of core/engine. Thread: any. */
#ifndef CORE_ENGINE_TURN_H
#define CORE_ENGINE_TURN_H

#include "core/engine/pass.h"

/* See engine_keep_turn. */
enum err turn_keep(struct store *s, const struct engine_turn *turn, struct errctx *cx) MUST_CHECK;

/* Adds the edits that put the turns of the request back. Messages that the conversation knows are as they were in
 * its last request; for the others the store is asked. */
void turns_put_back(struct pass *p, own_edits *edits);

#endif

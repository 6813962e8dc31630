/* offer: by which tool the model of a request gets originals: one that the client has declared, or ours, which is
 * declared when the conversation begins and then for ever. Inner header of core/engine. Thread: that of the
 * result. */
#ifndef CORE_ENGINE_OFFER_H
#define CORE_ENGINE_OFFER_H

#include "core/engine/pass.h"
#include "core/wire/own_tool.h"

/* What is declared. */
struct own_tool offer_tool(void);

/* Decides, or finds what was decided, and sets retrieve_tool, is_retrieve_own and declaration of the pass and its
 * result; the decision is settled with those of the pass. Without a tool conf->elides is cleared where that is the
 * only way. start: of the chain so far. Returns where it begins with this way to originals: what is sent under
 * one is not what is sent under another. */
struct hash128 offer_retrieve(struct pass *p, struct hash128 start, struct compress_conf *conf);

/* Under what something is decided for a whole conversation, once: the conversation up to the first word of the assistant, which is all
 * of its first request, and what is decided. *is_first: this may be that request. */
struct hash128 offer_key(
	const struct wire_doc *doc, struct hash128 start, str what, bool *is_first);

#endif

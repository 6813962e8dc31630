/* offer: by which tool the model of a request gets originals: one that the client has declared, or ours, which is
 * declared when the conversation begins and then for ever; and the tools of memories, the same way. Inner header of core/engine. Thread: that of the
 * result. */
#ifndef CORE_ENGINE_OFFER_H
#define CORE_ENGINE_OFFER_H

#include "core/engine/pass.h"
#include "core/wire/own_tool.h"

/* What is declared: one tool, and those of memories. */
enum { OFFER_TOOLS_MAX = RECALL_TOOLS_N };
struct own_tools {
	struct own_tool v[OFFER_TOOLS_MAX];
	size_t n;
};
struct own_tools offer_retrieve_tools(void);
struct own_tools offer_memory_tools(void);

/* Decides, or finds what was decided, and sets retrieve_tool, own and declaration of the pass, and what the result says of
 * these; the decision is settled with those of the pass. Without a tool conf->elides is cleared where that is the
 * only way. start: of the chain so far. Returns where it begins with this way to originals: what is sent under
 * one is not what is sent under another. */
struct hash128 offer_retrieve(struct pass *p, struct hash128 start, struct compress_conf *conf);

/* The same for the tools of memories, behind that: when the request has a place for memories (memories_place). */
void offer_memories(struct pass *p, struct hash128 start);

/* What is decided for a whole conversation, in one byte: at its first request first, unless that is '\0', and then for ever. One that is seen
 * in its middle has nothing decided. Without a store first, each time. False: nothing is decided, and may yet be (of a first request), or it is
 * not known. label: of the kind, for people. */
bool offer_decision(struct pass *p, str what, const char *label, char first, char *out);

/* Under what something is decided for a whole conversation, once: the conversation up to the first word of the assistant, which is all
 * of its first request, and what is decided. *is_first: this may be that request. */
struct hash128 offer_key(
	const struct wire_doc *doc, struct hash128 start, str what, bool *is_first);

/* May it be decided now? At the first request, and where nobody can say whether it was: another proxy has begun the conversation, then, and
 * decided the same. */
bool offer_may_decide(const struct pass *p, bool is_first);

#endif

/* trail: what the last request of each conversation was made of, hash by hash, so that a request that breaks the
 * provider's prompt cache can be named: where its bytes part from those before, and who changed them.
 *
 * A provider finds a cached prompt by its beginning: tools, system prompt, messages, in this order. A trail holds a hash of each tool
 * and of each block, as the client sent it and as it was sent on, and no text. Two requests are of one conversation when they have the
 * scope that the caller says, and the same first words of the assistant.
 *
 * Owns: the trails, a bounded number; the one not used for longest goes. Thread: any. */
#ifndef CORE_ENGINE_TRAIL_H
#define CORE_ENGINE_TRAIL_H

#include "core/json/patch.h"
#include "core/wire/wire.h"

enum trail_cause {
	TRAIL_KEPT,     /* nothing was lost, or too little to be cached */
	TRAIL_OWN,      /* the client sent the same again, and we sent on something else */
	TRAIL_TOOLS,    /* the client's list of tools is another one */
	TRAIL_TIME,     /* a date, a time or a random name before the assistant's first words */
	TRAIL_SYSTEM,   /* other text of the system prompt */
	TRAIL_EDITED,   /* a message is another one */
	TRAIL_DROPPED,  /* a message is gone, or the conversation was cut short (compaction) */
	TRAIL_INSERTED, /* there is a message in between */
	TRAIL_CAUSE_N
};

/* "tools"; static. "" for TRAIL_KEPT. */
const char *trail_cause_name(enum trail_cause c) RETURNS_NONNULL;

enum { TRAIL_PATH_MAX = 96 };

struct trail_break {
	enum trail_cause cause;
	/* The first thing that is not as it was: "tools[3] Bash", "system[2].text", "messages[4].content[0].text". */
	char path[TRAIL_PATH_MAX];
	/* Where in the body the bytes part: of the client's body, for TRAIL_OWN of ours. Before the assistant's first words to some
	 * 64 bytes, else the beginning of the tool or block. */
	size_t at;
	uint64_t lost_bytes; /* behind that place, of what was sent before */
	uint64_t
		again_bytes; /* of these, at most as many as there are in this request to be written again */
	int64_t idle_ms; /* since the request before */
};

struct trail_request {
	const struct wire_doc *doc;
	const struct patch_edit *edits; /* sorted; what was made of the client's body */
	size_t edits_n;
	struct hash128 scope; /* whose conversations they are: client, credential, model, session */
	bool is_session; /* the scope names one session: then a shorter history that begins anew is a compaction */
	int64_t now_ms;
};

struct trails;

struct trails *trails_new(void) MUST_CHECK; /* NULL: out of memory */
void trails_free(struct trails *t);         /* NULL is allowed */

/* Holds a request against the last one of its conversation, and takes its place. Without memory it is passed over. */
void trails_take(struct trails *t, const struct trail_request *q, struct trail_break *out);

#endif

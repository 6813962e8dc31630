/* sessions: the conversations of one document, by the session that its lines name. Bounded: the least recently
 * used session goes, and one that has grown too large begins anew; both only cost references.
 * Owns: the conversations. Thread: one at a time. */
#ifndef CORE_ENGINE_SESSIONS_H
#define CORE_ENGINE_SESSIONS_H

#include "core/engine/engine.h"

enum { SESSIONS_MAX = 32 };

struct session_slot {
	uint64_t key, used_at;
	struct conversation *conversation; /* NULL: free */
	struct conversation *check;        /* of the verifier; NULL when nothing is verified */
};

struct sessions {
	uint64_t used_n;
	struct session_slot slots[SESSIONS_MAX];
};

/* The slot of a session; its conversations are new when it is not known or starts anew. NULL: no memory. */
struct session_slot *sessions_get(struct sessions *s, str name, bool starts_anew,
	const struct compress_conf *conf, bool has_check);
void sessions_forget(struct sessions *s, struct session_slot *slot);
void sessions_release(struct sessions *s);

#endif

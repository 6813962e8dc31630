/* live_known: how often the rules of all projects were seen, by conversation, over runs of the proxy. For learn/ and `learn status`.
 * Owns: its arena and a buffer. Free: live_known_release. Thread: one at a time. */
#ifndef LEARN_LIVE_KNOWN_H
#define LEARN_LIVE_KNOWN_H

#include "core/base/buf.h"
#include "core/base/map.h"
#include "learn/live.h"

struct live_session {
	uint64_t hash;        /* of the conversation's name */
	uint32_t before, run; /* seen in it in earlier runs, and in this one: the larger counts */
};

struct live_rule {
	str project; /* as the learner has it */
	char key[RULE_KEY_LEN + 1];
	enum rule_kind kind;
	str text;
	VEC(struct live_session) sessions; /* the newest last */
	uint32_t older;                    /* in sessions that are not told apart any more */
	uint32_t run_evidence;             /* what the learner of this run has counted */
	int64_t first_ms, last_ms;
	double confidence;
	bool is_seen, is_dirty, is_refuted;
};

struct live_known {
	struct arena arena;
	struct map by_name; /* project, key -> struct live_rule */
	struct buf name;    /* that is looked for */
	bool is_dirty;
};

void live_known_init(struct live_known *k);
void live_known_release(struct live_known *k);
/* How often it was seen, and in how many conversations at least. */
uint32_t live_rule_evidence(const struct live_rule *r) PURE;
uint32_t live_rule_sessions(const struct live_rule *r) PURE;
/* What a conversation has added to what the learner knows. */
void live_known_update(struct live_known *k, const struct learn_result *result, str session);

/* E_CONFIG with the line that cannot be read. */
enum err live_known_parse(struct live_known *k, str text, struct errctx *cx) MUST_CHECK;
void live_known_print(const struct live_known *k, struct buf *out);

#endif

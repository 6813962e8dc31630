/* live_known: when the rules of all projects were seen, over runs of the proxy and over proxies beside each other. A sighting is known by what was
 * seen (learn/rule.h), so two of these can be put together in any order. For learn/ and `learn status`.
 * Owns: its arena and a buffer. Free: live_known_release. Thread: one at a time. */
#ifndef LEARN_LIVE_KNOWN_H
#define LEARN_LIVE_KNOWN_H

#include "core/base/buf.h"
#include "core/base/map.h"
#include "learn/live.h"

struct live_sighting {
	struct rule_sighting of;
	bool is_spent; /* from before the rule was refuted: says nothing for it, and is not counted anew */
};

struct live_rule {
	str project; /* as the learner has it */
	char key[RULE_KEY_LEN + 1];
	enum rule_kind kind;
	str text;
	VEC(struct live_sighting) sightings; /* LEARN_LIVE_SIGHTINGS_MAX at most */
	int64_t first_ms, last_ms;
	double confidence;
	bool is_of_run;  /* the learner of this run has it */
	bool is_told;    /* in what it tells now */
	bool is_dirty;   /* its memory is not as this says */
	bool is_refuted; /* by what came last */
};

struct live_known {
	struct arena arena;
	struct map by_name;   /* project, key -> struct live_rule */
	struct buf name;      /* that is looked for */
	struct buf text;      /* of what is kept while the oldest are forgotten */
	int64_t forgotten_ms; /* rules last seen by then gave way to newer ones */
	bool is_dirty;
};

void live_known_init(struct live_known *k);
void live_known_release(struct live_known *k);
/* How often it was seen since it was refuted last, and in how many conversations. */
uint32_t live_rule_evidence(const struct live_rule *r) PURE;
uint32_t live_rule_sessions(const struct live_rule *r) PURE;
/* What the learner knows by now. */
void live_known_update(struct live_known *k, const struct learn_result *result);
/* What another one has written meanwhile. */
void live_known_merge(struct live_known *k, const struct live_known *other);

/* E_CONFIG with the line that cannot be read. */
enum err live_known_parse(struct live_known *k, str text, struct errctx *cx) MUST_CHECK;
void live_known_print(const struct live_known *k, struct buf *out);

#endif

/* project: what was seen in the sessions of one directory: things that may become rules, counted, and how often commands,
 * programs and paths worked and failed, which speaks for and against them. Bounded in size: what comes when it is full is
 * counted and dropped.
 * Owns: nothing; all of it is in the learner's arena. Thread: one at a time. */
#ifndef LEARN_PROJECT_H
#define LEARN_PROJECT_H

#include "core/base/map.h"
#include "learn/learn.h"

enum {
	PROJECT_CANDIDATES_MAX =
		20000, /* about 600 bytes each; a year of work yields some hundreds */
	PROJECT_OUTCOMES_MAX = 1 << 18, /* 24 bytes each */
	CANDIDATE_SESSIONS = 8, /* that are told apart when sessions stand mixed in a recording */
};

/* How often something worked, and failed in the way that a rule about it says. */
struct outcome {
	uint64_t of; /* outcome_of(); 0: a free place */
	uint32_t ok, failed;
};
/* what: "program", "path" ..., so that different things of one name stay apart. */
uint64_t outcome_of(const char *what, str name) PURE;

/* Something that was seen once. */
struct sighting {
	enum rule_kind kind;
	str key;  /* its identity in words: of what was wrong and what is right */
	str text; /* how a rule would say it; "%N" is put in later: the largest amount */
	/* Rules of one topic say different things of the same: only that of the highest rank is given, or of those the one that
	 * was seen most; none where two were seen as often. 0: none. */
	uint64_t topic;
	uint32_t rank;
	uint64_t wrong,
		right; /* outcomes: the rule is refuted when wrong worked or right failed; 0: none */
	uint32_t evidence_min, sessions_min; /* what it takes to be a rule */
	uint64_t tokens;                     /* wasted by it */
	uint64_t amount;
	str path;   /* must be there still; absolute, or empty */
	str absent; /* must not be there; absolute, or empty */
	/* Hash of the whole message that it is a part of, 0: none. The same message in two sessions is a template, and nobody's word. */
	uint64_t message;
	bool is_more; /* no further evidence: adds to the tokens and the amount of what was seen */
	struct rule_sighting seen; /* id 0: it is told from others by where it stands */
};

struct candidate {
	uint64_t key;
	enum rule_kind kind;
	str text, path, absent;
	uint64_t topic, wrong, right;
	uint32_t rank, evidence, sessions, evidence_min, sessions_min;
	uint64_t message;
	bool is_template;
	uint64_t seen_in[CANDIDATE_SESSIONS]; /* hashes of the last sessions, a ring */
	VEC(struct rule_sighting) sightings;  /* RULE_SIGHTINGS_MAX at most */
	uint64_t tokens, amount;
	int64_t first_ms, last_ms;
};

struct project {
	struct arena *arena; /* the learner's */
	str dir;
	unsigned agents;
	uint32_t files; /* that were read of it */
	uint64_t sessions, calls, failed;
	int64_t first_ms, last_ms;
	struct candidate *candidates; /* open addressing by key; key 0: free */
	size_t candidates_n, candidates_cap;
	struct outcome *outcomes;
	size_t outcomes_n, outcomes_cap;
	uint64_t dropped;
};

void project_note_time(struct project *p, int64_t at_ms);
void project_note_outcome(struct project *p, uint64_t of, bool ok);
/* session: hash of its name; at_ms: -1 when not known. One with a secret in it is dropped. */
void project_see(struct project *p, const struct sighting *s, uint64_t session, int64_t at_ms);

/* The rules, in the arena. */
void project_rules(const struct project *p, const struct learn_conf *conf, struct arena *a,
	struct rule_set *out);

#endif

/* session: one recorded session through all arms. Internal to core/replay. Thread: one. */
#ifndef CORE_REPLAY_SESSION_H
#define CORE_REPLAY_SESSION_H

#include "core/replay/replay.h"
#include "core/replay/segments.h"

/* What is not in the bodies of a session, from what the provider reported of it. */
struct replay_fit {
	double per_token; /* tokens of the model per counted one */
	/* Tokens that a request had and its body does not explain (a system prompt and tools that are not recorded, what the
	 * provider adds to them), as of the session's first request: prompt; and as of the last one that was shorter than the one before it
	 * (a compaction, whose summary is not recorded either), one for each turn: missing. NULL: nothing is missing. */
	uint64_t prompt;
	const uint64_t *missing;
	/* How often, up to each turn, the provider had nothing of a prompt that was live: what it begins with (a system prompt with the
	 * time in it, settings that are a part of the key) was another one, which the bodies do not show. */
	const uint32_t *resets;
	uint64_t warm;          /* tokens of the first request that were in the cache before it */
	enum cache_ttl ttl;     /* that the client asked for */
	bool lacks_breakpoints; /* what was cached ends behind the last one of the bodies */
	bool is_complete; /* usage, with that of the cache, and time of every turn are known */
	uint32_t known_n; /* turns from whose usage it is made */
};

/* Turns of a session whose second half is predicted from the first: from fewer nothing can be learnt. */
enum { REPLAY_BLIND_MIN = 6 };

/* turn and body: for scratch; what a fit points to lives in session. */
struct replay_room {
	struct arena *session, *turn;
	struct buf *body;
};

/* The body that was sent on in a turn. Appends it; may set out->err. */
void replay_sent_body(const struct turn_session *s, const struct turn *t, struct buf *out);

/* From the usage of all turns, and of the first half alone: what is then said of the second half was not taken from it. c counts without
 * a scale. */
void replay_fit_of(const struct turn_session *s, const struct model *m,
	const struct replay_room *room, struct counter *c, struct replay_fit *all,
	struct replay_fit *half);

/* prompt.c. turn: from 0. What is added lives in a. */
void replay_add_prompt(
	struct arena *a, const struct replay_fit *fit, uint32_t turn, struct segments *s);
void replay_add_breakpoints(
	const struct replay_conf *conf, const struct replay_fit *fit, struct segments *out);
void replay_warm_up(struct arena *a, const struct replay_fit *fit, const struct turn *t,
	struct cache_sim *sim, const struct segments *s);

/* What the log of a session says of texts that were left out: nothing where nothing was changed. turn: for scratch, is reset. */
struct replay_asked replay_asked_of(const struct turn_session *s, const struct replay_fit *fit,
	enum token_encoding encoding, struct arena *turn);

/* Adds a session. */
enum err replay_session(const struct replay_conf *conf, const struct turn_session *s,
	struct replay_result *r, struct errctx *cx) MUST_CHECK;

/* What became of one turn in one arm. */
struct replay_outcome {
	str session, model, project;
	uint32_t turn, arm;
	int64_t sent_ms;
	struct cache_turn cache;
	enum cache_class class;
	uint64_t raw, bust_tokens, output, changed_results;
	double retrievals, retrieved_tokens, retrieval_cost;
	struct cost cost, cost_uncached;
	double ms;                 /* below 0: nothing was compressed */
	struct replay_break broke; /* by TRAIL_KEPT: nothing */
};
/* Adds it to all sums and groups. baseline_cost: of the same turn. */
void replay_add(struct replay_result *r, const struct replay_conf *conf,
	const struct replay_outcome *o, double baseline_cost);
void replay_add_transform(
	struct replay_result *r, struct replay_transforms *to, const struct replay_transform *t);

#endif

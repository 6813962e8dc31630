/* verbosity: how long answers were, and what people did next, from recorded sessions: the level of `headroom proxy --output-shaper`
 * (docs/shaper.md) that would suit them. Nothing is guessed from what was said; what counts is
 *	interrupted   the user stopped the model while it was writing a text, and no tool
 *	skipped       the next message came sooner than half the answer can be read
 *	shorter       the next message asks for fewer words
 *	longer        the next message asks for more
 * Recordings without times tell nothing of skipping.
 * Owns: nothing but what is in the struct. Thread: one. */
#ifndef LEARN_VERBOSITY_H
#define LEARN_VERBOSITY_H

#include "core/transcript/transcript.h"

struct verbosity {
	str project; /* only sessions of this directory and of those below it; empty: of all */
	uint64_t sessions;
	uint64_t turns;        /* messages of people that follow on an answer */
	uint64_t words;        /* of these answers, behind the last call of a tool */
	uint64_t long_answers; /* of VERBOSITY_LONG words and more */
	uint64_t interrupted, skipped, shorter, longer;
	uint64_t last_session; /* hash of its name: a text that goes on with it is no other one */
};

enum { VERBOSITY_LONG = 200 };

/* Adds a recording of an agent. E_MALFORMED: it is none; E_UNSUPPORTED: it holds requests, which do not say who wrote what when; E_NOMEM. */
enum err verbosity_file(struct verbosity *v, str text, str file_name, struct errctx *cx) MUST_CHECK;

struct verbosity_advice {
	unsigned level;         /* 1 to 3 */
	const char *confidence; /* "low", "medium", "high"; static */
	double pressure; /* of all turns, the share that speaks for fewer words, less that for more */
};
struct verbosity_advice verbosity_advise(const struct verbosity *v);

enum verbosity_wish { WISH_NONE, WISH_SHORTER, WISH_LONGER };
/* What a message of the user asks of the length of answers; in English, and only where nothing else can be meant. */
enum verbosity_wish verbosity_wish(str message);

#endif

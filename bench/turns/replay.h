/* replay: sends the requests of a recording through an arm, lets the prompt cache of the provider meet both
 * what the client sent and what the arm made of it, and adds up tokens, dollars and time.
 * Thread: one. */
#ifndef BENCH_TURNS_REPLAY_H
#define BENCH_TURNS_REPLAY_H

#include "bench/turns/arm.h"
#include "bench/turns/visible.h"
#include "core/replay/replay.h"
#include "core/replay/segments.h"
#include "core/econ/cost.h"

/* One side of the comparison. */
struct side {
	uint64_t tokens, read, write, uncached;
	uint64_t share_tokens[SHARE_N];
	uint64_t classes[CACHE_CLASS_N];
	double share_cost[SHARE_N];
	struct cost cost;
};

enum { LABELS_MAX = 48 };

struct tally {
	str name;
	uint64_t files, requests;
	struct side raw, sent;
	uint64_t bust_tokens;
	struct visible visible; /* when it was asked for */
	struct arm_label labels[LABELS_MAX];
	uint32_t label_n;
	double *ms; /* of each request; from the heap, freed by tally_release */
	size_t ms_n, ms_cap;
};

/* Prices and rules for all recordings of a dialect, whatever model they were made with, so that files add up:
 * claude-opus-4-8 for Anthropic, gpt-5 for OpenAI. */
struct rates {
	struct model model;
	struct cache_policy policy;
	struct model_price price;
	double scale;     /* tokens of the model per counted token */
	bool has_visible; /* fill tally.visible: takes as long as all the rest */
};

/* E_UNSUPPORTED when the price table lacks the model. */
enum err rates_of(enum dialect d, bool has_scale, struct rates *out, struct errctx *cx) MUST_CHECK;

/* Adds one recording to the tally. */
enum err replay(const struct recording *r, const struct arm *arm, const struct rates *rates,
	struct tally *t, struct errctx *cx) MUST_CHECK;

void tally_add(struct tally *sum, const struct tally *t);
void tally_release(struct tally *t);
double tally_ms(const struct tally *t, double quantile); /* 0 without requests */

/* Adds what core/replay makes of the recording as it was sent, by its own model and usage: for sum->calibration. */
void calibrate(const struct recording *r, struct replay_result *sum);

#endif

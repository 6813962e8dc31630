/* trial: conversations that were treated against those that were held out (proxy --holdout), from the ledger. Of each figure the mean of
 * both sides, and their difference with an interval.
 *
 * A figure is a ratio of sums over conversations (dollars to requests), and conversations, not requests, are what was drawn: the variance
 * is that of a ratio over clusters (linearised; Cochran, Sampling Techniques, 3rd ed., 6.3), and the interval is the difference plus and
 * minus 1.96 standard errors, which holds 95 times in 100 once there are some dozens of conversations on each side. Nothing is drawn
 * at random here: the same rows give the same figures.
 * Owns: nothing. Thread: one per struct. */
#ifndef CORE_TRIAL_TRIAL_H
#define CORE_TRIAL_TRIAL_H

#include "core/store/ledger.h"

/* Fewer conversations on one side are too few to say anything: below it the mean of so few, of which some cost a hundred times what others
 * do, is not yet spread as a normal one. */
enum { TRIAL_MIN = 30 };

enum trial_figure_kind {
	TRIAL_COST_PER_REQUEST,
	TRIAL_COST_PER_CONVERSATION,
	TRIAL_INPUT_PER_REQUEST,
	TRIAL_OUTPUT_PER_REQUEST,
	TRIAL_TURNS,
	TRIAL_RETRIEVALS,
	TRIAL_AGAIN,
	TRIAL_FAILED,
	TRIAL_REPEATED,
	TRIAL_FIGURES_N
};

/* "cost_usd_per_request", "cost, USD a request"; static. */
const char *trial_name(enum trial_figure_kind k) RETURNS_NONNULL;
const char *trial_title(enum trial_figure_kind k) RETURNS_NONNULL;

enum trial_side { TRIAL_TREATED, TRIAL_HELD, TRIAL_SIDES_N };

struct trial_sums {
	double n, x, y, xx, yy, xy; /* n: conversations that have something of it */
};

struct trial {
	uint64_t conversations[TRIAL_SIDES_N], requests[TRIAL_SIDES_N];
	uint64_t mixed; /* conversations of both sides, since the share was changed: in no figure */
	struct trial_sums sums[TRIAL_FIGURES_N][TRIAL_SIDES_N];
};

/* Zero-initialised, then each conversation once. */
void trial_add(struct trial *t, const struct ledger_conversation *c);

struct trial_figure {
	bool is_enough; /* of both sides there are TRIAL_MIN: the difference means something */
	double mean[TRIAL_SIDES_N];
	double difference, low, high; /* treated less held out; all 0 unless is_enough */
};
struct trial_figure trial_figure(const struct trial *t, enum trial_figure_kind k);

/* All of the ledger's in that time. Errors of ledger_conversations. */
enum err trial_read(struct store *s, const struct ledger_query *q, struct trial *out,
	struct errctx *cx) MUST_CHECK;

#endif

#include "core/trial/trial.h"

#include <math.h>

/* Two-sided, 95 in 100, of the normal distribution. */
#define NORMAL_95 1.959964

static const struct {
	const char *name, *title;
} names[TRIAL_FIGURES_N] = {
	[TRIAL_COST_PER_REQUEST] = {"cost_usd_per_request", "USD a request"},
	[TRIAL_COST_PER_CONVERSATION] = {"cost_usd_per_conversation", "USD a conversation"},
	[TRIAL_INPUT_PER_REQUEST] = {"input_tokens_per_request", "input tokens a request"},
	[TRIAL_OUTPUT_PER_REQUEST] = {"output_tokens_per_request", "output tokens a request"},
	[TRIAL_TURNS] = {"turns_per_conversation", "turns a conversation"},
	[TRIAL_RETRIEVALS] = {"retrievals_per_turn", "originals asked for a turn"},
	[TRIAL_AGAIN] = {"asked_again_per_turn", "files and commands again a turn"},
	[TRIAL_FAILED] = {"failed_per_request", "failed (429, 5xx) a request"},
	[TRIAL_REPEATED] = {"repeated_per_request", "sent twice a request"},
};

const char *trial_name(enum trial_figure_kind k)
{
	return names[k].name;
}

const char *trial_title(enum trial_figure_kind k)
{
	return names[k].title;
}

/* y to x; a conversation with x of 0 has nothing of it. */
static void add(struct trial *t, enum trial_side side, enum trial_figure_kind k, double y, double x)
{
	struct trial_sums *s = &t->sums[k][side];

	if (!(x > 0))
		return;
	s->n++;
	s->x += x;
	s->y += y;
	s->xx += x * x;
	s->yy += y * y;
	s->xy += x * y;
}

void trial_add(struct trial *t, const struct ledger_conversation *c)
{
	enum trial_side side = c->is_held ? TRIAL_HELD : TRIAL_TREATED;
	double requests = (double)c->requests, turns = (double)c->turns,
	       usd = (double)c->cost_nano / 1e9;

	if (c->is_held && c->is_treated) {
		t->mixed++;
		return;
	}
	t->conversations[side]++;
	t->requests[side] += c->requests;
	add(t, side, TRIAL_COST_PER_REQUEST, usd, (double)c->priced_n);
	add(t, side, TRIAL_COST_PER_CONVERSATION, usd, c->priced_n ? 1 : 0);
	add(t, side, TRIAL_INPUT_PER_REQUEST, (double)c->input, (double)c->usage_n);
	add(t, side, TRIAL_OUTPUT_PER_REQUEST, (double)c->output, (double)c->usage_n);
	add(t, side, TRIAL_TURNS, turns, 1);
	add(t, side, TRIAL_RETRIEVALS, (double)c->retrievals_n, turns);
	add(t, side, TRIAL_AGAIN, (double)c->again_n, turns);
	add(t, side, TRIAL_FAILED, (double)c->failed, requests);
	add(t, side, TRIAL_REPEATED, requests - turns, requests);
}

static double mean(const struct trial_sums *s)
{
	return s->x > 0 ? s->y / s->x : 0;
}

/* Of the mean; of two conversations or more. */
static double variance(const struct trial_sums *s)
{
	double r = mean(s), residual = s->yy - 2 * r * s->xy + r * r * s->xx;

	return residual > 0 ? s->n / (s->n - 1) * residual / (s->x * s->x) : 0;
}

struct trial_figure trial_figure(const struct trial *t, enum trial_figure_kind k)
{
	const struct trial_sums *treated = &t->sums[k][TRIAL_TREATED],
				*held = &t->sums[k][TRIAL_HELD];
	struct trial_figure f = {.mean = {mean(treated), mean(held)}};
	double half;

	f.is_enough = treated->n >= TRIAL_MIN && held->n >= TRIAL_MIN;
	if (!f.is_enough)
		return f;
	half = NORMAL_95 * sqrt(variance(treated) + variance(held));
	f.difference = f.mean[TRIAL_TREATED] - f.mean[TRIAL_HELD];
	f.low = f.difference - half;
	f.high = f.difference + half;
	return f;
}

static void take(void *self, const struct ledger_conversation *c)
{
	trial_add(self, c);
}

enum err trial_read(
	struct store *s, const struct ledger_query *q, struct trial *out, struct errctx *cx)
{
	*out = (struct trial){0};
	return ledger_conversations(s, q, take, out, cx);
}

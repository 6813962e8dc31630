/* cost: from tokens to dollars. Thread: any. */
#ifndef CORE_ECON_COST_H
#define CORE_ECON_COST_H

#include "core/econ/cache_sim.h"

/* USD. */
struct cost {
	double uncached, read, write, output;
};

/* The prices of a model with those that its row lacks filled in from the provider's usual multiples of the
 * input price. All 0 when the model has no price: ask m->has_price. */
struct model_price cost_prices(const struct model *m);
/* What a turn costs. */
struct cost cost_of_turn(
	const struct model_price *p, const struct cache_turn *t, uint64_t output_tokens);
/* What it would cost without a prompt cache. */
struct cost cost_without_cache(
	const struct model_price *p, const struct cache_turn *t, uint64_t output_tokens);

void cost_add(struct cost *sum, const struct cost *c);
double cost_input(const struct cost *c); /* all but the output */
double cost_total(const struct cost *c);

/* What a provider reports of one request, in tokens. Each token counts once. */
struct cost_usage {
	uint64_t uncached, read, write_5m, write_1h, output;
};

/* In USD 1e-9, rounded to the nearest, at most COST_NANO_MAX. */
int64_t cost_of_usage(const struct model_price *p, const struct cost_usage *u);
#define COST_NANO_MAX ((int64_t)1 << 62)

/* Tokens that a request did not have to send; negative where a change made it longer. Who does not
 * know which they are says `old`: that claims less. */
struct cost_saving {
	int64_t old;   /* in blocks that an earlier request of the conversation had */
	int64_t fresh; /* in blocks that came with this request */
};

/* What these tokens would have cost in this very request, USD 1e-9, by how the provider took the rest
 * of it: see docs/decisions/0007-money-saved.md. Negative when more was added than saved. */
int64_t cost_saved(
	const struct model_price *p, const struct cost_saving *saved, const struct cost_usage *u);

/* What it cost more, USD 1e-9, that these tokens were not read from the provider's cache but taken as the others of this request
 * that were not read. 0 where that is cheaper. */
int64_t cost_of_rewrite(const struct model_price *p, uint64_t tokens, const struct cost_usage *u);

#endif

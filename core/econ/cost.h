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

#endif

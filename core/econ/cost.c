#include "core/econ/cost.h"

#include <math.h>

/* Multiples of the input price. Anthropic: docs.claude.com "Prompt caching", pricing. OpenAI: half price was
 * the rule when caching came, newer models have rows of their own; a write costs what input costs, as it
 * does for Gemini's implicit cache, which reads at a tenth. */
struct multiples {
	double read, write_5m, write_1h;
};

static struct multiples multiples_of(enum provider p)
{
	static const struct multiples rows[] = {
		[PROVIDER_UNKNOWN] = {1.0, 1.0, 1.0},
		[PROVIDER_ANTHROPIC] = {0.1, 1.25, 2.0},
		[PROVIDER_OPENAI] = {0.5, 1.0, 1.0},
		[PROVIDER_GEMINI] = {0.1, 1.0, 1.0},
	};

	return rows[p];
}

struct model_price cost_prices(const struct model *m)
{
	struct multiples x = multiples_of(m->provider);
	struct model_price p = m->price;

	if (!m->has_price)
		return (struct model_price){0};
	if (p.cache_read <= 0)
		p.cache_read = p.input * x.read;
	if (p.cache_write_5m <= 0)
		p.cache_write_5m = p.input * x.write_5m;
	if (p.cache_write_1h <= 0)
		p.cache_write_1h = p.input * x.write_1h;
	return p;
}

static double usd(double per_million, uint64_t tokens)
{
	return per_million * (double)tokens / 1e6;
}

struct cost cost_of_turn(
	const struct model_price *p, const struct cache_turn *t, uint64_t output_tokens)
{
	return (struct cost){
		.uncached = usd(p->input, t->uncached),
		.read = usd(p->cache_read, t->read),
		.write = usd(p->cache_write_5m, t->write[CACHE_5M]) +
			 usd(p->cache_write_1h, t->write[CACHE_1H]),
		.output = usd(p->output, output_tokens),
	};
}

struct cost cost_without_cache(
	const struct model_price *p, const struct cache_turn *t, uint64_t output_tokens)
{
	return (struct cost){
		.uncached = usd(p->input, t->total), .output = usd(p->output, output_tokens)};
}

void cost_add(struct cost *sum, const struct cost *c)
{
	sum->uncached += c->uncached;
	sum->read += c->read;
	sum->write += c->write;
	sum->output += c->output;
}

double cost_input(const struct cost *c)
{
	return c->uncached + c->read + c->write;
}

double cost_total(const struct cost *c)
{
	return cost_input(c) + c->output;
}

/* ---- money in integers ---- */

static int64_t nano_of(double micro)
{
	double nano = micro * 1000; /* USD per million tokens are 1e-6 per token */

	if (nano >= (double)COST_NANO_MAX)
		return COST_NANO_MAX;
	return nano <= -(double)COST_NANO_MAX ? -COST_NANO_MAX : llround(nano);
}

/* USD 1e-6. */
static double not_read(const struct model_price *p, const struct cost_usage *u)
{
	return p->input * (double)u->uncached + p->cache_write_5m * (double)u->write_5m +
	       p->cache_write_1h * (double)u->write_1h;
}

int64_t cost_of_usage(const struct model_price *p, const struct cost_usage *u)
{
	return nano_of(
		not_read(p, u) + p->cache_read * (double)u->read + p->output * (double)u->output);
}

/* What one token costs that is not read from the cache, as this request had it. */
static double fresh_price(const struct model_price *p, const struct cost_usage *u)
{
	double n = (double)u->uncached + (double)u->write_5m + (double)u->write_1h;

	return n > 0 ? not_read(p, u) / n : p->cache_read;
}

static double average_price(const struct model_price *p, const struct cost_usage *u)
{
	double n =
		(double)u->uncached + (double)u->write_5m + (double)u->write_1h + (double)u->read;

	return (not_read(p, u) + p->cache_read * (double)u->read) / n;
}

/* The least that a token of a block from before can have cost. Only where the provider wrote its
 * cache anew is it sure that it read nothing; without either, it may be the change that made the
 * request too short to be cached. */
static double old_price(const struct model_price *p, const struct cost_usage *u)
{
	double fresh = fresh_price(p, u);

	if (!u->read && (u->write_5m || u->write_1h))
		return fresh;
	return p->cache_read < fresh ? p->cache_read : fresh;
}

static double priced(int64_t tokens, double price, double average)
{
	return (double)tokens * (tokens < 0 && price < average ? average : price);
}

int64_t cost_saved(
	const struct model_price *p, const struct cost_saving *saved, const struct cost_usage *u)
{
	double average;

	if (!u->uncached && !u->read && !u->write_5m && !u->write_1h)
		return 0;
	average = average_price(p, u);
	return nano_of(priced(saved->old, old_price(p, u), average) +
		       priced(saved->fresh, fresh_price(p, u), average));
}

int64_t cost_of_rewrite(const struct model_price *p, uint64_t tokens, const struct cost_usage *u)
{
	double more = fresh_price(p, u) - p->cache_read;

	return more > 0 ? nano_of(more * (double)tokens) : 0;
}

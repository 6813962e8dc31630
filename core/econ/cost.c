#include "core/econ/cost.h"

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

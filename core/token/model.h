/* model: what is known of a model by its name: tokenizer, context window, prices. One table of
 * families, matched by name pattern (first match wins); windows and prices from the npm price
 * package at build time. Thread: any. */
#ifndef CORE_TOKEN_MODEL_H
#define CORE_TOKEN_MODEL_H

#include "core/token/token.h"

enum provider { PROVIDER_UNKNOWN, PROVIDER_ANTHROPIC, PROVIDER_OPENAI, PROVIDER_GEMINI };

/* USD per million tokens, the base tier of the provider's own API. Where the provider names no
 * price for the cache, reading and writing it cost what input costs. 0 = not known. */
struct model_price {
	double input, output, cache_read, cache_write_5m, cache_write_1h;
};

struct model {
	str name; /* as asked for */
	enum provider provider;
	enum token_encoding encoding; /* exact, or the one that the estimate starts from */
	bool is_exact;                /* false: the provider's tokenizer is closed */
	double scale;                 /* estimate = count * scale; 1.0 when exact */
	double scale_error;           /* stated relative error of the estimate, e.g. 0.15 */
	uint32_t context_window;      /* tokens; 0 = not known */
	uint32_t cache_min_tokens;    /* shortest prefix that the provider caches */
	struct model_price price;
	bool has_price;
	/* What all of a request costs whose input is more than this; 0: the same as any. */
	uint32_t long_from;
	struct model_price long_price;
	/* model_find_at of this name gives the same for every time from the one to before the other. */
	int64_t from_ms, until_ms;
};

/* Never fails: an unknown name (or an empty one) gives o200k_base, no price, PROVIDER_UNKNOWN.
 * Understands the spellings of gateways (vendor/model, models/model, region.anthropic.model-v1:0,
 * model@date, model:tag) and Claude Code's "[1m]". */
struct model model_find(str name);
/* The same with the prices of that time (wall clock); model_find: of the day for which the table was made. */
struct model model_find_at(str name, int64_t at_ms);
/* The part of a name that tells models apart: without vendor, region, gateway, date and tag. */
str model_plain_name(str name);
/* The estimate in the model's own tokens for a count in m->encoding. */
double model_tokens(const struct model *m, size_t count);

#endif

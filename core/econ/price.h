/* price: what a model costs, from a file of the user's own where it names the model, else from the
 * built-in table. The file is TOML, a table per glob over the model's name, USD per million tokens;
 * the first that matches wins:
 *
 *	["gpt-6* above 200000"]  # of requests with more input tokens
 *	input = 2.5
 *	output = 15
 *	["gpt-6* from 2026-03-01"] # since that day, UTC
 *	input = 1
 *	output = 8
 *	["gpt-6*"]
 *	input = 1.25
 *	output = 10
 *	cache_read = 0.125       # these three may be left out: then the provider's
 *	cache_write_5m = 1.25    # usual multiple of the input price
 *	cache_write_1h = 1.25
 *
 * Owns: a table owns all that it holds and never changes; whoever reloads makes a new one, swaps the
 * pointer and frees the old one when nobody reads it any more. Thread: any. */
#ifndef CORE_ECON_PRICE_H
#define CORE_ECON_PRICE_H

#include "core/base/err.h"
#include "core/token/model.h"

struct price_table;

/* From the text of a file; name is for messages. E_CONFIG with "name: line L: what", E_NOMEM. Free it
 * with price_table_free. */
enum err price_table_parse(
	str text, const char *name, struct price_table **out, struct errctx *cx) MUST_CHECK;
/* From a file. Those of file_read, too. */
enum err price_table_load(const char *path, struct price_table **out, struct errctx *cx) MUST_CHECK;
void price_table_free(struct price_table *t); /* NULL is allowed */
size_t price_table_n(const struct price_table *t);

/* The request that is priced. */
struct price_when {
	int64_t at_ms; /* wall clock; 0 and below: not known, then prices are those of the day of the built-in table */
	uint64_t
		input; /* its tokens, cached or not; where it is more than a model's step, all of it costs more */
};

/* All prices of a model; false (and *out all 0) when nobody knows them. t may be NULL. The globs are
 * tried on the name as asked for and on its part behind the last '/', without case. */
bool price_find(const struct price_table *t, const struct model *m, const struct price_when *when,
	struct model_price *out) MUST_CHECK;

#endif

/* prepare: what the files of prepare.c share. Not for others. Thread: who has the exchange (exchange.h). */
#ifndef PROXY_PREPARE_H
#define PROXY_PREPARE_H

#include "proxy/exchange.h"

/* The request is answered with an error, text a static one. retry_after_s: -1: none. */
void prepare_answer(struct exchange *x, int status, const char *text, int64_t retry_after_s);

/* prepare_limits.c: true when the request is answered: too many, or the budget is spent. tokens: what it is taken to have. */
bool prepare_is_limited(struct exchange *x, str body, uint64_t tokens) MUST_CHECK;
/* Holds what the prompt alone will cost at least, so that parallel requests see it. */
void prepare_reserve(struct exchange *x);

/* prepare_memory.c: what the engine is told of memories for this request: where they are by its headers; in the arena. NULL: it
 * has none. */
const struct compress_memory *prepare_memory(struct exchange *x);
/* prepare_effort.c: true where the provider of that route, at that base, takes messages that set the effort (core/engine/engine.h). */
bool prepare_takes_effort(const struct route *r, str base);
/* Tells who watches (proxy/proxy.h) of a request that was understood. */
void prepare_tell(struct exchange *x, str body);

#endif

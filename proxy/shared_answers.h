/* shared_answers: the response cache of proxy/response_cache.h, with what other proxies were answered. An answer that is found
 * there is in the local cache from then on, until it would have gone there, too. Owns: nothing. Thread: any; get: but a loop's. */
#ifndef PROXY_SHARED_ANSWERS_H
#define PROXY_SHARED_ANSWERS_H

#include "core/share/link.h"
#include "proxy/response_cache.h"

/* Larger ones are each proxy's own: a request waits no longer for one than for anything else. */
enum { SHARED_ANSWER_MAX = 1 << 20 };

/* As response_cache_get(), which has found nothing. clock: for the age. */
const struct cached_response *shared_answer_get(struct share *l, struct response_cache *c,
	const struct response_cache_key *key, const struct clock *clock,
	int64_t *age_ms) MUST_CHECK;
/* The part of that which reads what was there; nothing is kept of what is no answer. */
void shared_answer_keep(struct response_cache *c, const struct response_cache_key *key, str value,
	const struct clock *clock);
/* An answer that was just committed under that key; nothing when it was not. Waits for nothing. */
void shared_answer_put(struct share *l, struct response_cache *c,
	const struct response_cache_key *key, const struct clock *clock);

#endif

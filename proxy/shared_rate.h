/* shared_rate: the token buckets of proxy/limit.h, one set for all proxies that share a Redis. The arithmetic is the same, done
 * by a script there, by the clock of the Redis, so that proxies whose clocks differ agree. Owns: nothing. Thread: any but a loop's. */
#ifndef PROXY_SHARED_RATE_H
#define PROXY_SHARED_RATE_H

#include "core/share/link.h"
#include "proxy/limit.h"

/* As limit_take(). tenant: whose limits these are; empty: of all that name none. False: nobody knows, nothing is in out;
 * then a request may have been taken all the same, which is less than a limit that is passed. */
bool shared_rate_take(struct share *l, str tenant, const struct limit_conf *conf,
	const struct hash128 *keys, size_t n, uint64_t tokens,
	struct limit_verdict *out) MUST_CHECK;
/* As limit_correct(); waits for nothing. */
void shared_rate_correct(struct share *l, str tenant, const struct limit_conf *conf,
	const struct hash128 *keys, size_t n, uint64_t estimated, uint64_t actual);

#endif

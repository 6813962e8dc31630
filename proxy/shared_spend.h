/* shared_spend: the budget of proxy/budget.h, one for all proxies that share a Redis. Every proxy says there what it has spent
 * itself, in absolute amounts by minute and by day under a name of its own, so that what is said twice counts once and what the
 * Redis has lost is said again. What requests in flight have reserved stands there with an end: a proxy that was
 * killed holds it for SPEND_HOLD_MS.
 * Owns: itself. Thread: any but a loop's for spend_take; any for all else. */
#ifndef PROXY_SHARED_SPEND_H
#define PROXY_SHARED_SPEND_H

#include "core/share/link.h"
#include "proxy/budget.h"

enum { SPEND_HOLD_MS = 60000, SPEND_TENANT_MAX = 64 };

struct spend;

/* tenant: whose budget it is; empty: of all that name none. id: of this process; no other has it. link and clock must outlive
 * it. NULL: out of memory. */
struct spend *spend_new(
	struct share *link, str tenant, str id, const struct clock *clock) MUST_CHECK;
void spend_free(struct spend *s); /* NULL is allowed */

struct spend_verdict {
	bool is_over;
	int64_t spent_nano, reserved_nano; /* by all */
};
/* Looks whether the budget of all is spent, and reserves the estimate if not: in one step, whoever else does the same. conf:
 * limit and period. False: nobody knows; it counts as reserved here, to be settled as ever. */
bool spend_take(struct spend *s, const struct budget_conf *conf, int64_t estimate_nano,
	struct spend_verdict *out) MUST_CHECK;
/* The estimate is another one by so much. */
void spend_adjust(struct spend *s, int64_t more_nano);
/* The request is over: as budget_settle(). Waits for nothing, and is not lost when the Redis is away. s may be NULL, as above. */
void spend_settle(struct spend *s, int64_t reserved_nano, int64_t actual_nano, int64_t at_ms);

/* All that this process has spent in the last hour and the running month, once more, in one command: the Redis was away, or has lost it. */
void spend_tell_all(struct spend *s);
/* What is reserved stays so. Every few seconds. */
void spend_hold(struct spend *s);

#endif

/* lifetime: sums over the whole ledger without walking over all of it each time: what is older than some hours was summed
 * up before and is kept here, so that only the rest is read.
 * Owns: that sum. Thread: any that may read the store. */
#ifndef PROXY_OWN_LIFETIME_H
#define PROXY_OWN_LIFETIME_H

#include "core/store/ledger.h"

/* What is shown of a sum. */
struct figures {
	uint64_t requests, tokens_before,
		input; /* input: all that providers reported, cached or not */
	int64_t saved; /* tokens; net, so it may be less than nothing */
	int64_t saved_nano, cost_nano;
};

struct figures figures_of(const struct ledger_sum *s);
void figures_add(struct figures *to, const struct figures *f);

struct lifetime;

struct lifetime *lifetime_new(
	struct store *s, const struct clock *clock) MUST_CHECK; /* NULL: memory */
void lifetime_free(struct lifetime *l);                         /* NULL is allowed */

/* All requests of all processes. A row that comes hours after its request began is seen at the next full reading,
 * every LIFETIME_READ_MS. Errors as of ledger_sums. */
enum err lifetime_read(struct lifetime *l, struct figures *out, struct errctx *cx) MUST_CHECK;
/* What is not read again must be this old; and how old it may become. Rows so young are never folded by the store:
 * it would take a million of them. */
#define LIFETIME_BEHIND_MS ((int64_t)3600000)
#define LIFETIME_READ_MS   (3 * LIFETIME_BEHIND_MS)

#endif

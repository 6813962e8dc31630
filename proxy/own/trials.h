/* trials: what was held out, and what became of results, over all runs on this store, as text for /stats. A walk over the whole ledger, so
 * what was read is good for some time.
 * Owns: the last text. Thread: any that may read the store. */
#ifndef PROXY_OWN_TRIALS_H
#define PROXY_OWN_TRIALS_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/store/store.h"

struct trials;

/* share: of conversations that are held out now. NULL: out of memory. */
struct trials *trials_new(struct store *s, const struct clock *clock, double share) MUST_CHECK;
void trials_free(struct trials *t); /* NULL is allowed */

/* Appends a JSON object: "holdout" (core/trial/report.h, and share) and "returns" by encoder. It is TRIALS_TIMES as old as it took to read
 * it at most: so all that ask for it cost a fiftieth of a core. Errors as of ledger_sums; then nothing is appended. */
enum { TRIALS_TIMES = 50 };
enum err trials_write(struct trials *t, struct buf *out, struct errctx *cx) MUST_CHECK;

#endif

/* snapshot: the last answer of an endpoint that is asked for every few seconds and costs a walk over the ledger, for
 * those who do not mind that it is some seconds old. One for local callers and one for all others, who may see less.
 * Owns: copies of two answers. Thread: any. */
#ifndef PROXY_OWN_SNAPSHOT_H
#define PROXY_OWN_SNAPSHOT_H

#include "core/base/buf.h"

struct snapshots;

struct snapshots *snapshots_new(void) MUST_CHECK; /* NULL: out of memory */
void snapshots_free(struct snapshots *s);         /* NULL is allowed */
/* Appends it to out; false when there is none that is still good. */
bool snapshot_get(struct snapshots *s, bool is_local, int64_t now_ns, struct buf *out);
/* A copy, good for so long; without effect when memory is short. */
void snapshot_put(struct snapshots *s, bool is_local, int64_t now_ns, int64_t good_ns, str text);
void snapshots_forget(struct snapshots *s);

#endif

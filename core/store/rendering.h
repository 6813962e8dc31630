/* rendering: what was sent in place of a block, decided once and replayed for ever after. The key
 * is made of the conversation before the block, the block and the policy; "left as it is" is a
 * decision too. One that is not used for longer than the lease may be evicted when the total goes
 * over its maximum: then no provider's prompt cache can still hold what it made.
 *
 * How a request uses this, so that no two processes ever send different bytes for one block:
 *	rendering_get for each block; for those not found decide, then rendering_put;
 *	rendering_settle once for all those put and those got unsettled, before the request is sent;
 *	where it counts a lost one, rendering_get again.
 * Thread: any. */
#ifndef CORE_STORE_RENDERING_H
#define CORE_STORE_RENDERING_H

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/store/store.h"

enum { RENDERING_LABEL_MAX = 32 };

struct rendering {
	bool is_changed; /* false: the block goes as it came, text is empty */
	uint8_t loss;    /* enum loss of core/compress */
	uint32_t tokens_before, tokens_after;
	char label[RENDERING_LABEL_MAX]; /* encoders, "gutter+reference" */
	char original[25];               /* key of the original; empty when unchanged */
	bool is_unsettled; /* of rendering_get: put by another request of this handle, and on its
	                    * way to the file: it may still lose, so settle it, too */
};

/* Appends the text to out. E_NOT_FOUND when this block was not seen; E_VERIFY when the stored
 * decision is damaged (send the block as it came); E_TOO_BIG (for out), E_BUSY, E_IO, E_NOMEM.
 * Counts as a use, of its original too. */
enum err rendering_get(struct store *s, struct hash128 key, struct rendering *r, struct buf *out,
	struct errctx *cx) MUST_CHECK;
/* What was not found may have been decided by another machine, which cannot be asked now (core/store/peer.h). For who would
 * else take it that nothing was decided, and break with what was. Waits for nothing. */
bool rendering_is_unsure(struct store *s);
/* Queued. The first decision for a key wins, here and in the database, whoever makes it: when
 * there is one already, that one is returned in r and appended to winner (as rendering_get would)
 * and *was_there is true. On an error the block must be sent as it came, and this handle
 * remembers just that decision, so that a later turn does not decide otherwise: E_BUSY (queue
 * full), E_IO, E_PERMISSION as in store.h, E_TOO_BIG. After E_VERIFY, E_NOMEM and E_TOO_BIG of
 * rendering_get nothing is remembered. A file that cannot be read at the moment is no error:
 * renderings are a function of the past, so what it holds is very likely the same; the writer
 * compares. */
enum err rendering_put(struct store *s, struct hash128 key, struct rendering *r, str text,
	struct buf *winner, bool *was_there, struct errctx *cx) MUST_CHECK;
/* The same right after rendering_get has said E_NOT_FOUND: the file is not looked into again. A decision that came into
 * it meanwhile wins, too; rendering_settle tells. */
enum err rendering_put_unseen(struct store *s, struct hash128 key, struct rendering *r, str text,
	struct buf *winner, bool *was_there, struct errctx *cx) MUST_CHECK;
/* The decision is in use, and so is its original (24 hex digits, or empty): as a lookup counts it, for who remembers
 * what it would give. Queued; dropped when the queue is full. */
void rendering_use(struct store *s, struct hash128 key, str original);
/* The writer commits what is queued as soon as it can: for who will settle in a moment, and has something to do
 * meanwhile. */
void rendering_hurry(struct store *s);
/* Waits as store_flush does, but at most decision_ms of store_conf, and not at all for a file that is known
 * to be slow or unwritable; with a peer that answers, then until it is told, which is as good: E_OK. Counts in *lost_n, on an error, too, those of the keys for which
 * rendering_get may now give another decision than the one put. Decisions that were waited for in
 * vain hold in this process from then on, also if the file turns out to have another one. */
enum err rendering_settle(struct store *s, const struct hash128 *keys, size_t n, size_t *lost_n,
	struct errctx *cx) MUST_CHECK;

#endif

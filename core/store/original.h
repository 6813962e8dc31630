/* original: texts that a rendering replaced, found again by the first hex digits of their
 * SHA-256. Kept zstd-compressed and verified by hash when read. Eviction is by last use when the
 * total goes over the maximum, never of one used within the lease; being named by a rendering
 * that is used counts as a use. When an original goes, the renderings that name it go with it.
 * Thread: any. */
#ifndef CORE_STORE_ORIGINAL_H
#define CORE_STORE_ORIGINAL_H

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/store/store.h"

enum {
	ORIGINAL_KEY_LEN = 24,    /* hex digits that are shown */
	ORIGINAL_PREFIX_MIN = 12, /* fewest that are looked up */
};

struct original_key {
	char hex[ORIGINAL_KEY_LEN + 1];
	unsigned char sha[SHA256_BYTES];
};

/* One pass of SHA-256 over the text: make it once. */
struct original_key original_key_of(str text);
/* Queued; readable through this handle at once (even before it is on disk). key: of this very text. tool (the
 * name of the tool that printed the text, may be empty, cut at 63 bytes) is kept for listings. E_BUSY when
 * the queue is full, or when the maximum is reached and all originals are leased; E_TOO_BIG over
 * STORE_TEXT_MAX; E_IO, E_PERMISSION as in store.h. */
enum err original_put(struct store *s, str text, const struct original_key *key, str tool,
	struct errctx *cx) MUST_CHECK;
/* prefix: 12 to 64 hex digits. Appends the text to out. E_NOT_FOUND (the message tells one that was evicted in the
 * last day), E_MALFORMED (no hex, or not
 * that many), E_FAILED (two originals begin so), E_VERIFY (the stored bytes are damaged),
 * E_TOO_BIG (for out), E_BUSY, E_IO, E_NOMEM. Counts as a use. */
enum err original_get(struct store *s, str prefix, struct buf *out, struct errctx *cx) MUST_CHECK;

/* The original that begins so is in use: as a lookup counts it. Queued; dropped when the queue is full, nothing when
 * there is no such original. */
void original_use(struct store *s, str prefix);

#define ORIGINAL_EXPIRED "this original was here and is not kept any more"
/* True when an original that begins so was evicted in the last day. */
bool original_is_gone(struct store *s, str prefix) MUST_CHECK;

#endif

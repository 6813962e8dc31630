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
/* The key of a text that belongs to an owner (printable, at most ORIGINAL_OWNER_MAX bytes; empty: nobody in particular, as the above).
 * Another one than that of the same text of anybody else, so that nobody can be led to it by a key of his own. hex is
 * empty when memory ran out. */
enum { ORIGINAL_OWNER_MAX = 64 };
struct original_key original_key_for(str owner, str text);
/* Queued; readable through this handle at once (even before it is on disk). key: of this very text. tool (the
 * name of the tool that printed the text, may be empty, cut at 63 bytes) is kept for listings. E_BUSY when
 * the queue is full, or when the maximum is reached and all originals are leased; E_TOO_BIG over
 * STORE_TEXT_MAX; E_IO, E_PERMISSION as in store.h. */
enum err original_put(struct store *s, str text, const struct original_key *key, str tool,
	struct errctx *cx) MUST_CHECK;
/* The same for an owner; key: by original_key_for. The text is kept behind a line that names him, and verified with that. */
enum err original_put_for(struct store *s, str owner, str text, const struct original_key *key,
	str tool, struct errctx *cx) MUST_CHECK;
/* prefix: 12 to 64 hex digits. Appends the text to out. E_NOT_FOUND (the message tells one that was evicted in the
 * last day), E_MALFORMED (no hex, or not
 * that many), E_FAILED (two originals begin so), E_VERIFY (the stored bytes are damaged),
 * E_TOO_BIG (for out), E_BUSY, E_IO, E_NOMEM. Counts as a use. Whoever it belongs to: for who may read the file anyway. */
enum err original_get(struct store *s, str prefix, struct buf *out, struct errctx *cx) MUST_CHECK;
/* The same for an owner (empty: nobody in particular): what belongs to anybody else is E_NOT_FOUND, as if it were not there, and is
 * not used. Who has a name is not told either what was evicted: keys of those do not say whose they were. */
enum err original_get_for(
	struct store *s, str owner, str prefix, struct buf *out, struct errctx *cx) MUST_CHECK;

/* The original that begins so is in use: as a lookup counts it. Queued; dropped when the queue is full, nothing when
 * there is no such original. */
void original_use(struct store *s, str prefix);

#define ORIGINAL_EXPIRED   "this original was here and is not kept any more"
#define ORIGINAL_NOT_THERE "no such original"
/* True when an original that begins so was evicted in the last day; of nobody in particular's alone, see original_get_for. */
bool original_is_gone(struct store *s, str owner, str prefix) MUST_CHECK;

#endif

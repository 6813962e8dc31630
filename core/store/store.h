/* store: all state on disk, one SQLite database (WAL, mode 0600) with a table family per header:
 * original.h (texts that were replaced, by content), rendering.h (what was sent for a block, decided
 * once). Opening creates and migrates; several processes may share a file.
 * One writer thread per handle takes writes from a bounded queue and commits them in batches; reads go through
 * a connection per calling thread.
 * Owns: connections, the writer. Thread: any for every function, except open and close. */
#ifndef CORE_STORE_STORE_H
#define CORE_STORE_STORE_H

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/str.h"

struct store;

struct store_conf {
	const char *path;            /* file; its directory is created 0700 */
	size_t original_bytes_max;   /* compressed size of all originals; 0 = STORE_ORIGINAL_BYTES */
	int64_t lease_ms;            /* an original used within this time is never evicted; 0 = STORE_LEASE_MS */
	int busy_ms;                 /* wait for other processes; 0 = STORE_BUSY_MS */
	bool is_read_only;
	const struct clock *clock;   /* NULL: system */
};

enum err store_open(const struct store_conf *conf, struct store **out, struct errctx *cx) MUST_CHECK;
/* Waits until all queued writes are committed. */
enum err store_flush(struct store *s, struct errctx *cx) MUST_CHECK;
void store_close(struct store *s); /* flushes; NULL is allowed */

#endif

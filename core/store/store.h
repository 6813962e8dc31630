/* store: all state on disk, one SQLite database (WAL, mode 0600) with a table family per header:
 * original.h (texts that were replaced, by content), rendering.h (what was sent for a block,
 * decided once). Opening creates and migrates; several processes may share a file. docs/store.md
 * describes it.
 *
 * One writer thread per handle takes writes from a bounded queue and commits them in batches;
 * reads use connections of their own, one per thread that reads at the moment. What this handle
 * has queued, this handle reads.
 *
 * Acknowledged is what store_flush (or rendering_settle) has returned E_OK for: it survives the
 * death of the process at any point (where a peer has a decision that the file does not take: with the peer); the death of the machine too when is_power_safe is set.
 * Without it a power cut may take the last moments, never the consistency of the file.
 *
 * When the file cannot be written (disk full, read-only file system, damage), what is queued
 * waits and is tried again every STORE_RETRY_MS and at every flush; puts fail with E_IO at once (unless a
 * peer takes what is put: peer.h), nothing blocks, reads go on. The reason is in the text of the first error only, so that a
 * caller that logs does not repeat itself.
 *
 * Owns: connections, the writer, the cache. Thread: any for every function, except open and
 * close; a handle does not survive fork. */
#ifndef CORE_STORE_STORE_H
#define CORE_STORE_STORE_H

#include <stddef.h>

#include "core/base/clock.h"
#include "core/base/err.h"

struct store;

/* Defaults, and the reasons for them: docs/store.md. */
#define STORE_ORIGINAL_BYTES  ((size_t)1 << 30)
#define STORE_RENDERING_BYTES ((size_t)512 << 20)
#define STORE_CACHE_BYTES     ((size_t)64 << 20)
#define STORE_LEASE_MS        ((int64_t)24 * 3600 * 1000)
#define STORE_KEEP_MS         ((int64_t)30 * 24 * 3600 * 1000)
#define STORE_LEDGER_ROWS     ((uint64_t)200000)
#define STORE_LEDGER_KEEP_MS  ((int64_t)400 * 24 * 3600 * 1000)
#define STORE_BUSY_MS         2000
#define STORE_RETRY_MS        1000
/* A request waits so long for a decision to be committed or looked up: fifty times what that takes
 * (bench_store), and not long for somebody who waits for a model. */
#define STORE_DECISION_MS 250
/* The same for a store in memory. */
#define STORE_MEMORY_ORIGINAL_BYTES  ((size_t)64 << 20)
#define STORE_MEMORY_RENDERING_BYTES ((size_t)64 << 20)
#define STORE_MEMORY_LEDGER_ROWS     ((uint64_t)100000)
/* One text; the largest request of a provider is 32 MB. */
#define STORE_TEXT_MAX ((size_t)32 << 20)

struct store_conf {
	const char *path;           /* file; its directory is created 0700 */
	bool is_in_memory;          /* no file at all, path means nothing; gone when closed */
	size_t original_bytes_max;  /* disk for all originals; 0 = STORE_ORIGINAL_BYTES */
	size_t rendering_bytes_max; /* disk for all renderings; 0 = STORE_RENDERING_BYTES */
	size_t cache_bytes_max;     /* memory for renderings; 0 = STORE_CACHE_BYTES */
	int64_t lease_ms;           /* used within this time: never evicted; 0 = STORE_LEASE_MS */
	int64_t keep_ms; /* not used for this time: deleted; 0 = STORE_KEEP_MS, -1 = never */
	uint64_t ledger_rows_max; /* single requests; older ones as sums; 0 = STORE_LEDGER_ROWS */
	int64_t ledger_keep_ms;   /* the same by age; 0 = STORE_LEDGER_KEEP_MS */
	int busy_ms;              /* wait for other processes; 0 = STORE_BUSY_MS */
	int decision_ms;          /* a request waits for a decision; 0 = STORE_DECISION_MS */
	bool is_read_only;        /* nothing is made, changed, marked as used; puts: E_PERMISSION */
	bool is_power_safe;       /* fsync at every commit */
	const struct clock *clock; /* NULL: system; must outlive the handle */
};

/* E_NOT_FOUND (read-only and there is no file), E_PERMISSION, E_CONFIG (a database of another
 * program, or no database), E_UNSUPPORTED (of a newer headroom), E_VERIFY (damaged), E_BUSY,
 * E_IO, E_NOMEM. */
enum err store_open(
	const struct store_conf *conf, struct store **out, struct errctx *cx) MUST_CHECK;
/* Waits until all that was queued before is committed; that takes one batch, or busy_ms when
 * another process holds the file, and then the error is returned: E_BUSY, E_IO. What failed stays
 * queued. */
enum err store_flush(struct store *s, struct errctx *cx) MUST_CHECK;
/* Commits what is queued, or gives it up when that cannot be done now. NULL is allowed. */
void store_close(struct store *s);

struct store_stats {
	uint64_t originals_n, original_bytes;   /* in the file, as of this handle's last write */
	uint64_t renderings_n, rendering_bytes; /* the same */
	uint64_t ledger_n;                      /* the same; rows that are not folded */
	uint64_t cache_hits, cache_misses;      /* of rendering_get; a miss went to the file */
	uint64_t lost_n;                        /* decisions that another process made first */
	uint64_t evicted_n;                     /* rows that this handle deleted */
	uint64_t write_errors;                  /* batches that could not be committed */
	uint64_t queued_n;                      /* writes that wait */
};

/* So often a use is written down that is not a lookup (rendering_use, original_use). */
int64_t store_touch_every_ms(const struct store *s);

void store_get_stats(struct store *s, struct store_stats *out);
/* False from the first batch that could not be written until one could. Never blocks. */
bool store_is_writable(struct store *s);
/* The same as an error: E_IO, with the reason for the first who asks; E_PERMISSION: it was opened for reading only. */
enum err store_check_writable(struct store *s, struct errctx *cx) MUST_CHECK;

#endif

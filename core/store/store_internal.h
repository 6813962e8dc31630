/* store_internal: what the files of the store share: the handle, the operations that travel to
 * the writer, the connections of readers. Not for others. */
#ifndef CORE_STORE_STORE_INTERNAL_H
#define CORE_STORE_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "core/base/attr.h"
#include "core/base/hash.h"
#include "core/store/db.h"
#include "core/store/original.h"
#include "core/store/pack.h"
#include "core/store/peer.h"
#include "core/store/rendering_cache.h"
#include "core/store/store.h"

enum {
	STORE_QUEUE_OPS = 16384,      /* writes that may wait */
	STORE_QUEUE_BYTES = 64 << 20, /* and their texts */
	STORE_BATCH_OPS = 1024,       /* of them in one transaction */
	STORE_BATCH_BYTES = 256 << 10,
	/* The writer waits so long for more, unless somebody waits for it: a commit costs as much as some ten
	 * rows, and takes a processor from those who serve. */
	STORE_GATHER_MS = 100,
	STORE_REST_MS = 200, /* without anything to write, before the WAL goes into the file */
	/* Renderings of a batch that are packed at once; the others are written as they are, and packed when nothing has come
	 * for a while: who decides more than this at once waits for it, and has other threads at work. */
	STORE_PACK_BYTES = 32 << 10,
	STORE_IDLE_READERS = 16, /* connections that are kept open */
	STORE_ROW_BYTES = 128,   /* a row and its index entries besides the data; 106 measured */
	STORE_TOUCHES_PER_LEASE = 16, /* how often per lease a use is written down */
	STORE_TOOL_MAX = 64,
	/* Events that wait for the peer, some 2,000 lines; what comes then is counted here alone. */
	STORE_SAY_BYTES = 256 << 10,
	STORE_PATIENT = -1, /* for store_wait */
};

/* So long an original that was evicted is known to have been there. */
#define STORE_GONE_MS ((int64_t)24 * 3600 * 1000)

/* Bounds of the SHA-256 values that begin with a prefix. */
struct sha_range {
	unsigned char lo[SHA256_BYTES], hi[SHA256_BYTES];
};

enum op_kind {
	OP_ORIGINAL,
	OP_RENDERING,
	OP_RENDERING_COPY, /* of what was decided elsewhere */
	OP_TOUCH_ORIGINAL,
	OP_TOUCH_RENDERING,
	OP_LEDGER,
	OP_CALIBRATION,
	OP_FEEDBACK_ELIDED,
	OP_FEEDBACK_RETRIEVED,
	OP_FEEDBACK_RESET
};

/* One write on its way. Owned by the queue from store_enqueue on. */
struct op {
	struct op *next;
	enum op_kind kind;
	int64_t now_ms;
	struct sha_range
		sha; /* ORIGINAL: lo = hi; TOUCH_ORIGINAL; TOUCH_RENDERING: what it names; FEEDBACK_RETRIEVED */
	bool has_original;    /* TOUCH_RENDERING: it names one */
	struct hash128 key;   /* TOUCH_RENDERING */
	struct entry *entry;  /* RENDERING: borrowed from the cache, pending there */
	struct entry *winner; /* RENDERING: the decision that was there, when it is another one */
	struct entry *
		elsewhere; /* RENDERING: the peer had it before; it is written in place of entry. COPY: is written */
	bool is_shared;   /* the peer has it, or it is from there */
	bool is_promised; /* RENDERING: put while the file took nothing, for the peer to have it */
	str packed;       /* compressed text once the writer has made it, on the heap */
	bool is_packed;
	bool is_unpacked; /* RENDERING: entry's text is written as it is, and packed when nobody waits */
	char tool[STORE_TOOL_MAX];
	size_t bytes;  /* counted for it in the list where it is */
	size_t text_n; /* of ORIGINAL; LEDGER, CALIBRATION, FEEDBACK: of their structs, with texts */
	char text[];
};

struct op_list {
	struct op *first, **last; /* last: where the next one is hung */
	size_t n, bytes;          /* bytes of texts */
};

/* A connection that one reading thread has at the moment. */
struct reader {
	struct reader *next;
	struct db db;
	struct unpacker unpacker;
};

/* What the writer last failed with; code E_OK when it can write. */
struct store_failure {
	enum err code;
	bool is_reported; /* the text went to a caller */
	char text[LIMIT_ERR_TEXT];
};

/* What is shared with stores of other machines: core/store/peer.h. */
struct peer_state {
	const struct store_peer *is; /* NULL: with none */
	_Atomic bool is_emptied;     /* what was said there is gone */
	_Atomic int64_t emptied_ns;  /* since then; 0: never */
	_Atomic bool
		is_late; /* what was used from since_ms on has to be looked for; the writer's: */
	int64_t since_ms, original_id, rendering_id; /* and behind these rows */
	struct buf to_say;            /* lines of events; the writer's, as all below */
	size_t elisions_n;            /* heard since they were last counted */
	bool is_named;                /* these are known: */
	char origin[PEER_ID_MAX + 1]; /* what this store is called */
	char heard[PEER_ID_MAX + 1];  /* how far it has heard the others, */
	char noted[PEER_ID_MAX + 1];  /* and what the file says of that */
	_Atomic bool is_hearing_due;
	_Atomic uint64_t said_n, heard_n, unsaid_n;
	_Atomic uint64_t found_n, missed_n, unknown_n, put_n, unput_n, late_n, yielded_n, again_n;
};

/* Ids of renderings that were written as they are. */
struct unpacked_rows {
	int64_t *ids; /* on the heap */
	size_t n, cap;
};

enum store_total {
	TOTAL_ORIGINAL,
	TOTAL_RENDERING,
	TOTAL_EVICTED_N,                /* those above are bounded by bytes and evicted by use */
	TOTAL_LEDGER = TOTAL_EVICTED_N, /* bounded by rows, folded by age */
	TOTAL_N
};

struct store {
	struct store_conf conf; /* defaults filled in */
	char *path;             /* of a file; or the name of a database in memory */
	int64_t touch_ms;       /* a use is written down when the last one is older */
	struct rendering_cache cache;
	struct peer_state peer;

	/* In memory only, where there is no WAL that would let both go on at once: readers have it
	 * shared while they have a connection, the writer alone while it is in a transaction. Without
	 * it SQLite would answer SQLITE_BUSY and sleep by the millisecond. Before `lock`. */
	pthread_rwlock_t memory_lock;

	pthread_mutex_t lock; /* guards all of this block */
	pthread_cond_t has_work, is_done;
	struct op_list queue; /* waits */
	struct op_list
		told; /* the peer was told of it, and the file takes nothing; before the queue */
	struct op_list inflight;       /* is being written; stays readable until it is committed */
	uint64_t queued_seq, done_seq; /* operations ever queued and committed */
	uint64_t told_seq;       /* and of which the peer was told, while the file took nothing */
	uint64_t forgotten_n;    /* out of told, for the peer has them; until the next commit */
	uint64_t attempt;        /* number of the batch that is written, or was last */
	uint64_t failed_attempt; /* number of the last one that failed */
	struct store_failure failure;
	bool is_slow;        /* somebody has waited in vain for what is written now */
	bool is_mute;        /* and nobody was told meanwhile */
	unsigned flushers_n; /* threads that wait for the writer, */
	unsigned patient_n;  /* and those of them that want it to try in any case */
	bool is_hurried;     /* somebody will wait soon */
	bool is_evict_wanted, is_closing;
	struct reader *idle_readers;
	size_t idle_readers_n;

	/* The writer's own. */
	pthread_t writer;
	bool has_writer;
	struct db db;
	struct packer packer;
	struct unpacker unpacker;
	struct unpacked_rows unpacked;
	dev_t device; /* of the file that was opened */
	ino_t inode;
	int64_t aged_ms;          /* when rows that are too old were last looked for */
	int64_t total_n[TOTAL_N]; /* changes of the batch */
	int64_t total_bytes[TOTAL_N];

	/* Read by any thread. */
	_Atomic int64_t unread_until_ns; /* renderings are not looked up in the file before */
	atomic_bool is_full;             /* originals: over the maximum and all are leased */
	_Atomic uint64_t rows_n[TOTAL_N], bytes[TOTAL_N];
	_Atomic uint64_t hits, misses, lost_n, evicted_n, write_errors;
};

/* store.c */
/* While a thread has one it takes no second one and does not wait for the writer. */
struct reader *reader_take(struct store *s, enum err *e, struct errctx *cx) MUST_CHECK;
void reader_give(struct store *s, struct reader *r);

/* store_writer.c */
enum err writer_start(struct store *s, struct errctx *cx) MUST_CHECK;
void writer_stop(struct store *s);
/* A zeroed operation with room for text_n bytes; NULL when memory is short. */
struct op *op_new(struct store *s, enum op_kind kind, size_t text_n) MUST_CHECK;
/* Takes op in every case. E_BUSY when the queue is full, E_PERMISSION when there is no writer. */
enum err store_enqueue(struct store *s, struct op *op, struct errctx *cx);
/* The same for what may be dropped when the queue is full. NULL is allowed. */
void store_enqueue_touch(struct store *s, struct op *op);
/* Waits for what was queued before, at most ms milliseconds, and not for a file that is known to be slow or
 * unwritable (E_BUSY, E_IO). ms = STORE_PATIENT: as long as it takes, and tries in any case. */
enum err store_wait(struct store *s, int ms, struct errctx *cx) MUST_CHECK;
/* What is queued is written without gathering more; returns at once. */
void store_hurry(struct store *s);

/* Packs what of the list from that one on is to be packed. On the writer's thread, outside a transaction. */
enum err store_pack(struct store *s, struct op *from, struct errctx *cx) MUST_CHECK;
void op_list_add(struct op_list *l, struct op *op);
struct op *op_list_take(struct op_list *l) RETURNS_NONNULL;
void op_free(struct op *op);

/* store_told.c. May a decision or an original be put? As store_check_writable says, or *is_promised: the file takes nothing,
 * and the peer will. Any thread. */
enum err store_may_put(struct store *s, bool *is_promised, struct errctx *cx) MUST_CHECK;
/* Under the lock: somebody waits for what is queued, and the peer could be told. */
bool store_has_to_tell(const struct store *s);
/* On the writer's thread, while the file takes nothing: what the peer said of the operations from that one on to the end of
 * their list counts now; who waits is woken. */
void store_publish_told(struct store *s, struct op *from);
/* The same: tells the peer some of what is queued. False: there is none, or nobody to be told. */
bool store_tell_waiting(struct store *s);
/* For sqlite3_busy_handler, with the store; not for long, and at once not when somebody has come. */
int store_wait_for_file(void *self, int tries);

/* On the writer's thread: shuts readers out while it writes to memory. */
void store_lock_memory(struct store *s);
void store_unlock_memory(struct store *s);
/* On the writer's thread: begins a transaction that counts into total_n and total_bytes. */
enum err store_begin(struct store *s, struct errctx *cx) MUST_CHECK;
/* Lets the writer look for what can be evicted even when nothing is queued. */
void store_want_evict(struct store *s);

/* store_evict.c, on the writer's thread, outside a transaction: deletes what is too much or too
 * old. An error is no reason to refuse writes: the next batch tries again. */
void store_evict(struct store *s);
/* Inside a transaction: writes the batch's changes of the totals down. */
enum err store_write_totals(struct store *s, struct errctx *cx) MUST_CHECK;

/* original.c and rendering.c, on the writer's thread. _pack makes op->packed, outside a
 * transaction; _write runs inside one. */
enum err original_pack(struct store *s, struct op *op, struct errctx *cx) MUST_CHECK;
enum err original_write(struct store *s, struct op *op, struct errctx *cx) MUST_CHECK;
enum err original_touch(
	struct db *db, const struct sha_range *sha, int64_t now_ms, struct errctx *cx) MUST_CHECK;
/* False when prefix is no hex or too short or long. */
bool original_range(str prefix, struct sha_range *out) MUST_CHECK;
/* The same as the keys of renderings and elisions have it: 24 hex digits and a NUL. */
void original_range_hex(const struct sha_range *range, char from[25], char to[25]);

/* repack.c, on the writer's thread. Whether one more row can be remembered that is written as it is. */
bool repack_has_room(const struct store *s);
/* Inside a transaction: the row that was just added is one. */
void repack_note(struct store *s);
/* Outside of one: packs some of them. True when there are more, and it is worth to go on at once. */
bool repack_some(struct store *s);

/* ledger_row.c, calibration.c: the same. */
struct ledger_row;
/* The row that a LEDGER_RECENT stands on; its texts until the next step. */
void ledger_read_row(sqlite3_stmt *stmt, struct ledger_row *row);
/* All that are in flight; those of one model are one change of its row. */
enum err calibration_write_batch(struct store *s, struct errctx *cx) MUST_CHECK;
/* feedback.c: the same. */
enum err feedback_write(struct store *s, const struct op *op, struct errctx *cx) MUST_CHECK;
/* ledger_fold.c, inside a transaction. Folds rows that are too old or too many into their days, up to
 * so many at once; *is_more tells that there may be more. is_aging: look at the age, too. */
enum err ledger_fold(struct store *s, int64_t now_ms, bool is_aging, bool *is_more,
	struct errctx *cx) MUST_CHECK;

/* peer.c. Looked up there; E_NOT_FOUND, E_UNAVAILABLE, E_VERIFY, ... */
enum err peer_rendering_load(struct store *s, struct hash128 key, struct entry **out) MUST_CHECK;
enum err peer_original_get(struct store *s, str prefix, struct buf *out) MUST_CHECK;
/* On the writer's thread, outside a transaction: says what is in flight there, before it is written here. */
void peer_share(struct store *s, struct op *from);
/* The same: says what could not be said before. */
void peer_catch_up(struct store *s);
/* False: nothing of this operation goes there. */
bool peer_item_of(const struct op *op, struct peer_item *item);
bool peer_is_touch(const struct op *op);
/* Appends the row as it goes there. E_NOT_FOUND, ... */
enum err peer_read_original(struct store *s, int64_t id, struct buf *out) MUST_CHECK;
enum err peer_read_rendering(struct store *s, struct hash128 key, struct buf *out) MUST_CHECK;
/* peer_touch.c, the same: what is in use stays there, or comes there again. */
void peer_touch(struct store *s, struct op *from);
/* peer_learn.c, on the writer's thread, outside a transaction: events of the list from that one on are said, */
void peer_say_learnt(struct store *s, struct op *from);
void peer_say_rest(struct store *s); /* those that wait, */
void peer_hear(struct store *s);     /* and those of others are counted here. */

/* rendering_row.c */
/* s with a NUL behind it. False: it is too long for that. */
static inline bool store_copy_text(str s, char *out, size_t cap)
{
	if (s.n >= cap)
		return false;
	if (s.n)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

/* Over all that a decision means, and its key. */
int64_t rendering_hash(struct hash128 key, const struct rendering *r, str text);
/* What is sent is the same; figures and labels may differ. */
bool rendering_is_same(const struct entry *a, const struct entry *b);
enum err rendering_pack(struct store *s, struct op *op, struct errctx *cx) MUST_CHECK;
enum err rendering_write(struct store *s, struct op *op, struct errctx *cx) MUST_CHECK;
enum err rendering_touch(struct store *s, const struct op *op, struct errctx *cx) MUST_CHECK;
/* The row as an entry of its own. E_NOT_FOUND, E_VERIFY. */
enum err rendering_load(struct db *db, struct unpacker *u, struct hash128 key, struct entry **out,
	struct errctx *cx) MUST_CHECK;

#endif

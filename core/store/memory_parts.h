/* memory_parts: what an index over very many memories keeps in their file (core/memory/keep.h makes it, core/memory/finder.h reads it): parts, each
 * some bytes that are known here by kind and number alone. All parts of a generation belong together; the head says which one counts, and
 * up to where in the log (memory_doc.h) its parts know what has changed. A generation is written in many short transactions, so that
 * nobody who saves waits for it, and counts with the last one; what a process that died has left goes with the next.
 *
 * The tables are made by the first who builds an index. A program that does not know of them is not in the way: what it changes stands in the log, and
 * a log that does not reach back to the index makes it count for nothing.
 * Owns: nothing. Thread: that of the store. */
#ifndef CORE_STORE_MEMORY_PARTS_H
#define CORE_STORE_MEMORY_PARTS_H

#include "core/store/memory_doc.h"

enum memory_part {
	MEMORY_PART_SHEET,     /* figures of some docs */
	MEMORY_PART_TAIL,      /* vectors of some docs that came behind the lists */
	MEMORY_PART_CENTROIDS, /* what the lists are about */
	MEMORY_PART_LIST,      /* vectors that are near to each other */
};

/* Parts of a kind: the number has so many bits in the key. */
#define MEMORY_PARTS_MAX ((int64_t)1 << 24)

struct memory_head {
	int64_t generation; /* 0: there is no index that counts */
	int64_t edition;    /* another one with each change of its parts */
	int64_t log_n;      /* up to there the log is in it */
	int64_t covered;    /* the first so many docs of it stand in lists */
	int64_t lists;
};

/* version: of what stands in parts; embedder: whose vectors. An index of others does not count. */
enum err memory_head_read(struct memory_store *s, int64_t version, str embedder,
	struct memory_head *out, struct errctx *cx) MUST_CHECK;

/* Bytes are valid during the call alone. */
typedef void (*memory_part_fn)(void *self, int64_t n, str bytes);
/* One part. When it is not there fn is not called: the generation has gone. */
enum err memory_part_read(struct memory_store *s, int64_t generation, enum memory_part kind,
	int64_t n, memory_part_fn fn, void *self, struct errctx *cx) MUST_CHECK;
/* All of a kind, by number. */
enum err memory_parts_read(struct memory_store *s, int64_t generation, enum memory_part kind,
	memory_part_fn fn, void *self, struct errctx *cx) MUST_CHECK;

/* What is read until the end is read as of one moment. Nothing inside of memory_begin, which is one, too. */
enum err memory_snapshot(struct memory_store *s, bool *is_own, struct errctx *cx) MUST_CHECK;
void memory_snapshot_end(struct memory_store *s, bool is_own);

/* ---- writing: MEMORY_WRITE, one at a time ---- */

/* A builder that says nothing for so long has died. */
#define MEMORY_CLAIM_MS ((int64_t)10 * 60 * 1000)

/* From here on until memory_head_write nobody else writes parts. seen: the head that the writer knows. *claim: 0 when another one is at it, or
 * has changed the head meanwhile. Makes the tables. Outside of a transaction, as the others. */
enum err memory_parts_claim(struct memory_store *s, const struct memory_head *seen, int64_t *claim,
	struct errctx *cx) MUST_CHECK;
struct memory_part_put {
	enum memory_part kind;
	int64_t n;
	str bytes;
};
/* n of them in one transaction. E_BUSY: the claim has gone to another one. */
enum err memory_parts_put(struct memory_store *s, int64_t claim, int64_t generation,
	const struct memory_part_put *v, size_t n, struct errctx *cx) MUST_CHECK;
/* The head counts, but for edition, which is the next one; the claim ends. E_BUSY as above. */
enum err memory_head_write(struct memory_store *s, int64_t claim, int64_t version, str embedder,
	const struct memory_head *h, struct errctx *cx) MUST_CHECK;
/* Gives a claim back; nothing else changes. */
void memory_parts_unclaim(struct memory_store *s, int64_t claim);
/* Parts of other generations go, some in each transaction. */
enum err memory_parts_tidy(
	struct memory_store *s, int64_t generation, struct errctx *cx) MUST_CHECK;

#endif

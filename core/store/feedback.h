/* feedback: which originals of what was left out are asked for, counted by the tool that printed a text, the encoder
 * that left something out of it, and the shape of the text (its kind, and for a shell the program). From the counts
 * comes a level for each of these: where more than half of what is left out is asked for, the encoder is to leave out
 * less, and then nothing; where less than a fifth is, it goes back by one. Between the two nothing changes.
 *
 * An original counts as asked for once for each time that it was left out: who reads it page by page has asked once.
 * At FEEDBACK_EXACT nothing is left out, so nothing could ever be learnt again: one conversation in FEEDBACK_PROBES is
 * treated as FEEDBACK_GENTLE (core/engine/learn.h decides which).
 *
 * It holds names alone: no text, path or argument. Thread: any. */
#ifndef CORE_STORE_FEEDBACK_H
#define CORE_STORE_FEEDBACK_H

#include "core/base/buf.h"
#include "core/store/store.h"

enum feedback_level {
	FEEDBACK_NORMAL,
	FEEDBACK_GENTLE, /* leave out less */
	FEEDBACK_EXACT,  /* leave out nothing */
	FEEDBACK_LEVEL_N
};
const char *feedback_level_name(enum feedback_level level) RETURNS_NONNULL; /* "gentle"; static */

enum {
	/* Of each of the three: longer ones are cut, and bytes that are no visible ASCII become '_'. */
	FEEDBACK_NAME_MAX = 48,
	/* A level is judged by what was left out since it began, and not before it is so much: of 20, a share that is
	 * really a third is above half in 4 % of cases. */
	FEEDBACK_SAMPLES = 20,
	/* Then counts are halved, so that it is the newest that count. */
	FEEDBACK_WINDOW = 64,
	FEEDBACK_PROBES = 8,
	FEEDBACK_ROWS =
		1024, /* kept; over that the one that nothing was counted in for longest goes */
	/* Rows of a snapshot: those that something was counted in last. */
	FEEDBACK_SNAPSHOT_ROWS = 256,
};

struct feedback_key {
	str tool, encoder, shape;
};

/* The original with that key (24 hex digits) was left out of, at that level. Queued; E_BUSY, E_IO, E_PERMISSION as in
 * store.h, E_NOMEM. */
enum err feedback_elided(struct store *s, const struct feedback_key *k, const char *original,
	enum feedback_level level, struct errctx *cx) MUST_CHECK;
/* The original that begins so (12 to 64 hex digits) was given to somebody, whole or in part; nothing when nothing was
 * left out of it. Queued; errors as above. */
enum err feedback_retrieved(
	struct store *s, str prefix, bool is_whole, struct errctx *cx) MUST_CHECK;
/* Forgets what was counted for a tool; for all when it is empty. Conversations that have a snapshot keep it. Queued;
 * errors as above. */
enum err feedback_reset(struct store *s, str tool, struct errctx *cx) MUST_CHECK;

struct feedback_row {
	struct feedback_key key;
	enum feedback_level level;
	uint64_t elided;                          /* originals that something was left out of, */
	uint64_t retrieved;                       /* and that were asked for, */
	uint64_t whole;                           /* of these the whole text at once */
	uint64_t recent_elided, recent_retrieved; /* what the level is judged by */
	int64_t used_ms, changed_ms;              /* counted in last; level began */
};
typedef void feedback_fn(void *self, const struct feedback_row *row);

/* What is committed, in the order of the keys; of one tool, or of all when it is empty. fn must not call the store, and
 * what it gets is valid until it returns. E_BUSY, E_IO, E_NOMEM. */
enum err feedback_each(
	struct store *s, str tool, feedback_fn *fn, void *self, struct errctx *cx) MUST_CHECK;

struct json_writer;
/* A row's object, as every surface has it; left open for what else is to be said, so json_write_end must follow. */
void feedback_write_begin(struct json_writer *w, const struct feedback_row *row);

/* Appends the levels that are not FEEDBACK_NORMAL, for feedback_level_in. is_probe: FEEDBACK_EXACT is written as
 * FEEDBACK_GENTLE. Errors as above, and those of out. */
enum err feedback_snapshot(
	struct store *s, bool is_probe, struct buf *out, struct errctx *cx) MUST_CHECK;
/* The level that a snapshot has; FEEDBACK_NORMAL when it has none. */
enum feedback_level feedback_level_in(str snapshot, const struct feedback_key *k) PURE;

#endif

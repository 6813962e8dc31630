/* tally: where the tokens of recorded sessions are: every block of every request, as it came and as the engine would send it,
 * added up by what it is, its kind, its age and its size. Nothing is sent anywhere and nothing is written.
 *
 * Two figures, because they lead to different work: a block counts once where it is new, and in every request that carries it,
 * which is what is billed. Owns: a tally owns all that it says, by tally_release. Thread: one. */
#ifndef CORE_REPLAY_TALLY_H
#define CORE_REPLAY_TALLY_H

#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/engine/engine.h"
#include "core/transcript/turns.h"

/* What rows are told apart by. */
enum tally_key {
	TALLY_TOOL, /* "result Read", "call Read", "user", "assistant", "system", "tool schemas" */
	TALLY_KIND, /* of a result what detect_kind says; else "message", "call", "schema", "opaque" */
	TALLY_AGE,  /* requests since the one in which the block was new */
	TALLY_SIZE, /* tokens of the block as it came */
	TALLY_KEY_N
};
const char *tally_key_name(enum tally_key k) RETURNS_NONNULL; /* "tool"; static */

struct tally_row {
	str names[TALLY_KEY_N]; /* empty: not asked for */
	uint32_t rank; /* of its age, then of its size: in which order rows may be listed */
	uint64_t blocks, tokens;   /* each block once */
	uint64_t sent, sent_after; /* in all requests, before and after */
};

struct tally_conf {
	struct compress_conf compress;
	unsigned keys; /* set of 1u << tally_key */
};

struct tally {
	struct arena arena;
	struct map known; /* names -> struct tally_row */
	VEC(struct tally_row *) rows;
	uint64_t files, sessions, turns;
	uint64_t bad_lines; /* no JSON */
	uint64_t skipped;   /* turns that are no request of a known format */
	struct tally_row sum;
};

void tally_init(struct tally *t);
void tally_release(struct tally *t);

/* Adds a recording: of the kinds that replay_file() reads. text must outlive the call only. E_MALFORMED: it is none;
 * E_NOMEM; other errors of the engine. After an error a part of it may have been added. */
enum err tally_file(const struct tally_conf *conf, str text, str file_name,
	enum transcript_kind kind, struct tally *t, struct errctx *cx) MUST_CHECK;

/* Most tokens sent first; by age and size alone, in their order. */
void tally_sort(struct tally *t, unsigned keys);

#endif

/* own_turn: turns of a conversation in which tools of ours were called. The client knows nothing of the calls, so
 * the history that it sends has one message where the model has said several; this finds such messages, tells one
 * from another, and puts what was really said in their place, as edits of the body (core/json/patch.h).
 * Owns: nothing; everything lives in the caller's arena. Thread: any. */
#ifndef CORE_WIRE_OWN_TURN_H
#define CORE_WIRE_OWN_TURN_H

#include "core/base/vec.h"
#include "core/json/patch.h"
#include "core/wire/wire.h"

/* What the assistant said in one go: messages (Responses: items) in a row whose blocks are all the assistant's. */
struct own_run {
	uint32_t first, end;            /* blocks */
	uint32_t message, message_last; /* messages */
};

/* The next run whose first block is at or behind block from; false when there is none. */
bool own_run_next(const struct wire_doc *doc, uint32_t from, struct own_run *out) MUST_CHECK;

/* What tells a run from another one in the same place of a conversation: its texts without white space, however they
 * are cut into blocks, and its calls; thoughts, signatures and ways of spelling JSON are no part of it, as clients
 * leave out and respell these. False when nothing is left. */
bool own_run_hash(const struct wire_doc *doc, const struct own_run *run, struct arena *a,
	struct hash128 *out) MUST_CHECK;

/* The same of messages that stand by themselves, separated by commas. False also when they are not all the
 * assistant's. */
bool own_messages_hash(
	enum wire_format f, str messages, struct arena *a, struct hash128 *out) MUST_CHECK;

/* Such messages as blocks. False when they are none. */
bool own_messages_walk(
	enum wire_format f, str messages, struct arena *a, struct wire_doc *out) MUST_CHECK;

/* What stands in the place of a run. */
struct own_turn {
	str messages; /* separated by commas */
	/* Results of calls in the last of the messages whose other calls are the client's: they go behind the client's
	 * results (own_tool_write_result_blocks); empty when there are none. */
	str results;
};

typedef VEC(struct patch_edit) own_edits;

/* Adds the edits that put the turn in place of the run. A cache_control in the run goes to the last block of
 * the messages that may have one. False, and nothing added, when the turn has results and the client's do not
 * follow: then the client's version is the only one that is valid. */
bool own_turn_put(const struct wire_doc *doc, const struct own_run *run,
	const struct own_turn *turn, struct arena *a, own_edits *edits) MUST_CHECK;

#endif

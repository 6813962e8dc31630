/* task: one tool result on its way: all that its rendering depends on, but for what was said before. Made from the
 * request alone, so that it may be made on another thread. Inner header of core/engine. Thread: any, a task
 * belongs to one at a time. */
#ifndef CORE_ENGINE_TASK_H
#define CORE_ENGINE_TASK_H

#include "core/engine/learn.h"
#include "core/engine/pass.h"
#include "core/engine/policy.h"
#include "core/store/original.h"

struct task {
	const struct wire_block *block; /* NULL for a bare text */
	bool is_readable;               /* the block's literal is a string */
	str text;
	enum content_kind kind;
	struct call call;
	bool has_way; /* query and route are set */
	str question; /* the last thing that the user wrote before; where it is needed */
	struct encode_outline outline;
	str query, route; /* see encode_in; only where text may be elided */
	bool is_lossless, no_references;
	enum policy_profile profile;
	struct known *known; /* NULL: nothing was made beforehand */

	struct original_key original; /* of text, when has_original; see task_original */
	bool has_original;

	/* Of the pass, not of the task alone. */
	struct hash128 key;
	bool is_unseen; /* the store has no decision for it */
	struct learnt learnt;
	unsigned elided_by;                 /* encoder; 0: nothing is left out */
	const struct rendered_notes *notes; /* of encode_out */
};

/* The task of a result of the document, but for its call. In the arena. */
void task_read(const struct pass *p, const struct wire_block *b, struct arena *a, struct task *t);
/* The key of its text in the store, which takes a hash of all of it. */
const struct original_key *task_original(const struct pass *p, struct task *t);
/* What encode_text() takes; makes what the task does not have yet. */
void task_encode_in(const struct pass *p, struct task *t, struct arena *a, struct encode_in *in);
struct encode_policy task_policy(const struct pass *p, const struct task *t);

/* Makes all of a result's rendering that can be made beforehand. */
void task_rehearse(const struct pass *p, const struct wire_block *b, struct token_cache *tokens,
	struct arena *a, struct task *t);

#endif

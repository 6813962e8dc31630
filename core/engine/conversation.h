/* conversation: one conversation as far as it was seen: the chain hash of its blocks, what was sent for each
 * tool result, and the view that later results are encoded against. Blocks are fed in order, once each; a
 * conversation that the client changed is another conversation.
 * Owns: the view and the renderings. Thread: one at a time. */
#ifndef CORE_ENGINE_CONVERSATION_H
#define CORE_ENGINE_CONVERSATION_H

#include "core/compress/encode.h"
#include "core/engine/call.h"
#include "core/wire/own_turn.h"

struct conversation;

/* start: where its chain begins; conversations under different policies start differently. NULL: out of
 * memory. */
struct conversation *conversation_new(struct hash128 start) MUST_CHECK;
void conversation_free(struct conversation *c); /* NULL is allowed */
size_t conversation_bytes(const struct conversation *c);
struct view *conversation_view(struct conversation *c) RETURNS_NONNULL;

/* The hash of all blocks so far, in order; system text left out (no decision depends on it). */
struct hash128 conversation_chain(const struct conversation *c);
/* The chain after one more block. */
struct hash128 conversation_next(struct hash128 chain, const struct wire_block *b);
/* Takes a block into the chain. */
void conversation_advance(struct conversation *c, const struct wire_block *b);

/* The chain behind the assistant's first block, which no other conversation has but by chance; before there is one,
 * the chain as it is. */
struct hash128 conversation_opening(const struct conversation *c);
/* The snapshot that it keeps (core/engine/learn.h); NULL: none was taken. */
const str *conversation_learnt(const struct conversation *c);
void conversation_set_learnt(struct conversation *c, str snapshot); /* copies it */

/* What becomes of the definitions of its tools (core/engine/tools.h). */
struct tools_state {
	bool is_decided, is_trimmed;
	bool is_counted;     /* the rest is that of this list */
	struct hash128 list; /* of the text */
	uint32_t tokens_before, tokens_after;
};
struct tools_state *conversation_tools(struct conversation *c) RETURNS_NONNULL;

/* Whether the model is asked for fewer words (core/engine/shaper.h). */
struct shaper_state {
	bool is_decided;
	unsigned level; /* 0: it is not */
};
struct shaper_state *conversation_shaper(struct conversation *c) RETURNS_NONNULL;
/* The same of its effort (core/engine/effort.h): the level that it began with; 0: nothing is done in it. */
struct shaper_state *conversation_effort_state(struct conversation *c) RETURNS_NONNULL;

/* What it depends on in the store (core/engine/use.h). */
struct need {
	bool has_key;
	struct hash128 key; /* of a decision */
	char original[25];  /* or empty */
};
void conversation_add_need(struct conversation *c, const struct need *n);
const struct need *conversation_needs(const struct conversation *c, size_t *n);
/* True when that is to be said again: it is so long ago. The first time only the clock starts. */
bool conversation_renews(struct conversation *c, int64_t now_ms, int64_t every_ms);

/* A block with a call: its texts go into the view, its argument is kept for the result. */
void conversation_add_call(
	struct conversation *c, const struct wire_block *b, str input, struct arena *scratch);
/* The call of a result; tool name only (or nothing) when the call was not seen. */
struct call conversation_call(const struct conversation *c, const struct wire_doc *doc,
	const struct wire_block *result, struct arena *a);

/* What was sent for a result, in the order of the results. */
struct sent {
	bool is_changed;
	str text;    /* when changed, on its way into the conversation */
	str literal; /* when changed, as JSON; in the conversation */
	enum content_kind kind;
	enum loss loss;
	uint32_t tokens_before, tokens_after;
	char label[32];    /* names of the encoders */
	char original[25]; /* key of the stored original, or empty */
	const char *reason;
	str tool; /* of the call; in the conversation */
	uint32_t
		again; /* index of the result that it repeats, plus one; 0: none (core/engine/again.h) */
};
/* Remembers it and adds the text (sent, or the original when it was not changed) to the view. notes: what some text has
 * for the view, perhaps this one; may be NULL. */
void conversation_add_result(struct conversation *c, const struct call *call, str original,
	const struct sent *s, const struct rendered_notes *notes, struct arena *scratch);

/* A question whose answer is the next result. */
struct asking {
	struct hash128 what,
		call;    /* what it is about; which call it is (of one with several results) */
	bool is_command; /* may say another thing when any file was written */
	bool is_failed;  /* then asking again is no wonder */
};
/* Remembers it. Index of the result of the last call that asked the same and was not made stale by what was written since, plus one;
 * 0: there is none. */
uint32_t conversation_ask(struct conversation *c, const struct asking *a);
/* A file was written: asking for it is asking anew. */
void conversation_wrote(struct conversation *c, struct hash128 what);

/* A turn in which tools of ours were called: what stands in the place of the message that the client has. */
struct kept_turn {
	struct hash128 before, after; /* the chain before and after that message */
	struct own_turn own;
	uint32_t tokens; /* more than the client's message has */
};
/* Remembers a copy. */
const struct kept_turn *conversation_add_turn(struct conversation *c, const struct kept_turn *t);
/* That of the message between these places of the chain; NULL: no such turn. */
const struct kept_turn *conversation_turn(
	const struct conversation *c, struct hash128 before, struct hash128 after);
/* That of the message that ends there. */
const struct kept_turn *conversation_turn_at(const struct conversation *c, struct hash128 after);

/* What is shown of originals behind a text of the user's (core/engine/expand.h). */
struct shown {
	struct hash128 after; /* the chain after that text */
	str text;             /* fence and all */
	str keys;             /* of the originals, separated by spaces */
	uint32_t tokens;
};
/* Remembers a copy. */
const struct shown *conversation_add_shown(struct conversation *c, const struct shown *s);
/* What is shown at that place of the chain; NULL: nothing. */
const struct shown *conversation_shown(const struct conversation *c, struct hash128 after);
/* True when lines of the original with that key are shown anywhere. */
bool conversation_has_shown(const struct conversation *c, str key) MUST_CHECK;
uint64_t conversation_shown_tokens(const struct conversation *c); /* in all */

/* What is remembered behind a text of the user's (core/engine/memories.h): keys is not used, an empty text says that nothing is. */
const struct shown *conversation_add_memories(struct conversation *c, const struct shown *s);
const struct shown *conversation_memories(const struct conversation *c, struct hash128 after);

/* The level that is set behind a message of the user's (core/engine/effort.h); an empty text says that none is. */
const struct shown *conversation_add_effort(struct conversation *c, const struct shown *s);
const struct shown *conversation_effort(const struct conversation *c, struct hash128 after);

/* Remembers an original that was asked for by the first digits of its key; what is no key is passed over. */
void conversation_pin(struct conversation *c, str key);
size_t conversation_pins_n(const struct conversation *c);
/* key: of ORIGINAL_KEY_LEN digits. */
bool conversation_is_pinned(const struct conversation *c, str key) MUST_CHECK;

const struct sent *conversation_sent(
	const struct conversation *c, size_t i); /* NULL: no such result */
size_t conversation_sent_n(const struct conversation *c);

#endif

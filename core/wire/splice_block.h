/* splice_block: a content block of Anthropic's put together from the events of a stream: the object of its start, with
 * what its deltas say (docs.anthropic.com/en/build-with-claude/streaming). Texts are joined as they are spelled,
 * escapes included.
 * Owns: nothing; everything lives in s->round. Thread: that of the answer. */
#ifndef CORE_WIRE_SPLICE_BLOCK_H
#define CORE_WIRE_SPLICE_BLOCK_H

#include "core/wire/splice.h"

/* Members of a block that deltas change. A block has text, or thinking and its signature, or input. */
enum { BLOCK_MEMBERS = 4 };

struct block_member {
	const struct block_rule *rule;
	struct buf text; /* the inside of a string; for input and citations what stands in it */
};

struct block {
	uint32_t index; /* the provider's */
	bool is_own, is_call, is_open;
	str start; /* the object */
	struct block_member members[BLOCK_MEMBERS];
	size_t member_n;
};

struct blocks {
	struct block **v;
	size_t n, cap;
	size_t size; /* bytes that are kept, held against held_max */
};

/* A new block, or NULL (and s->is_lost) when there are too many or they are too large to be kept. */
struct block *block_start(struct answer_splice *s, struct blocks *list, uint32_t index,
	const struct json_tape *t, uint32_t node);
/* The newest one of that index; NULL when it is not kept. */
struct block *block_find(const struct blocks *list, uint32_t index);
/* Takes a delta. False when it is not understood, or there is no room for it. */
bool block_delta(struct answer_splice *s, struct blocks *list, struct block *b,
	const struct json_tape *t, uint32_t delta);
/* What its call is asked, as the model wrote it. In s->round. */
str block_arguments(struct answer_splice *s, const struct block *b);
/* Appends the block as an element of a list. One that may not stand in a request, an empty text, is left out. */
void block_write(struct answer_splice *s, const struct block *b, struct buf *list);

#endif

/* rendering: what was sent in place of a block, decided once and replayed for ever after. The key is made of
 * the conversation before the block, the block and the policy; "left as it is" is a decision too.
 * Thread: any. */
#ifndef CORE_STORE_RENDERING_H
#define CORE_STORE_RENDERING_H

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/store/store.h"

struct rendering {
	bool is_changed;        /* false: the block goes as it came, text is empty */
	uint8_t loss;           /* enum loss of core/compress */
	uint32_t tokens_before, tokens_after;
	char label[32];         /* encoders, "gutter+reference" */
	char original[25];      /* key of the original, or empty */
};

/* Appends the text to out. E_NOT_FOUND when this block was not seen. */
enum err rendering_get(struct store *s, struct hash128 key, struct rendering *r, struct buf *out,
	struct errctx *cx) MUST_CHECK;
/* Queued. The first decision for a key wins, here and in the database, whoever makes it: when there is one
 * already, that one is returned in r and text (as rendering_get would) and *was_there is true. */
enum err rendering_put(struct store *s, struct hash128 key, struct rendering *r, str text,
	struct buf *winner, bool *was_there, struct errctx *cx) MUST_CHECK;

#endif

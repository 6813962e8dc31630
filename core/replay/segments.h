/* segments: a request body cut into what the prompt cache simulator wants: tools, system blocks and message
 * blocks in the order in which the model reads them, each with a hash of its exact bytes and its tokens.
 * Independent of the walkers of core/wire on purpose: what a replay says of the engine must not stand on its code.
 * Tokens are those of the text that a block says, without the JSON around it. Thread: one. */
#ifndef CORE_REPLAY_SEGMENTS_H
#define CORE_REPLAY_SEGMENTS_H

#include "core/econ/cache_sim.h"
#include "core/token/token.h"
#include "core/wire/wire.h"

/* Whose tokens they are. */
enum share { SHARE_SYSTEM, SHARE_TEXT, SHARE_CALL, SHARE_RESULT, SHARE_N };

struct segments {
	struct cache_segment *v;
	unsigned char *share; /* of enum share, one each */
	uint32_t n;
	uint32_t system_n; /* of these, how many at the beginning are system prompt and tools */
	/* The last segments of the newest two messages of the user, newest first; SEGMENT_NONE where there are not so many. */
	uint32_t user_end[2];
	bool has_breakpoint; /* one of them carries cache_control */
	bool has_tools;      /* the body has a list of tools */
	uint64_t tokens;
	uint64_t share_tokens[SHARE_N];
};
#define SEGMENT_NONE UINT32_MAX

/* Counts a text once, however many turns carry it. Owns its memory through the arena and the cache. */
struct counter;
/* scale: tokens of the model per counted one. */
struct counter *counter_new(struct arena *a, enum token_encoding e, double scale) RETURNS_NONNULL;
void counter_set_scale(struct counter *c, double scale);
void counter_free(struct counter *c);

/* Cuts a body. What lies in it is in the arena a; E_MALFORMED when it is no request of that format. */
enum err segments_cut(struct arena *a, enum wire_format f, str body, struct counter *c,
	struct segments *out, struct errctx *cx) MUST_CHECK;

/* Puts breakpoints where an agent would who sets none by hand: behind the tools and the system prompt, and behind the newest two
 * messages of the user. */
void segments_mark(struct segments *s);

#endif

/* segments: a request body cut into what the prompt cache simulator wants: tools, system blocks and message
 * blocks in the order in which the model reads them, each with a hash of its exact bytes and its tokens.
 * Independent of core/wire on purpose: what the benchmark says of the engine must not stand on its code.
 * Tokens are those of the text that a block says, without the JSON around it. Thread: one. */
#ifndef BENCH_TURNS_SEGMENTS_H
#define BENCH_TURNS_SEGMENTS_H

#include "bench/turns/recording.h"
#include "core/token/token.h"

/* Whose tokens they are. */
enum share { SHARE_SYSTEM, SHARE_TEXT, SHARE_CALL, SHARE_RESULT, SHARE_N };

struct segments {
	struct cache_segment *v;
	unsigned char *share; /* of enum share, one each */
	uint32_t n;
	uint64_t tokens;
	uint64_t share_tokens[SHARE_N];
};

/* Counts a text once, however many turns carry it. Owns its memory through the arena and the cache. */
struct counter;
struct counter *counter_new(struct arena *a, enum token_encoding e, double scale);
void counter_free(struct counter *c);

/* Cuts a body. What lies in it is in the arena a; E_MALFORMED when it is no request of that dialect. */
enum err segments_cut(struct arena *a, enum dialect d, str body, struct counter *c,
	struct segments *out, struct errctx *cx) MUST_CHECK;

#endif

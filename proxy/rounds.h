/* rounds: an answer in which the model may call a tool of ours. Its bytes go through core/wire/answer_splice; when a round
 * ends with calls of ours, these are answered (rounds_tools.c), and the request goes out once more with what the model
 * said and the answers behind it. The client sees one answer. Limits: ROUNDS_MAX rounds, ROUNDS_MS for all of them,
 * RETRIEVAL_HASH_MAX answers for each original; beyond these the model is told so, and has one more round to end in.
 * Owns: struct rounds, which belongs to one exchange and is freed with it. Thread: the worker's; while is_in_pool is
 * set, the pool's thread has what is marked so. */
#ifndef PROXY_ROUNDS_H
#define PROXY_ROUNDS_H

#include "core/wire/usage.h"
#include "proxy/upstream.h"

struct exchange;
struct rounds;

enum {
	/* As many as a person would let pass without a look: what needs more is better asked for at once. */
	ROUNDS_MAX = 8,
	/* Common limits of clients on an answer that says nothing are minutes: 300 s for Codex's idle stream. */
	ROUNDS_MS = 120000,
	/* An Anthropic stream has a ping every 5 to 10 seconds. */
	ROUNDS_PING_MS = 5000,
};

/* At the head of the answer to a request that declares a tool of ours: x->rounds, or NULL there when the answer is none
 * that can be spliced and passes as it is. False: out of memory. */
bool rounds_begin(struct exchange *x, const struct upstream_head *h) MUST_CHECK;
/* The head of a later round; false: this is no answer to go on with. */
bool rounds_on_head(struct exchange *x, const struct upstream_head *h) MUST_CHECK;
enum upstream_take rounds_on_body(struct exchange *x, str piece);
/* The transfer of the round is over. May end the exchange. */
void rounds_on_end(struct exchange *x, bool is_complete);

/* True from the end of the first round that ended with calls of ours: the client's answer is open, and no
 * other may begin. */
bool rounds_is_open(const struct exchange *x);
/* There will be no other round: ends the client's answer with a note, and the exchange. Not from within a callback of
 * the transfer. why: short, for the log and the ledger. */
void rounds_fail(struct exchange *x, str why);
void rounds_tick(struct exchange *x, int64_t now_ns);

struct rounds_sum {
	struct usage total, first; /* of all rounds; of the first */
	unsigned rounds_n;
	uint64_t retrievals_n, retrieved_bytes;
};
/* What it was; to be asked once, at the end. */
const struct rounds_sum *rounds_sum(struct rounds *r);
void rounds_free(struct rounds *r); /* NULL is fine */

#endif

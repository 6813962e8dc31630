/* rounds_internal: what the files of rounds share. Not for others. */
#ifndef PROXY_ROUNDS_INTERNAL_H
#define PROXY_ROUNDS_INTERNAL_H

#include "core/wire/answer_splice.h"
#include "proxy/coding.h"
#include "proxy/retrieval.h"
#include "proxy/rounds.h"

enum { ROUNDS_WHY = 96 };

/* A tool of ours: whose calls it answers. */
struct rounds_tool {
	unsigned own; /* OWN_TOOL_RETRIEVE, ... */
	bool (*is_named)(str name);
	/* The text lives in the arena of the rounds; false: it says what is wrong. */
	bool (*answer)(struct exchange *x, const struct own_call *call, str *text);
};
/* That of own (the tools that a request declares) whose name it is; NULL: it is a tool of the client's. */
const struct rounds_tool *rounds_tool_of(unsigned own, str name);

struct rounds {
	struct answer_splice *splice;
	enum answer_form form;
	struct decoder *decoder;     /* of the present round; NULL: identity */
	struct usage_reader *reader; /* the same; NULL between rounds */
	struct buf out;              /* what the client gets next */
	struct rounds_sum sum;
	int64_t begun_ns; /* the first round ended with calls */
	int64_t out_ns;   /* the client was given something */
	bool is_open, is_last;
	char why[ROUNDS_WHY]; /* a later round has failed; empty when upstream has words for it */

	bool is_transport_whole; /* of the round that has ended */

	/* rounds_work.c; the pool's while is_in_pool. It reads calls and message of the splice, too. */
	struct arena arena; /* reset with each round */
	enum round_end end;
	struct retrieval retrieval;
	struct buf answer; /* of a tool */
	struct buf
		said; /* the turn as the provider has it: messages and results, separated by commas */
	struct buf body;    /* of the next round */
	const char *failed; /* static; NULL: no */
};

/* Answers the calls of the round that has ended. After ROUND_CONTINUE makes the body of the next, else the engine keeps
 * the turn, so that later requests say what was really said. On the pool, then rounds_go_on. */
void rounds_work(struct exchange *x, enum round_end end);
void rounds_go_on(struct exchange *x);

#endif

/* visible: what the model still sees after an arm has been at a request: the identifiers that its next answer uses and
 * that only results of tools had, and the lines of results that report errors. Reads both bodies anew and knows
 * nothing of how the arm writes: a word counts as seen when it stands anywhere in what was sent, as a word.
 * Thread: one. */
#ifndef BENCH_TURNS_VISIBLE_H
#define BENCH_TURNS_VISIBLE_H

#include "core/base/arena.h"
#include "core/wire/wire.h"

struct visible {
	uint64_t needed, shown; /* identifiers, once per answer */
	uint64_t error_lines,
		error_shown; /* lines of all results, once per result: all of their words; a name of a
			      * file with "error" in it is no report */
};

/* A request as the client sent it and as the arm did. next: the request behind it, whose first new messages are the answer; empty: there is none, or it does not
 * go on with this one. */
struct visible_bodies {
	str raw, sent, next;
};

/* Adds a turn. known_n: blocks of raw whose error lines were counted before; *known_n becomes all of them.
 * E_MALFORMED: no body of that format. */
enum err visible_turn(struct arena *a, enum wire_format f, const struct visible_bodies *bodies,
	uint32_t *known_n, struct visible *sum, struct errctx *cx) MUST_CHECK;

void visible_add(struct visible *sum, const struct visible *v);

#endif

/* ahead: a large request's new results are read and rehearsed by helpers while the pass goes through them in order, so
 * that what depends on what was said before is all that is left to it. Nothing depends on whether there are helpers,
 * nor on how far they get: a result that none of them has taken is the pass's own. Memory is bounded by what may
 * be made before its turn. Inner header of core/engine.
 * Owns: a crew its threads, an ahead the arenas of what was made. Thread: that of the pass; a crew, any. */
#ifndef CORE_ENGINE_AHEAD_H
#define CORE_ENGINE_AHEAD_H

#include "core/engine/task.h"

/* Threads that help, started when they are needed first. n: how many at most; NULL when memory is short. */
struct crew *crew_new(unsigned n) MUST_CHECK;
void crew_free(struct crew *c); /* NULL is allowed; no pass may have them any more */

/* A result had to be rendered: asks for help with those behind it, if they are many bytes and p has a crew. Only the
 * first call of a pass does anything. */
void ahead_start(struct pass *p, const struct wire_block *b);
/* The task of the next result, ready made. False when there is none: then it is the caller's to make. What is in it
 * stays until ahead_give_back. */
bool ahead_take(struct pass *p, const struct wire_block *b, struct task *out);
void ahead_give_back(struct pass *p, const struct wire_block *b);
/* Ends all help. To be called before anything of the pass goes. */
void ahead_end(struct pass *p);

#endif

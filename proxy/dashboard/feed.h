/* feed: the state of the dashboard as server-sent events for those who listen. A listener is an exchange whose answer stays
 * open; it hears the newest state when there is one that it has not heard and the one before has left: one that reads
 * slowly misses states, and none waits for it.
 *
 * While somebody listens, each worker with listeners looks several times a second whether something has changed. Then one
 * state is made on the pool for all of them. Making it reads the ledger, so the time until the next one is at least
 * FEED_REST times what the last one took.
 *
 * Owns: the newest states. Thread: feed_new and feed_free the server's, the others that of the exchange's worker. */
#ifndef PROXY_DASHBOARD_FEED_H
#define PROXY_DASHBOARD_FEED_H

#include "proxy/exchange.h"

enum {
	FEED_LISTENERS_MAX =
		16, /* open pages, of all workers; each costs a connection and 50 KB/s at most */
	FEED_BEAT_MS = 200,  /* how often is looked */
	FEED_APART_MS = 250, /* between two states, at least */
	FEED_REST = 20,      /* so 5 % of a core at most */
	FEED_QUIET_MS =
		15000, /* without a change: a new state all the same, as time changes some of it */
};

struct feed;
struct feed *feed_new(void) MUST_CHECK; /* NULL: out of memory */
void feed_free(struct feed *f);         /* NULL is allowed */

/* Keeps a place; false when there is none left. */
bool feed_enter(struct exchange *x) MUST_CHECK;
/* The head of the answer is written and a first state with it: from now on x hears. x may be gone afterwards, when the
 * worker is ending. */
void feed_listen(struct exchange *x, bool is_local);
/* The exchange ends. Only for one that has a place. */
void feed_leave(struct exchange *x);
/* Ends the answers of all that listen on this worker. */
void feed_end(struct worker *w);

#endif

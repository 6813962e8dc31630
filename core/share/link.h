/* link: one connection to the Redis that several proxies share (docs/shared-store.md), and the thread that serves it. Commands
 * are collected into a batch and go out in one piece; whoever wants an answer waits for a time that is given, and nobody waits for a
 * server that was just found too slow or gone. Commands of all threads share the connection, so that they arrive in the order
 * in which they were submitted.
 *
 * A connection that is lost, or on which nothing has come for SHARE_STALL_MS though it should, is made anew, for as long
 * as it takes. What was under way then has failed: the server may have done it or not, so that only what may be
 * done twice is sent here.
 * Owns: the connection, its thread. Thread: any for every function but share_open and share_close. */
#ifndef CORE_SHARE_LINK_H
#define CORE_SHARE_LINK_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/err.h"

enum {
	/* By itself a request waits so long for an answer: a hundred times what one takes in a data centre, and not much for
	 * somebody who waits for a model. */
	SHARE_WAIT_MS = 50,
	/* No answer for so long: the connection is taken for dead. */
	SHARE_STALL_MS = 1000,
	SHARE_CONNECT_MS = 1000, /* for a connection, and for each answer of the handshake */
	SHARE_OPEN_MS = 3000,    /* share_open waits so long, a name that is not found included */
	SHARE_RETRY_MIN_MS = 100,
	SHARE_RETRY_MAX_MS = 1000,
	SHARE_UPKEEP_MS = 2000, /* between two looks whether the data is still there */
	SHARE_SPACE_MAX = 64,   /* bytes of a name space */
	SHARE_PREFIX_MAX = SHARE_SPACE_MAX + 16,
	/* What waits to be sent, and answers that are waited for: what comes then is refused. */
	SHARE_OUT_BYTES = 64 << 20,
	SHARE_EXPECTED = 65536,
	SHARE_ERROR_MAX = 200, /* bytes of an error text that are kept */
	SHARE_VERSION_MIN = 7, /* of the server: SET with NX and GET came with 7.0 */
};

struct share;

enum share_event {
	SHARE_LOST,    /* why: in words */
	SHARE_BACK,    /* and after share_open, when it was not there then */
	SHARE_EMPTIED, /* what was kept there is gone */
	SHARE_REFUSED, /* it answers with an error; once per kind of error until the connection is made anew */
	SHARE_UPKEEP, /* all is well; every SHARE_UPKEEP_MS */
};

struct share_conf {
	str host, user, password; /* borrowed for share_open only */
	uint16_t port;
	uint32_t db;
	int wait_ms; /* for an answer that a request needs; 0: SHARE_WAIT_MS */
	str space; /* name space: letters, digits, '_', '-', '.'; keys begin with "headroom1:{space}:" */
	const struct clock *clock; /* NULL: the system's; must outlive it */
	/* Called on the link's thread; must not wait. May be NULL. */
	void (*event)(void *self, enum share_event what, const char *why);
	void *self;
};

/* E_OK: it is there. E_UNAVAILABLE: not now, *out is open all the same and goes on trying. Any other: *out is NULL, and
 * trying again would not help: E_CONFIG (credentials, number of the database, a replica, a server that is too old), E_NOMEM. */
enum err share_open(
	const struct share_conf *conf, struct share **out, struct errctx *cx) MUST_CHECK;
void share_close(struct share *s); /* nobody may be waiting; NULL is allowed */

/* "headroom1:{space}:" */
str share_prefix(const struct share *s);
int share_wait_ms(const struct share *s);
bool share_is_up(struct share *s);
/* Is it worth waiting for an answer? False also while it answers too slowly. */
bool share_is_quick(struct share *s);

/* ---- commands ---- */

struct share_batch;
struct share_reply;

struct share_batch *share_batch_new(void) MUST_CHECK; /* NULL: out of memory; all below take it */
/* One more command of n parts. What does not fit into memory is found by share_submit. */
void share_add(struct share_batch *b, const str *parts, size_t n);
/* The key of share_prefix, kind and rest, as a part. It lives in out, of SHARE_KEY_MAX bytes. */
enum { SHARE_KEY_MAX = SHARE_PREFIX_MAX + 256 };
str share_key(const struct share *s, const char *kind, str rest, char out[SHARE_KEY_MAX]);
/* Sends them all; once per batch. E_UNAVAILABLE: down, or too much is waiting already; E_NOMEM. */
enum err share_submit(struct share *s, struct share_batch *b) MUST_CHECK;
/* Until all answers are there; E_UNAVAILABLE when they do not come in time. */
enum err share_await(struct share *s, struct share_batch *b, int ms) MUST_CHECK;
/* Nobody waits (any more). */
void share_batch_free(struct share *s, struct share_batch *b);
/* Sends them, if that can be, and lets go. */
void share_post(struct share *s, struct share_batch *b);

/* ---- answers, after E_OK of share_await, until share_batch_free ---- */

const struct share_reply *share_reply_at(const struct share_batch *b, size_t command);
bool share_is_nil(const struct share_reply *r);
bool share_is_error(const struct share_reply *r);
str share_text(const struct share_reply *r);    /* of a string, status or error; else empty */
int64_t share_int(const struct share_reply *r); /* of a number; else 0 */
size_t share_list_n(const struct share_reply *r);
const struct share_reply *share_item(const struct share_reply *r, size_t i);

/* ---- figures ---- */

/* Times until an answer was there: upper bounds of the buckets but the last one, which has none. */
enum { SHARE_TIMES_N = 12 };
#define SHARE_TIMES_US                                                                \
	{                                                                             \
		100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 1000000 \
	}

struct share_stats {
	bool is_up, is_quick;
	uint64_t commands_n, waits_n; /* sent; batches that somebody waited for */
	uint64_t wait_us;             /* by all of them */
	uint64_t timeouts_n;          /* of waits_n, in vain */
	uint64_t errors_n;            /* answers that are errors */
	uint64_t refused_n;           /* batches that were not sent */
	uint64_t lost_n;              /* connections that ended */
	uint64_t emptied_n;           /* times that the data was gone */
	uint64_t connects_n;          /* connections that were made */
	uint64_t sent_bytes, received_bytes;
	uint64_t answers_n,
		answers_us; /* and how long they took, from the moment that they were asked for, in all */
	uint64_t times_n[SHARE_TIMES_N]; /* of them */
	uint64_t out_bytes, in_flight_n; /* that wait to be sent; answers that are waited for */
	char error[SHARE_ERROR_MAX];     /* the last one, or why it is down; no secret is in it */
};
void share_get_stats(struct share *s, struct share_stats *out);

#endif

/* limit: token buckets for requests and for tokens per minute, one pair for each key (a credential and the
 * address that it came from). A request that carries several credentials takes from the buckets of each. A bucket holds a minute's worth, starts full, and fills at an even rate.
 * Owns: its buckets, at most as many as limit_new was told. Thread: any; shared by all workers, and nothing here blocks for
 * longer than a hash table's step. Time is the clock's monotonic one. */
#ifndef PROXY_LIMIT_H
#define PROXY_LIMIT_H

#include "core/base/clock.h"
#include "core/base/hash.h"

/* Keys that are remembered by the proxy's own. A key whose buckets are full needs no memory, so of those that nobody used for longest
 * such a one goes first; 16,384 users a minute are more than one proxy serves. About 1.3 MB when all are in use. */
enum { LIMIT_KEYS_MAX = 16384 };

struct limit;

struct limit_conf {
	uint32_t rpm, tpm; /* 0: off */
};

/* keys_max: from 1 to LIMIT_KEYS_MAX. clock must outlive it; NULL: the system's. NULL: out of memory. */
struct limit *limit_new(
	const struct limit_conf *conf, uint32_t keys_max, const struct clock *clock) MUST_CHECK;
void limit_free(struct limit *l); /* NULL is allowed */

/* What is in the buckets is kept in proportion; one that was off is full. */
void limit_configure(struct limit *l, const struct limit_conf *conf);

enum limit_kind { LIMIT_NONE, LIMIT_RPM, LIMIT_TPM };

struct limit_verdict {
	enum limit_kind
		kind; /* LIMIT_NONE: go on; else the one that will be in the way for longest */
	int64_t retry_after_ms; /* until the same request would pass, if nobody else comes; at most two minutes */
	bool is_first; /* the first refusal of this kind since limit_new: say which option to change */
};

/* Takes a request of so many (estimated) tokens out of both buckets of each of n keys (1 and more, all different), or
 * nothing out of any. A request larger than a whole minute's tokens passes when its bucket is full: it would else never pass. The bucket
 * then owes the rest, but never more than a minute's worth. */
struct limit_verdict limit_take(
	struct limit *l, const struct hash128 *keys, size_t n, uint64_t tokens);

/* A request that was taken did not go on: all of it is given back. */
void limit_give_back(struct limit *l, const struct hash128 *keys, size_t n, uint64_t tokens);

/* After the answer: what was really used. Gives back, or takes (down to a minute's worth of debt). Without effect on
 * a key that is not remembered any more. */
void limit_correct(
	struct limit *l, const struct hash128 *keys, size_t n, uint64_t estimated, uint64_t actual);

/* A verdict that was found elsewhere (proxy/shared_rate.h) counts in the figures; is_first is filled in. */
void limit_note(struct limit *l, struct limit_verdict *v);
struct limit_conf limit_get_conf(struct limit *l);

struct limit_stats {
	struct limit_conf conf;
	uint64_t taken_n, refused_rpm_n, refused_tpm_n; /* requests */
	uint32_t keys_n;
};
void limit_get_stats(struct limit *l, struct limit_stats *out);

#endif

/* shared: what this proxy shares with others over a Redis (docs/shared-store.md): what its store holds, limits, budget, cached
 * answers. Nobody waits for it longer than SHARE_WAIT_MS, and nobody on a loop.
 * Owns: the link. Thread: any, but open, detach and close. */
#ifndef PROXY_SHARED_H
#define PROXY_SHARED_H

#include "core/base/log.h"
#include "core/share/link.h"
#include "core/store/peer.h"
#include "proxy/proxy.h"

struct json_writer;
struct shared;
struct tenant;

struct shared_conf {
	const struct proxy_share_conf *share;
	struct store *store;
	str id; /* of this process; no other has it */
	const struct log *log;
	const struct clock *clock;
};

/* The store is shared from here on. A server that is not there is no error but with is_fail_closed; one that refuses is. */
enum err shared_open(
	const struct shared_conf *conf, struct shared **out, struct errctx *cx) MUST_CHECK;
/* The store is about to be closed: nothing is told to it any more. NULL is allowed, as below. */
void shared_detach(struct shared *s);
void shared_close(struct shared *s);

struct share *shared_link(const struct shared *s);
/* What is spent by a name, or by all when t is NULL; lives as long as s. NULL: out of memory. Any thread. */
struct spend *shared_spend_of(struct shared *s, struct tenant *t);
bool shared_is_fail_closed(const struct shared *s);
/* A limit was asked for, and nobody knew. Any thread. */
void shared_note_unknown(struct shared *s);

/* ---- figures ---- */

struct shared_figures {
	struct share_stats link;
	struct store_peer_stats peer;
	uint64_t unknown_n; /* limits that nobody knew */
};
void shared_get_figures(struct shared *s, struct shared_figures *out);
const struct proxy_share_conf *shared_conf(const struct shared *s);

/* shared_figures.c: the object "shared" of /stats, and the series of /metrics; nothing when s is NULL. */
void shared_write(struct shared *s, struct json_writer *w);
void shared_write_metrics(struct shared *s, struct buf *out);

#endif

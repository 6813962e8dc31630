/* lease: who uses this proxy. A lease is a connection to the control socket (core/lease/record.h): what the other process
 * does with it, and how it ends, is nobody's affair but the kernel's. Owns: the socket, its two files in the run directory
 * (core/lease/run_dir.h), all connections. Thread: the main thread; waits for nothing. */
#ifndef PROXY_LEASE_H
#define PROXY_LEASE_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/lease/record.h"
#include "proxy/proxy.h"

struct leases;

/* More wraps than a machine has terminals; each is a descriptor of this process. */
enum { LEASES_MAX = 1024 };

/* For a proxy that listens at url. A run directory that cannot be used is logged, and then nobody can find this proxy;
 * the starter at control_fd has its lease all the same. nonce: LEASE_NONCE_LEN digits.
 * E_UNAVAILABLE: the starter is gone already, nobody wants this proxy. E_NOMEM. */
enum err leases_open(const struct proxy_conf *conf, const char *url, const char *nonce,
	struct leases **out, struct errctx *cx) MUST_CHECK;

/* Readable when there is something to serve. */
int leases_fd(const struct leases *l);
/* Whether somebody who alone has a lease asks this proxy to make way. */
bool leases_serve(struct leases *l);
size_t leases_n(const struct leases *l);

/* No more leases: takes the files away and ends the connections. To be called while this process still has its port. */
void leases_withdraw(struct leases *l);
void leases_close(struct leases *l); /* NULL is fine */

/* What a lease on a proxy with this configuration has to agree in: core/lease/record.h. */
void lease_digest(const struct proxy_conf *conf, char out[LEASE_DIGEST_LEN + 1]);
/* The line of `headroom proxy --print-config`. */
void lease_write_config(const struct proxy_conf *conf, struct buf *out);
void lease_make_nonce(const struct clock *clock, char out[LEASE_NONCE_LEN + 1]);

/* When a proxy that nobody needs ends: --idle-exit. Pure, for the time is given. */
struct idle {
	int64_t limit_ms; /* 0: never */
	int64_t since_ms; /* the begin of the present quiet; 0: it is not quiet */
	uint64_t served_n;
};
/* Looks again; returns in how many ms at the latest it should be asked anew: -1 if not by itself, 0: it is time to end. leases_n and active_n: now. served_n: requests
 * since the start; more than last time means that it was not quiet in between. */
int64_t idle_check(
	struct idle *i, int64_t now_ms, size_t leases_n, int64_t active_n, uint64_t served_n);

#endif

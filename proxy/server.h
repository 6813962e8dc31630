/* server: what all workers of one proxy share. Made before the first worker, freed after the last.
 * Owns: everything in it. Thread: any may read; what changes takes calls from all threads or is atomic. */
#ifndef PROXY_SERVER_H
#define PROXY_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/base/pool.h"
#include "core/econ/price.h"
#include "core/lease/record.h"
#include "core/store/store.h"
#include "proxy/budget.h"
#include "proxy/guard.h"
#include "proxy/limit.h"
#include "proxy/proxy.h"
#include "proxy/request_log.h"
#include "proxy/response_cache.h"
#include "proxy/scale.h"
#include "proxy/tenant.h"

struct backend_keys;
struct shared;
struct own;
struct proxy_metrics;
struct tenants;
struct worker;

/* Free memory at the end of an arena of malloc that stays the process's while there is work. */
enum { SERVER_TRIM_BYTES = 256 << 20 };

struct server {
	const struct proxy_conf *conf;
	const struct log *log;
	const struct clock *clock;
	struct guard_conf guard;
	struct store *store;   /* in memory when stateless; never NULL */
	struct shared *shared; /* NULL: nothing is shared with other machines */
	struct engine *engine;
	struct recall *recall;           /* NULL: no memories */
	struct proxy_embedder *embedder; /* NULL: only what is built in */
	struct pool *pool;
	struct tenants *tenants; /* NULL: no --tokens-file */
	struct limit *limit;
	struct budget *budget;
	struct response_cache *cache;    /* NULL: --no-cache */
	struct request_log *request_log; /* NULL: none */
	struct proxy_metrics *metrics;
	struct own *own; /* what the endpoints of our own keep */
	struct scales *scales;
	struct backend_keys *backend_keys; /* NULL: the backend's key, if any, is in conf */
	/* Prices that override the built-in ones; NULL: none. Swapped by SIGHUP; readers hold the lock. */
	pthread_rwlock_t prices_lock;
	struct price_table *prices;
	/* Names what the statistics of this process begin with in the ledger: a new one upon /stats/reset. */
	_Atomic uint64_t run;
	_Atomic int64_t run_started_ms;
	int64_t started_ms, started_ns;
	_Atomic int64_t concurrency_max;
	_Atomic int64_t active_n; /* requests under way, but for those that are always open */
	_Atomic bool is_draining;
	/* Whether the providers could be reached when they were last asked; by enum upstream. */
	struct server_reach {
		_Atomic bool is_used;
		_Atomic unsigned failed_n; /* in a row */
		_Atomic int64_t failed_ms; /* the last of them, wall clock */
	} reach[PROXY_UPSTREAMS];
	_Atomic bool said_concurrency, said_price, said_ledger;
	struct worker **workers;
	unsigned workers_n;
	_Atomic unsigned workers_left;   /* that still run */
	int ended_fd;                    /* an eventfd: rung by the last of them */
	char url[128];                   /* "http://127.0.0.1:8787" */
	char nonce[LEASE_NONCE_LEN + 1]; /* of this process, random */
};

/* Opens store, log and all; E_CONFIG, E_IO, ... with what to do. On an error nothing is left. */
enum err server_open(struct server *s, const struct proxy_conf *conf, struct errctx *cx) MUST_CHECK;
void server_close(struct server *s);
/* Limits and prices anew, from the configuration as it is now. */
enum err server_reload(struct server *s, struct errctx *cx) MUST_CHECK;
/* The file of tokens anew; what is wrong with it is logged, and the old one kept. */
void server_reload_tenants(struct server *s);
/* The prices of a model; false when nobody knows them. */
bool server_price(struct server *s, const struct model *m, const struct price_when *when,
	struct model_price *out);
/* Takes in what other processes on the same store have spent. */
void server_sync_budget(struct server *s);
/* Names a new run in the ledger: statistics of this process begin anew. Nothing is deleted. */
void server_new_run(struct server *s);
/* An attempt at an upstream has brought an answer (whatever its status), or none. */
void server_note_reach(struct server *s, int upstream, bool is_reached);
/* False when the last SERVER_REACH_FAILURES attempts at it failed and that is no longer ago than SERVER_REACH_MS: one
 * failure may be anybody's, and without an end a proxy that gets no requests any more because of it would never
 * learn that the provider is back. */
bool server_is_reached(struct server *s, int upstream);
enum { SERVER_REACH_FAILURES = 3, SERVER_REACH_MS = 30000 };
/* Said by a worker as its last word. */
void server_worker_ended(struct server *s);

#endif

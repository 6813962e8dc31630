/* own: the endpoints that the proxy answers by itself: health, figures, compression, originals. One table (own.c) says
 * for each which function makes its answer, and where: what reads the store or works on a body runs on the pool and
 * comes back to the worker, what only looks at memory runs on the loop.
 * Thread: own_answer, own_send and the preflight are the worker's. */
#ifndef PROXY_OWN_OWN_H
#define PROXY_OWN_OWN_H

#include "core/json/write.h"
#include "proxy/exchange.h"

/* The largest answer: a history of all single requests that a store in use keeps (1,000,000 rows of some 150 bytes), or
 * an original of 32 MB whose every byte is escaped. */
#define OWN_ANSWER_MAX ((size_t)256 << 20)

/* One request to an endpoint of ours. In the arena of its exchange, which only the thread that has the call uses. */
struct own_call {
	struct worker_mail mail; /* on its way between threads */
	struct exchange *x;      /* head, route and info may be read, the arena used */
	struct server *server;
	str body;             /* of the request */
	str query;            /* of the target, behind the '?' */
	bool is_local;        /* may see what is nobody else's affair: request_is_local() */
	unsigned at;          /* debug_exchanges: the worker that is visited, */
	struct json_writer w; /* and where in its answer it is */
	/* The answer: */
	int status;                    /* 200 at first */
	const char *type, *attachment; /* attachment: name of the file to save it as, or NULL */
	const char *coding,
		*policy; /* content coding of out, content-security-policy; NULL: none, the usual one */
	struct buf out; /* on the heap; the body */
};
typedef void own_fn(struct own_call *c);

/* What lasts longer than a request. */
struct own;
enum err own_new(struct server *s, struct own **out, struct errctx *cx) MUST_CHECK;
void own_free(struct own *o);                                   /* NULL is allowed */
struct snapshots *own_snapshots(struct own *o) RETURNS_NONNULL; /* of /stats */
struct lifetime *own_lifetime(struct own *o) RETURNS_NONNULL;
struct trials *own_trials(struct own *o) RETURNS_NONNULL;
struct feed *own_feed(struct own *o) RETURNS_NONNULL; /* proxy/dashboard/feed.h */

/* Answers a request to x->route.own, whose whole body is given, and ends the exchange (maybe later). */
void own_answer(struct exchange *x, str body);
/* Is it a browser's question whether a page of an origin that the configuration names may ask (CORS)? */
bool own_is_preflight(const struct exchange *x);
void own_preflight(struct exchange *x);
/* Opens the mail of a call on the loop of x's worker: sends what was made, and ends the exchange. */
void own_open(struct worker_mail *m);

/* ---- for the families of endpoints ------------------------------------------------------------------ */

/* In place of whatever was written so far: an error in the words of our own API. */
void own_fail(struct own_call *c, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same for an error of ours, with the status that the table of errors has for it. */
void own_fail_err(struct own_call *c, enum err err, const struct errctx *cx);
/* The body as JSON, in the arena. False: answered with 400. */
bool own_scan(struct own_call *c, struct json_tape *out);
/* A parameter of the query, decoded; p is NULL when there is none. */
str own_param(struct own_call *c, const char *name);
/* The same as a number of at most max, fallback when there is none. False: answered with 422. */
bool own_param_u64(
	struct own_call *c, const char *name, uint64_t fallback, uint64_t max, uint64_t *out);

/* {"a": ...}: begins the answer's object and ends it with a newline. */
void own_begin(struct own_call *c, struct json_writer *w);
void own_end(struct own_call *c, struct json_writer *w);
/* A member with a moment as RFC 3339. */
void own_write_time(struct json_writer *w, const char *key, int64_t wall_ms);
void own_write_usd(struct json_writer *w, const char *key, int64_t nano);
/* The member budget: what is spent and what is left of it; null where there is no limit. */
void own_write_budget(struct json_writer *w, struct budget *b, bool has_limit);
double own_uptime_s(const struct server *s);
/* Resident memory of this process; 0 when /proc is not there. */
uint64_t own_resident_bytes(void);
size_t own_connections(const struct server *s);
uint64_t own_served(const struct server *s); /* requests whose head came, over all workers */
/* A member with a URL, without the user and password that may be in it. */
void own_write_url(struct json_writer *w, const char *key, str url);
/* health.c: the member "config": how the proxy is set up. */
void own_write_config(struct json_writer *w, struct server *s);
/* health.c: what /health says to everybody, as the object key. */
void own_write_health(struct own_call *c, struct json_writer *w, const char *key);
/* Base URLs in use, by the names of the upstreams. */
void own_write_upstreams(struct json_writer *w, const struct server *s);

/* tenants.c: /stats as a tenant gets it. */
void own_tenant_stats(struct own_call *c);
/* The same of all names, as the member "tokens" (null: there are none), and as metrics. */
void own_write_tokens(struct json_writer *w, struct server *s);
void own_metrics_tokens(struct server *s, struct buf *out);

own_fn own_livez, own_readyz, own_health;                        /* health.c */
own_fn own_stats, own_stats_reset, own_transformations_feed;     /* stats.c */
own_fn own_stats_history;                                        /* history.c */
own_fn own_metrics;                                              /* prometheus.c */
own_fn own_compress;                                             /* compress_api.c */
own_fn own_retrieve, own_retrieve_stats, own_retrieve_tool_call; /* retrieve.c */
own_fn own_count_tokens;                                         /* count_tokens.c */
own_fn own_feedback;                                             /* feedback.c */
own_fn own_dashboard;                                            /* proxy/dashboard/page.c */
own_fn own_dashboard_state, own_dashboard_events;                /* proxy/dashboard/state.c */
own_fn own_dashboard_request;                                    /* proxy/dashboard/request.c */
own_fn own_cache_clear, own_admin_upstream;                      /* admin.c */
own_fn own_debug_memory;                                         /* debug.c */
own_fn own_debug_exchanges; /* debug.c: goes from worker to worker, and ends in own_open */

#endif

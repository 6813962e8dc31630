/* stats: the parts of /stats, each a query over the ledger. For stats.c; and sums as the members that all figures of
 * ours have. Thread: the pool's (they read the store). */
#ifndef PROXY_OWN_STATS_H
#define PROXY_OWN_STATS_H

#include "proxy/own/lifetime.h"
#include "proxy/own/own.h"

struct stats {
	struct own_call *c;
	struct json_writer *w;
	uint64_t proxy_run; /* what is queried for: this run, */
	int64_t from_ms;    /* and no rows of before this */
	struct ledger_sum run;
	struct figures all;                      /* of all time */
	char primary_model[LEDGER_TEXT_MAX + 1]; /* the one with the most requests */
	uint64_t limited;                        /* requests refused by a limit of ours */
};

/* All members of /stats into the object that is open; for local callers with the newest recent_n requests. The rows of
 * the run must have been flushed. */
enum err stats_write(struct own_call *c, struct json_writer *w, uint64_t run, size_t recent_n,
	struct errctx *cx) MUST_CHECK;

/* Reads run, all, primary_model, limited. */
enum err stats_read(struct stats *st, struct errctx *cx) MUST_CHECK;
/* Each writes members into the object that is open. */
enum err stats_write_requests(struct stats *st, struct errctx *cx) MUST_CHECK;
enum err stats_write_savings(struct stats *st, struct errctx *cx) MUST_CHECK;
enum err stats_write_telemetry(struct stats *st, struct errctx *cx) MUST_CHECK;
enum err stats_write_summary(struct stats *st, struct errctx *cx) MUST_CHECK;
/* By client, as the member key; also without --telemetry: for local callers only. */
enum err stats_write_clients(struct stats *st, const char *key, struct errctx *cx) MUST_CHECK;
enum err stats_write_breaks(struct stats *st, struct errctx *cx) MUST_CHECK;
void stats_write_tokens(struct stats *st);
void stats_write_times(struct stats *st);

/* No row of this run is from before this. */
int64_t stats_from_ms(struct server *s);
/* Tokens that were not sent: net, so it may be less than nothing. */
int64_t stats_saved(const struct ledger_sum *s);
/* All input that providers reported, cached or not. */
uint64_t stats_input(const struct ledger_sum *s);
/* part as percent of whole, with its sign; 0 when there is no whole. */
double stats_percent(double part, double whole);

#endif

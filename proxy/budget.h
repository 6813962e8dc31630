/* budget: a cap on what is spent in a period, in USD 1e-9 (nano). What is spent is known only after the answer, so a
 * request in flight holds a reservation, which counts as spent until it is settled.
 *
 * Periods: hourly is the last 60 minutes, in steps of a minute (the running one included, so between 59 and 60);
 * daily begins at local midnight and monthly on the 1st at local midnight, by the time zone of the process (TZ). A day
 * with a change of clocks has 23 or 25 hours; where midnight itself is skipped, the day begins at its first
 * instant, and where it comes twice, at the first of both.
 *
 * What was spent is kept by minute for an hour and by day for a month, whatever the period is, so that a change of the
 * period counts what this process knows. Keeping it over a restart is the ledger's: budget_since_ms(),
 * budget_load().
 * Owns: itself. Thread: any; shared by all workers. Time is the clock's wall time. */
#ifndef PROXY_BUDGET_H
#define PROXY_BUDGET_H

#include "core/base/clock.h"

enum budget_period { BUDGET_HOURLY, BUDGET_DAILY, BUDGET_MONTHLY, BUDGET_PERIOD_N };

const char *budget_period_name(enum budget_period p) RETURNS_NONNULL; /* "hourly"; static */

struct budget;

struct budget_conf {
	bool is_on;
	int64_t limit_nano; /* 0: nothing may be spent, every request is refused */
	enum budget_period period;
};

/* clock must outlive it; NULL: the system's. NULL: out of memory. */
struct budget *budget_new(const struct budget_conf *conf, const struct clock *clock) MUST_CHECK;
void budget_free(struct budget *b); /* NULL is allowed */
void budget_configure(struct budget *b, const struct budget_conf *conf);

/* Since when spending counts in any period, now: the ledger's rows from then on are for budget_load(). */
int64_t budget_since_ms(struct budget *b);
/* Something that was spent at that time, before this process or by another one. One call per row (or per minute) keeps
 * the rolling hour exact. */
void budget_load(struct budget *b, int64_t at_ms, int64_t nano);
/* What the ledger has for the present period, where several processes write to it: since_ms is that of
 * budget_period_since_ms(), nano the sum from then on. When it is more than is known here, the difference counts as
 * spent now. Never lowers what is known, because the ledger may not have our newest rows yet. */
int64_t budget_period_since_ms(struct budget *b);
void budget_sync(struct budget *b, int64_t since_ms, int64_t nano);

struct budget_verdict {
	bool is_on, is_over;
	bool is_first; /* the first refusal since the budget was last kept: worth a line in the log */
	enum budget_period period;
	int64_t spent_nano;    /* in the period, settled */
	int64_t reserved_nano; /* by requests in flight */
	int64_t limit_nano;
	int64_t retry_after_ms; /* when is_over: until something of the period's spending falls out of it */
};
/* Over: spent and reserved together have reached the limit. is_over is false, always, when the budget is off; the figures
 * are there all the same. */
struct budget_verdict budget_check(struct budget *b);

/* Holds the estimated cost (negative counts as 0) for a request that budget_check() let through; returns what was held,
 * for budget_settle(). Between both calls as many requests may slip in as there are threads. */
int64_t budget_reserve(struct budget *b, int64_t estimate_nano);
/* The request is over: gives the reservation back and counts what it cost (0 when that is not known; the caller says so
 * once in the log). Exactly once for each budget_reserve(), also after a failure. */
void budget_settle(struct budget *b, int64_t reserved_nano, int64_t actual_nano, int64_t at_ms);

/* Where a moment counts, for who keeps amounts elsewhere: a minute since 1970, and a day of a month of the time zone. */
struct budget_slot {
	int64_t minute, month; /* month: as it counts up */
	int day;               /* 1 to 31 */
};
struct budget_slot budget_slot_of(int64_t at_ms);
/* What was spent then; 0 also when it is not remembered any more. */
int64_t budget_of_minute(struct budget *b, const struct budget_slot *slot);
int64_t budget_of_day(struct budget *b, const struct budget_slot *slot);

#endif

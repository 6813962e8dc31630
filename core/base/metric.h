/* metric: counters, gauges and histograms, declared in one table and counted without locks. Rows
 * of the table are addressed by their index, so the table's owner keeps an enum beside it. Values
 * are whole numbers in the row's own unit (bytes, tokens, microseconds); scale turns them into
 * the exported one.
 * Owns: the values; the table and what it points to must outlive it. Thread: any; a reader may
 * see one value of a histogram before the other, never a torn one. */
#ifndef CORE_BASE_METRIC_H
#define CORE_BASE_METRIC_H

#include "core/base/buf.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_def {
	const char *name;       /* as exported: "headroom_requests_total" */
	const char *labels;     /* constant ones: "format=\"openai\"", or NULL */
	const char *help;       /* one line */
	enum metric_kind kind;  /* rows of one name stand together and have one kind */
	const uint64_t *bounds; /* histogram: upper bounds of its buckets, ascending */
	size_t bounds_n;        /* 1 to METRIC_BOUNDS_MAX */
	double scale;           /* exported = value * scale; 0 = 1. 1e-6: microseconds as seconds */
};

enum { METRIC_BOUNDS_MAX = 64 };

struct metrics;

/* E_NOMEM. The table is checked by assertions: it is code. */
enum err metrics_new(const struct metric_def *defs, size_t defs_n, struct metrics **out,
	struct errctx *cx) MUST_CHECK;
void metrics_free(struct metrics *m); /* NULL is allowed */

void metric_add(struct metrics *m, size_t which, uint64_t n);         /* counter */
void metric_set(struct metrics *m, size_t which, int64_t value);      /* gauge */
void metric_move(struct metrics *m, size_t which, int64_t by);        /* gauge, up or down */
void metric_observe(struct metrics *m, size_t which, uint64_t value); /* histogram */

/* Counter and gauge: the value; histogram: how many were observed. */
int64_t metric_get(const struct metrics *m, size_t which);

/* Appends all of them in the Prometheus text exposition format 0.0.4. */
void metrics_write(const struct metrics *m, struct buf *out);

#endif

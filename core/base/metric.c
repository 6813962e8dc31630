#include "core/base/metric.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "core/base/check.h"
#include "core/base/mem.h"

/* Where the cells of a row begin: one for a counter or gauge; a histogram has one per bucket, one
 * for what is above the last bound, and one for the sum. */
struct metrics {
	const struct metric_def *defs;
	size_t defs_n;
	_Atomic uint64_t *cells;
	size_t first[]; /* of each row */
};

static size_t cells_of(const struct metric_def *d)
{
	return d->kind == METRIC_HISTOGRAM ? d->bounds_n + 2 : 1;
}

static void check_def(const struct metric_def *d)
{
	if (d->kind != METRIC_HISTOGRAM)
		return;
	ASSERT(d->bounds_n >= 1 && d->bounds_n <= METRIC_BOUNDS_MAX);
	for (size_t i = 1; i < d->bounds_n; i++)
		ASSERT(d->bounds[i - 1] < d->bounds[i]);
}

enum err metrics_new(
	const struct metric_def *defs, size_t defs_n, struct metrics **out, struct errctx *cx)
{
	struct metrics *m = mem_zalloc(sizeof *m + defs_n * sizeof *m->first);
	size_t cells_n = 0;

	*out = NULL;
	if (!m)
		FAIL(cx, E_NOMEM, "no memory for metrics");
	m->defs = defs;
	m->defs_n = defs_n;
	for (size_t i = 0; i < defs_n; i++) {
		check_def(&defs[i]);
		m->first[i] = cells_n;
		cells_n += cells_of(&defs[i]);
	}
	m->cells = mem_zalloc(cells_n * sizeof *m->cells);
	if (!m->cells) {
		mem_free(m);
		FAIL(cx, E_NOMEM, "no memory for metrics");
	}
	*out = m;
	return E_OK;
}

void metrics_free(struct metrics *m)
{
	if (m)
		mem_free(m->cells);
	mem_free(m);
}

static _Atomic uint64_t *cell(const struct metrics *m, size_t which, enum metric_kind kind)
{
	ASSERT(which < m->defs_n && m->defs[which].kind == kind);
	return &m->cells[m->first[which]];
}

static void cell_add(_Atomic uint64_t *c, uint64_t n)
{
	(void)atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static uint64_t cell_get(const _Atomic uint64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

void metric_add(struct metrics *m, size_t which, uint64_t n)
{
	cell_add(cell(m, which, METRIC_COUNTER), n);
}

void metric_set(struct metrics *m, size_t which, int64_t value)
{
	atomic_store_explicit(cell(m, which, METRIC_GAUGE), (uint64_t)value, memory_order_relaxed);
}

void metric_move(struct metrics *m, size_t which, int64_t by)
{
	cell_add(cell(m, which, METRIC_GAUGE), (uint64_t)by); /* wraps as two's complement does */
}

void metric_observe(struct metrics *m, size_t which, uint64_t value)
{
	_Atomic uint64_t *c = cell(m, which, METRIC_HISTOGRAM);
	const struct metric_def *d = &m->defs[which];
	size_t bucket = 0;

	while (bucket < d->bounds_n && value > d->bounds[bucket])
		bucket++;
	cell_add(&c[bucket], 1);
	cell_add(&c[d->bounds_n + 1], value);
}

static uint64_t observed_n(const struct metrics *m, size_t which)
{
	const _Atomic uint64_t *c = &m->cells[m->first[which]];
	uint64_t n = 0;

	for (size_t i = 0; i <= m->defs[which].bounds_n; i++)
		n += cell_get(&c[i]);
	return n;
}

int64_t metric_get(const struct metrics *m, size_t which)
{
	ASSERT(which < m->defs_n);
	if (m->defs[which].kind == METRIC_HISTOGRAM)
		return (int64_t)observed_n(m, which);
	return (int64_t)cell_get(&m->cells[m->first[which]]);
}

/* ---- exposition ---- */

static void add_scaled(struct buf *out, const struct metric_def *d, int64_t value)
{
	if (d->scale == 0 || d->scale == 1)
		buf_printf(out, "%" PRId64, value);
	else
		buf_printf(out, "%.12g", (double)value * d->scale);
}

static void write_head(const struct metric_def *d, struct buf *out)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};

	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", d->name, d->help, d->name, kinds[d->kind]);
}

/* "name_suffix{labels} ", what stands in front of a value. */
static void write_series(const struct metric_def *d, const char *suffix, struct buf *out)
{
	buf_printf(out, "%s%s", d->name, suffix);
	if (d->labels)
		buf_printf(out, "{%s}", d->labels);
	buf_add_byte(out, ' ');
}

static void write_value(const struct metrics *m, size_t which, struct buf *out)
{
	write_series(&m->defs[which], "", out);
	add_scaled(out, &m->defs[which], metric_get(m, which));
	buf_add_byte(out, '\n');
}

static void write_histogram(const struct metrics *m, size_t which, struct buf *out)
{
	const struct metric_def *d = &m->defs[which];
	const _Atomic uint64_t *c = &m->cells[m->first[which]];
	uint64_t n = 0;

	for (size_t i = 0; i <= d->bounds_n; i++) {
		n += cell_get(&c[i]);
		buf_printf(out, "%s_bucket{%s%sle=\"", d->name, d->labels ? d->labels : "",
			d->labels ? "," : "");
		if (i < d->bounds_n)
			add_scaled(out, d, (int64_t)d->bounds[i]);
		else
			buf_add_c(out, "+Inf");
		buf_printf(out, "\"} %" PRIu64 "\n", n);
	}
	write_series(d, "_sum", out);
	add_scaled(out, d, (int64_t)cell_get(&c[d->bounds_n + 1]));
	buf_add_byte(out, '\n');
	write_series(d, "_count", out);
	buf_printf(out, "%" PRIu64 "\n", n); /* equal to the last bucket, as the format wants */
}

void metrics_write(const struct metrics *m, struct buf *out)
{
	for (size_t i = 0; i < m->defs_n; i++) {
		if (i == 0 || strcmp(m->defs[i].name, m->defs[i - 1].name) != 0)
			write_head(&m->defs[i], out);
		if (m->defs[i].kind == METRIC_HISTOGRAM)
			write_histogram(m, i, out);
		else
			write_value(m, i, out);
	}
}

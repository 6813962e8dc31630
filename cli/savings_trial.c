#include "cli/savings_trial.h"

#include <inttypes.h>

#include "cli/out.h"
#include "core/base/mem.h"

enum { TITLE_WIDTH = 34, CELL_WIDTH = 14, COUNT_WIDTH = 10, DIGITS = 4 };

/* ---- what was held out ----------------------------------------------------------------------------- */

static void add_counts(struct buf *out, const char *title, const uint64_t n[TRIAL_SIDES_N])
{
	buf_printf(out, "%-*s%*" PRIu64 "%*" PRIu64 "\n", TITLE_WIDTH, title, CELL_WIDTH,
		n[TRIAL_TREATED], CELL_WIDTH, n[TRIAL_HELD]);
}

static void add_figure(struct buf *out, const struct trial *t, enum trial_figure_kind k)
{
	struct trial_figure f = trial_figure(t, k);

	buf_printf(out, "%-*s%*.*f%*.*f", TITLE_WIDTH, trial_title(k), CELL_WIDTH, DIGITS,
		f.mean[TRIAL_TREATED], CELL_WIDTH, DIGITS, f.mean[TRIAL_HELD]);
	if (f.is_enough)
		buf_printf(out, "%+*.*f  %+.*f to %+.*f", CELL_WIDTH, DIGITS, f.difference, DIGITS,
			f.low, DIGITS, f.high);
	buf_add_byte(out, '\n');
}

void savings_trial_text(struct buf *out, const struct trial *t)
{
	if (!t->conversations[TRIAL_HELD] && !t->conversations[TRIAL_TREATED] && !t->mixed)
		return;
	buf_printf(out, "\n%-*s%*s%*s%*s  %s\n", TITLE_WIDTH, "conversations held out", CELL_WIDTH,
		"treated", CELL_WIDTH, "held out", CELL_WIDTH, "difference", "95 in 100");
	add_counts(out, "conversations", t->conversations);
	add_counts(out, "requests", t->requests);
	for (int k = 0; k < TRIAL_FIGURES_N; k++)
		add_figure(out, t, (enum trial_figure_kind)k);
	if (t->conversations[TRIAL_HELD] < TRIAL_MIN || t->conversations[TRIAL_TREATED] < TRIAL_MIN)
		buf_printf(out,
			"  (too few to say what the difference is: %d are needed of both)\n",
			TRIAL_MIN);
	if (t->mixed)
		buf_printf(out,
			"  (without %" PRIu64 " that were under way when the share was changed)\n",
			t->mixed);
}

void savings_trial_csv(struct buf *out, const struct trial *t)
{
	buf_add_c(out, "figure,treated,held_out,difference,low,high\n");
	for (int k = 0; k < TRIAL_FIGURES_N; k++) {
		struct trial_figure f = trial_figure(t, (enum trial_figure_kind)k);

		buf_printf(out, "%s,%.6f,%.6f", trial_name((enum trial_figure_kind)k),
			f.mean[TRIAL_TREATED], f.mean[TRIAL_HELD]);
		if (f.is_enough)
			buf_printf(out, ",%.6f,%.6f,%.6f\n", f.difference, f.low, f.high);
		else
			buf_add_c(out, ",,,\n");
	}
}

/* ---- what was asked for again ---------------------------------------------------------------------- */

void savings_returns_titles(struct buf *out)
{
	buf_printf(out, "%*s%*s%*s%*s", COUNT_WIDTH, "shown", COUNT_WIDTH, "again", COUNT_WIDTH,
		"retrieved", COUNT_WIDTH, "as others");
}

void savings_returns_cells(struct buf *out, const struct returns *r, str encoders)
{
	struct returns_of o = returns_of(r, encoders);

	buf_printf(out, "%*" PRIu64 "%*" PRIu64 "%*" PRIu64, COUNT_WIDTH, o.shown, COUNT_WIDTH,
		o.again, COUNT_WIDTH, o.retrieved);
	if (o.ratio > 0)
		buf_printf(out, "%*.1fx", COUNT_WIDTH - 1, o.ratio);
	if (o.hurts)
		buf_add_c(out, "  hurts");
}

void savings_returns_warnings(struct buf *out, const struct returns *r)
{
	size_t n;
	struct returns_of *all = returns_all(r, &n);

	for (size_t i = 0; i < n; i++)
		if (all[i].hurts)
			buf_printf(out,
				"\n" STR_FMT
				" hurts: %.0f of its results were asked for again, where "
				"%.1f would be expected\n(%.1f times as often as others of the "
				"same "
				"tools). --tool-profile, --exclude-tools and --lossless\nof "
				"headroom "
				"proxy take it back.\n",
				STR_ARG(all[i].encoders), all[i].back, all[i].expected,
				all[i].ratio);
	mem_free(all);
}

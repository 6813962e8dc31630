#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/out.h"
#include "cli/replay_out.h"
#include "core/base/clock.h"

enum { LABEL_WIDTH = 22, CELL_WIDTH = 19, CELL_MAX = 64, NAME_WIDTH = 30, SHOWN_MAX = 20 };

struct sheet {
	const struct replay_view *v;
	struct replay_result *r;
	const struct replay_conf *conf;
	struct buf *out;
};

static void cell(struct sheet *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void cell(struct sheet *s, const char *fmt, ...)
{
	char text[CELL_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_printf(s->out, "%*s", CELL_WIDTH, text);
}

static void cell_count(struct sheet *s, double n)
{
	struct buf b;

	buf_init(&b, CELL_MAX);
	if (n < 0)
		buf_add_byte(&b, '-');
	out_add_count(&b, (uint64_t)llround(fabs(n)));
	cell(s, "%.*s", (int)b.n, b.p);
	buf_release(&b);
}

static void label(struct sheet *s, const char *text)
{
	buf_printf(s->out, "%-*s", LABEL_WIDTH, text);
}

static void end_row(struct sheet *s)
{
	buf_add_byte(s->out, '\n');
}

/* ---- the rows of the main table ------------------------------------------------------------------ */

typedef double (*figure_fn)(const struct replay_sums *s);

static double raw(const struct replay_sums *s)
{
	return (double)s->raw;
}
static double sent(const struct replay_sums *s)
{
	return (double)s->sent;
}
static double saved(const struct replay_sums *s)
{
	return (double)s->raw - (double)s->sent;
}
static double read_(const struct replay_sums *s)
{
	return (double)s->read;
}
static double uncached(const struct replay_sums *s)
{
	return (double)s->uncached;
}
static double output(const struct replay_sums *s)
{
	return (double)s->output;
}
static double busted(const struct replay_sums *s)
{
	return (double)s->bust_tokens;
}
static double written(const struct replay_sums *s)
{
	return (double)(s->write[CACHE_5M] + s->write[CACHE_1H]);
}
static double cost_of_input(const struct replay_sums *s)
{
	return cost_input(&s->cost) + s->retrieval_cost;
}
static double cost_of_output(const struct replay_sums *s)
{
	return s->cost.output;
}
static double cost_of_retrieval(const struct replay_sums *s)
{
	return s->retrieval_cost;
}
static double cost_no_cache(const struct replay_sums *s)
{
	return cost_total(&s->cost_uncached);
}

static void count_row(struct sheet *s, const char *name, figure_fn f)
{
	label(s, name);
	for (uint32_t i = 0; i < s->conf->arms_n; i++)
		cell_count(s, f(&s->r->sums[i]));
	end_row(s);
}

static void usd_row(struct sheet *s, const char *name, figure_fn f)
{
	label(s, name);
	for (uint32_t i = 0; i < s->conf->arms_n; i++)
		cell(s, "%.4f", f(&s->r->sums[i]));
	end_row(s);
}

static void percent_row(struct sheet *s, const char *name, figure_fn part, figure_fn whole)
{
	label(s, name);
	for (uint32_t i = 0; i < s->conf->arms_n; i++) {
		double all = whole(&s->r->sums[i]);

		cell(s, "%.1f%%", all > 0 ? 100 * part(&s->r->sums[i]) / all : 0);
	}
	end_row(s);
}

static bool has_any(const struct sheet *s, figure_fn f)
{
	for (uint32_t i = 0; i < s->conf->arms_n; i++)
		if (f(&s->r->sums[i]) != 0)
			return true;
	return false;
}

static void class_row(struct sheet *s)
{
	label(s, "turns full/part/bust");
	for (uint32_t i = 0; i < s->conf->arms_n; i++) {
		const uint64_t *n = s->r->sums[i].classes;

		cell(s, "%llu/%llu/%llu", (unsigned long long)n[CACHE_HIT],
			(unsigned long long)n[CACHE_PARTIAL], (unsigned long long)n[CACHE_BUST]);
	}
	end_row(s);
	label(s, "  cold/reset/expired");
	for (uint32_t i = 0; i < s->conf->arms_n; i++) {
		const uint64_t *n = s->r->sums[i].classes;

		cell(s, "%llu/%llu/%llu", (unsigned long long)n[CACHE_COLD],
			(unsigned long long)n[CACHE_RESET], (unsigned long long)n[CACHE_EXPIRED]);
	}
	end_row(s);
}

static void delta_row(struct sheet *s)
{
	double base = replay_cost(&s->r->sums[0]);

	label(s, "  against the baseline");
	cell(s, "-");
	for (uint32_t i = 1; i < s->conf->arms_n; i++)
		cell(s, "%+.4f (%+.1f%%)", replay_cost(&s->r->sums[i]) - base,
			0.0 - replay_savings(s->r, i));
	end_row(s);
}

static void time_row(struct sheet *s)
{
	bool is_any = false;

	for (uint32_t i = 0; i < s->conf->arms_n; i++)
		is_any |= s->r->ms[i].n > 0;
	if (!s->v->has_timing || !is_any)
		return;
	label(s, "ms per turn p50/p95");
	for (uint32_t i = 0; i < s->conf->arms_n; i++) {
		if (s->r->ms[i].n)
			cell(s, "%.1f/%.1f", replay_ms(s->r, i, 0.5), replay_ms(s->r, i, 0.95));
		else
			cell(s, "-");
	}
	end_row(s);
}

static void main_table(struct sheet *s)
{
	label(s, "");
	for (uint32_t i = 0; i < s->conf->arms_n; i++)
		cell(s, STR_FMT, STR_ARG(s->conf->arms[i].name));
	end_row(s);
	count_row(s, "input tokens", raw);
	count_row(s, "  sent", sent);
	count_row(s, "  saved", saved);
	percent_row(s, "  saved, of all", saved, raw);
	count_row(s, "prompt cache read", read_);
	percent_row(s, "  of what was sent", read_, sent);
	count_row(s, "prompt cache write", written);
	count_row(s, "not cached", uncached);
	class_row(s);
	if (has_any(s, busted))
		count_row(s, "tokens lost by a bust", busted);
	count_row(s, "output tokens", output);
	usd_row(s, "input USD", cost_of_input);
	if (has_any(s, cost_of_retrieval))
		usd_row(s, "  of these, retrievals", cost_of_retrieval);
	if (!s->conf->no_output_cost)
		usd_row(s, "output USD", cost_of_output);
	usd_row(s, "total USD", replay_cost);
	delta_row(s);
	usd_row(s, "without a cache USD", cost_no_cache);
	time_row(s);
}

/* ---- further tables ------------------------------------------------------------------------------ */

static void add_name(struct sheet *s, str name)
{
	if (!name.n)
		name = STR("(no model named)");
	if (name.n > NAME_WIDTH)
		buf_printf(s->out, "  " STR_FMT "..", STR_ARG(str_sub(name, 0, NAME_WIDTH - 2)));
	else
		buf_printf(s->out, "  %-*.*s", NAME_WIDTH, (int)name.n, name.p);
}

static void group_table(struct sheet *s, const char *title, enum replay_by by)
{
	const struct replay_groups *g = &s->r->by[by];

	if (!s->v->by[by])
		return;
	buf_printf(s->out, "\n%s: turns, USD\n", title);
	for (size_t i = 0; i < g->v.n; i++) {
		const struct replay_sums *sums = g->v.v[i].sums;

		add_name(s, g->v.v[i].name);
		buf_printf(s->out, "%7llu", (unsigned long long)sums[0].turns);
		for (uint32_t k = 0; k < s->conf->arms_n; k++)
			buf_printf(s->out, "%12.4f", replay_cost(&sums[k]));
		end_row(s);
	}
}

static void transform_table(
	struct sheet *s, const char *title, const struct replay_transforms *list)
{
	buf_printf(s->out, "\nby %s: results, tokens saved in all turns, USD of these\n", title);
	for (size_t i = 0; i < list->v.n; i++) {
		const struct replay_transform *t = &list->v.v[i];

		add_name(s, t->name);
		buf_printf(s->out, "%9llu%14lld%12.4f  " STR_FMT "\n",
			(unsigned long long)t->results, (long long)t->saved, t->usd,
			STR_ARG(s->conf->arms[t->arm].name));
	}
}

static void break_table(struct sheet *s, uint32_t arm)
{
	bool is_any = false;

	for (int k = TRAIL_KEPT + 1; k < TRAIL_CAUSE_N; k++) {
		const struct replay_cause *c = &s->r->causes[arm][k];

		if (!c->turns)
			continue;
		if (!is_any)
			buf_printf(s->out,
				"\nprompt cache broken by, " STR_FMT
				": turns, tokens written again, USD\n",
				STR_ARG(s->conf->arms[arm].name));
		is_any = true;
		add_name(s, str_from(trail_cause_name((enum trail_cause)k)));
		buf_printf(s->out, "%7llu%14llu%12.4f\n", (unsigned long long)c->turns,
			(unsigned long long)c->tokens, c->usd);
	}
}

static void break_tables(struct sheet *s)
{
	for (uint32_t i = 0; i < s->conf->arms_n; i++)
		break_table(s, i);
	for (uint32_t i = 0; i < s->r->breaks_n; i++) {
		const struct replay_break *b = &s->r->breaks[i];

		if (!i)
			buf_add_c(s->out, "\ndearest of these\n");
		add_name(s, b->session);
		buf_printf(s->out,
			" turn %u, " STR_FMT ": %s at " STR_FMT ", %llu tokens, %.4f USD\n",
			b->turn, STR_ARG(s->conf->arms[b->arm].name), trail_cause_name(b->by),
			STR_ARG(b->at), (unsigned long long)b->tokens, b->usd);
	}
}

static void worst_turns(struct sheet *s)
{
	if (!s->r->worst_n)
		return;
	buf_add_c(s->out, "\nturns that cost more than the baseline's\n");
	for (uint32_t i = 0; i < s->r->worst_n; i++) {
		const struct replay_turn *t = &s->r->worst[i];

		add_name(s, t->session);
		buf_printf(s->out, " turn %u, " STR_FMT ": %+.4f USD, %s", t->turn,
			STR_ARG(s->conf->arms[t->arm].name), t->delta, cache_class_name(t->class));
		if (t->bust_tokens)
			buf_printf(s->out, " of %llu tokens", (unsigned long long)t->bust_tokens);
		end_row(s);
	}
}

/* ---- around the tables --------------------------------------------------------------------------- */

static void head(struct sheet *s)
{
	const struct replay_result *r = s->r;
	char from[CLOCK_TIME_LEN + 1], to[CLOCK_TIME_LEN + 1];

	buf_printf(s->out, "Headroom replay   %llu file%s  %llu session%s  %llu turn%s",
		(unsigned long long)r->files, r->files == 1 ? "" : "s",
		(unsigned long long)r->sessions, r->sessions == 1 ? "" : "s",
		(unsigned long long)r->turns, r->turns == 1 ? "" : "s");
	if (r->first_ms) {
		clock_format(r->first_ms, from);
		clock_format(r->last_ms, to);
		buf_printf(s->out, "  %.10s .. %.10s", from, to);
	}
	buf_add_c(s->out, "\nBaseline: ");
	buf_add(s->out, s->conf->arms[0].name);
	buf_add_c(s->out, "\n\n");
}

static void verdict(struct sheet *s)
{
	uint32_t best = replay_best(s->r, s->conf);
	uint32_t plain = replay_best_uncached(s->r, s->conf);

	if (s->conf->arms_n < 2)
		return;
	buf_add_byte(s->out, '\n');
	if (!best)
		buf_printf(s->out, "No arm costs less than the baseline.\n");
	else
		buf_printf(s->out, "Best: " STR_FMT " (%+.1f%% of the bill).\n",
			STR_ARG(s->conf->arms[best].name), 0.0 - replay_savings(s->r, best));
	if (plain != best)
		buf_printf(s->out,
			"Without the provider's cache it would be " STR_FMT " (%+.1f%%).\n",
			STR_ARG(s->conf->arms[plain].name),
			0.0 - replay_savings_uncached(s->r, plain));
}

static void calibration(struct sheet *s)
{
	const struct replay_calibration *c = &s->r->calibration;

	if (!c->turns) {
		buf_add_c(s->out, "Calibration: none, the recordings have no usage.\n");
		return;
	}
	buf_printf(s->out,
		"Calibration: %llu turns: input simulated %.4f USD, reported %.4f USD (%+.1f%%); "
		"read\n%.2fM tokens, reported %.2fM.\n",
		(unsigned long long)c->turns, c->cost, c->recorded_cost,
		c->recorded_cost > 0 ? 100 * (c->cost / c->recorded_cost - 1) : 0,
		(double)c->read / 1e6, (double)c->recorded_read / 1e6);
	if (c->blind.turns)
		buf_printf(s->out,
			"Blind: %llu turns of second halves of sessions, foretold from the first "
			"halves'\nusage: %.4f USD, reported %.4f USD (%+.1f%%); read %.2fM tokens, "
			"reported %.2fM.\n",
			(unsigned long long)c->blind.turns, c->blind.cost, c->blind.recorded_cost,
			c->blind.recorded_cost > 0
				? 100 * (c->blind.cost / c->blind.recorded_cost - 1)
				: 0,
			(double)c->blind.read / 1e6, (double)c->blind.recorded_read / 1e6);
	if (c->blind.lost_turns && c->blind.recorded_cost > c->blind.lost_recorded_cost)
		buf_printf(s->out,
			"Without %llu of these, whose cache the provider had lost: %+.1f%%.\n",
			(unsigned long long)c->blind.lost_turns,
			100 * ((c->blind.cost - c->blind.lost_cost) /
					      (c->blind.recorded_cost -
						      c->blind.lost_recorded_cost) -
				      1));
	if (c->resets)
		buf_printf(s->out,
			"In %llu of these the provider had nothing in its cache, for a reason that "
			"is not\nrecorded; that is taken from its report.\n",
			(unsigned long long)c->resets);
}

static void notes(struct sheet *s)
{
	const struct replay_result *r = s->r;

	if (s->conf->verifies)
		buf_printf(s->out,
			"Verified: %llu changed results proven, %llu requests not%s" STR_FMT "\n",
			(unsigned long long)r->verified.proven,
			(unsigned long long)r->verified.failed,
			r->verified.failed ? "; the first is " : ".", STR_ARG(r->verified.first));
	if (r->asked.elided)
		buf_printf(s->out,
			"Logged: %llu texts were left out, %llu times one was asked for.\n",
			(unsigned long long)r->asked.elided,
			(unsigned long long)r->asked.retrieved);
	for (size_t i = 0; i < s->conf->arms_n; i++) {
		if (!(r->sums[i].retrievals > 0))
			continue;
		buf_printf(s->out, "Arm " STR_FMT ": %.1f retrievals ",
			STR_ARG(s->conf->arms[i].name), r->sums[i].retrievals);
		if (s->conf->retrieves_as_logged || s->conf->arms[i].kind == REPLAY_LOGGED)
			buf_add_c(s->out, "as logged.\n");
		else
			buf_printf(
				s->out, "assumed (--retrieve-rate %g).\n", s->conf->retrieve_rate);
	}
}

void replay_out_text(const struct replay_view *v, struct buf *out)
{
	struct sheet s = {.v = v, .r = v->result, .conf = v->conf, .out = out};

	head(&s);
	main_table(&s);
	verdict(&s);
	calibration(&s);
	notes(&s);
	group_table(&s, "by model", REPLAY_BY_MODEL);
	group_table(&s, "by day", REPLAY_BY_DAY);
	group_table(&s, "by session", REPLAY_BY_SESSION);
	group_table(&s, "by project", REPLAY_BY_PROJECT);
	if (s.v->by_encoder)
		transform_table(&s, "encoder", &s.r->transforms);
	if (s.v->by_tool)
		transform_table(&s, "tool", &s.r->tools);
	break_tables(&s);
	worst_turns(&s);
}

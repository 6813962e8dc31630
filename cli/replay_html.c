/* One page that stands by itself: no script, no outside resource, readable on a phone, in the dark and on paper. The plots are SVG, drawn
 * here; each mark says its figure when it is pointed at. */
#include <math.h>
#include <stdlib.h>

#include "cli/out.h"
#include "cli/replay_out.h"
#include "core/base/clock.h"

enum {
	PLOT_WIDTH = 720,
	PLOT_HEIGHT = 240,
	MARGIN = 56,      /* left, for the figures of the axis */
	POINTS_MAX = 600, /* of a curve: one for about each pixel */
	BARS_MAX = 16,
	BAR_HEIGHT = 22,
	TICKS = 4,
};

struct page {
	const struct replay_view *v;
	struct replay_result *r;
	const struct replay_conf *conf;
	struct buf *out;
};

static void add_escaped(struct buf *out, str s)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '<':
			buf_add_c(out, "&lt;");
			break;
		case '>':
			buf_add_c(out, "&gt;");
			break;
		case '&':
			buf_add_c(out, "&amp;");
			break;
		case '"':
			buf_add_c(out, "&quot;");
			break;
		default:
			buf_add_byte(out, s.p[i]);
		}
	}
}

/* ---- the frame ----------------------------------------------------------------------------------- */

static const char style[] =
	"<style>\n"
	":root{color-scheme:light "
	"dark;--fg:#1c1e21;--bg:#fff;--soft:#6b7280;--line:#d1d5db;--card:#f6f7f9}\n"
	"@media(prefers-color-scheme:dark){:root{--fg:#e5e7eb;--bg:#15171a;--soft:#9ca3af;--line:#"
	"374151;"
	"--card:#1f2329}}\n"
	"body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);margin:0 "
	"auto;"
	"max-width:60rem;padding:1rem}\n"
	"h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2.5rem}\n"
	"p,figcaption{color:var(--soft)}\n"
	".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:1rem}\n"
	".card{background:var(--card);border-radius:.5rem;padding:.75rem 1rem}\n"
	".card b{display:block;font-size:1.4rem}\n"
	"figure{margin:1rem 0}svg{width:100%;height:auto}svg "
	"text{fill:var(--soft);font-size:11px}\n"
	".axis{stroke:var(--line)}.wide{overflow-x:auto}\n"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.25rem .75rem;border-bottom:1px solid "
	"var(--line);text-align:right;white-space:nowrap}\n"
	"th:first-child,td:first-child{text-align:left}\n"
	"</style>\n";

/* Told apart in both schemes and by the colour-blind (Okabe and Ito's palette). */
static const char *const colours[REPLAY_ARMS_MAX] = {
	"#888888", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#b3a300"};

static void begin(struct page *p)
{
	const struct replay_result *r = p->r;
	char from[CLOCK_TIME_LEN + 1], to[CLOCK_TIME_LEN + 1];

	buf_add_c(p->out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
			  "<meta name=\"viewport\" content=\"width=device-width\">\n"
			  "<title>Headroom replay</title>\n");
	buf_add_c(p->out, style);
	buf_printf(p->out, "<h1>Headroom replay</h1>\n<p>%llu files, %llu sessions, %llu turns",
		(unsigned long long)r->files, (unsigned long long)r->sessions,
		(unsigned long long)r->turns);
	if (r->first_ms) {
		clock_format(r->first_ms, from);
		clock_format(r->last_ms, to);
		buf_printf(p->out, ", %.10s to %.10s", from, to);
	}
	buf_add_c(
		p->out, ". What the provider would have billed, its prompt cache simulated.</p>\n");
}

static void cards(struct page *p)
{
	buf_add_c(p->out, "<div class=\"cards\">\n");
	for (uint32_t i = 0; i < p->conf->arms_n; i++) {
		const struct replay_sums *s = &p->r->sums[i];

		buf_printf(p->out, "<div class=\"card\" style=\"border-left:.3rem solid %s\">",
			colours[i]);
		add_escaped(p->out, p->conf->arms[i].name);
		buf_printf(p->out, "<b>%.2f USD</b>", replay_cost(s));
		if (i)
			buf_printf(p->out, "%+.1f %% of the bill, %+.1f %% of the tokens",
				0.0 - replay_savings(p->r, i),
				s->raw ? 100 * ((double)s->sent / (double)s->raw - 1) : 0);
		else
			buf_add_c(p->out, "the baseline");
		buf_add_c(p->out, "</div>\n");
	}
	buf_add_c(p->out, "</div>\n");
}

/* ---- the curve ----------------------------------------------------------------------------------- */

/* The next of 1, 2, 5, 10 .. that is no less. */
static double round_up(double x)
{
	double unit = pow(10, floor(log10(x)));

	for (int i = 0; i < 3; i++) {
		static const double steps[] = {1, 2, 5};

		if (x <= unit * steps[i])
			return unit * steps[i];
	}
	return unit * 10;
}

static void axis(struct page *p, double top, const char *unit)
{
	for (int i = 0; i <= TICKS; i++) {
		double y = PLOT_HEIGHT - 20 - (PLOT_HEIGHT - 40) * (double)i / TICKS;

		buf_printf(p->out,
			"<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
			"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g%s</text>\n",
			MARGIN, PLOT_WIDTH, y, y, MARGIN - 6, y + 4, top * i / TICKS, unit);
	}
}

static void curve(struct page *p, uint32_t arm, double top, size_t turns)
{
	size_t every = turns / POINTS_MAX + 1, k = 0;
	double sum = 0;

	buf_printf(p->out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"",
		colours[arm]);
	for (size_t i = 0; i < p->r->rows.n; i++) {
		const struct replay_turn *t = &p->r->rows.v[i];

		if (t->arm != arm)
			continue;
		sum += t->cost;
		k++;
		if (k % every && k != turns)
			continue;
		buf_printf(p->out, "%.1f,%.1f ",
			MARGIN + (PLOT_WIDTH - MARGIN) * (double)k / (double)turns,
			PLOT_HEIGHT - 20 - (PLOT_HEIGHT - 40) * sum / top);
	}
	buf_add_c(p->out, "\"><title>");
	add_escaped(p->out, p->conf->arms[arm].name);
	buf_printf(p->out, ": %.4f USD</title></polyline>\n", sum);
}

static void spending(struct page *p)
{
	double most = 0;

	for (uint32_t i = 0; i < p->conf->arms_n; i++)
		most = fmax(most, replay_cost(&p->r->sums[i]));
	if (most <= 0)
		return;
	most = round_up(most);
	buf_printf(p->out,
		"<h2>What was spent, turn by turn</h2>\n<figure><svg viewBox=\"0 0 %d %d\" "
		"role=\"img\" "
		"aria-label=\"sum of cost over the turns\">\n",
		PLOT_WIDTH, PLOT_HEIGHT);
	axis(p, most, "");
	for (uint32_t i = 0; i < p->conf->arms_n; i++)
		curve(p, i, most, p->r->turns);
	buf_printf(p->out,
		"<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%llu "
		"turns</text></svg>\n<figcaption>USD, "
		"summed up over all turns, one session after the other.</figcaption></figure>\n",
		PLOT_WIDTH, PLOT_HEIGHT - 4, (unsigned long long)p->r->turns);
}

/* ---- bars ---------------------------------------------------------------------------------------- */

struct part {
	const char *name, *colour;
	double usd;
};

static void bill_bar(struct page *p, uint32_t arm, double most, int y)
{
	const struct replay_sums *s = &p->r->sums[arm];
	const struct part parts[] = {
		{"not cached", "#d55e00", s->cost.uncached},
		{"cache write", "#e69f00", s->cost.write},
		{"cache read", "#56b4e9", s->cost.read},
		{"retrievals", "#cc79a7", s->retrieval_cost},
		{"output", "#009e73", s->cost.output},
	};
	double x = 130, scale = (PLOT_WIDTH - 130) / most;

	buf_printf(p->out, "<text x=\"0\" y=\"%d\">", y + BAR_HEIGHT - 8);
	add_escaped(p->out, p->conf->arms[arm].name);
	buf_add_c(p->out, "</text>");
	for (size_t i = 0; i < ARRAY_N(parts); i++) {
		if (parts[i].usd <= 0)
			continue;
		buf_printf(p->out,
			"<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\">"
			"<title>%s: %.4f USD</title></rect>",
			x, y, parts[i].usd * scale, BAR_HEIGHT - 4, parts[i].colour, parts[i].name,
			parts[i].usd);
		x += parts[i].usd * scale;
	}
	buf_add_byte(p->out, '\n');
}

static void bills(struct page *p)
{
	double most = 0;

	for (uint32_t i = 0; i < p->conf->arms_n; i++)
		most = fmax(most, replay_cost(&p->r->sums[i]));
	if (most <= 0)
		return;
	buf_printf(p->out,
		"<h2>What the bill is made of</h2>\n<figure><svg viewBox=\"0 0 %d %u\" "
		"role=\"img\" "
		"aria-label=\"parts of the bill\">\n",
		PLOT_WIDTH, p->conf->arms_n * BAR_HEIGHT + 4);
	for (uint32_t i = 0; i < p->conf->arms_n; i++)
		bill_bar(p, i, most, (int)(i * BAR_HEIGHT));
	buf_add_c(p->out, "</svg>\n<figcaption>From left to right: not cached, written to the "
			  "cache, read from "
			  "it, retrievals, output.</figcaption></figure>\n");
}

static int by_saved(const void *a, const void *b)
{
	const struct replay_transform *x = a, *y = b;

	if (x->saved != y->saved)
		return x->saved < y->saved ? 1 : -1;
	return str_cmp(x->name, y->name);
}

/* Of the best arm that changes anything. */
static void encoders(struct page *p)
{
	uint32_t best = replay_best(p->r, p->conf);
	VEC(struct replay_transform) list = {0};
	size_t n;

	for (size_t i = 0; i < p->r->transforms.v.n; i++)
		if (p->r->transforms.v.v[i].arm == best && p->r->transforms.v.v[i].saved > 0)
			*vec_push(&list, &p->r->arena) = p->r->transforms.v.v[i];
	if (!list.n)
		return;
	qsort(list.v, list.n, sizeof *list.v, by_saved);
	n = list.n < BARS_MAX ? list.n : BARS_MAX;
	buf_add_c(p->out, "<h2>What saved it (");
	add_escaped(p->out, p->conf->arms[best].name);
	buf_printf(p->out,
		")</h2>\n<figure><svg viewBox=\"0 0 %d %zu\" role=\"img\" aria-label=\"tokens "
		"saved by "
		"encoder\">\n",
		PLOT_WIDTH, n * BAR_HEIGHT + 4);
	for (size_t i = 0; i < n; i++) {
		const struct replay_transform *t = &list.v[i];
		size_t y = i * BAR_HEIGHT;

		buf_printf(p->out, "<text x=\"0\" y=\"%zu\">", y + BAR_HEIGHT - 8);
		add_escaped(p->out, t->name);
		buf_printf(p->out,
			"</text><rect x=\"200\" y=\"%zu\" width=\"%.1f\" height=\"%d\" "
			"fill=\"%s\"><title>"
			"%lld tokens in %llu results, %.4f USD</title></rect>\n",
			y, (PLOT_WIDTH - 200) * (double)t->saved / (double)list.v[0].saved,
			BAR_HEIGHT - 4, colours[best], (long long)t->saved,
			(unsigned long long)t->results, t->usd);
	}
	buf_add_c(p->out, "</svg>\n<figcaption>Tokens not sent, in all turns that carried the "
			  "result.</figcaption></figure>\n");
}

/* ---- tables -------------------------------------------------------------------------------------- */

static void head_row(struct page *p, const char *first)
{
	buf_printf(p->out, "<div class=\"wide\"><table><tr><th>%s<th>turns", first);
	for (uint32_t i = 0; i < p->conf->arms_n; i++) {
		buf_add_c(p->out, "<th>");
		add_escaped(p->out, p->conf->arms[i].name);
	}
	buf_add_byte(p->out, '\n');
}

static void groups(struct page *p, const char *title, const char *first, enum replay_by by)
{
	const struct replay_groups *g = &p->r->by[by];

	buf_printf(p->out, "<h2>%s</h2>\n", title);
	head_row(p, first);
	for (size_t i = 0; i < g->v.n; i++) {
		buf_add_c(p->out, "<tr><td>");
		add_escaped(p->out, g->v.v[i].name.n ? g->v.v[i].name : STR("(no model named)"));
		buf_printf(p->out, "<td>%llu", (unsigned long long)g->v.v[i].sums[0].turns);
		for (uint32_t k = 0; k < p->conf->arms_n; k++)
			buf_printf(p->out, "<td>%.4f", replay_cost(&g->v.v[i].sums[k]));
		buf_add_byte(p->out, '\n');
	}
	buf_add_c(p->out, "</table></div>\n");
}

static void worst(struct page *p)
{
	if (!p->r->worst_n)
		return;
	buf_add_c(p->out,
		"<h2>Turns that cost more than the baseline's</h2>\n<div class=\"wide\"><table><tr>"
		"<th>session<th>turn<th>arm<th>USD more<th>class<th>tokens lost by a bust\n");
	for (uint32_t i = 0; i < p->r->worst_n; i++) {
		const struct replay_turn *t = &p->r->worst[i];

		buf_add_c(p->out, "<tr><td>");
		add_escaped(p->out, t->session);
		buf_printf(p->out, "<td>%u<td>", t->turn);
		add_escaped(p->out, p->conf->arms[t->arm].name);
		buf_printf(p->out, "<td>%.4f<td>%s<td>%llu\n", t->delta, cache_class_name(t->class),
			(unsigned long long)t->bust_tokens);
	}
	buf_add_c(p->out, "</table></div>\n");
}

/* By arm and cause, and the dearest of them: as the report for people has it. */
static void causes(struct page *p, uint32_t arm)
{
	for (int k = TRAIL_KEPT + 1; k < TRAIL_CAUSE_N; k++) {
		const struct replay_cause *c = &p->r->causes[arm][k];

		if (!c->turns)
			continue;
		buf_add_c(p->out, "<tr><td>");
		add_escaped(p->out, p->conf->arms[arm].name);
		buf_printf(p->out, "<td>%s<td>%llu<td>%llu<td>%.4f\n",
			trail_cause_name((enum trail_cause)k), (unsigned long long)c->turns,
			(unsigned long long)c->tokens, c->usd);
	}
}

static bool has_causes(const struct page *p)
{
	for (uint32_t i = 0; i < p->conf->arms_n; i++)
		for (int k = TRAIL_KEPT + 1; k < TRAIL_CAUSE_N; k++)
			if (p->r->causes[i][k].turns)
				return true;
	return false;
}

static void breaks(struct page *p)
{
	if (!has_causes(p))
		return;
	buf_add_c(p->out,
		"<h2>What broke the prompt cache</h2>\n<div class=\"wide\"><table><tr><th>arm<th>by"
		"<th>turns<th>tokens written again<th>USD\n");
	for (uint32_t i = 0; i < p->conf->arms_n; i++)
		causes(p, i);
	buf_add_c(p->out, "</table></div>\n");
	if (!p->r->breaks_n)
		return;
	buf_add_c(p->out,
		"<p>The dearest of them; what the client did, it did in all arms.</p>\n<div "
		"class=\"wide\"><table><tr><th>session<th>turn<th>arm<th>by<th>at<th>byte<th>tokens"
		"<th>USD\n");
	for (uint32_t i = 0; i < p->r->breaks_n; i++) {
		const struct replay_break *b = &p->r->breaks[i];

		buf_add_c(p->out, "<tr><td>");
		add_escaped(p->out, b->session);
		buf_printf(p->out, "<td>%u<td>", b->turn);
		add_escaped(p->out, p->conf->arms[b->arm].name);
		buf_printf(p->out, "<td>%s<td>", trail_cause_name(b->by));
		add_escaped(p->out, b->at);
		buf_printf(p->out, "<td>%zu<td>%llu<td>%.4f\n", b->byte,
			(unsigned long long)b->tokens, b->usd);
	}
	buf_add_c(p->out, "</table></div>\n");
}

static void calibration(struct page *p)
{
	const struct replay_calibration *c = &p->r->calibration;

	buf_add_c(p->out, "<h2>How far it can be believed</h2>\n<p>");
	if (c->turns)
		buf_printf(p->out,
			"Of %llu turns the provider reported what it billed: %.4f USD for input. "
			"The "
			"simulation of the same requests comes to %.4f USD (%+.1f %%).",
			(unsigned long long)c->turns, c->recorded_cost, c->cost,
			c->recorded_cost > 0 ? 100 * (c->cost / c->recorded_cost - 1) : 0);
	else
		buf_add_c(p->out,
			"The recordings have no usage, so the simulation could not be held "
			"against a bill.");
	if (c->blind.turns)
		buf_printf(p->out,
			" Of %llu turns in second halves of sessions, foretold from the usage of "
			"the "
			"first "
			"halves alone: %.4f USD, the provider %.4f USD (%+.1f %%).",
			(unsigned long long)c->blind.turns, c->blind.cost, c->blind.recorded_cost,
			c->blind.recorded_cost > 0
				? 100 * (c->blind.cost / c->blind.recorded_cost - 1)
				: 0);
	buf_add_c(p->out, "</p>\n");
	for (uint32_t i = 0; i < p->conf->arms_n; i++)
		if (p->r->sums[i].retrievals > 0) {
			buf_add_c(p->out, "<p>");
			add_escaped(p->out, p->conf->arms[i].name);
			if (p->conf->retrieves_as_logged || p->conf->arms[i].kind == REPLAY_LOGGED)
				buf_printf(p->out,
					": %.1f times a text that was left out was asked for, by "
					"the logs.</p>\n",
					p->r->sums[i].retrievals);
			else
				buf_printf(p->out,
					": the model is assumed to ask for %g of each text that "
					"was left out.</p>\n",
					p->conf->retrieve_rate);
		}
}

void replay_out_html(const struct replay_view *v, struct buf *out)
{
	struct page p = {.v = v, .r = v->result, .conf = v->conf, .out = out};

	begin(&p);
	cards(&p);
	spending(&p);
	bills(&p);
	encoders(&p);
	groups(&p, "By model, USD", "model", REPLAY_BY_MODEL);
	groups(&p, "By day, USD", "day (UTC)", REPLAY_BY_DAY);
	if (p.r->by[REPLAY_BY_PROJECT].v.n > 1)
		groups(&p, "By project, USD", "project", REPLAY_BY_PROJECT);
	breaks(&p);
	worst(&p);
	calibration(&p);
	buf_add_c(out, "</html>\n");
}

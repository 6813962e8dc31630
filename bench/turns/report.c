#include "bench/turns/report.h"

#include <stdio.h>

#include "core/json/write.h"

static const char *const share_names[SHARE_N] = {
	[SHARE_SYSTEM] = "system",
	[SHARE_TEXT] = "text",
	[SHARE_CALL] = "call",
	[SHARE_RESULT] = "result",
};

/* Per cent that b is less than a. */
static double saved(double a, double b)
{
	return a > 0 ? 100.0 * (a - b) / a : 0;
}

static double percent(double part, double of)
{
	return of > 0 ? 100.0 * part / of : 0;
}

/* ---- text ---------------------------------------------------------------------------------------- */

static void print_row(const struct tally *t)
{
	printf("%-22.*s %5llu %6llu %12llu %12llu %6.2f %7.2f %9.3f %9.3f %6.2f %6llu %7.2f "
	       "%7.2f\n",
		STR_ARG(t->name), (unsigned long long)t->files, (unsigned long long)t->requests,
		(unsigned long long)t->raw.tokens, (unsigned long long)t->sent.tokens,
		saved((double)t->raw.tokens, (double)t->sent.tokens),
		saved((double)t->raw.share_tokens[SHARE_RESULT],
			(double)t->sent.share_tokens[SHARE_RESULT]),
		cost_total(&t->raw.cost), cost_total(&t->sent.cost),
		saved(cost_total(&t->raw.cost), cost_total(&t->sent.cost)),
		(unsigned long long)t->sent.classes[CACHE_BUST], tally_ms(t, 0.5),
		tally_ms(t, 0.95));
}

static void print_classes(const struct tally *t)
{
	printf("%-22.*s", STR_ARG(t->name));
	for (int c = 0; c < CACHE_CLASS_N; c++)
		printf(" %8llu", (unsigned long long)t->sent.classes[c]);
	printf(" %12llu %12llu %11llu\n", (unsigned long long)t->sent.read,
		(unsigned long long)t->sent.write, (unsigned long long)t->sent.uncached);
}

static void print_shares(const struct tally *t)
{
	double bill = cost_total(&t->raw.cost);

	printf("%-22.*s %8.1f %8.1f %8.1f %8.1f %8.1f\n", STR_ARG(t->name),
		percent(t->raw.share_cost[SHARE_RESULT], bill),
		percent(t->raw.share_cost[SHARE_SYSTEM], bill), percent(t->raw.cost.output, bill),
		percent(t->raw.share_cost[SHARE_CALL], bill),
		percent(t->raw.share_cost[SHARE_TEXT], bill));
}

static void print_labels(const struct tally *t)
{
	for (uint32_t i = 0; i < t->label_n; i++)
		printf("%-22.*s %-28.*s %9llu %12lld %6.2f\n", STR_ARG(t->name),
			STR_ARG(str_from(t->labels[i].name)),
			(unsigned long long)t->labels[i].blocks, (long long)t->labels[i].saved,
			percent((double)t->labels[i].saved, (double)t->raw.tokens));
}

static void print_visible(const struct tally *t)
{
	const struct visible *v = &t->visible;

	printf("%-22.*s %12llu %12llu %7.2f %12llu %12llu %7.2f\n", STR_ARG(t->name),
		(unsigned long long)v->needed, (unsigned long long)v->shown,
		percent((double)v->shown, (double)v->needed), (unsigned long long)v->error_lines,
		(unsigned long long)v->error_shown,
		percent((double)v->error_shown, (double)v->error_lines));
}

static bool has_visible(const struct report *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->rows[i].visible.needed || r->rows[i].visible.error_lines)
			return true;
	return false;
}

static void print_rows(const struct report *r, void (*print)(const struct tally *t))
{
	for (size_t i = 0; i < r->n; i++)
		if (r->rows[i].requests)
			print(&r->rows[i]);
}

void report_text(const struct report *r)
{
	const struct replay_calibration *c = r->calibration;

	printf("arm %s: %s\n\n", r->arm->name, r->arm->about);
	printf("%-22s %5s %6s %12s %12s %6s %7s %9s %9s %6s %6s %7s %7s\n", "group", "files",
		"turns", "tokens raw", "sent", "saved%", "result%", "USD raw", "USD sent", "saved%",
		"broken", "ms p50", "ms p95");
	print_rows(r, print_row);
	printf("\nprompt cache, as sent  ");
	for (int i = 0; i < CACHE_CLASS_N; i++)
		printf("%8s ", cache_class_name((enum cache_class)i));
	printf("%12s %12s %11s\n", "read", "write", "uncached");
	print_rows(r, print_classes);
	printf("\nshare of the raw bill,%%%8s %8s %8s %8s %8s\n", "results", "system", "output",
		"calls", "text");
	print_rows(r, print_shares);
	printf("\nsaved by               %-28s %9s %12s %6s\n", "label", "blocks", "tokens", "%");
	print_rows(r, print_labels);
	if (has_visible(r)) {
		printf("\nused next              %12s %12s %7s %12s %12s %7s\n", "identifiers",
			"visible", "%", "error lines", "visible", "%");
		print_rows(r, print_visible);
	}
	if (c->turns)
		printf("\ncalibration: Claude Code, %llu turns: simulated %.3f USD of input, "
		       "recorded "
		       "%.3f USD, ratio %.3f; read %llu, recorded %llu\n"
		       "foretold from the first halves' usage: %llu turns, %.3f USD, recorded %.3f "
		       "USD, ratio %.3f\n",
			(unsigned long long)c->turns, c->cost, c->recorded_cost,
			c->cost / c->recorded_cost, (unsigned long long)c->read,
			(unsigned long long)c->recorded_read, (unsigned long long)c->blind.turns,
			c->blind.cost, c->blind.recorded_cost,
			c->blind.turns ? c->blind.cost / c->blind.recorded_cost : 0);
	printf("\n%.1f s\n", r->seconds);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static void write_side(struct json_writer *w, const char *key, const struct side *s)
{
	json_write_object(w, key);
	json_write_u64(w, "tokens", s->tokens);
	json_write_u64(w, "result_tokens", s->share_tokens[SHARE_RESULT]);
	json_write_u64(w, "read", s->read);
	json_write_u64(w, "write", s->write);
	json_write_u64(w, "uncached", s->uncached);
	json_write_fixed(w, "usd", cost_total(&s->cost), 6);
	json_write_fixed(w, "usd_output", s->cost.output, 6);
	json_write_object(w, "usd_share");
	for (int i = 0; i < SHARE_N; i++)
		json_write_fixed(w, share_names[i], s->share_cost[i], 6);
	json_write_end(w);
	json_write_object(w, "classes");
	for (int i = 0; i < CACHE_CLASS_N; i++)
		json_write_u64(w, cache_class_name((enum cache_class)i), s->classes[i]);
	json_write_end(w);
	json_write_end(w);
}

static void write_row(struct json_writer *w, const struct tally *t)
{
	double raw = cost_total(&t->raw.cost), sent = cost_total(&t->sent.cost);

	json_write_object(w, NULL);
	json_write_str(w, "name", t->name);
	json_write_u64(w, "files", t->files);
	json_write_u64(w, "turns", t->requests);
	json_write_fixed(
		w, "tokens_saved_pct", saved((double)t->raw.tokens, (double)t->sent.tokens), 3);
	json_write_fixed(w, "result_tokens_saved_pct",
		saved((double)t->raw.share_tokens[SHARE_RESULT],
			(double)t->sent.share_tokens[SHARE_RESULT]),
		3);
	json_write_fixed(w, "bill_saved_pct", saved(raw, sent), 3);
	json_write_u64(w, "broken", t->sent.classes[CACHE_BUST]);
	json_write_u64(w, "broken_tokens", t->bust_tokens);
	json_write_fixed(w, "ms_p50", tally_ms(t, 0.5), 3);
	json_write_fixed(w, "ms_p95", tally_ms(t, 0.95), 3);
	if (t->visible.needed || t->visible.error_lines) {
		json_write_u64(w, "identifiers_used_next", t->visible.needed);
		json_write_u64(w, "identifiers_visible", t->visible.shown);
		json_write_u64(w, "error_lines", t->visible.error_lines);
		json_write_u64(w, "error_lines_visible", t->visible.error_shown);
	}
	write_side(w, "raw", &t->raw);
	write_side(w, "sent", &t->sent);
	json_write_array(w, "labels");
	for (uint32_t i = 0; i < t->label_n; i++) {
		json_write_object(w, NULL);
		json_write_str(w, "name", str_from(t->labels[i].name));
		json_write_u64(w, "blocks", t->labels[i].blocks);
		json_write_i64(w, "tokens_saved", t->labels[i].saved);
		json_write_end(w);
	}
	json_write_end(w);
	json_write_end(w);
}

static void write_calibration(struct json_writer *w, const struct replay_calibration *c)
{
	json_write_object(w, "calibration");
	json_write_u64(w, "turns", c->turns);
	json_write_fixed(w, "usd_simulated", c->cost, 6);
	json_write_fixed(w, "usd_recorded", c->recorded_cost, 6);
	json_write_u64(w, "read_simulated", c->read);
	json_write_u64(w, "read_recorded", c->recorded_read);
	json_write_u64(w, "blind_turns", c->blind.turns);
	json_write_fixed(w, "blind_usd_simulated", c->blind.cost, 6);
	json_write_fixed(w, "blind_usd_recorded", c->blind.recorded_cost, 6);
	json_write_end(w);
}

enum err report_json(const struct report *r)
{
	struct json_writer w;
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_INPUT);
	json_write_init(&w, &b, true);
	json_write_object(&w, NULL);
	json_write_c(&w, "arm", r->arm->name);
	json_write_array(&w, "groups");
	for (size_t i = 0; i < r->n; i++)
		if (r->rows[i].requests)
			write_row(&w, &r->rows[i]);
	json_write_end(&w);
	write_calibration(&w, r->calibration);
	json_write_fixed(&w, "seconds", r->seconds, 2);
	json_write_end(&w);
	e = b.err;
	if (e == E_OK && (fwrite(b.p, 1, b.n, stdout) != b.n || putchar('\n') == EOF))
		e = E_IO;
	buf_release(&b);
	return e;
}

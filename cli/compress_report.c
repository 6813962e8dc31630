#include "cli/compress_report.h"

#include <stdio.h>
#include <string.h>

#include "cli/out.h"
#include "core/json/write.h"

void report_init(struct compress_report *r, const char *name)
{
	*r = (struct compress_report){.name = name};
	buf_init(&r->blocks, LIMIT_INPUT);
}

void report_release(struct compress_report *r)
{
	buf_release(&r->blocks);
}

static void add_transform(struct compress_report *r, const struct compress_block *b)
{
	struct report_transform *t = NULL;

	for (size_t i = 0; i < r->transforms_n && !t; i++)
		if (str_eq_c(b->encoders, r->transforms[i].id))
			t = &r->transforms[i];
	if (!t) {
		if (r->transforms_n == REPORT_TRANSFORMS_MAX)
			return;
		t = &r->transforms[r->transforms_n++];
		(void)snprintf(t->id, sizeof t->id, STR_FMT, STR_ARG(b->encoders));
	}
	t->blocks++;
	t->tokens_saved += b->tokens_before - b->tokens_after;
}

static const char *loss_name(enum loss loss)
{
	static const char *const names[] = {
		[LOSS_NONE] = "none", [LOSS_FORMAT] = "format", [LOSS_ELIDED] = "elided"};

	return names[loss];
}

/* Where text was left out and more stays than was asked for: the rest must not be lost. */
static void explain_share(double ratio, const struct compress_block *b, struct buf *text)
{
	double left = (double)b->tokens_after / (b->tokens_before ? b->tokens_before : 1);

	if (ratio > 0 && b->loss == LOSS_ELIDED && left >= ratio + 0.01)
		buf_printf(text, ", %.2f of it left where %.2f was asked for", left, ratio);
}

static void explain(uint64_t line, double ratio, const struct compress_block *b)
{
	struct buf text;

	buf_init(&text, LIMIT_INPUT);
	buf_printf(&text, "%llu: " STR_FMT, (unsigned long long)line, STR_ARG(b->path));
	if (b->tool.n)
		buf_printf(&text, " [" STR_FMT "]", STR_ARG(b->tool));
	buf_printf(&text, " %s, ", detect_kind_name(b->content));
	if (b->encoders.n)
		buf_printf(&text, STR_FMT, STR_ARG(b->encoders));
	else
		buf_add_c(&text, b->reason);
	buf_printf(&text, ": %u -> %u tokens", b->tokens_before, b->tokens_after);
	if (b->loss != LOSS_NONE)
		buf_printf(&text, ", loses %s", loss_name(b->loss));
	explain_share(ratio, b, &text);
	if (b->original.n)
		buf_printf(&text, ", original " STR_FMT, STR_ARG(b->original));
	fprintf(stderr, STR_FMT "\n", STR_ARG(buf_str(&text)));
	buf_release(&text);
}

static void collect(struct compress_report *r, uint64_t line, const struct compress_block *b)
{
	struct json_writer w;

	if (r->blocks.n)
		buf_add_byte(&r->blocks, ',');
	json_write_init(&w, &r->blocks, false);
	json_write_object(&w, NULL);
	json_write_u64(&w, "line", line);
	json_write_str(&w, "path", b->path);
	json_write_str(&w, "tool", b->tool);
	json_write_c(&w, "kind", detect_kind_name(b->content));
	if (b->encoders.n)
		json_write_str(&w, "strategy", b->encoders);
	else
		json_write_null(&w, "strategy");
	json_write_c(&w, "reason", b->reason);
	json_write_c(&w, "loss", loss_name(b->loss));
	json_write_u64(&w, "before", b->tokens_before);
	json_write_u64(&w, "after", b->tokens_after);
	if (b->original.n)
		json_write_str(&w, "ccr_hash", b->original);
	else
		json_write_null(&w, "ccr_hash");
	json_write_end(&w);
}

void report_block(void *self, uint64_t line, const struct compress_block *b)
{
	struct compress_report *r = self;

	if (b->kind != WIRE_TOOL_RESULT)
		return;
	if (b->encoders.n)
		add_transform(r, b);
	if (r->is_explained)
		explain(line, r->target_ratio, b);
	if (r->has_blocks)
		collect(r, line, b);
}

double report_savings_percent(const struct document_totals *t)
{
	return t->tokens_before ? 100.0 * ((double)t->tokens_before - (double)t->tokens_after) /
					  (double)t->tokens_before
				: 0;
}

static void write_sums(struct json_writer *w, const struct document_totals *t)
{
	struct model m = model_find(t->model);
	int64_t saved = (int64_t)t->tokens_before - (int64_t)t->tokens_after;

	json_write_str(w, "model", t->model);
	json_write_c(w, "tokenizer", m.encoding == TOKEN_CL100K ? "cl100k_base" : "o200k_base");
	json_write_bool(w, "tokens_exact", m.is_exact);
	json_write_u64(w, "results", t->results_n);
	json_write_u64(w, "changed", t->changed_n);
	json_write_u64(w, "tokens_before", t->tokens_before);
	json_write_u64(w, "tokens_after", t->tokens_after);
	json_write_i64(w, "tokens_saved", saved);
	json_write_fixed(w, "savings_pct", report_savings_percent(t), 2);
	json_write_u64(w, "bytes_before", t->bytes_in);
	json_write_u64(w, "bytes_after", t->bytes_out);
	json_write_fixed(w, "elapsed_ms", (double)t->elapsed_ns / 1e6, 3);
	if (m.has_price)
		json_write_fixed(w, "cost_saved_usd",
			model_tokens(&m, saved > 0 ? (size_t)saved : 0) * m.price.input / 1e6, 6);
	else
		json_write_null(w, "cost_saved_usd");
}

static void write_troubles(struct json_writer *w, const struct document_totals *t)
{
	json_write_object(w, "verified");
	json_write_u64(w, "results", t->verified.results_n);
	json_write_u64(w, "decoded", t->verified.decoded_n);
	json_write_u64(w, "format_only", t->verified.format_n);
	json_write_u64(w, "elided", t->verified.elided_n);
	json_write_u64(w, "stored", t->verified.stored_n);
	json_write_u64(w, "failed", t->unverified_n);
	json_write_end(w);
	json_write_object(w, "malformed");
	json_write_u64(w, "lines", t->malformed_n);
	json_write_u64(w, "first_line", t->malformed_line);
	json_write_c(w, "why", t->malformed_n ? t->malformed_text : NULL);
	json_write_end(w);
}

/* The output as a value: itself when it is JSON, else a string. */
static void write_result(struct json_writer *w, str result)
{
	struct arena a = ARENA_INIT;
	struct json_tape tape;
	bool is_json =
		!arena_recover(&a) && json_scan(&a, result, &tape, NULL) == E_OK && !tape.notes;

	arena_release(&a);
	if (is_json)
		json_write_raw(w, "result", str_trim(result));
	else
		json_write_str(w, "result", result);
}

void report_write(const struct compress_report *r, const struct document_totals *t, str result,
	struct buf *out)
{
	struct json_writer w;
	struct buf list;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.compress/1");
	json_write_c(&w, "input", r->name);
	json_write_c(&w, "format", document_format_name(&t->format));
	write_sums(&w, t);
	json_write_array(&w, "transforms");
	for (size_t i = 0; i < r->transforms_n; i++) {
		json_write_object(&w, NULL);
		json_write_c(&w, "id", r->transforms[i].id);
		json_write_u64(&w, "blocks", r->transforms[i].blocks);
		json_write_u64(&w, "tokens_saved", r->transforms[i].tokens_saved);
		json_write_end(&w);
	}
	json_write_end(&w);
	buf_init(&list, LIMIT_INPUT);
	buf_add_byte(&list, '[');
	buf_add(&list, buf_str(&r->blocks));
	buf_add_byte(&list, ']');
	json_write_raw(&w, "blocks", buf_str(&list));
	buf_release(&list);
	write_troubles(&w, t);
	if (result.p)
		write_result(&w, result);
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

void report_summary(const struct document_totals *t, struct buf *out)
{
	buf_add_c(out, "compress: ");
	out_add_count(out, t->tokens_before);
	buf_add_c(out, " -> ");
	out_add_count(out, t->tokens_after);
	buf_printf(out, " tokens (%.1f%%), ", 0.0 - report_savings_percent(t));
	out_add_count(out, t->changed_n);
	buf_add_c(out, " of ");
	out_add_count(out, t->results_n);
	buf_printf(out, " results, %.0f ms", (double)t->elapsed_ns / 1e6);
}

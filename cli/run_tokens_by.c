#include "cli/args_compress.h"
#include "cli/cli.h"
#include "cli/figures.h"
#include "cli/inputs.h"
#include "core/base/file.h"
#include "core/json/write.h"
#include "core/replay/replay.h"
#include "core/replay/tally.h"

enum { NAME_WIDTH = 28, FIGURE_WIDTH = 13 };

struct by {
	struct cli *cli;
	const struct tokens_args *args;
	struct tally_conf conf;
	enum transcript_kind kind;
	struct tally tally;
	enum err err; /* that ends all */
	struct errctx *cx;
	bool has_failed; /* one that is no recording */
};

/* ---- settings ------------------------------------------------------------------------------------ */

static enum err set_keys(struct by *b, struct errctx *cx)
{
	const struct opt_list *by = &b->args->by;

	for (size_t i = 0; i < by->n; i++) {
		unsigned k = 0;

		while (k < TALLY_KEY_N && !str_eq_c(by->v[i], tally_key_name((enum tally_key)k)))
			k++;
		if (k == TALLY_KEY_N)
			FAIL(cx, E_USAGE,
				"--by: no table by '" STR_FMT
				"'; there are tool, kind, age and size",
				STR_ARG(by->v[i]));
		b->conf.keys |= 1u << k;
	}
	return E_OK;
}

static enum err set_conf(struct by *b, struct errctx *cx)
{
	struct replay_arm arm;

	TRY(set_keys(b, cx));
	if (b->args->format >= FORMAT_TEXT)
		FAIL(cx, E_USAGE, "--format: a text is no recording of requests");
	if (b->args->by_block)
		FAIL(cx, E_USAGE, "--blocks and --by are two tables; give one of them");
	b->kind = format_of(b->args->format).kind;
	TRY(replay_arm_parse(&b->cli->arena, b->args->arm, &arm, cx));
	if (arm.kind == REPLAY_LOGGED)
		FAIL(cx, E_USAGE, "--arm: what is recorded as sent is no way to make it smaller");
	b->conf.compress = arm.compress;
	b->conf.compress.is_off |= arm.kind == REPLAY_NONE;
	b->conf.compress.model = b->args->model;
	return E_OK;
}

/* ---- inputs -------------------------------------------------------------------------------------- */

/* Files of a directory may be anything. A file that is named and is no recording is said, and the others go on. */
static void add_file(void *self, const char *path, bool is_named)
{
	struct by *b = self;
	struct errctx cx = {0};
	struct buf text;
	enum err err;

	if (b->err)
		return;
	buf_init(&text, b->args->max_input);
	err = inputs_read(path, &text, &cx);
	if (!err)
		err = inputs_named(path,
			tally_file(
				&b->conf, buf_str(&text), str_from(path), b->kind, &b->tally, &cx),
			&cx);
	buf_release(&text);
	if (!err)
		return;
	*b->cx = cx;
	if (err != E_MALFORMED) {
		b->err = err;
		return;
	}
	b->has_failed = true;
	if (is_named && b->cli->operand_n > 1) /* else it is the error */
		cli_warn(b->cli, "%s", cx.text);
	else
		cli_info(b->cli, "%s", cx.text);
}

static enum err read_all(struct by *b, struct errctx *cx)
{
	b->cx = cx;
	for (size_t i = 0; i < b->cli->operand_n; i++)
		inputs_walk(b->cli, b->cli->operands[i], add_file, b);
	if (!b->cli->operand_n)
		add_file(b, "-", true);
	TRY(b->err);
	if (!b->tally.files && b->has_failed)
		return E_MALFORMED;
	if (!b->tally.turns)
		FAIL(cx, E_NOT_FOUND,
			"no request is recorded; a log of headroom proxy has them with "
			"--log-messages");
	if (b->tally.skipped)
		cli_warn(b->cli, "%llu turns are no requests that can be read, and are left out",
			(unsigned long long)b->tally.skipped);
	if (b->tally.bad_lines)
		cli_warn(b->cli, "%llu lines are no JSON, and are left out",
			(unsigned long long)b->tally.bad_lines);
	return E_OK;
}

/* ---- the table ----------------------------------------------------------------------------------- */

static double saved(const struct tally_row *row)
{
	return figures_percent((double)row->sent - (double)row->sent_after, (double)row->sent);
}

static void add_text_row(
	const struct by *b, const struct tally_row *row, const char *total, struct buf *out)
{
	bool is_first = true;

	for (unsigned k = 0; k < TALLY_KEY_N; k++) {
		str name = total && is_first ? str_from(total) : row->names[k];

		if (!(b->conf.keys & 1u << k))
			continue;
		buf_printf(out, "%s%-*.*s", is_first ? "" : " ", NAME_WIDTH, (int)name.n, name.p);
		is_first = false;
	}
	out_add_count_right(out, row->blocks, FIGURE_WIDTH);
	out_add_count_right(out, row->tokens, FIGURE_WIDTH);
	out_add_count_right(out, row->sent, FIGURE_WIDTH);
	buf_printf(out, "%8.1f %%", figures_percent((double)row->sent, (double)b->tally.sum.sent));
	out_add_count_right(out, row->sent_after, FIGURE_WIDTH);
	buf_printf(out, "%8.1f %%\n", saved(row));
}

static void add_plural(struct buf *out, uint64_t n, const char *what)
{
	const char *word = what + strspn(what, " ");

	buf_printf(out, "%.*s%llu %s%s", (int)(word - what), what, (unsigned long long)n, word,
		n == 1 ? "" : "s");
}

static void add_text(const struct by *b, struct buf *out)
{
	static const char *const columns[] = {"blocks", "tokens", "sent"};
	const struct tally *t = &b->tally;
	bool is_first = true;

	add_plural(out, t->files, "file");
	add_plural(out, t->sessions, "  session");
	add_plural(out, t->turns, "  request");
	buf_add_c(out, "\n\n");
	for (unsigned k = 0; k < TALLY_KEY_N; k++) {
		if (!(b->conf.keys & 1u << k))
			continue;
		buf_printf(out, "%s%-*s", is_first ? "" : " ", NAME_WIDTH,
			tally_key_name((enum tally_key)k));
		is_first = false;
	}
	for (size_t i = 0; i < ARRAY_N(columns); i++)
		buf_printf(out, "%*s", FIGURE_WIDTH, columns[i]);
	buf_printf(out, "%10s%*s%10s\n", "share", FIGURE_WIDTH, "after", "saved");
	for (size_t i = 0; i < t->rows.n; i++)
		add_text_row(b, t->rows.v[i], NULL, out);
	add_text_row(b, &t->sum, "all", out);
}

static void add_figures(
	struct json_writer *w, const struct by *b, const struct tally_row *row, const char *key)
{
	json_write_object(w, key);
	for (unsigned k = 0; k < TALLY_KEY_N && !key; k++)
		if (b->conf.keys & 1u << k)
			json_write_str(w, tally_key_name((enum tally_key)k), row->names[k]);
	json_write_u64(w, "blocks", row->blocks);
	json_write_u64(w, "tokens", row->tokens);
	json_write_u64(w, "sent", row->sent);
	json_write_fixed(
		w, "share", figures_percent((double)row->sent, (double)b->tally.sum.sent), 2);
	json_write_u64(w, "sent_after", row->sent_after);
	json_write_fixed(w, "saved_percent", saved(row), 2);
	json_write_end(w);
}

static void add_json(const struct by *b, struct buf *out)
{
	const struct tally *t = &b->tally;
	struct json_writer w;

	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.tokens-by/1");
	json_write_str(&w, "arm", b->args->arm);
	json_write_u64(&w, "files", t->files);
	json_write_u64(&w, "sessions", t->sessions);
	json_write_u64(&w, "requests", t->turns);
	json_write_u64(&w, "skipped", t->skipped);
	json_write_array(&w, "rows");
	for (size_t i = 0; i < t->rows.n; i++)
		add_figures(&w, b, t->rows.v[i], NULL);
	json_write_end(&w);
	add_figures(&w, b, &t->sum, "all");
	json_write_end(&w);
	buf_add_byte(out, '\n');
}

static void add_csv(const struct by *b, struct buf *out)
{
	for (unsigned k = 0; k < TALLY_KEY_N; k++)
		if (b->conf.keys & 1u << k)
			buf_printf(out, "%s,", tally_key_name((enum tally_key)k));
	buf_add_c(out, "blocks,tokens,sent,sent_after\n");
	for (size_t i = 0; i < b->tally.rows.n; i++) {
		const struct tally_row *row = b->tally.rows.v[i];

		for (unsigned k = 0; k < TALLY_KEY_N; k++) {
			if (!(b->conf.keys & 1u << k))
				continue;
			out_add_csv(out, row->names[k]);
			buf_add_byte(out, ',');
		}
		buf_printf(out, "%llu,%llu,%llu,%llu\n", (unsigned long long)row->blocks,
			(unsigned long long)row->tokens, (unsigned long long)row->sent,
			(unsigned long long)row->sent_after);
	}
}

static enum err write_to(const char *path, void (*write)(const struct by *b, struct buf *out),
	const struct by *b, struct errctx *cx)
{
	struct buf out;
	enum err err;

	buf_init(&out, LIMIT_INPUT);
	write(b, &out);
	err = out.err;
	if (!err)
		err = strcmp(path, "-") == 0 ? out_print(buf_str(&out), cx)
					     : file_write_atomic(path, buf_str(&out), 0644, cx);
	buf_release(&out);
	return err;
}

static enum err work(struct by *b, struct errctx *cx)
{
	TRY(set_conf(b, cx));
	TRY(read_all(b, cx));
	tally_sort(&b->tally, b->conf.keys);
	if (b->args->csv)
		TRY(write_to(b->args->csv, add_csv, b, cx));
	if (b->args->csv && strcmp(b->args->csv, "-") == 0)
		return E_OK;
	return write_to("-", b->args->is_json ? add_json : add_text, b, cx);
}

enum err run_tokens_by(struct cli *cli, const struct tokens_args *a, struct errctx *cx)
{
	struct by b = {.cli = cli, .args = a};
	enum err err;

	tally_init(&b.tally);
	err = work(&b, cx);
	tally_release(&b.tally);
	return err;
}

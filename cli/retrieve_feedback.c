/* retrieve --feedback: what retrievals have taught (core/store/feedback.h), shown or forgotten. */
#include "cli/args_compress.h"
#include "cli/cli.h"
#include "core/json/write.h"
#include "core/store/feedback.h"

static str or_dash(str name)
{
	return name.n ? name : STR("-");
}

static void add_line(void *self, const struct feedback_row *row)
{
	struct buf *out = self;

	buf_printf(out, "%-7s %8llu %8llu  " STR_FMT "  " STR_FMT "  " STR_FMT "\n",
		feedback_level_name(row->level), (unsigned long long)row->elided,
		(unsigned long long)row->retrieved, STR_ARG(row->key.encoder),
		STR_ARG(or_dash(row->key.tool)), STR_ARG(row->key.shape));
}

static void add_object(void *self, const struct feedback_row *row)
{
	struct json_writer *w = self;

	feedback_write_begin(w, row);
	json_write_end(w);
}

static enum err show(const struct retrieve_args *a, struct store *s, str tool, struct buf *out,
	struct errctx *cx)
{
	struct json_writer w;
	size_t head;

	if (!a->is_json) {
		buf_add_c(out, "level     elided    asked  encoder  tool  shape\n");
		head = out->n;
		TRY(feedback_each(s, tool, add_line, out, cx));
		if (out->n == head) {
			buf_reset(out);
			buf_add_c(out, "nothing was left out yet\n");
		}
		return out->err;
	}
	json_write_init(&w, out, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.feedback/1");
	json_write_array(&w, "feedback");
	TRY(feedback_each(s, tool, add_object, &w, cx));
	json_write_end(&w);
	json_write_end(&w);
	buf_add_byte(out, '\n');
	return out->err;
}

static enum err forget(struct store *s, str tool, struct errctx *cx)
{
	TRY(feedback_reset(s, tool, cx));
	return store_flush(s, cx);
}

enum err run_retrieve_feedback(struct cli *cli, const struct retrieve_args *a, struct errctx *cx)
{
	str tool = cli->operand_n ? str_from(cli->operands[0]) : STR("");
	struct store_conf conf = {.is_read_only = !a->resets_feedback};
	struct store *s = NULL;
	struct buf out;
	enum err err;

	if (a->lines.p || a->rows.p || a->query.p || a->offset || a->limit || a->output)
		FAIL(cx, E_USAGE, "--feedback goes with --reset, --json and --store alone");
	TRY(retrieve_store_file(cli, a, &conf.path, cx));
	TRY(store_open(&conf, &s, cx));
	buf_init(&out, LIMIT_INPUT);
	err = a->resets_feedback ? forget(s, tool, cx) : show(a, s, tool, &out, cx);
	store_close(s);
	if (!err && !a->resets_feedback)
		err = out_print(buf_str(&out), cx);
	buf_release(&out);
	return err;
}

#include "cli/args_wrap.h"
#include "cli/wrap_conf.h"
#include "core/json/write.h"
#include "wrap/unwrap.h"

enum { TEXT_MAX = 8 << 20 };

struct printing {
	struct buf *b;
	struct json_writer *w; /* NULL: as text */
	size_t n;
};

static void print_one(void *self, str agent, str file, enum unwrap_result result, str text)
{
	struct printing *p = self;

	p->n++;
	if (!p->w) {
		buf_printf(p->b, "%-9s " STR_FMT, unwrap_result_name(result), STR_ARG(file));
		if (text.n)
			buf_printf(p->b, ": " STR_FMT, STR_ARG(text));
		buf_add_byte(p->b, '\n');
		return;
	}
	json_write_object(p->w, NULL);
	json_write_str(p->w, "agent", agent);
	json_write_str(p->w, "file", file);
	json_write_c(p->w, "result", unwrap_result_name(result));
	json_write_str(p->w, "text", text);
	json_write_end(p->w);
}

enum err run_unwrap(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct unwrap_args *a = args;
	struct wrap_conf conf = {.port = 0};
	struct json_writer w;
	struct buf b;
	struct printing printing = {&b, a->is_json ? &w : NULL, 0};
	struct unwrap u = {
		.conf = &conf, .is_dry = a->is_dry_run, .tell = print_one, .self = &printing};
	enum err e;

	if (a->is_all == (cli->operand_n > 0))
		FAIL(cx, E_USAGE, "expected either an agent or --all");
	if (cli->operand_n && !agent_find(str_from(cli->operands[0])))
		return agent_unknown(str_from(cli->operands[0]), cx);
	if (cli->operand_n)
		u.agent = str_from(cli->operands[0]);
	TRY(wrap_conf_fill(cli, &conf, cx));
	buf_init_arena(&b, &cli->arena, TEXT_MAX);
	if (a->is_json) {
		json_write_init(&w, &b, true);
		json_write_object(&w, NULL);
		json_write_c(&w, "schema", "headroom.unwrap/1");
		json_write_bool(&w, "dry_run", a->is_dry_run);
		json_write_array(&w, "files");
	}
	e = unwrap_run(&u, cx);
	if (a->is_json) {
		json_write_end(&w);
		json_write_end(&w);
		buf_add_byte(&b, '\n');
	} else if (!printing.n && !e) {
		buf_add_c(&b, "nothing to undo\n");
	}
	if (b.n)
		TRY(out_print(buf_str(&b), cx));
	return e;
}

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/args_compress.h"
#include "cli/cli.h"
#include "core/base/vec.h"
#include "core/json/write.h"

/* A row of the result: blocks of one kind, or one block. */
struct row {
	str name; /* "system", "user", "assistant", "call Read", "result Read"; or the path of a block */
	uint64_t line, blocks, tokens;
};

struct counter {
	struct cli *cli;
	const struct tokens_args *args;
	VEC(struct row) kinds, blocks;
	struct document_totals totals;
	uint64_t tokens, opaque_n;
};

static str kind_name(struct arena *a, const struct compress_block *b)
{
	static const char *const roles[] = {[WIRE_SYSTEM] = "system",
		[WIRE_USER] = "user",
		[WIRE_ASSISTANT] = "assistant",
		[WIRE_TOOL] = "tool"};
	const char *what = b->kind == WIRE_TOOL_CALL ? "call" : "result";

	if (str_eq_c(b->path, "tools"))
		return STR("tool schemas");
	if (b->kind == WIRE_TEXT)
		return str_from(roles[b->role]);
	if (b->kind == WIRE_OPAQUE)
		return STR("opaque (not counted)");
	return b->tool.n ? arena_printf(a, "%s " STR_FMT, what, STR_ARG(b->tool)) : str_from(what);
}

static void add_kind(struct counter *c, const struct compress_block *b)
{
	str name = kind_name(&c->cli->arena, b);
	struct row *row = NULL;

	for (size_t i = 0; i < c->kinds.n && !row; i++)
		if (str_eq(c->kinds.v[i].name, name))
			row = &c->kinds.v[i];
	if (!row) {
		row = vec_push(&c->kinds, &c->cli->arena);
		*row = (struct row){.name = arena_str(&c->cli->arena, name)};
	}
	row->blocks++;
	row->tokens += b->tokens_before;
}

static void count_block(void *self, uint64_t line, const struct compress_block *b)
{
	struct counter *c = self;

	c->tokens += b->tokens_before;
	c->opaque_n += b->kind == WIRE_OPAQUE;
	add_kind(c, b);
	if (c->args->by_block)
		*vec_push(&c->blocks, &c->cli->arena) = (struct row){
			arena_printf(&c->cli->arena, STR_FMT " " STR_FMT, STR_ARG(b->path),
				STR_ARG(kind_name(&c->cli->arena, b))),
			line, 1, b->tokens_before};
}

static int by_tokens(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->tokens != y->tokens)
		return x->tokens < y->tokens ? 1 : -1;
	return str_cmp(x->name, y->name);
}

static enum err drop(void *self, str bytes, struct errctx *cx)
{
	(void)self, (void)bytes, (void)cx;
	return E_OK;
}

static enum err feed(struct document *d, int fd, const char *path, struct errctx *cx)
{
	enum { CHUNK = 64 << 10 };
	char chunk[CHUNK];
	ssize_t n;

	while ((n = read(fd, chunk, CHUNK)) > 0)
		TRY(document_feed(d, (str){chunk, (size_t)n}, cx));
	if (n < 0)
		FAIL(cx, E_IO, "cannot read %s: %m", path);
	return document_finish(d, cx);
}

static enum err count_fd(
	struct counter *c, struct engine *e, int fd, const char *path, struct errctx *cx)
{
	struct compress_conf off = {.is_off = true, .counts_all = true, .model = c->args->model};
	struct document_conf conf = {.engine = e,
		.compress = &off,
		.format = format_of(c->args->format),
		.file_name = path,
		.bytes_max = c->args->max_input,
		.sink = {c, drop, count_block, c}};
	struct document *d;
	enum err err = document_new(&conf, &d, cx);

	if (!err)
		err = feed(d, fd, path, cx);
	if (!err) {
		c->totals = *document_totals(d);
		c->totals.model = arena_str(&c->cli->arena, c->totals.model);
		qsort(c->kinds.v, c->kinds.n, sizeof *c->kinds.v, by_tokens);
	}
	document_free(d);
	return err;
}

static enum err count_path(struct counter *c, struct engine *e, const char *path, struct errctx *cx)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	enum err err;

	if (fd < 0)
		FAIL(cx, E_NOT_FOUND, "cannot open %s: %m", path);
	err = count_fd(c, e, fd, path, cx);
	if (!is_stdin)
		(void)close(fd);
	return err;
}

static struct model model_of(const struct counter *c)
{
	return model_find(c->args->model.n ? c->args->model : c->totals.model);
}

static double dollars(const struct model *m, uint64_t tokens)
{
	return model_tokens(m, tokens) * m->price.input / 1e6;
}

static void add_text_row(struct buf *b, const struct model *m, const struct row *row, bool has_line)
{
	struct buf number;

	buf_init(&number, LIMIT_ERR_TEXT);
	out_add_count(&number, row->tokens);
	buf_printf(b, "%12.*s", (int)number.n, number.p);
	buf_release(&number);
	if (m->has_price)
		buf_printf(b, "  %9.4f USD", dollars(m, row->tokens));
	if (has_line)
		buf_printf(b, "  %llu:", (unsigned long long)row->line);
	buf_printf(b, "  " STR_FMT, STR_ARG(row->name));
	if (!has_line && row->blocks > 1)
		buf_printf(b, " (%llu)", (unsigned long long)row->blocks);
	buf_add_byte(b, '\n');
}

static void add_text(struct buf *b, const struct counter *c, const char *path)
{
	struct model m = model_of(c);
	struct row total = {.name = str_from(path), .tokens = c->tokens};

	for (size_t i = 0; i < c->blocks.n; i++)
		add_text_row(b, &m, &c->blocks.v[i], true);
	for (size_t i = 0; c->kinds.n > 1 && !c->blocks.n && i < c->kinds.n; i++)
		add_text_row(b, &m, &c->kinds.v[i], false);
	add_text_row(b, &m, &total, false);
	if (m.is_exact || !m.name.n)
		return;
	buf_printf(b, "%12.0f  of " STR_FMT "'s own tokens, give or take %.0f %%: an estimate\n",
		model_tokens(&m, c->tokens), STR_ARG(m.name), m.scale_error * 100);
}

static void add_rows(
	struct json_writer *w, const char *key, const struct row *v, size_t n, bool has_line)
{
	json_write_array(w, key);
	for (size_t i = 0; i < n; i++) {
		json_write_object(w, NULL);
		json_write_str(w, "name", v[i].name);
		json_write_u64(w, has_line ? "line" : "blocks", has_line ? v[i].line : v[i].blocks);
		json_write_u64(w, "tokens", v[i].tokens);
		json_write_end(w);
	}
	json_write_end(w);
}

static void add_json(struct buf *b, const struct counter *c, const char *path)
{
	struct model m = model_of(c);
	struct json_writer w;

	json_write_init(&w, b, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.tokens/1");
	json_write_c(&w, "input", path);
	json_write_c(&w, "format", document_format_name(&c->totals.format));
	json_write_str(&w, "model", m.name);
	json_write_c(&w, "tokenizer", m.encoding == TOKEN_CL100K ? "cl100k_base" : "o200k_base");
	json_write_bool(&w, "exact", m.is_exact);
	json_write_u64(&w, "tokens", c->tokens);
	json_write_fixed(&w, "estimate", model_tokens(&m, c->tokens), 0);
	json_write_fixed(&w, "estimate_error", m.is_exact ? 0 : m.scale_error, 2);
	if (m.has_price)
		json_write_fixed(&w, "usd_input", dollars(&m, c->tokens), 6);
	else
		json_write_null(&w, "usd_input");
	json_write_u64(&w, "context_window", m.context_window);
	json_write_u64(&w, "not_counted", c->opaque_n);
	add_rows(&w, "kinds", c->kinds.v, c->kinds.n, false);
	if (c->args->by_block)
		add_rows(&w, "blocks", c->blocks.v, c->blocks.n, true);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

static enum err count_all(
	struct cli *cli, const struct tokens_args *a, struct engine *e, struct errctx *cx)
{
	const char *stdin_only[] = {"-"};
	const char *const *paths = cli->operand_n ? cli->operands : stdin_only;
	size_t n = cli->operand_n ? cli->operand_n : 1;

	for (size_t i = 0; i < n; i++) {
		struct counter c = {.cli = cli, .args = a};
		struct buf out;

		TRY(count_path(&c, e, paths[i], cx));
		if (c.totals.malformed_n)
			cli_warn(cli, "%s: %llu lines are not counted; the first is line %llu: %s",
				paths[i], (unsigned long long)c.totals.malformed_n,
				(unsigned long long)c.totals.malformed_line,
				c.totals.malformed_text);
		buf_init_arena(&out, &cli->arena, LIMIT_INPUT);
		if (a->is_json)
			add_json(&out, &c, paths[i]);
		else
			add_text(&out, &c, paths[i]);
		TRY(out_print(buf_str(&out), cx));
	}
	return E_OK;
}

enum err run_tokens(struct cli *cli, const void *args, struct errctx *cx)
{
	const struct tokens_args *a = args;
	struct engine_conf conf = {0};
	struct engine *e;
	enum err err;

	if (a->csv && !a->by.n)
		FAIL(cx, E_USAGE, "--csv is a table of --by");
	if (a->by.n)
		return run_tokens_by(cli, a, cx);
	if (!cli->operand_n && out_is_tty(STDIN_FILENO))
		FAIL(cx, E_USAGE, "no input: name a FILE, or pipe something in");
	TRY(engine_new(&conf, &e, cx));
	err = count_all(cli, a, e, cx);
	engine_free(e);
	return err;
}

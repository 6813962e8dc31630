#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/args_compress.h"
#include "cli/cli.h"
#include "cli/compress_file.h"
#include "cli/kompress.h"
#include "core/base/pool.h"

/* What all inputs of one run share. */
struct run {
	struct cli *cli;
	const struct compress_args *args;
	struct compress_conf conf;
	struct store *store;
	struct engine *engine;
	struct kompress *kompress;
	struct compress_file *files;
	size_t files_n;
	struct out_progress progress;
};

static enum err check_args(const struct cli *cli, const struct compress_args *a, struct errctx *cx)
{
	bool reads_stdin = cli->operand_n == 0;

	for (size_t i = 0; i < cli->operand_n; i++)
		reads_stdin |= strcmp(cli->operands[i], "-") == 0;
	if (cli->operand_n == 0 && out_is_tty(STDIN_FILENO))
		FAIL(cx, E_USAGE, "no input: name a FILE, or pipe something in");
	if (a->in_place && (reads_stdin || a->output || a->is_json))
		FAIL(cx, E_USAGE, "--in-place needs a FILE, and neither --output nor --json");
	if (a->output && cli->operand_n > 1)
		FAIL(cx, E_USAGE, "--output is for one input; use --in-place for several");
	if (a->report && strcmp(a->report, "-") == 0 && !a->in_place &&
		(!a->output || strcmp(a->output, "-") == 0))
		FAIL(cx, E_USAGE, "--report - would mix with the result; add --output FILE");
	if (a->is_json && a->report)
		FAIL(cx, E_USAGE, "--json and --report are the same report; give one of them");
	if (a->jobs > 1 && !a->in_place)
		FAIL(cx, E_USAGE,
			"--jobs is for --in-place: only files can be written side by side");
	return E_OK;
}

static enum err set_conf(struct run *r, struct errctx *cx)
{
	const struct compress_args *a = r->args;

	r->conf = (struct compress_conf){.mode = (enum compress_mode)a->mode,
		.is_lossless = a->is_lossless,
		.keeps_originals = a->keeps_originals != 0,
		.elides = a->keeps_originals != 0,
		.learns = a->keeps_originals != 0,
		.protect_recent = (uint32_t)a->protect_recent,
		.protect_tools = a->protect_tools.v,
		.protect_tools_n = a->protect_tools.n,
		.trims_tools = a->trims_tools,
		.target_ratio = a->target_ratio,
		.model = a->model};
	return protections_fill(&a->protections, "--tool-profile", &r->conf, cx);
}

static enum err open_store(struct run *r, struct errctx *cx)
{
	struct places places;
	struct store_conf conf = {.path = r->args->store};

	if (!r->args->keeps_originals)
		return E_OK;
	if (!conf.path) {
		TRY(cli_places(r->cli, &places, cx));
		conf.path = places.store_file;
	}
	return store_open(&conf, &r->store, cx);
}

static enum compress_target target_of(const struct compress_args *a)
{
	if (a->in_place)
		return TARGET_IN_PLACE;
	if (a->is_json)
		return TARGET_MEMORY;
	return a->output && strcmp(a->output, "-") != 0 ? TARGET_FILE : TARGET_STDOUT;
}

static void list_files(struct run *r)
{
	struct cli *cli = r->cli;

	r->files_n = cli->operand_n ? cli->operand_n : 1;
	r->files = arena_array(&cli->arena, struct compress_file, r->files_n);
	for (size_t i = 0; i < r->files_n; i++)
		r->files[i] =
			(struct compress_file){.path = cli->operand_n ? cli->operands[i] : "-",
				.target = target_of(r->args),
				.output = r->args->output,
				.args = r->args,
				.document = {.engine = r->engine,
					.store = r->store,
					.compress = &r->conf,
					.bytes_max = r->args->max_input},
				.progress = r->progress.is_shown ? &r->progress : NULL};
}

static void run_job(void *arg, bool is_cancelled)
{
	if (!is_cancelled)
		compress_file_run(arg);
}

/* All inputs, one after the other or side by side. */
static enum err run_files(struct run *r, struct errctx *cx)
{
	struct pool *pool;

	if (r->args->jobs == 1 || r->files_n == 1) {
		for (size_t i = 0; i < r->files_n && !compress_file_signal(); i++)
			compress_file_run(&r->files[i]);
		return E_OK;
	}
	TRY(pool_new((unsigned)r->args->jobs, r->files_n, &pool, cx));
	for (size_t i = 0; i < r->files_n; i++) {
		r->files[i].progress = NULL;
		if (pool_submit(pool, run_job, &r->files[i]) != E_OK)
			compress_file_run(&r->files[i]);
	}
	pool_wait(pool);
	pool_free(pool);
	return E_OK;
}

static void tell(struct run *r, const struct compress_file *f)
{
	const struct document_totals *t = &f->totals;
	bool is_shown =
		!r->cli->globals.is_quiet && (r->cli->globals.verbose || out_is_tty(STDERR_FILENO));
	struct buf b;

	if (t->malformed_n)
		cli_warn(r->cli,
			"%s: %llu of %llu lines passed on as they are; the first is line %llu: %s",
			f->path, (unsigned long long)t->malformed_n, (unsigned long long)t->lines,
			(unsigned long long)t->malformed_line, t->malformed_text);
	if (!is_shown || f->err)
		return;
	buf_init_arena(&b, &r->cli->arena, LIMIT_ERR_TEXT);
	report_summary(t, &b);
	buf_add_byte(&b, '\n');
	fputs(arena_cstr(&r->cli->arena, buf_str(&b)), stderr);
}

/* The report of every input, a line each. */
static enum err write_reports(struct run *r, struct errctx *cx)
{
	const struct compress_args *a = r->args;
	struct buf out;
	enum err err;

	if (!a->report && !a->is_json)
		return E_OK;
	buf_init(&out, LIMIT_INPUT);
	for (size_t i = 0; i < r->files_n; i++)
		report_write(&r->files[i].report, &r->files[i].totals,
			a->is_json ? buf_str(&r->files[i].memory) : STR_NULL, &out);
	if (out.err)
		err = err_set(cx, out.err, "the report is larger than the limit");
	else if (a->is_json && a->output && strcmp(a->output, "-") != 0)
		err = file_write_atomic(a->output, buf_str(&out), 0644, cx);
	else if (a->is_json || strcmp(a->report, "-") == 0)
		err = out_print(buf_str(&out), cx);
	else
		err = file_write_atomic(a->report, buf_str(&out), 0644, cx);
	buf_release(&out);
	return err;
}

/* The first error of an input, else whether enough was saved. */
static enum err judge(const struct run *r, struct errctx *cx)
{
	for (size_t i = 0; i < r->files_n; i++) {
		if (r->files[i].err) {
			*cx = r->files[i].cx;
			return r->files[i].err;
		}
	}
	for (size_t i = 0; i < r->files_n; i++) {
		double saved = report_savings_percent(&r->files[i].totals);

		if (saved < r->args->min_savings)
			FAIL(cx, E_THRESHOLD, "%s: saved %.1f %%, less than --min-savings %g",
				r->files[i].path, saved, r->args->min_savings);
	}
	return E_OK;
}

static enum err work(struct run *r, struct errctx *cx)
{
	struct engine_conf engine = {0};

	if (r->args->kompress_model)
		TRY(kompress_open_named(r->args->kompress_model, &r->kompress, cx));
	r->conf.kompress = r->kompress;
	TRY(open_store(r, cx));
	engine.store = r->store;
	if (r->args->jobs == 1 ||
		r->cli->operand_n < 2) /* else each processor has a file of its own */
		engine.helpers_n = engine_helpers_n();
	TRY(engine_new(&engine, &r->engine, cx));
	list_files(r);
	TRY(run_files(r, cx));
	if (r->store)
		TRY(store_flush(r->store, cx));
	for (size_t i = 0; i < r->files_n; i++)
		tell(r, &r->files[i]);
	TRY(write_reports(r, cx));
	return judge(r, cx);
}

enum err run_compress(struct cli *cli, const void *args, struct errctx *cx)
{
	struct run r = {.cli = cli, .args = args};
	enum err err;

	TRY(check_args(cli, args, cx));
	TRY(set_conf(&r, cx));
	r.progress.is_shown = !cli->globals.is_quiet && out_is_tty(STDERR_FILENO) &&
			      (!out_is_tty(STDOUT_FILENO) || r.args->in_place || r.args->output);
	compress_file_catch_signals();
	err = work(&r, cx);
	for (size_t i = 0; i < r.files_n; i++)
		compress_file_release(&r.files[i]);
	engine_free(r.engine);
	store_close(r.store);
	kompress_close(r.kompress);
	if (compress_file_signal()) {
		(void)signal(compress_file_signal(), SIG_DFL);
		(void)raise(compress_file_signal());
	}
	return err;
}

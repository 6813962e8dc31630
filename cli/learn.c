#include "cli/learn.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- which recordings ------------------------------------------------------------------------------------- */

static int cmp_newest(const void *a, const void *b)
{
	const struct learn_file *x = a, *y = b;

	if (x->changed_ms != y->changed_ms)
		return x->changed_ms > y->changed_ms ? -1 : 1;
	return strcmp(x->path, y->path);
}

enum err learn_project(struct cli *cli, const struct learn_args *args, str *out, struct errctx *cx)
{
	char real[4096]; /* PATH_MAX */

	if (!realpath(args->project ? args->project : ".", real))
		FAIL(cx, E_NOT_FOUND, "%s: %m",
			args->project ? args->project : "the present directory");
	*out = arena_str(&cli->arena, str_from(real));
	return E_OK;
}

static enum err find_project(struct learn_run *r, struct errctx *cx)
{
	const struct learn_args *a = r->args;

	if (a->is_all && a->project)
		FAIL(cx, E_USAGE, "--all and --project exclude each other");
	if (a->is_all || (a->from.n && !a->project))
		return E_OK;
	return learn_project(r->cli, a, &r->project, cx);
}

struct learn_env learn_cli_env(const struct cli *cli)
{
	return (struct learn_env){.home = cli_env(cli, "HOME"),
		.claude_config_dir = cli_env(cli, "CLAUDE_CONFIG_DIR"),
		.codex_home = cli_env(cli, "CODEX_HOME"),
		.xdg_data_home = cli_env(cli, "XDG_DATA_HOME"),
		.xdg_config_home = cli_env(cli, "XDG_CONFIG_HOME"),
		.log_file = cli_env(cli, "HEADROOM_LOG_FILE")};
}

static enum err find_files(struct learn_run *r, struct errctx *cx)
{
	const struct learn_env env = learn_cli_env(r->cli);
	const struct opt_list *from = &r->args->from;
	struct arena *a = &r->cli->arena;

	for (size_t i = 0; i < from->n; i++)
		TRY(learn_add_path(arena_cstr(a, from->v[i]), a, &r->files, cx));
	for (enum learn_agent g = 0; g < AGENT_N && !from->n; g++)
		if (r->args->agent == LEARN_ALL_AGENTS || r->args->agent == (int)g)
			learn_find(&env, g, a, &r->files);
	return E_OK;
}

enum err learn_find_files(
	struct learn_run *r, struct cli *cli, const struct learn_args *args, struct errctx *cx)
{
	*r = (struct learn_run){.cli = cli, .args = args};
	TRY(find_project(r, cx));
	TRY(find_files(r, cx));
	if (!r->files.v.n)
		FAIL(cx, E_NOT_FOUND, "no recorded sessions were found; --from PATH names some");
	/* So that --sessions takes the newest, and what does not fit any more is the oldest. */
	qsort(r->files.v.v, r->files.v.n, sizeof *r->files.v.v, cmp_newest);
	for (size_t i = 0; i < r->files.v.n; i++)
		r->bytes += r->files.v.v[i].bytes;
	return E_OK;
}

/* ---- reading them -------------------------------------------------------------------------------------------- */

struct reader {
	struct learn_run *run;
	struct out_progress progress;
	uint64_t done; /* bytes of the files before */
};

static void show(void *self, uint64_t bytes)
{
	struct reader *r = self;

	out_progress(&r->progress, "learn", r->done + bytes, r->run->bytes, "bytes");
}

static bool has_path(void *self, const char *path)
{
	struct stat st;

	(void)self;
	return lstat(path, &st) == 0;
}

static enum err read_all(struct learn_run *run, struct learner *l, struct errctx *cx)
{
	struct reader r = {.run = run};
	const struct learn_progress progress = {show, &r};
	enum err e = E_OK;

	r.progress.is_shown = !run->cli->globals.is_quiet && out_is_tty(STDERR_FILENO);
	for (size_t i = 0; i < run->files.v.n && !e; i++) {
		struct errctx why = {0};

		e = learner_read(l, &run->files.v.v[i], &progress, &why);
		r.done += run->files.v.v[i].bytes;
		if (e == E_NOMEM) {
			*cx = why;
		} else if (e) {
			cli_info(run->cli, "%s", why.text);
			run->unread++;
			e = E_OK;
		}
	}
	out_progress_end(&r.progress);
	return e;
}

enum err learn_gather(
	struct learn_run *r, struct cli *cli, const struct learn_args *args, struct errctx *cx)
{
	struct learn_conf conf = {.min_evidence = (uint32_t)args->min_evidence,
		.files_max = (uint32_t)args->sessions_max,
		.with_subagents = !args->is_main_only,
		.has_path = has_path};
	struct learner *l;
	enum err e;

	TRY(learn_find_files(r, cli, args, cx));
	conf.project = r->project;
	TRY(learner_new(&conf, &l, cx));
	e = read_all(r, l, cx);
	if (!e)
		learner_result(l, &cli->arena, &r->result);
	learner_free(l);
	return e;
}

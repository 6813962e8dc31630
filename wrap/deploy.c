#include "wrap/deploy.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "wrap/deploy_internal.h"
#include "wrap/edit/edit.h"

enum {
	TEXT_MAX = 64 << 10,
	FILE_MODE = 0644,
	DIR_MODE = 0700,
	EDIT_WAIT_MS = 5000,
	EDITS_MAX = 12
};

/* ---- names ------------------------------------------------------------------------------------ */

const char *deploy_dir(const struct deploy *d)
{
	return arena_printf(d->arena, "%s/deploy/%s", d->workspace, d->profile).p;
}

const char *deploy_log_file(const struct deploy *d)
{
	return arena_printf(d->arena, "%s/logs/service-%s.log", d->workspace, d->profile).p;
}

const char *deploy_unit(const struct deploy *d)
{
	return arena_printf(d->arena, "headroom-%s", d->profile).p;
}

const char *deploy_file(const struct deploy *d)
{
	if (d->kind == SERVICE_SYSTEMD)
		return arena_printf(
			d->arena, "%s/systemd/user/%s.service", d->user_config, deploy_unit(d))
			.p;
	if (d->kind == SERVICE_LAUNCHD)
		return arena_printf(d->arena, "%s/Library/LaunchAgents/com.headroom.%s.plist",
			d->home, d->profile)
			.p;
	return NULL;
}

enum err deploy_text(const struct deploy *d, struct buf *out, struct errctx *cx)
{
	const char *const fixed[] = {
		"proxy", "--port", arena_printf(d->arena, "%u", d->port).p, "--log-format", "json"};
	VEC(const char *) args = {0};
	struct service s = {.profile = d->profile,
		.exe = d->exe,
		.workspace = d->workspace,
		.config = d->config,
		.env_file = arena_printf(d->arena, "%s/proxy.env", d->config).p,
		.log_file = deploy_log_file(d)};

	for (size_t i = 0; i < ARRAY_N(fixed); i++)
		*vec_push(&args, d->arena) = fixed[i];
	for (size_t i = 0; i < d->args_n; i++)
		*vec_push(&args, d->arena) = d->args[i];
	s.args = args.v;
	s.args_n = args.n;
	return service_text(&s, d->kind, out, cx);
}

/* ---- files ------------------------------------------------------------------------------------ */

struct edits {
	const struct deploy *d;
	struct edit v[EDITS_MAX];
	size_t n;
};

static void add_edit(
	struct edits *e, const char *file, const struct edit_format *format, str id, str text)
{
	str *part = arena_new(e->d->arena, str);

	*part = id;
	e->v[e->n++] = (struct edit){.agent = STR(DEPLOY_AGENT),
		.scope = str_from(deploy_unit(e->d)),
		.file = file,
		.format = format,
		.path = {part, id.n ? 1 : 0},
		.literal = text,
		.mode = FILE_MODE};
}

/* What a custom base URL would cost Claude Code is switched on again: without ENABLE_TOOL_SEARCH it sends the schemas of
 * all tools with each request. */
static str shell_lines(const struct deploy *d, bool is_fish)
{
	static const struct {
		const char *name, *suffix;
	} rows[] = {
		{"ANTHROPIC_BASE_URL", ""}, {"OPENAI_BASE_URL", "/v1"}, {"OPENAI_API_BASE", "/v1"}};
	struct buf b;

	buf_init_arena(&b, d->arena, TEXT_MAX);
	for (size_t i = 0; i < ARRAY_N(rows); i++) {
		buf_printf(&b, is_fish ? "set -gx %s " : "export %s=", rows[i].name);
		service_add_quoted(
			&b, arena_printf(d->arena, "%s%s", d->url, rows[i].suffix), is_fish);
		buf_add_byte(&b, '\n');
	}
	buf_add_c(&b, is_fish ? "set -q ENABLE_TOOL_SEARCH; or set -gx ENABLE_TOOL_SEARCH true\n"
			      : "export ENABLE_TOOL_SEARCH=\"${ENABLE_TOOL_SEARCH:-true}\"\n");
	return buf_str(&b);
}

static str source_line(const struct deploy *d, const char *file, bool is_fish)
{
	struct buf b;

	buf_init_arena(&b, d->arena, TEXT_MAX);
	buf_add_c(&b, is_fish ? "test -r " : "[ ! -r ");
	service_add_quoted(&b, str_from(file), is_fish);
	buf_add_c(&b, is_fish ? "; and source " : " ] || . ");
	service_add_quoted(&b, str_from(file), is_fish);
	buf_add_byte(&b, '\n');
	return buf_str(&b);
}

/* Only files of shells that are there: no new one is made, which could keep another from being read. */
static void add_shell_edits(struct edits *e)
{
	static const struct {
		const char *name;
		bool is_fish;
	} files[] = {{".bashrc", false}, {".bash_profile", false}, {".profile", false},
		{".zshrc", false}, {".config/fish/config.fish", true}};
	const struct deploy *d = e->d;
	const char *envs[] = {arena_printf(d->arena, "%s/env.sh", d->config).p,
		arena_printf(d->arena, "%s/env.fish", d->config).p};

	for (int is_fish = 0; is_fish < 2; is_fish++)
		add_edit(e, envs[is_fish], &edit_format_shell, STR("env"), shell_lines(d, is_fish));
	for (size_t i = 0; i < ARRAY_N(files); i++) {
		const char *path = arena_printf(d->arena, "%s/%s", d->home, files[i].name).p;

		if (access(path, F_OK) == 0)
			add_edit(e, path, &edit_format_shell, STR("env"),
				source_line(d, envs[files[i].is_fish], files[i].is_fish));
	}
}

struct problem {
	struct arena *arena;
	str text; /* of the first edit that was not undone; empty: none */
};

static void see_undone(void *self, const struct edit_outcome *o)
{
	struct problem *p = self;

	if (o->result == EDIT_FAILED && !p->text.n)
		p->text = arena_printf(
			p->arena, STR_FMT ": %s", STR_ARG(o->file), o->text ? o->text : "");
}

static enum err undo_files(const struct deploy *d, struct errctx *cx)
{
	const struct edit_env env = {.workspace = d->workspace, .wait_ms = EDIT_WAIT_MS};
	const struct edit_filter mine = {
		.agent = STR(DEPLOY_AGENT), .scope = str_from(deploy_unit(d))};
	struct problem p = {d->arena, STR("")};
	enum err e = edit_undo(&env, &mine, (struct edit_listener){see_undone, &p}, cx);

	if (e && p.text.n)
		return err_set(cx, e, STR_FMT, STR_ARG(p.text));
	return e;
}

static enum err write_files(const struct deploy *d, struct errctx *cx)
{
	const struct edit_env env = {.workspace = d->workspace, .wait_ms = EDIT_WAIT_MS};
	struct edits e = {.d = d};
	struct buf text;

	buf_init_arena(&text, d->arena, TEXT_MAX);
	if (deploy_file(d)) {
		TRY(deploy_text(d, &text, cx));
		add_edit(&e, deploy_file(d), &edit_format_text, STR(""), buf_str(&text));
	}
	if (d->has_shell)
		add_shell_edits(&e);
	if (!e.n)
		return E_OK;
	return edit_apply(&env, (struct edit_owner){.pid = 0}, e.v, e.n,
		(struct edit_listener){NULL, NULL}, cx);
}

/* ---- the whole -------------------------------------------------------------------------------- */

enum err deploy_apply(struct deploy *d, struct errctx *cx)
{
	struct deploy old = *d;
	enum err e = deploy_load(&old, cx);
	struct buf text;

	if (e && e != E_NOT_FOUND)
		return e;
	/* First what can fail without a change. */
	buf_init_arena(&text, d->arena, TEXT_MAX);
	TRY(deploy_text(d, &text, cx));
	if (!e && old.kind != d->kind)
		TRY(supervisor_do(&old, STEP_REMOVE, cx));
	if (!e)
		TRY(undo_files(&old, cx));
	TRY(file_mkdirs(d->workspace, DIR_MODE, cx));
	TRY(file_mkdirs(arena_printf(d->arena, "%s/logs", d->workspace).p, DIR_MODE, cx));
	TRY(deploy_save(d, cx));
	TRY(write_files(d, cx));
	return supervisor_do(d, STEP_APPLY, cx);
}

enum err deploy_remove(struct deploy *d, struct errctx *cx)
{
	const char *manifest = arena_printf(d->arena, "%s/manifest.json", deploy_dir(d)).p;
	char why[FILE_ERRNO_TEXT];

	TRY(deploy_load(d, cx));
	TRY(supervisor_do(d, STEP_REMOVE, cx));
	TRY(undo_files(d, cx));
	TRY(supervisor_do(d, STEP_AFTER_REMOVE, cx));
	if (unlink(manifest) != 0 && errno != ENOENT)
		FAIL(cx, file_err(errno), "%s: %s", manifest, file_err_text(errno, why));
	(void)rmdir(deploy_dir(d)); /* what others put there keeps it */
	return E_OK;
}

enum err deploy_tell(const struct deploy *d, enum deploy_verb verb, struct errctx *cx)
{
	static const enum supervisor_step steps[DEPLOY_VERBS] = {[DEPLOY_START] = STEP_START,
		[DEPLOY_STOP] = STEP_STOP,
		[DEPLOY_RESTART] = STEP_RESTART};

	return supervisor_do(d, steps[verb], cx);
}

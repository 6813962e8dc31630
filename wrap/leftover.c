#include "wrap/leftover.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "wrap/leftover_text.h"

enum base { IN_HOME, IN_CWD, IN_CODEX, IN_CLAUDE, IN_OPENCODE };
enum kind { KIND_CODEX, KIND_JSON, KIND_MARKDOWN, KIND_SHELL };

/* Files that it wrote to. */
static const struct place {
	const char *agent; /* "": of no agent, only with all */
	const char *name;
	const char *backup; /* beside it; NULL: it made none */
	enum base base;
	enum kind kind;
} places[] = {
	{"claude", "settings.json", NULL, IN_CLAUDE, KIND_JSON},
	{"claude", ".claude/settings.local.json", NULL, IN_CWD, KIND_JSON},
	{"claude", ".claude.json", NULL, IN_HOME, KIND_JSON},
	{"claude", ".claude.json", NULL, IN_CLAUDE, KIND_JSON},
	{"claude", "mcp.json", NULL, IN_CLAUDE, KIND_JSON},
	{"codex", "config.toml", "config.toml.headroom-backup", IN_CODEX, KIND_CODEX},
	{"codex", ".codex/config.toml", NULL, IN_CWD, KIND_CODEX},
	{"codex", "AGENTS.md", NULL, IN_CODEX, KIND_MARKDOWN},
	{"codex", "AGENTS.md", NULL, IN_CWD, KIND_MARKDOWN},
	{"opencode", "opencode.json", "opencode.json.headroom-backup", IN_OPENCODE, KIND_JSON},
	{"opencode", "AGENTS.md", NULL, IN_OPENCODE, KIND_MARKDOWN},
	{"opencode", "AGENTS.md", NULL, IN_CWD, KIND_MARKDOWN},
	{"copilot", ".github/copilot-instructions.md", NULL, IN_CWD, KIND_MARKDOWN},
	{"copilot", ".copilot/config.json", NULL, IN_HOME, KIND_JSON},
	{"aider", "CONVENTIONS.md", NULL, IN_CWD, KIND_MARKDOWN},
	{"cursor", ".cursorrules", NULL, IN_CWD, KIND_MARKDOWN},
	{"cline", ".clinerules", NULL, IN_CWD, KIND_MARKDOWN},
	{"goose", ".goosehints", NULL, IN_CWD, KIND_MARKDOWN},
	{"", ".bashrc", NULL, IN_HOME, KIND_SHELL},
	{"", ".zshrc", NULL, IN_HOME, KIND_SHELL},
	{"", ".profile", NULL, IN_HOME, KIND_SHELL},
};

static const char *env_value(const struct leftover_env *e, const char *name)
{
	size_t n = strlen(name);

	for (char *const *v = e->envp; *v; v++)
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=' && (*v)[n + 1])
			return *v + n + 1;
	return NULL;
}

/* NULL: the home directory is not known. */
static const char *base_dir(const struct leftover_env *e, enum base base)
{
	static const struct {
		const char *variable, *below_home;
	} rows[] = {
		[IN_HOME] = {"", ""},
		[IN_CODEX] = {"CODEX_HOME", "/.codex"},
		[IN_CLAUDE] = {"CLAUDE_CONFIG_DIR", "/.claude"},
		[IN_OPENCODE] = {"OPENCODE_HOME", "/.config/opencode"},
	};
	const char *named;

	if (base == IN_CWD)
		return e->cwd;
	named = *rows[base].variable ? env_value(e, rows[base].variable) : NULL;
	if (named && named[0] == '/')
		return named;
	if (!e->home)
		return NULL;
	return arena_cstr(e->arena, arena_printf(e->arena, "%s%s", e->home, rows[base].below_home));
}

/* False: it is not there. */
static bool read_text(const struct leftover_env *e, const char *path, str *out, struct errctx *cx)
{
	return file_read_text(path, LIMIT_CONFIG_FILE, e->arena, out, cx) != E_NOT_FOUND;
}

static enum err clean_text(
	const struct leftover_env *e, enum kind kind, str text, str *out, struct errctx *cx)
{
	switch (kind) {
	case KIND_JSON:
		return leftover_clean_json(e, text, out, cx);
	case KIND_CODEX:
		*out = leftover_clean_codex(e, text);
		return E_OK;
	case KIND_MARKDOWN:
		*out = leftover_drop_section(e->arena, text);
		return E_OK;
	case KIND_SHELL:
		*out = leftover_drop_fence(e->arena, text, "# >>> headroom persistent env >>>",
			"# <<< headroom persistent env <<<");
		return E_OK;
	}
	return E_OK;
}

static enum err remove_file(const char *path, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];

	if (unlink(path))
		FAIL(cx, file_err(errno), "%s: %s", path, file_err_text(errno, text));
	return E_OK;
}

/* A backup is needed no more when the file is what it was before headroom came. */
static enum err look_at_backup(const struct leftover_env *e, const struct place *p, const char *dir,
	str now, struct errctx *cx)
{
	const char *path = arena_cstr(e->arena, arena_printf(e->arena, "%s/%s", dir, p->backup));
	struct errctx why = {0};
	str text = STR("");

	if (!read_text(e, path, &text, &why))
		return E_OK;
	if (why.code || !str_eq(str_trim(text), str_trim(now))) {
		e->tell(e->self, p->agent, path, LEFTOVER_KEPT,
			"the file has changed since; this copy of it, from before headroom, is "
			"left");
		return E_OK;
	}
	if (!e->is_dry)
		TRY(remove_file(path, cx));
	e->tell(e->self, p->agent, path, LEFTOVER_REMOVED, NULL);
	return E_OK;
}

static enum err clean_file(
	const struct leftover_env *e, const struct place *p, const char *dir, struct errctx *cx)
{
	const char *path = arena_cstr(e->arena, arena_printf(e->arena, "%s/%s", dir, p->name));
	str text = STR(""), now;
	bool is_empty;

	cx->code = E_OK;
	if (!read_text(e, path, &text, cx))
		return E_OK;
	if (cx->code == E_IO) /* .clinerules may be a directory */
		return cx->code = E_OK;
	if (cx->code)
		return cx->code;
	if (clean_text(e, p->kind, text, &now, cx))
		return err_prefix(cx, "%s", path);
	if (!str_eq(now, text)) {
		str rest = str_trim(now);

		is_empty = !rest.n || (p->kind == KIND_JSON && str_eq(rest, STR("{}")));
		if (!e->is_dry)
			TRY(is_empty ? remove_file(path, cx)
				     : file_write_atomic(path, now, 0600, cx));
		e->tell(e->self, p->agent, path, is_empty ? LEFTOVER_REMOVED : LEFTOVER_CLEANED,
			NULL);
	}
	if (str_find(now, STR("<!-- headroom:memory-instructions -->")) != STR_NONE)
		e->tell(e->self, p->agent, path, LEFTOVER_KEPT,
			"what follows <!-- headroom:memory-instructions --> has no end: take it "
			"out by hand");
	return p->backup ? look_at_backup(e, p, dir, now, cx) : E_OK;
}

enum err leftover_clean(const struct leftover_env *env, str agent, struct errctx *cx)
{
	enum err first = E_OK;

	for (size_t i = 0; i < ARRAY_N(places); i++) {
		const struct place *p = &places[i];
		const char *dir = base_dir(env, p->base);
		struct errctx why = {0};
		enum err e;

		if (!dir || (agent.n && !str_eq_c(agent, p->agent)))
			continue;
		e = clean_file(env, p, dir, &why);
		if (!e)
			continue;
		env->tell(env->self, p->agent,
			arena_cstr(env->arena, arena_printf(env->arena, "%s/%s", dir, p->name)),
			LEFTOVER_FAILED, arena_cstr(env->arena, str_from(why.text)));
		if (!first)
			first = err_set(cx, e, "%s", why.text);
	}
	return first;
}

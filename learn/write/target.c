#include "learn/write/target.h"

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/suggest.h"

static const struct {
	const char *name, *file, *who;
} TARGETS[TARGET_KIND_N] = {
#define X(target, name, file, who) [TARGET_##target] = {name, file, who},
	TARGET_MAP(X)
#undef X
};

/* Cursor reads a rule always only when its head says so (https://cursor.com/docs/context/rules). */
#define CURSOR_HEAD                                                                     \
	"---\ndescription: What headroom learned from recorded sessions\nalwaysApply: " \
	"true\n---\n\n"

const char *target_name(enum target_kind k)
{
	return k < TARGET_KIND_N ? TARGETS[k].name : "file";
}

const char *target_who(enum target_kind k)
{
	return k < TARGET_KIND_N ? TARGETS[k].who : "";
}

enum target_kind target_of_agent(enum learn_agent g)
{
	static const enum target_kind of[AGENT_N] = {[AGENT_CLAUDE] = TARGET_CLAUDE_LOCAL,
		[AGENT_CODEX] = TARGET_AGENTS,
		[AGENT_GEMINI] = TARGET_GEMINI,
		[AGENT_OPENCODE] = TARGET_OPENCODE,
		[AGENT_CURSOR] = TARGET_CURSOR,
		[AGENT_PI] = TARGET_AGENTS,
		[AGENT_PROXY] = TARGET_CLAUDE_LOCAL};

	return of[g];
}

static str without_slash(str dir)
{
	while (dir.n > 1 && str_ends(dir, STR("/")))
		dir.n--;
	return dir;
}

static enum err claude_dir(
	const struct learn_env *env, struct arena *a, str *out, struct errctx *cx)
{
	if (env->claude_config_dir && env->claude_config_dir[0] == '/') {
		*out = without_slash(str_from(env->claude_config_dir));
		return E_OK;
	}
	if (!env->home || env->home[0] != '/')
		FAIL(cx, E_CONFIG,
			"where Claude Code keeps its memory is not known: HOME is not set");
	*out = arena_printf(a, STR_FMT "/.claude", STR_ARG(without_slash(str_from(env->home))));
	return E_OK;
}

/* Claude Code's name for a project's directory: all but letters and digits become '-'. */
static enum err memory_path(const struct learn_env *env, str project, struct arena *a,
	struct target *out, struct errctx *cx)
{
	char *name = arena_cstr(a, project);
	str dir;

	TRY(claude_dir(env, a, &dir, cx));
	for (char *c = name; *c; c++)
		if (!(*c >= '0' && *c <= '9') && !(*c >= 'A' && *c <= 'Z') &&
			!(*c >= 'a' && *c <= 'z'))
			*c = '-';
	out->path = arena_cstr(
		a, arena_printf(a, STR_FMT "/projects/%s/memory/MEMORY.md", STR_ARG(dir), name));
	return E_OK;
}

enum err target_at(const struct learn_env *env, str project, enum target_kind kind, struct arena *a,
	struct target *out, struct errctx *cx)
{
	bool is_home = env->home && str_eq(without_slash(str_from(env->home)), project);
	str dir = project;
	const char *file = TARGETS[kind].file;

	*out = (struct target){.kind = kind, .preamble = STR("")};
	if (kind == TARGET_MEMORY)
		return memory_path(env, project, a, out, cx);
	if (kind == TARGET_CURSOR)
		out->preamble = STR(CURSOR_HEAD);
	if (is_home && (kind == TARGET_CLAUDE_LOCAL || kind == TARGET_CLAUDE)) {
		out->kind = TARGET_CLAUDE;
		file = TARGETS[TARGET_CLAUDE].file;
		TRY(claude_dir(env, a, &dir, cx));
	}
	out->path =
		arena_cstr(a, arena_printf(a, STR_FMT "/%s", STR_ARG(without_slash(dir)), file));
	return E_OK;
}

static enum err unknown(str word, struct arena *a, struct errctx *cx)
{
	struct suggest s = suggest_for(word);
	struct buf names;

	buf_init_arena(&names, a, LIMIT_ERR_TEXT);
	for (enum target_kind k = 0; k < TARGET_KIND_N; k++) {
		suggest_offer(&s, str_from(TARGETS[k].name));
		buf_printf(&names, "%s%s", k ? ", " : "", TARGETS[k].name);
	}
	if (s.best.n)
		FAIL(cx, E_USAGE, "no target '" STR_FMT "', did you mean '" STR_FMT "'?",
			STR_ARG(word), STR_ARG(s.best));
	FAIL(cx, E_USAGE, "no target '" STR_FMT "'; there are " STR_FMT ", and paths of files",
		STR_ARG(word), STR_ARG(buf_str(&names)));
}

enum err target_parse(const struct learn_env *env, str project, str word, struct arena *a,
	struct target *out, struct errctx *cx)
{
	for (enum target_kind k = 0; k < TARGET_KIND_N; k++)
		if (str_eq_c(word, TARGETS[k].name))
			return target_at(env, project, k, a, out, cx);
	if (str_find_byte(word, '/') == STR_NONE && str_find_byte(word, '.') == STR_NONE)
		return unknown(word, a, cx);
	if (str_ends(word, STR("/")))
		FAIL(cx, E_USAGE, "'" STR_FMT "' is a directory, not a file", STR_ARG(word));
	*out = (struct target){.kind = TARGET_FILE, .preamble = STR("")};
	if (str_ends(word, STR(".mdc")))
		out->preamble = STR(CURSOR_HEAD);
	if (str_take(&word, STR("~/"))) {
		if (!env->home || env->home[0] != '/')
			FAIL(cx, E_CONFIG, "'~' is not known: HOME is not set");
		project = without_slash(str_from(env->home));
	}
	out->path = arena_cstr(
		a, str_starts(word, STR("/"))
			   ? word
			   : arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(project), STR_ARG(word)));
	return E_OK;
}

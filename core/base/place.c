#include "core/base/place.h"

/* The value without white space around it; empty when unset. */
static str value_of(const char *env)
{
	return str_trim(str_from(env));
}

static bool is_set(const char *env)
{
	return value_of(env).n != 0;
}

static const char *join(struct arena *a, str dir, const char *name)
{
	while (dir.n > 1 && dir.p[dir.n - 1] == '/')
		dir.n--;
	if (!*name)
		return arena_cstr(a, dir);
	return arena_printf(a, STR_FMT "%s%s", STR_ARG(dir), str_eq(dir, STR("/")) ? "" : "/", name)
		.p;
}

/* A directory below the home directory. */
static enum err below_home(const struct place_env *env, const char *name, struct arena *a,
	const char **out, struct errctx *cx)
{
	str home = value_of(env->home);

	if (!str_starts(home, STR("/")))
		FAIL(cx, E_CONFIG,
			"HOME is not set to an absolute path: set it, or HEADROOM_WORKSPACE_DIR");
	*out = join(a, home, name);
	return E_OK;
}

static enum err expand(const struct place_env *env, const char *value, struct arena *a,
	const char **out, struct errctx *cx)
{
	str v = value_of(value);

	if (str_eq(v, STR("~")) || str_starts(v, STR("~/")))
		return below_home(env, arena_cstr(a, str_sub(v, v.n > 1 ? 2 : 1, v.n)), a, out, cx);
	*out = join(a, v, "");
	return E_OK;
}

static enum err xdg_dir(const struct place_env *env, const char *xdg, const char *fallback,
	struct arena *a, const char **out, struct errctx *cx)
{
	if (!str_starts(value_of(xdg), STR("/")))
		return below_home(env, fallback, a, out, cx);
	*out = join(a, value_of(xdg), "headroom");
	return E_OK;
}

static enum err find_workspace(
	const struct place_env *env, struct arena *a, const char **out, struct errctx *cx)
{
	if (is_set(env->workspace_dir))
		return expand(env, env->workspace_dir, a, out, cx);
	if (is_set(env->headroom_home))
		return expand(env, env->headroom_home, a, out, cx);
	if (str_eq(value_of(env->xdg), STR("1")))
		return xdg_dir(env, env->xdg_state_home, ".local/state/headroom", a, out, cx);
	return below_home(env, ".headroom", a, out, cx);
}

static enum err find_config(const struct place_env *env, const char *workspace, struct arena *a,
	const char **out, struct errctx *cx)
{
	bool is_named = is_set(env->workspace_dir) || is_set(env->headroom_home);

	if (is_set(env->config_dir))
		return expand(env, env->config_dir, a, out, cx);
	if (!is_named && str_eq(value_of(env->xdg), STR("1")))
		return xdg_dir(env, env->xdg_config_home, ".config/headroom", a, out, cx);
	*out = join(a, str_from(workspace), "config");
	return E_OK;
}

enum err places_find(
	const struct place_env *env, struct arena *a, struct places *out, struct errctx *cx)
{
	TRY(find_workspace(env, a, &out->workspace, cx));
	TRY(find_config(env, out->workspace, a, &out->config, cx));
	out->config_file = join(a, str_from(out->config), "config.toml");
	out->store_file = join(a, str_from(out->workspace), "store.db");
	return E_OK;
}

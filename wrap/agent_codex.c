/* Codex. Its built-in provider is led by the key openai_base_url, which -c sets for one run: history and logins stay, nothing is
 * written, and variables are of no use. When a provider of the user's own is active, only that one's base_url
 * counts. Observed with version 0.169.0. */
#include "wrap/setup.h"

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

struct codex {
	struct setup *p;
	const char *file;
	str config;
};

/* The value of the last `-c KEY=VALUE` of this key, and the argument that it is in. */
static size_t find_override(const struct codex *c, str key, str *value)
{
	const struct setup *p = c->p;
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < p->args.n && strcmp(p->args.v[i], "--") != 0; i++) {
		str arg = str_from(p->args.v[i]);
		size_t at = i;

		if ((str_eq(arg, STR("-c")) || str_eq(arg, STR("--config"))) && i + 1 < p->args.n)
			arg = str_from(p->args.v[at = i + 1]);
		else if (!str_take(&arg, STR("--config=")) && !str_take(&arg, STR("-c")))
			continue;
		arg = str_trim(arg);
		if (!str_take(&arg, key))
			continue;
		arg = str_trim(arg);
		if (!str_take(&arg, STR("=")))
			continue;
		found = at;
		*value = str_trim(arg);
	}
	return found;
}

static str unquoted(str v)
{
	if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'') && v.p[v.n - 1] == v.p[0])
		return str_sub(v, 1, v.n - 1);
	return v;
}

/* A key as Codex sees it: -c, then the file. */
static str setting(struct codex *c, str dotted, const char *const *part)
{
	str value;

	if (find_override(c, dotted, &value) != SIZE_MAX)
		return unquoted(value);
	return setup_lookup(c->p, &edit_format_toml, c->config, part);
}

static str active_provider(struct codex *c)
{
	str value = STR(""), profile = STR("");

	if (find_override(c, STR("model_provider"), &value) != SIZE_MAX)
		return unquoted(value);
	if (setup_find_arg(c->p, PATH("--profile", "-p"), &profile) == SIZE_MAX)
		profile = setting(c, STR("profile"), PATH("profile"));
	if (profile.n) {
		const char *name = arena_cstr(c->p->arena, profile);

		value = setup_lookup(c->p, &edit_format_toml, c->config,
			PATH("profiles", name, "model_provider"));
	}
	if (!value.n)
		value = setup_lookup(c->p, &edit_format_toml, c->config, PATH("model_provider"));
	return value.n ? value : STR("openai");
}

static bool is_bare(str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			    id.p[i]))
			return false;
	return id.n > 0;
}

/* -c KEY="URL" in front of all, or in the place of the user's own, which would go before ours. */
static void add_override(struct codex *c, str key, const char *url)
{
	struct setup *p = c->p;
	str ignored;
	size_t at = find_override(c, key, &ignored);
	const char *text =
		arena_cstr(p->arena, arena_printf(p->arena, STR_FMT "=\"%s\"", STR_ARG(key), url));
	const char *prefix = "";

	if (at == SIZE_MAX) {
		setup_insert_args(p, 0, (const char *[]){"-c", text}, 2);
		return;
	}
	/* a word of its own behind -c, or joined to it */
	if (at == 0 || (strcmp(p->args.v[at - 1], "-c") != 0 &&
			       strcmp(p->args.v[at - 1], "--config") != 0))
		prefix = str_starts(str_from(p->args.v[at]), STR("--config=")) ? "--config=" : "-c";
	p->args.v[at] = arena_cstr(p->arena, arena_printf(p->arena, "%s%s", prefix, text));
}

static bool has_flag(const struct setup *p, const char *name)
{
	for (size_t i = 0; i < p->args.n && strcmp(p->args.v[i], "--") != 0; i++)
		if (strcmp(p->args.v[i], name) == 0)
			return true;
	return false;
}

static void lead(struct codex *c, str provider)
{
	struct setup *p = c->p;
	const char *id = arena_cstr(p->arena, provider), *version;
	str key, old;

	if (str_eq(provider, STR("openai"))) {
		old = setting(c, STR("openai_base_url"), PATH("openai_base_url"));
		version = setup_take_upstream(p, AGENT_TO_OPENAI, old);
		add_override(c, STR("openai_base_url"), setup_url(p, true, version));
		return;
	}
	key = arena_printf(p->arena, "model_providers.%s.base_url", id);
	old = setting(c, key, PATH("model_providers", id, "base_url"));
	if (!old.n || !is_bare(provider)) {
		p->is_direct = true;
		setup_note(p,
			"the provider '%s' has no base URL that can be set here: it is asked "
			"directly",
			id);
		return;
	}
	version = setup_take_upstream(p, AGENT_TO_OPENAI, old);
	add_override(c, key, setup_url(p, true, version));
}

static enum err open_codex(struct codex *c)
{
	struct setup *p = c->p;
	const char *dir = setup_getenv(p, "CODEX_HOME");

	if (dir)
		dir = setup_tilde(p, dir);
	else if (p->in->home)
		dir = setup_path(p, p->in->home, ".codex");
	if (!dir)
		return E_OK;
	c->file = setup_path(p, dir, "config.toml");
	(void)setup_read(p, c->file, &c->config);
	return E_OK;
}

enum err agent_codex_plan(struct setup *p, struct errctx *cx)
{
	struct codex c = {.p = p, .config = STR("")};

	(void)cx;
	TRY(open_codex(&c));
	if (has_flag(p, "--oss")) {
		p->is_direct = true;
		setup_note(p, "--oss asks a model on this machine: it is asked directly");
		return E_OK;
	}
	lead(&c, active_provider(&c));
	return E_OK;
}

enum err agent_codex_persist(struct setup *p, struct errctx *cx)
{
	struct codex c = {.p = p, .config = STR("")};
	const char *url = setup_url(p, false, "/v1");
	str provider, literal = setup_quote(p, str_from(url));

	TRY(open_codex(&c));
	if (!c.file)
		FAIL(cx, E_CONFIG, "--persist: neither CODEX_HOME nor HOME is set");
	provider = active_provider(&c);
	if (str_eq(provider, STR("openai")))
		setup_add_edit(p, c.file, &edit_format_toml, PATH("openai_base_url"), literal);
	else if (!p->is_direct)
		setup_add_edit(p, c.file, &edit_format_toml,
			PATH("model_providers", arena_cstr(p->arena, provider), "base_url"),
			literal);
	return E_OK;
}

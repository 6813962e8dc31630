/* Claude Code. `env` in its settings goes before the environment, and --settings before all other settings
 * of the user; given twice, the last one takes the place of the first. So the base URL is set there, merged with the --settings of the
 * user's, and in the environment for what Claude Code starts. Behind a custom host it sends the schemas of all
 * tools with each request unless ENABLE_TOOL_SEARCH is set. Observed with version 2.1.197. */
#include <stdio.h>

#include "wrap/setup.h"

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Settings, the strongest first: --settings, local, the project's, the user's. */
enum { LAYER_LINE, LAYER_LOCAL, LAYER_PROJECT, LAYER_USER, LAYERS };

struct claude {
	struct setup *p;
	str layers[LAYERS];
	size_t at; /* of the value of the user's --settings; SIZE_MAX */
	bool is_line_private; /* what goes into --settings comes from a file or the environment: others must not see it */
	bool is_line_broken;
};

/* The value that Claude Code would see; empty: none. *layer (may be NULL): where it is, LAYERS for the environment. */
static str effective(const struct claude *c, const char *name, int *layer)
{
	for (int i = 0; i < LAYERS; i++) {
		str v = setup_lookup(c->p, &edit_format_json, c->layers[i], PATH("env", name));

		if (layer)
			*layer = i;
		if (v.n)
			return v;
	}
	if (layer)
		*layer = LAYERS;
	return str_from(setup_getenv(c->p, name));
}

static bool is_on(str v)
{
	return v.n && !str_eq(v, STR("0")) && !str_eq_nocase(v, STR("false")) &&
	       !str_eq_nocase(v, STR("no")) && !str_eq_nocase(v, STR("off"));
}

static const char *config_dir(const struct setup *p)
{
	const char *dir = setup_getenv(p, "CLAUDE_CONFIG_DIR");

	if (dir)
		return setup_tilde(p, dir);
	return p->in->home ? setup_path(p, p->in->home, ".claude") : NULL;
}

/* A --settings of the user's: JSON, or the name of a file. */
static void read_line_settings(struct claude *c)
{
	str value = STR("");
	struct errctx cx = {0};

	c->at = setup_find_arg(c->p, PATH("--settings"), &value);
	if (c->at == SIZE_MAX)
		return;
	value = str_trim(value);
	if (str_starts(value, STR("{"))) {
		c->layers[LAYER_LINE] = value;
		return;
	}
	c->is_line_private = true;
	if (c->p->in->read(c->p->in->self, setup_tilde(c->p, arena_cstr(c->p->arena, value)),
		    &c->layers[LAYER_LINE], &cx)) {
		c->is_line_broken = true;
		setup_note(c->p, "--settings: %s; only the environment is set", cx.text);
	}
}

static void read_layers(struct claude *c)
{
	const struct setup_in *in = c->p->in;
	const char *dir = config_dir(c->p);

	read_line_settings(c);
	(void)setup_read(c->p, setup_path(c->p, in->cwd, ".claude/settings.local.json"),
		&c->layers[LAYER_LOCAL]);
	(void)setup_read(c->p, setup_path(c->p, in->cwd, ".claude/settings.json"),
		&c->layers[LAYER_PROJECT]);
	if (dir)
		(void)setup_read(
			c->p, setup_path(c->p, dir, "settings.json"), &c->layers[LAYER_USER]);
}

/* ---- which provider -------------------------------------------------------------------------------------------- */

struct mode {
	const char *variable, *base;
	enum agent_upstream to;
};

/* A URL is written down for each resource of Foundry; the base that Claude Code would make of its name. */
static enum err foundry_base(const struct claude *c, str *old, struct errctx *cx)
{
	str resource = effective(c, "ANTHROPIC_FOUNDRY_RESOURCE", NULL);

	if (old->n)
		return E_OK;
	if (!resource.n)
		FAIL(cx, E_CONFIG,
			"CLAUDE_CODE_USE_FOUNDRY is set, but neither ANTHROPIC_FOUNDRY_BASE_URL "
			"nor "
			"ANTHROPIC_FOUNDRY_RESOURCE");
	*old = arena_printf(c->p->arena, "https://" STR_FMT ".services.ai.azure.com/anthropic",
		STR_ARG(resource));
	return E_OK;
}

static enum err find_mode(const struct claude *c, struct mode *out, str *old, struct errctx *cx)
{
	static const struct mode plain = {"ANTHROPIC_BASE_URL", NULL, AGENT_TO_ANTHROPIC};
	static const struct mode vertex = {"ANTHROPIC_VERTEX_BASE_URL", NULL, AGENT_TO_VERTEX};
	static const struct mode foundry = {"ANTHROPIC_FOUNDRY_BASE_URL", NULL, AGENT_TO_ANTHROPIC};

	if (is_on(effective(c, "CLAUDE_CODE_USE_BEDROCK", NULL)))
		FAIL(cx, E_UNSUPPORTED,
			"Claude Code is set up for Bedrock, which the proxy does not serve yet");
	*out = plain;
	if (is_on(effective(c, "CLAUDE_CODE_USE_VERTEX", NULL)))
		*out = vertex;
	else if (is_on(effective(c, "CLAUDE_CODE_USE_FOUNDRY", NULL)))
		*out = foundry;
	*old = effective(c, out->variable, NULL);
	return out->variable == foundry.variable ? foundry_base(c, old, cx) : E_OK;
}

/* The base of Vertex ends in /v1; what the proxy is told does not. */
static const char *child_url(struct claude *c, const struct mode *m, str old)
{
	(void)setup_take_upstream(c->p, m->to, old);
	return setup_url(c->p, false, m->to == AGENT_TO_VERTEX ? "/v1" : "");
}

/* ---- what is set ----------------------------------------------------------------------------------------------- */

static bool is_tool_search(const char *mode)
{
	static const char *const words[] = {
		"true", "1", "yes", "on", "false", "0", "no", "off", "auto", NULL};
	str rest = str_from(mode);
	uint64_t n;

	for (size_t i = 0; words[i]; i++)
		if (str_eq_nocase(rest, str_from(words[i])))
			return true;
	return str_take(&rest, STR("auto:")) && str_u64(rest, &n) && n <= 100;
}

/* One value, in the environment and in --settings. */
static void set(struct claude *c, const char *name, str value)
{
	setup_setenv(c->p, name, arena_cstr(c->p->arena, value));
	if (!c->is_line_broken &&
		!setup_json_set(c->p, &c->layers[LAYER_LINE], PATH("env", name), value)) {
		c->is_line_broken = true;
		setup_note(c->p, "--settings cannot be read as JSON; only the environment is set");
	}
}

static void set_headers(struct claude *c)
{
	int layer;
	str old = effective(c, "ANTHROPIC_CUSTOM_HEADERS", &layer);
	str all = setup_headers(c->p, old, "\n");

	if (!all.n || str_eq(all, old))
		return;
	set(c, "ANTHROPIC_CUSTOM_HEADERS", all);
	if (old.n) {
		c->p->env.v[c->p->env.n - 1].is_secret = true;
		c->is_line_private |= layer != LAYER_LINE;
	}
}

static enum err set_tool_search(struct claude *c, struct errctx *cx)
{
	const char *wanted = c->p->in->tool_search;
	str old = effective(c, "ENABLE_TOOL_SEARCH", NULL);

	if (wanted && !is_tool_search(wanted))
		FAIL(cx, E_USAGE,
			"--tool-search: '%s' is none of true, false, auto, auto:0..auto:100",
			wanted);
	if (wanted)
		set(c, "ENABLE_TOOL_SEARCH", str_from(wanted));
	else if (!old.n)
		set(c, "ENABLE_TOOL_SEARCH", STR("true"));
	if (is_on(effective(c, "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS", NULL)))
		setup_note(c->p,
			"CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS is set: tool search stays off");
	return E_OK;
}

/* The window of a million tokens belongs to the name of the model, also when a session is resumed. */
static void set_1m(struct claude *c)
{
	str model = STR("");
	size_t at = setup_find_arg(c->p, PATH("--model"), &model);

	if (at == SIZE_MAX)
		model = effective(c, "ANTHROPIC_MODEL", NULL);
	if (!model.n)
		model = STR("opus");
	if (!str_ends(model, STR("[1m]")))
		model = arena_printf(c->p->arena, STR_FMT "[1m]", STR_ARG(model));
	if (at == SIZE_MAX)
		set(c, "ANTHROPIC_MODEL", model);
	else
		setup_replace_arg(c->p, at, model);
}

/* Arguments can be read by every user of the machine: what came from a file or the environment goes into a file. */
static void add_settings(struct claude *c)
{
	struct setup *p = c->p;
	str text = c->layers[LAYER_LINE];

	if (c->is_line_broken)
		return;
	if (c->is_line_private && p->in->no_files) {
		setup_note(p,
			"only the environment is set: settings with your own values need a file");
		return;
	}
	if (c->is_line_private) {
		const char *path = setup_path(p, p->in->run_dir, "claude-settings.json");

		*vec_push(&p->files, p->arena) = (struct setup_file){path, text};
		text = str_from(path);
	}
	if (c->at != SIZE_MAX)
		setup_replace_arg(p, c->at, text);
	else
		setup_insert_args(
			p, 0, (const char *[]){"--settings", arena_cstr(p->arena, text)}, 2);
}

enum err agent_claude_plan(struct setup *p, struct errctx *cx)
{
	struct claude c = {.p = p};
	struct mode mode;
	const char *url;
	str old;

	read_layers(&c);
	TRY(find_mode(&c, &mode, &old, cx));
	url = child_url(&c, &mode, old);
	if (p->in->is_1m) /* first: it may move arguments' values, and c.at stays */
		set_1m(&c);
	set(&c, mode.variable, str_from(url));
	TRY(set_tool_search(&c, cx));
	set_headers(&c);
	add_settings(&c);
	return E_OK;
}

enum err agent_claude_persist(struct setup *p, struct errctx *cx)
{
	const char *dir = config_dir(p), *file;

	if (p->in->is_user_scope && !dir)
		FAIL(cx, E_CONFIG, "--scope user: HOME is not set");
	file = p->in->is_user_scope ? setup_path(p, dir, "settings.json")
				    : setup_path(p, p->in->cwd, ".claude/settings.local.json");
	for (size_t i = 0; i < p->env.n; i++) {
		const struct setup_var *v = &p->env.v[i];

		if (strcmp(v->name, "ANTHROPIC_CUSTOM_HEADERS") != 0)
			setup_add_edit(p, file, &edit_format_json, PATH("env", v->name),
				setup_quote(p, str_from(v->value)));
	}
	return E_OK;
}

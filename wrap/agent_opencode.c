/* opencode. OPENCODE_CONFIG_CONTENT goes before its global and its project's configuration, key by key; so the base URL of each
 * provider that the user has goes there, and what the variable holds already stays. A provider that is
 * named there is offered by opencode even without a key, so others are not named. Observed with version 1.18.33. */
#include "wrap/setup.h"

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

struct provider {
	const char *id;
	const char *suffix; /* of its base URL */
	enum agent_upstream to;
	const char *keys[3]; /* variables with its key */
};

static const struct provider providers[] = {
	{"anthropic", "/v1", AGENT_TO_ANTHROPIC, {"ANTHROPIC_API_KEY", NULL, NULL}},
	{"openai", "/v1", AGENT_TO_OPENAI, {"OPENAI_API_KEY", NULL, NULL}},
	{"google", "/v1beta", AGENT_TO_GEMINI,
		{"GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", NULL}},
};

enum { CONFIGS_MAX = 32 };

struct opencode {
	struct setup *p;
	str configs[CONFIGS_MAX]; /* the strongest first */
	size_t n;
	str logins; /* auth.json */
};

static void add_config(struct opencode *o, const char *path)
{
	if (o->n < CONFIGS_MAX && setup_read(o->p, path, &o->configs[o->n]))
		o->n++;
}

static void add_configs(struct opencode *o, const char *dir)
{
	add_config(o, setup_path(o->p, dir, "opencode.jsonc"));
	add_config(o, setup_path(o->p, dir, "opencode.json"));
}

static const char *config_dir(const struct setup *p)
{
	const char *xdg = setup_getenv(p, "XDG_CONFIG_HOME");

	if (xdg)
		return setup_path(p, xdg, "opencode");
	return p->in->home ? setup_path(p, p->in->home, ".config/opencode") : NULL;
}

static const char *data_dir(const struct setup *p)
{
	const char *xdg = setup_getenv(p, "XDG_DATA_HOME");

	if (xdg)
		return setup_path(p, xdg, "opencode");
	return p->in->home ? setup_path(p, p->in->home, ".local/share/opencode") : NULL;
}

static void read_all(struct opencode *o)
{
	struct setup *p = o->p;
	const char *content = setup_getenv(p, "OPENCODE_CONFIG_CONTENT");
	const char *named = setup_getenv(p, "OPENCODE_CONFIG");
	const char *dir = p->in->cwd;

	if (content)
		o->configs[o->n++] = str_from(content);
	/* its own search: upwards from here */
	while (o->n < CONFIGS_MAX - 4) {
		size_t slash = str_rfind_byte(str_from(dir), '/');

		add_configs(o, dir);
		if (slash == STR_NONE || slash == 0)
			break;
		dir = arena_cstr(p->arena, (str){dir, slash});
	}
	if (named)
		add_config(o, setup_tilde(p, named));
	if (config_dir(p)) {
		add_configs(o, config_dir(p));
		add_config(o, setup_path(p, config_dir(p), "config.json"));
	}
	if (data_dir(p))
		(void)setup_read(p, setup_path(p, data_dir(p), "auth.json"), &o->logins);
}

static bool has_member(const struct opencode *o, str text, const char *const *part)
{
	str parts[4], ignored;
	struct edit_path path = {parts, 0};
	struct errctx none = {0};

	while (part[path.n]) {
		parts[path.n] = str_from(part[path.n]);
		path.n++;
	}
	return text.n &&
	       edit_get(o->p->arena, &edit_format_json, text, path, &ignored, &none) == E_OK;
}

static bool has_provider(const struct opencode *o, const struct provider *v)
{
	if (has_member(o, o->logins, PATH(v->id)))
		return true;
	for (size_t i = 0; i < o->n; i++)
		if (has_member(o, o->configs[i], PATH("provider", v->id)))
			return true;
	for (size_t i = 0; v->keys[i]; i++)
		if (setup_getenv(o->p, v->keys[i]))
			return true;
	return false;
}

static str old_base(const struct opencode *o, const char *id)
{
	for (size_t i = 0; i < o->n; i++) {
		str v = setup_lookup(o->p, &edit_format_json, o->configs[i],
			PATH("provider", id, "options", "baseURL"));

		if (v.n)
			return v;
	}
	return STR("");
}

/* opencode's own variables for what stands in no file: "{env:NAME}". */
static bool is_template(str base)
{
	return str_find(base, STR("{env:")) != STR_NONE ||
	       str_find(base, STR("{file:")) != STR_NONE;
}

static enum err lead(struct opencode *o, const struct provider *v, str *content, struct errctx *cx)
{
	struct setup *p = o->p;
	const char *suffix = v->suffix;
	str old = old_base(o, v->id);

	if (is_template(old)) {
		setup_note(p,
			"the base URL of '%s' is made by a variable of opencode: it is asked "
			"directly",
			v->id);
		return E_OK;
	}
	if (v->to == AGENT_TO_GEMINI && str_ends(old, STR("/v1beta")))
		old = str_sub(old, 0, old.n - strlen("/v1beta"));
	if (v->to == AGENT_TO_GEMINI)
		(void)setup_take_upstream(p, v->to, old);
	else
		suffix = setup_take_upstream(p, v->to, old);
	if (!setup_json_set(p, content, PATH("provider", v->id, "options", "baseURL"),
		    str_from(setup_url(p, true, suffix))))
		FAIL(cx, E_CONFIG, "OPENCODE_CONFIG_CONTENT cannot be read as JSON");
	return E_OK;
}

enum err agent_opencode_plan(struct setup *p, struct errctx *cx)
{
	struct opencode o = {.p = p, .logins = STR("")};
	const char *old = setup_getenv(p, "OPENCODE_CONFIG_CONTENT");
	str content = old ? str_from(old) : STR("{}");
	bool has_any = false;

	read_all(&o);
	for (size_t i = 0; i < ARRAY_N(providers); i++)
		has_any |= has_provider(&o, &providers[i]);
	for (size_t i = 0; i < ARRAY_N(providers); i++)
		if (has_provider(&o, &providers[i]) ||
			(!has_any && providers[i].to != AGENT_TO_GEMINI))
			TRY(lead(&o, &providers[i], &content, cx));
	setup_setenv(p, "OPENCODE_CONFIG_CONTENT", arena_cstr(p->arena, content));
	p->env.v[p->env.n - 1].is_secret = old != NULL;
	return E_OK;
}

enum err agent_opencode_persist(struct setup *p, struct errctx *cx)
{
	struct opencode o = {.p = p, .logins = STR("")};
	const char *file = setup_getenv(p, "OPENCODE_CONFIG");
	str unused = STR("");

	if (file)
		file = setup_tilde(p, file);
	else if (config_dir(p))
		file = setup_path(p, config_dir(p), "opencode.json");
	else
		FAIL(cx, E_CONFIG, "--persist: HOME is not set");
	if (!setup_getenv(p, "OPENCODE_CONFIG") && !setup_read(p, file, &unused) &&
		setup_read(p, setup_path(p, config_dir(p), "opencode.jsonc"), &unused))
		file = setup_path(p, config_dir(p), "opencode.jsonc");
	read_all(&o);
	for (size_t i = 0; i < ARRAY_N(providers); i++)
		if (has_provider(&o, &providers[i]))
			setup_add_edit(p, file, &edit_format_json,
				PATH("provider", providers[i].id, "options", "baseURL"),
				setup_quote(p, str_from(setup_url(p, false, providers[i].suffix))));
	return E_OK;
}

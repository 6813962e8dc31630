/* Gemini CLI. Each way to sign in has a variable of its own for its base URL. With GOOGLE_GEMINI_BASE_URL it
 * wants a way to be selected, even where GEMINI_API_KEY alone would do without it: that is said in a file of system
 * defaults, which stands below all settings of the user. Observed with version 0.61.0. */
#include <sys/stat.h>

#include "wrap/setup.h"

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

#define DEFAULTS_VARIABLE "GEMINI_CLI_SYSTEM_DEFAULTS_PATH"

struct gemini {
	struct setup *p;
	str defaults; /* of the system, as they are */
};

static str selected_in(struct setup *p, str text)
{
	str type =
		setup_lookup(p, &edit_format_json, text, PATH("security", "auth", "selectedType"));

	/* as it was called until 0.3 */
	return type.n ? type : setup_lookup(p, &edit_format_json, text, PATH("selectedAuthType"));
}

/* What the settings select, the strongest file first; empty: nothing. */
static str selected_type(struct gemini *g)
{
	struct setup *p = g->p;
	const char *system = setup_getenv(p, "GEMINI_CLI_SYSTEM_SETTINGS_PATH");
	const char *defaults = setup_getenv(p, DEFAULTS_VARIABLE);
	const char *files[] = {
		system ? system : "/etc/gemini-cli/settings.json",
		setup_path(p, p->in->cwd, ".gemini/settings.json"),
		p->in->home ? setup_path(p, p->in->home, ".gemini/settings.json") : NULL,
		defaults ? defaults : "/etc/gemini-cli/system-defaults.json",
	};

	for (size_t i = 0; i < ARRAY_N(files); i++) {
		str text = STR(""), type;

		if (!files[i] || !setup_read(p, files[i], &text))
			continue;
		if (i + 1 == ARRAY_N(files))
			g->defaults = text;
		type = selected_in(p, text);
		if (type.n)
			return type;
	}
	return STR("");
}

/* Whether a file of variables sets this one: ~/.gemini/.env is read after the environment. */
static bool env_file_has(struct setup *p, const char *path, str name)
{
	str text = STR(""), line;

	if (!setup_read(p, path, &text))
		return false;
	while (str_next_line(&text, &line, NULL)) {
		line = str_trim(line);
		(void)str_take(&line, STR("export "));
		if (str_take(&line, name) && str_starts(str_trim(line), STR("=")))
			return true;
	}
	return false;
}

static bool has_key(struct setup *p)
{
	return setup_getenv(p, "GEMINI_API_KEY") ||
	       env_file_has(p, setup_path(p, p->in->cwd, ".gemini/.env"), STR("GEMINI_API_KEY")) ||
	       env_file_has(p, setup_path(p, p->in->cwd, ".env"), STR("GEMINI_API_KEY")) ||
	       (p->in->home && env_file_has(p, setup_path(p, p->in->home, ".gemini/.env"),
				       STR("GEMINI_API_KEY")));
}

static bool is_true(const struct setup *p, const char *name)
{
	const char *v = setup_getenv(p, name);

	return v && strcmp(v, "true") == 0;
}

/* Gemini CLI skips a file with a directory above it that others can write to. */
static bool is_clean(const char *dir)
{
	char path[4096];
	size_t n = strlen(dir);
	struct stat st;

	if (n >= sizeof path)
		return false;
	memcpy(path, dir, n + 1);
	while (n > 1) {
		path[n] = '\0';
		if (stat(path, &st) == 0 && st.st_mode & (S_IWGRP | S_IWOTH))
			return false;
		while (n > 1 && path[--n] != '/')
			;
	}
	return true;
}

static enum err add_defaults(struct gemini *g, struct errctx *cx)
{
	struct setup *p = g->p;
	const char *path = setup_path(p, p->in->run_dir, "gemini-defaults.json");
	str text = g->defaults;

	if (p->in->no_files) {
		setup_note(p,
			"select a way to sign in in Gemini CLI's settings: the file that says "
			"so cannot be written");
		return E_OK;
	}
	if (!setup_json_set(
		    p, &text, PATH("security", "auth", "selectedType"), STR("gemini-api-key")))
		FAIL(cx, E_CONFIG, "the system defaults of Gemini CLI cannot be read as JSON");
	if (!is_clean(p->in->run_dir))
		setup_note(p,
			"others can write to a directory above %s, so that Gemini CLI may pass "
			"over it and say "
			"'Invalid auth method selected'; 'gemini-api-key' can be selected in its "
			"settings",
			p->in->run_dir);
	*vec_push(&p->files, p->arena) = (struct setup_file){path, text};
	setup_setenv(p, DEFAULTS_VARIABLE, path);
	return E_OK;
}

static void set_url(struct setup *p, const char *name, enum agent_upstream to)
{
	setup_set_vars(p, (const struct agent_var[]){
				  {name, "", to, false}, {NULL, NULL, AGENT_TO_NONE, false}});
}

static void set_headers(struct setup *p)
{
	const char *old = setup_getenv(p, "GEMINI_CLI_CUSTOM_HEADERS");
	str all = setup_headers(p, str_from(old), ", ");

	if (!all.n || str_eq(all, str_from(old)))
		return;
	setup_setenv(p, "GEMINI_CLI_CUSTOM_HEADERS", arena_cstr(p->arena, all));
	p->env.v[p->env.n - 1].is_secret = old != NULL;
}

enum err agent_gemini_plan(struct setup *p, struct errctx *cx)
{
	struct gemini g = {.p = p, .defaults = STR("")};
	str type = selected_type(&g);
	bool is_selected = type.n > 0;

	if (!is_selected && is_true(p, "GOOGLE_GENAI_USE_GCA"))
		type = STR("oauth-personal");
	else if (!is_selected && is_true(p, "GOOGLE_GENAI_USE_VERTEXAI"))
		type = STR("vertex-ai");
	else if (!is_selected && has_key(p))
		type = STR("gemini-api-key");
	set_headers(p);
	if (str_eq(type, STR("gemini-api-key")) || str_eq(type, STR("gateway"))) {
		set_url(p, "GOOGLE_GEMINI_BASE_URL", AGENT_TO_GEMINI);
		return is_selected ? E_OK : add_defaults(&g, cx);
	}
	if (str_eq(type, STR("vertex-ai"))) {
		set_url(p, "GOOGLE_VERTEX_BASE_URL", AGENT_TO_VERTEX);
		return E_OK;
	}
	/* A login, or the question how to sign in, which for most ends in one. */
	set_url(p, "CODE_ASSIST_ENDPOINT", AGENT_TO_CLOUDCODE);
	if (!type.n) {
		set_url(p, "GOOGLE_VERTEX_BASE_URL", AGENT_TO_VERTEX);
		setup_note(p, "no way to sign in is selected yet: when it is an API key, start it "
			      "again then");
	}
	return E_OK;
}

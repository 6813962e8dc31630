#include "cli/settings.h"

#include "core/base/file.h"
#include "core/base/suggest.h"

const struct settings_variable settings_variables[] = {
	{"HEADROOM_CONFIG_DIR", "Directory of config.toml, in place of WORKSPACE/config."},
	{"HEADROOM_XDG", "1: follow the XDG base directories when the workspace is not named."},
	{"HEADROOM_PROXY_TOKEN", "What clients of headroom proxy must show."},
	{"HEADROOM_STORE_PASSWORD", "The password of --store-url."},
	{"HEADROOM_MEMORY_EMBEDDER_KEY", "The key of the endpoint of --memory-embedder."},
	{"HEADROOM_PROXY_URL", "Set by headroom wrap for the agent: the proxy, which a headroom "
			       "wrap in there joins."},
	{"HEADROOM_PROJECT",
		"Name of the project in the figures; without it, that of the directory."},
	{"HEADROOM_CLAUDE_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_CODEX_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_GEMINI_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_OPENCODE_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_COPILOT_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_AIDER_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_GOOSE_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_OPENHANDS_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_VIBE_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_OPENCLAW_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_CLINE_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_CONTINUE_BIN", "The program of this agent, for headroom wrap."},
	{"HEADROOM_CURSOR_BIN", "The program of this agent, for headroom wrap."},
	{NULL, NULL},
};

enum err settings_user_path(struct cli *cli, const char **out, struct errctx *cx)
{
	struct places places;

	if (cli->globals.config) {
		*out = cli->globals.config;
		return E_OK;
	}
	TRY(cli_places(cli, &places, cx));
	*out = places.config_file;
	return E_OK;
}

enum err settings_read_file(struct cli *cli, const char *path, enum opt_source source,
	struct settings_file *out, struct errctx *cx)
{
	enum err e;

	*out = (struct settings_file){.path = path, .source = source, .doc = {.text = STR("")}};
	e = file_read_text(path, LIMIT_CONFIG_FILE, &cli->arena, &out->doc.text, cx);
	if (e == E_NOT_FOUND) {
		*cx = (struct errctx){0};
		return E_OK;
	}
	if (e)
		return cx->code = E_CONFIG;
	out->is_present = true;
	if (toml_parse(&cli->arena, out->doc.text, &out->doc, cx))
		return err_prefix(cx, "%s", path);
	return E_OK;
}

enum err settings_read_files(
	struct cli *cli, struct settings_file files[SETTINGS_FILES], size_t *n, struct errctx *cx)
{
	struct errctx why = {0};
	const char *path;

	*n = 0;
	if (cli->globals.no_config)
		return E_OK;
	TRY(settings_read_file(cli, SETTINGS_PROJECT_FILE, OPT_FROM_PROJECT, &files[0], cx));
	*n = 1;
	if (settings_user_path(cli, &path, &why)) {
		cli_info(cli, "no user's configuration file: %s", why.text);
		return E_OK;
	}
	TRY(settings_read_file(cli, path, OPT_FROM_USER, &files[1], cx));
	if (cli->globals.config && !files[1].is_present)
		return err_set(cx, E_CONFIG, "%s: no such file (--config)", path);
	*n = SETTINGS_FILES;
	return E_OK;
}

/* ---- what is known ---------------------------------------------------------------------------- */

struct key_list {
	struct arena *arena;
	VEC(struct settings_key) v;
};

static bool has_key(const struct key_list *list, const char *key)
{
	for (size_t i = 0; i < list->v.n; i++)
		if (strcmp(list->v.v[i].opt->key, key) == 0)
			return true;
	return false;
}

/* Several commands may share a key; the first of them stands for it. */
static void add_keys(struct key_list *list, const struct opt *opts, size_t n, struct cmd_ref owner)
{
	for (size_t i = 0; i < n; i++)
		if (opts[i].key && !(opts[i].flags & (OPT_PLANNED | OPT_HIDDEN)) &&
			!has_key(list, opts[i].key))
			*vec_push(&list->v, list->arena) = (struct settings_key){&opts[i], owner};
}

struct settings_key *settings_keys(struct arena *a, size_t *n)
{
	struct key_list list = {.arena = a};
	size_t cmd_n;
	struct cmd_ref *cmds = cmd_all(a, &cmd_n);

	add_keys(&list, cli_globals, cli_globals_n, (struct cmd_ref){NULL, NULL});
	for (size_t i = 0; i < cmd_n; i++)
		add_keys(&list, cmds[i].cmd->opts, cmds[i].cmd->opt_n, cmds[i]);
	*n = list.v.n;
	return list.v.v;
}

static bool is_planned_in(const struct cmd *c, str key)
{
	for (size_t i = 0; i < c->opt_n; i++)
		if (c->opts[i].flags & OPT_PLANNED && c->opts[i].key &&
			str_eq_c(key, c->opts[i].key))
			return true;
	return false;
}

static bool is_planned_key(str key)
{
	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (is_planned_in(*c, key))
			return true;
	return false;
}

enum err settings_find_key(struct cli *cli, str key, struct settings_key *out, struct errctx *cx)
{
	struct suggest s = suggest_for(key);
	size_t n;
	struct settings_key *keys = settings_keys(&cli->arena, &n);

	for (size_t i = 0; i < n; i++) {
		if (str_eq_c(key, keys[i].opt->key)) {
			*out = keys[i];
			return E_OK;
		}
		suggest_offer(&s, str_from(keys[i].opt->key));
	}
	if (is_planned_key(key))
		return err_set(cx, E_UNSUPPORTED, STR_FMT " is not built yet", STR_ARG(key));
	if (s.best.n)
		return err_set(cx, E_USAGE,
			"unknown key '" STR_FMT "' (did you mean '" STR_FMT "'?)", STR_ARG(key),
			STR_ARG(s.best));
	return err_set(cx, E_USAGE, "unknown key '" STR_FMT "'", STR_ARG(key));
}

static void warn_keys(struct cli *cli, const struct settings_file *f)
{
	for (size_t i = 0; i < f->doc.n; i++) {
		struct errctx why = {0};
		struct settings_key key;

		if (settings_find_key(cli, f->doc.items[i].path, &key, &why))
			cli_warn(
				cli, "%s:%u: %s; ignored", f->path, f->doc.items[i].line, why.text);
	}
}

/* Offers the variables of these options to s; true when one of them is the word. */
static bool offer_variables(struct suggest *s, const struct opt *opts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		str rest = str_from(opts[i].env), name;

		while (str_split(&rest, ' ', &name)) {
			if (str_eq(name, s->word))
				return true;
			suggest_offer(s, name);
		}
	}
	return false;
}

static bool is_known_variable(struct suggest *s)
{
	if (offer_variables(s, cli_globals, cli_globals_n))
		return true;
	for (const struct settings_variable *v = settings_variables; v->name; v++) {
		if (str_eq_c(s->word, v->name))
			return true;
		suggest_offer(s, str_from(v->name));
	}
	for (const struct cmd *const *c = cmd_table; *c; c++) {
		if (offer_variables(s, (*c)->opts, (*c)->opt_n))
			return true;
		for (const struct cmd *const *sub = (*c)->subs; sub && *sub; sub++)
			if (offer_variables(s, (*sub)->opts, (*sub)->opt_n))
				return true;
	}
	return false;
}

void settings_warn_variables(struct cli *cli)
{
	for (char *const *e = cli->envp; *e; e++) {
		str rest = str_from(*e), name;
		struct suggest s;

		if (!str_starts(rest, STR("HEADROOM_")) || !str_split(&rest, '=', &name))
			continue;
		s = suggest_for(name);
		if (is_known_variable(&s))
			continue;
		if (s.best.n)
			cli_warn(cli,
				"unknown variable " STR_FMT " (did you mean " STR_FMT "?); ignored",
				STR_ARG(name), STR_ARG(s.best));
		else
			cli_warn(cli, "unknown variable " STR_FMT "; ignored", STR_ARG(name));
	}
}

void settings_print_notes(struct cli *cli, const struct opt_reader *r)
{
	for (size_t i = 0; i < r->notes.n; i++) {
		const struct opt_note *note = &r->notes.v[i];

		if (note->is_minor)
			cli_info(cli, "note: " STR_FMT, STR_ARG(note->text));
		else
			cli_warn(cli, STR_FMT, STR_ARG(note->text));
	}
}

enum err settings_apply(struct cli *cli, struct opt_reader *r, struct errctx *cx)
{
	struct settings_file files[SETTINGS_FILES];
	size_t n;

	TRY(opt_read_env(r, cli->envp, cx));
	TRY(settings_read_files(cli, files, &n, cx));
	for (size_t i = 0; i < n; i++)
		TRY(opt_read_config(r, &files[i].doc, files[i].path, files[i].source, cx));
	settings_warn_variables(cli);
	for (size_t i = 0; i < n; i++)
		warn_keys(cli, &files[i]);
	settings_print_notes(cli, r);
	return E_OK;
}

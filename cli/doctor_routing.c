/* Check of doctor: where agents send their requests, by the environment and by their settings: to a headroom, to
 * somebody else, or to a port of this machine where nobody is any more. */
#include <unistd.h>

#include "cli/doctor.h"
#include "core/base/file.h"
#include "wrap/edit/backup.h"
#include "wrap/edit/edit.h"
#include "wrap/run.h"

enum { ASK_MS = 300, EDIT_WAIT_MS = 2000, PATH_PARTS = 4, FILE_MODE = 0600 };

enum base { IN_CWD, IN_CLAUDE, IN_CODEX, IN_OPENCODE };

/* A key that may hold a base URL. */
struct place {
	const char *agent;
	enum base base;
	const char *file;
	const struct edit_format *format;
	const char *part[PATH_PARTS]; /* path of the key */
};

#define CLAUDE(base, file)                                                                       \
	{"claude", base, file, &edit_format_json, {"env", "ANTHROPIC_BASE_URL"}},                \
		{"claude", base, file, &edit_format_json, {"env", "ANTHROPIC_VERTEX_BASE_URL"}}, \
	{                                                                                        \
		"claude", base, file, &edit_format_json,                                         \
		{                                                                                \
			"env", "ANTHROPIC_FOUNDRY_BASE_URL"                                      \
		}                                                                                \
	}
#define OPENCODE(file, provider)                                   \
	{                                                          \
		"opencode", IN_OPENCODE, file, &edit_format_json,  \
		{                                                  \
			"provider", provider, "options", "baseURL" \
		}                                                  \
	}
#define OPENCODE_ALL(file)                                                               \
	OPENCODE(file, "anthropic"), OPENCODE(file, "openai"), OPENCODE(file, "google"), \
		OPENCODE(file, "headroom")

static const struct place places[] = {
	CLAUDE(IN_CLAUDE, "settings.json"),
	CLAUDE(IN_CWD, ".claude/settings.json"),
	CLAUDE(IN_CWD, ".claude/settings.local.json"),
	{"codex", IN_CODEX, "config.toml", &edit_format_toml, {"openai_base_url"}},
	/* what the Python headroom wrote */
	{"codex", IN_CODEX, "config.toml", &edit_format_toml,
		{"model_providers", "headroom", "base_url"}},
	OPENCODE_ALL("opencode.json"),
	OPENCODE_ALL("opencode.jsonc"),
};

/* Variables of clients that hold a base URL. */
static const char *const variables[] = {"ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE",
	"ANTHROPIC_VERTEX_BASE_URL", "ANTHROPIC_FOUNDRY_BASE_URL", "ANTHROPIC_HOST",
	"OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_HOST", "GOOGLE_GEMINI_BASE_URL",
	"GOOGLE_VERTEX_BASE_URL", "CODE_ASSIST_ENDPOINT"};

/* ---- where a URL leads ------------------------------------------------------------------------ */

enum leads { LEADS_AWAY, LEADS_TO_US, LEADS_TO_OTHER, LEADS_NOWHERE };

/* Nobody but a headroom answers with its name; only its port is asked, without token or key. */
static enum leads follow(const struct doctor *d, str url)
{
	uint16_t port = wrap_loopback_port(url);
	struct control_health health;
	enum err e;

	if (!port)
		return LEADS_AWAY;
	e = port == d->port ? d->asked : control_health(port, ASK_MS, &health, NULL);
	return e == E_OK ? LEADS_TO_US : e == E_NOT_FOUND ? LEADS_NOWHERE : LEADS_TO_OTHER;
}

void doctor_wrap_conf(struct doctor *d, struct wrap_conf *out)
{
	*out = (struct wrap_conf){.arena = d->arena,
		.envp = d->cli->envp,
		.cwd = d->cwd,
		.home = d->home,
		.workspace = d->places.workspace,
		.port = d->port,
		.is_port_given = d->is_port_given};
}

/* Where a headroom is or was. */
static bool is_ours(struct doctor *d, str url)
{
	struct wrap_conf conf;

	doctor_wrap_conf(d, &conf);
	return wrap_is_ours(&conf, url);
}

/* ---- the environment -------------------------------------------------------------------------- */

static void look_at_variable(struct doctor *d, const char *name, size_t *ours)
{
	const char *url = doctor_env(d, name);

	if (!url)
		return;
	switch (follow(d, str_from(url))) {
	case LEADS_TO_US:
		++*ours;
		return;
	case LEADS_NOWHERE:
		doctor_say(
			d, DOCTOR_FAIL, "the variable %s is %s, where nothing listens", name, url);
		doctor_advise(d, false, "unset %s", name);
		return;
	case LEADS_TO_OTHER:
	case LEADS_AWAY:
		doctor_say(d, DOCTOR_INFO, "the variable %s leads past headroom", name);
		return;
	}
}

static void look_at_environment(struct doctor *d)
{
	size_t ours = 0;

	for (size_t i = 0; i < ARRAY_N(variables); i++)
		look_at_variable(d, variables[i], &ours);
	if (ours && doctor_env(d, "HEADROOM_PROXY_URL"))
		doctor_say(d, DOCTOR_INFO, "this is a session of 'headroom wrap'");
	else if (ours)
		doctor_say(d, DOCTOR_PASS, "%zu variable%s lead%s to headroom", ours,
			ours == 1 ? "" : "s", ours == 1 ? "s" : "");
}

/* ---- settings --------------------------------------------------------------------------------- */

static const char *base_dir(struct doctor *d, enum base base)
{
	static const struct {
		const char *variable, *below_it, *below_home;
	} rows[] = {
		[IN_CWD] = {"", "", ""},
		[IN_CLAUDE] = {"CLAUDE_CONFIG_DIR", "", ".claude"},
		[IN_CODEX] = {"CODEX_HOME", "", ".codex"},
		[IN_OPENCODE] = {"XDG_CONFIG_HOME", "/opencode", ".config/opencode"},
	};
	const char *named;

	if (base == IN_CWD)
		return d->cwd;
	named = doctor_env(d, rows[base].variable);
	if (named)
		return arena_printf(d->arena, "%s%s", named, rows[base].below_it).p;
	return d->home ? doctor_path(d, d->home, rows[base].below_home) : NULL;
}

/* Without quotes. A value with escapes is none that anybody would follow. */
static str unquote(str literal)
{
	if (literal.n >= 2 && (literal.p[0] == '"' || literal.p[0] == '\''))
		return str_sub(literal, 1, literal.n - 1);
	return literal;
}

struct setting {
	const struct place *place;
	const char *path;
	str text; /* of the file */
	struct edit_path key;
	str url;
};

/* E_NOT_FOUND: no such file, or the key is not in it. */
static enum err read_setting(
	struct doctor *d, const struct place *p, struct setting *out, struct errctx *cx)
{
	const char *dir = base_dir(d, p->base);
	str *part = arena_array(d->arena, str, PATH_PARTS);
	str literal;
	size_t n = 0;

	*out = (struct setting){.place = p, .text = STR(""), .url = STR("")};
	if (!dir)
		return E_NOT_FOUND;
	out->path = doctor_path(d, dir, p->file);
	for (; n < PATH_PARTS && p->part[n]; n++)
		part[n] = str_from(p->part[n]);
	out->key = (struct edit_path){part, n};
	TRY(doctor_read(d, out->path, &out->text, cx));
	TRY(edit_get(d->arena, p->format, out->text, out->key, &literal, cx));
	out->url = unquote(literal);
	return E_OK;
}

/* Whether the journal has edits of this agent: then to undo them is the way. */
struct journaled {
	str agent;
	bool is_there;
};
static void see_edit(void *self, const struct edit_outcome *o)
{
	struct journaled *j = self;

	j->is_there |= str_eq(o->agent, j->agent);
}

static bool is_journaled(struct doctor *d, const char *agent)
{
	const struct edit_env env = {.workspace = d->places.workspace, .wait_ms = EDIT_WAIT_MS};
	struct journaled j = {str_from(agent), false};

	/* edit_list would make the directory. */
	return access(doctor_path(d, d->places.workspace, "state/edits.jsonl"), F_OK) == 0 &&
	       edit_list(&env, (struct edit_listener){see_edit, &j}, NULL) == E_OK && j.is_there;
}

static void say_dead(struct doctor *d, const struct setting *s)
{
	const char *agent = s->place->agent;

	doctor_say(d, DOCTOR_FAIL, "%s asks " STR_FMT ", where nothing listens (" STR_FMT " in %s)",
		agent, STR_ARG(s->url), STR_ARG(edit_path_text(d->arena, s->key)), s->path);
	if (is_journaled(d, agent))
		doctor_advise(d, true, "start the proxy, or 'headroom init --remove %s'", agent);
	else if (is_ours(d, s->url))
		doctor_advise(d, true, "start the proxy, or take that key out");
	else
		doctor_advise(d, false, "start what listened there, or take that key out");
}

/* The same file is not named for each of its keys. */
static void look_at_setting(struct doctor *d, const struct place *p)
{
	struct errctx cx = {0};
	struct setting s;
	enum err e = read_setting(d, p, &s, &cx);

	if (e == E_NOT_FOUND)
		return;
	if (e) {
		size_t n = d->found.n;

		if (n && d->found.v[n - 1].name == d->check &&
			str_starts(d->found.v[n - 1].text, str_from(s.path)))
			return;
		doctor_say(d, DOCTOR_WARN, "%s: %s", s.path, cx.text);
		doctor_advise(d, false, "%s cannot read it either", p->agent);
		return;
	}
	switch (follow(d, s.url)) {
	case LEADS_NOWHERE:
		say_dead(d, &s);
		return;
	case LEADS_TO_US:
		doctor_say(d, DOCTOR_PASS, "%s asks headroom by %s", p->agent, s.path);
		return;
	case LEADS_TO_OTHER:
	case LEADS_AWAY:
		doctor_say(d, DOCTOR_INFO, "%s asks " STR_FMT " by %s", p->agent, STR_ARG(s.url),
			s.path);
		return;
	}
}

void doctor_look_routing(struct doctor *d)
{
	size_t before = d->found.n;

	look_at_environment(d);
	for (size_t i = 0; i < ARRAY_N(places); i++)
		look_at_setting(d, &places[i]);
	if (d->found.n == before)
		doctor_say(d, DOCTOR_INFO,
			"no agent is led to headroom for good; 'headroom wrap' does it for a "
			"session");
}

/* ---- repair ----------------------------------------------------------------------------------- */

/* What is in no journal was not written by this headroom, so nothing is undone later: the file is copied before. */
static enum err take_out(struct doctor *d, const struct setting *s, struct errctx *cx)
{
	str text;

	TRY(edit_remove(d->arena, s->place->format, s->text, s->key, s->key.n, &text, cx));
	TRY(backup_keep(d->arena, d->places.workspace, str_from(s->path), s->text,
		clock_wall_ms(NULL), cx));
	return file_write_atomic(s->path, text, FILE_MODE, cx);
}

static enum err undo(struct doctor *d, const char *agent, struct errctx *cx)
{
	const struct edit_env env = {.workspace = d->places.workspace, .wait_ms = EDIT_WAIT_MS};
	const struct edit_filter filter = {.agent = str_from(agent)};

	return edit_undo(&env, &filter, (struct edit_listener){NULL, NULL}, cx);
}

enum err doctor_repair_routing(struct doctor *d, struct errctx *cx)
{
	for (size_t i = 0; i < ARRAY_N(places); i++) {
		struct errctx ignored = {0};
		struct setting s;

		if (read_setting(d, &places[i], &s, &ignored) || follow(d, s.url) != LEADS_NOWHERE)
			continue;
		if (is_journaled(d, places[i].agent))
			TRY(undo(d, places[i].agent, cx));
		else if (is_ours(d, s.url))
			TRY(take_out(d, &s, cx));
	}
	return E_OK;
}

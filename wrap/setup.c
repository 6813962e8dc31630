#include "wrap/setup.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/json/doc.h"

enum { NOTE_MAX = 512 };

/* ---- environment ---------------------------------------------------------------------------------------------- */

static const char *value_in(char *const *envp, const char *name)
{
	size_t n = strlen(name);

	for (; *envp; envp++)
		if (strncmp(*envp, name, n) == 0 && (*envp)[n] == '=')
			return *envp + n + 1;
	return NULL;
}

const char *setup_getenv(const struct setup *p, const char *name)
{
	const char *value = value_in(p->in->envp, name);

	return value && *value ? value : NULL;
}

static struct setup_var *find_var(const struct setup *p, str name)
{
	for (size_t i = 0; i < p->env.n; i++)
		if (str_eq_c(name, p->env.v[i].name))
			return &p->env.v[i];
	return NULL;
}

void setup_setenv(struct setup *p, const char *name, const char *value)
{
	struct setup_var *v = find_var(p, str_from(name));

	if (!v)
		v = vec_push(&p->env, p->arena);
	*v = (struct setup_var){name, value, false};
}

char **setup_envp(const struct setup *p)
{
	size_t n = 0;
	char **out;

	while (p->in->envp[n])
		n++;
	out = arena_array(p->arena, char *, n + p->env.n + 1);
	n = 0;
	for (char *const *e = p->in->envp; *e; e++) {
		str name = {*e, strcspn(*e, "=")};

		if (!find_var(p, name))
			out[n++] = *e;
	}
	for (size_t i = 0; i < p->env.n; i++)
		if (p->env.v[i].value)
			out[n++] =
				arena_cstr(p->arena, arena_printf(p->arena, "%s=%s",
							     p->env.v[i].name, p->env.v[i].value));
	return out;
}

char **setup_argv(const struct setup *p, const char *argv0)
{
	char **out = arena_array(p->arena, char *, p->args.n + 2);

	out[0] = arena_cstr(p->arena, str_from(argv0));
	for (size_t i = 0; i < p->args.n; i++)
		out[i + 1] = arena_cstr(p->arena, str_from(p->args.v[i]));
	return out;
}

void setup_note(struct setup *p, const char *fmt, ...)
{
	char text[NOTE_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < p->notes.n; i++)
		if (strcmp(p->notes.v[i], text) == 0)
			return;
	*vec_push(&p->notes, p->arena) = arena_cstr(p->arena, str_from(text));
}

/* ---- the project's name ---------------------------------------------------------------------------------------- */

/* RFC 3986 section 2.3, and what a header may hold besides. */
static bool is_kept(unsigned char c, bool for_path)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c && strchr(for_path ? "-_.~" : "-_.() ", c);
}

str setup_label(const struct setup *p, bool for_path)
{
	str name = p->in->project;
	struct buf b;

	/* a dot segment would be squashed by the client's URL parser */
	if (for_path && (str_eq(name, STR(".")) || str_eq(name, STR(".."))))
		return STR("");
	buf_init_arena(&b, p->arena, 3 * name.n + 1);
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (is_kept(c, for_path))
			buf_add_byte(&b, (char)c);
		else
			buf_printf(&b, "%%%02X", c);
	}
	return buf_str(&b);
}

/* Whether a list of "Name: value" has a header of this name. */
static bool has_header(str list, const char *line_end, const char *name)
{
	str line;

	while (str_split(&list, line_end[0], &line)) {
		size_t colon = str_find_byte(line, ':');

		if (colon != STR_NONE &&
			str_eq_nocase(str_trim(str_sub(line, 0, colon)), str_from(name)))
			return true;
	}
	return false;
}

str setup_headers(struct setup *p, str old, const char *line_end)
{
	str label = setup_label(p, false);
	bool has_old = str_trim(old).n > 0;

	if (!label.n || has_header(old, line_end, "X-Headroom-Project"))
		return old;
	return arena_printf(p->arena, STR_FMT "%sX-Headroom-Project: " STR_FMT, STR_ARG(old),
		has_old ? line_end : "", STR_ARG(label));
}

/* ---- base URLs ------------------------------------------------------------------------------------------------- */

const char *setup_url(const struct setup *p, bool by_path, const char *suffix)
{
	str label = by_path ? setup_label(p, true) : STR("");

	return arena_cstr(p->arena, arena_printf(p->arena, "%s%s" STR_FMT "%s", p->in->url,
					    label.n ? "/p/" : "", STR_ARG(label), suffix));
}

const char *setup_take_upstream(struct setup *p, enum agent_upstream to, str old)
{
	const char *have = p->upstreams[to];

	old = str_trim(old);
	while (str_ends(old, STR("/")))
		old.n--;
	if (!old.n || (p->in->is_ours && p->in->is_ours(p->in->self, old)))
		return "/v1";
	if (!have) {
		p->upstreams[to] = arena_cstr(p->arena, old);
	} else if (!str_eq_c(old, have)) {
		setup_note(p, "two upstreams for one provider: %s is used, " STR_FMT " is not",
			have, STR_ARG(old));
	}
	return str_ends(old, STR("/v1")) ? "/v1" : "";
}

void setup_set_vars(struct setup *p, const struct agent_var *vars)
{
	bool by_path = p->in->agent->flags & AGENT_NAMES_PROJECT_BY_PATH;

	for (; vars->name; vars++) {
		const char *old = setup_getenv(p, vars->name);
		const char *version = setup_take_upstream(p, vars->to, str_from(old));

		setup_setenv(p, vars->name,
			setup_url(p, by_path && !vars->is_host,
				*vars->suffix && old ? version : vars->suffix));
	}
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

bool setup_read(struct setup *p, const char *path, str *out)
{
	struct errctx cx = {0};
	enum err e = p->in->read(p->in->self, path, out, &cx);

	if (e && e != E_NOT_FOUND)
		setup_note(p, "%s", cx.text);
	return e == E_OK;
}

static struct edit_path make_path(const struct setup *p, const char *const *part)
{
	struct edit_path path = {NULL, 0};
	str *v;

	while (part[path.n])
		path.n++;
	v = arena_array(p->arena, str, path.n);
	for (size_t i = 0; i < path.n; i++)
		v[i] = str_from(part[i]);
	path.part = v;
	return path;
}

/* A literal as it reads; empty for what is no text on one line. */
static str unquote(const struct setup *p, str literal)
{
	struct json_doc *d;
	str text = STR("");
	str array;

	if (literal.n >= 2 && literal.p[0] == '\'') /* TOML: as it stands */
		return str_sub(literal, 1, literal.n - 1);
	if (!str_starts(literal, STR("\"")))
		return literal.n && strchr("tf0123456789", literal.p[0]) ? literal : STR("");
	array = arena_printf(p->arena, "[" STR_FMT "]", STR_ARG(literal));
	if (json_doc_parse(array, &d, NULL))
		return STR("");
	if (json_value_str(json_value_first(json_doc_root(d)), &text))
		text = arena_str(p->arena, text);
	json_doc_free(d);
	return text;
}

str setup_lookup(struct setup *p, const struct edit_format *f, str text, const char *const *part)
{
	struct errctx ignored = {0};
	str literal;

	if (!text.n || edit_get(p->arena, f, text, make_path(p, part), &literal, &ignored))
		return STR("");
	return unquote(p, literal);
}

const char *setup_path(const struct setup *p, const char *dir, const char *name)
{
	return arena_cstr(p->arena, arena_printf(p->arena, "%s/%s", dir, name));
}

const char *setup_tilde(const struct setup *p, const char *path)
{
	if (path[0] == '~' && (path[1] == '/' || !path[1]) && p->in->home)
		return arena_cstr(p->arena, arena_printf(p->arena, "%s%s", p->in->home, path + 1));
	if (path[0] != '/')
		return setup_path(p, p->in->cwd, path);
	return path;
}

str setup_quote(const struct setup *p, str text)
{
	struct buf b;

	buf_init_arena(&b, p->arena, 6 * text.n + 2);
	buf_add_json_string(&b, text);
	return buf_str(&b);
}

bool setup_json_set(struct setup *p, str *text, const char *const *part, str value)
{
	const struct edit_set set = {
		.format = &edit_format_json,
		.path = make_path(p, part),
		.literal = setup_quote(p, value),
		.is_exact = true,
	};
	struct edit_change change;
	struct errctx ignored = {0};

	if (edit_set(p->arena, text->n ? *text : STR("{}"), &set, &change, &ignored))
		return false;
	*text = change.text;
	return true;
}

void setup_add_edit(struct setup *p, const char *file, const struct edit_format *f,
	const char *const *part, str literal)
{
	*vec_push(&p->edits, p->arena) = (struct edit){
		.agent = str_from(p->in->agent->name),
		.scope = p->in->is_user_scope ? STR("user") : STR("project"),
		.file = file,
		.format = f,
		.path = make_path(p, part),
		.literal = literal,
	};
}

/* ---- arguments ------------------------------------------------------------------------------------------------- */

size_t setup_find_arg(const struct setup *p, const char *const *names, str *value)
{
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < p->args.n && strcmp(p->args.v[i], "--") != 0; i++) {
		str arg = str_from(p->args.v[i]);

		for (const char *const *name = names; *name; name++) {
			str rest = arg;

			if (!str_take(&rest, str_from(*name)))
				continue;
			if (!rest.n && i + 1 < p->args.n) {
				at = i + 1;
				*value = str_from(p->args.v[at]);
			} else if (str_starts(str_from(*name), STR("--")) && rest.n &&
				   rest.p[0] == '=') {
				at = i;
				*value = str_sub(rest, 1, rest.n);
			}
		}
	}
	return at;
}

void setup_replace_arg(struct setup *p, size_t at, str value)
{
	str arg = str_from(p->args.v[at]);
	bool is_joined = str_starts(arg, STR("--")) && str_find_byte(arg, '=') != STR_NONE;
	size_t head = is_joined ? str_find_byte(arg, '=') + 1 : 0;

	p->args.v[at] = arena_cstr(p->arena,
		arena_printf(p->arena, STR_FMT STR_FMT, (int)head, arg.p, STR_ARG(value)));
}

void setup_insert_args(struct setup *p, size_t at, const char *const *args, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*vec_push(&p->args, p->arena) = NULL;
	memmove(p->args.v + at + n, p->args.v + at, (p->args.n - n - at) * sizeof *p->args.v);
	memcpy(p->args.v + at, args, n * sizeof *args);
}

/* ---- all of it ------------------------------------------------------------------------------------------------- */

/* A proxy variable must not send what goes to this machine elsewhere. */
static void keep_loopback_local(struct setup *p)
{
	static const char *const proxies[] = {
		"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", NULL};
	static const char *const names[] = {"NO_PROXY", "no_proxy", NULL};
	bool has_proxy = false;

	for (size_t i = 0; proxies[i]; i++)
		has_proxy |= setup_getenv(p, proxies[i]) != NULL;
	for (size_t i = 0; has_proxy && names[i]; i++) {
		str old = str_from(setup_getenv(p, names[i])), list = old, one;
		bool is_there = false;

		while (str_split(&list, ',', &one)) {
			one = str_trim(one);
			is_there |= str_eq(one, STR("*")) || str_eq(one, STR("127.0.0.1"));
		}
		if (!is_there)
			setup_setenv(p, names[i],
				arena_cstr(p->arena,
					arena_printf(p->arena, STR_FMT "%s127.0.0.1,localhost",
						STR_ARG(old), old.n ? "," : "")));
	}
}

/* What the agent's own children need, a headroom among them: which proxy, and where that one sends requests, so that it
 * asks for the same and finds the same proxy. */
static void pass_on(struct setup *p)
{
	setup_setenv(p, "HEADROOM_PROXY_URL", p->in->url);
	for (int u = AGENT_TO_NONE + 1; !p->is_isolated && u < AGENT_TO_N; u++) {
		const char *name = agent_upstream_variable((enum agent_upstream)u);

		if (setup_getenv(p, name))
			p->upstreams[u] =
				NULL; /* the user has said it himself, and it is passed on */
		else if (p->upstreams[u])
			setup_setenv(p, name, p->upstreams[u]);
	}
}

enum err setup_make(const struct setup_in *in, struct setup *out, struct errctx *cx)
{
	*out = (struct setup){.in = in, .arena = in->arena};
	for (size_t i = 0; i < in->args_n; i++)
		*vec_push(&out->args, out->arena) = in->args[i];
	if (in->agent->kind == AGENT_CANNOT)
		FAIL(cx, E_UNSUPPORTED, "%s", in->agent->lines);
	if (in->agent->plan)
		TRY(in->agent->plan(out, cx));
	else
		setup_set_vars(out, in->agent->vars);
	if (in->is_persistent) {
		if (!in->agent->persist)
			FAIL(cx, E_UNSUPPORTED, "--persist: there is no file of %s to be edited",
				in->agent->title);
		TRY(in->agent->persist(out, cx));
	}
	keep_loopback_local(out);
	pass_on(out);
	return E_OK;
}

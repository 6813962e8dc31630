#include "cli/wrap_print.h"

#include "core/json/write.h"

/* What may hold a secret is named, not shown. */
static const char secret[] = "(set, not shown)";

void wrap_add_quoted(struct buf *b, str text)
{
	buf_add_byte(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			buf_add_c(b, "'\\''");
		else
			buf_add_byte(b, text.p[i]);
	}
	buf_add_byte(b, '\'');
}

static void add_word(struct buf *b, str text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+";
	bool is_plain = text.n > 0;

	for (size_t i = 0; i < text.n; i++)
		is_plain &= text.p[i] && strchr(plain, text.p[i]) != NULL;
	if (is_plain)
		buf_add(b, text);
	else
		wrap_add_quoted(b, text);
}

/* ---- plan ------------------------------------------------------------------------------------------------------ */

static const char *shown(const struct setup_var *v)
{
	return v->is_secret ? secret : v->value;
}

static void add_plan_json(struct buf *b, const struct wrap_conf *c, const struct setup *p,
	const char *program, str edits)
{
	struct json_writer w;

	json_write_init(&w, b, true);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.wrap-plan/1");
	json_write_c(&w, "agent", c->agent->name);
	json_write_c(&w, "program", program);
	json_write_c(&w, "url", p->is_direct ? NULL : p->in->url);
	json_write_object(&w, "env");
	for (size_t i = 0; i < p->env.n; i++)
		json_write_c(&w, p->env.v[i].name, shown(&p->env.v[i]));
	json_write_end(&w);
	json_write_array(&w, "args");
	for (size_t i = 0; i < p->args.n; i++)
		json_write_c(&w, NULL, p->args.v[i]);
	json_write_end(&w);
	json_write_object(&w, "upstreams");
	for (int u = AGENT_TO_NONE + 1; u < AGENT_TO_N; u++)
		if (p->upstreams[u])
			json_write_c(&w, agent_upstream_variable((enum agent_upstream)u),
				p->upstreams[u]);
	json_write_end(&w);
	json_write_array(&w, "files");
	for (size_t i = 0; i < p->files.n; i++)
		json_write_c(&w, NULL, p->files.v[i].path);
	json_write_end(&w);
	json_write_str(&w, "edits", edits);
	json_write_array(&w, "notes");
	for (size_t i = 0; i < p->notes.n; i++)
		json_write_c(&w, NULL, p->notes.v[i]);
	json_write_end(&w);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

static void add_plan_text(struct buf *b, const struct wrap_conf *c, const struct setup *p,
	const char *program, str edits)
{
	buf_printf(b, "%s: %s\n", c->agent->title, program ? program : "(not found)");
	buf_printf(b, "proxy: %s\n", p->is_direct ? "none, it would ask directly" : p->in->url);
	for (int u = AGENT_TO_NONE + 1; u < AGENT_TO_N; u++)
		if (p->upstreams[u])
			buf_printf(b, "  upstream %s=%s\n",
				agent_upstream_variable((enum agent_upstream)u), p->upstreams[u]);
	buf_add_c(b, "environment:\n");
	for (size_t i = 0; i < p->env.n; i++) {
		const struct setup_var *v = &p->env.v[i];

		buf_printf(b, "  %s%s", v->name, v->value ? "=" : " (taken out)");
		if (v->is_secret)
			buf_add_c(b, secret);
		else if (v->value)
			add_word(b, str_from(v->value));
		buf_add_byte(b, '\n');
	}
	buf_add_c(b, "arguments:");
	for (size_t i = 0; i < p->args.n; i++) {
		buf_add_byte(b, ' ');
		add_word(b, str_from(p->args.v[i]));
	}
	buf_add_byte(b, '\n');
	for (size_t i = 0; i < p->files.n; i++)
		buf_printf(b, "file of this run: %s\n", p->files.v[i].path);
	if (edits.n) {
		buf_add_c(b, "edits:\n");
		buf_add(b, edits);
	}
	for (size_t i = 0; i < p->notes.n; i++)
		buf_printf(b, "note: %s\n", p->notes.v[i]);
}

enum err wrap_print_plan(struct buf *b, const struct wrap_conf *c, const struct setup *p,
	const char *program, bool is_json, struct errctx *cx)
{
	struct edit_env env = {.workspace = c->workspace};
	struct buf edits;
	enum err e = E_OK;

	buf_init(&edits, LIMIT_CONFIG_FILE);
	if (p->edits.n)
		e = edit_show(&env, p->edits.v, p->edits.n, &edits, cx);
	if (!e && is_json)
		add_plan_json(b, c, p, program, buf_str(&edits));
	else if (!e)
		add_plan_text(b, c, p, program, buf_str(&edits));
	buf_release(&edits);
	return e;
}

/* ---- variables ------------------------------------------------------------------------------------------------- */

static void add_fish_quoted(struct buf *b, const char *text)
{
	buf_add_byte(b, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_add_byte(b, '\\');
		buf_add_byte(b, *text);
	}
	buf_add_byte(b, '\'');
}

static void add_shell_var(struct buf *b, const struct setup_var *v, bool is_fish)
{
	if (!v->value) {
		buf_printf(b, is_fish ? "set -e %s\n" : "unset %s\n", v->name);
	} else if (is_fish) {
		buf_printf(b, "set -gx %s ", v->name);
		add_fish_quoted(b, v->value);
		buf_add_byte(b, '\n');
	} else {
		buf_printf(b, "export %s=", v->name);
		wrap_add_quoted(b, str_from(v->value));
		buf_add_byte(b, '\n');
	}
}

static void add_env_json(struct buf *b, const struct setup *p)
{
	struct json_writer w;

	json_write_init(&w, b, false);
	json_write_object(&w, NULL);
	json_write_c(&w, "schema", "headroom.wrap-env/1");
	json_write_object(&w, "env");
	for (size_t i = 0; i < p->env.n; i++)
		json_write_c(&w, p->env.v[i].name, p->env.v[i].value);
	json_write_end(&w);
	json_write_array(&w, "args");
	for (size_t i = 0; i < p->args.n; i++)
		json_write_c(&w, NULL, p->args.v[i]);
	json_write_end(&w);
	json_write_end(&w);
	buf_add_byte(b, '\n');
}

void wrap_print_env(struct buf *b, const struct setup *p, enum wrap_env_format format)
{
	if (format == WRAP_ENV_JSON) {
		add_env_json(b, p);
		return;
	}
	for (size_t i = 0; i < p->env.n; i++)
		add_shell_var(b, &p->env.v[i], format == WRAP_ENV_FISH);
	if (!p->args.n)
		return;
	buf_printf(b, "# %s", p->in->agent->name);
	for (size_t i = 0; i < p->args.n; i++) {
		buf_add_byte(b, ' ');
		add_word(b, str_from(p->args.v[i]));
	}
	buf_add_byte(b, '\n');
}

/* ---- list ------------------------------------------------------------------------------------------------------ */

struct names {
	struct arena *arena;
	VEC(str) v;
};

static void note_name(void *self, const struct edit_outcome *o)
{
	struct names *n = self;

	*vec_push(&n->v, n->arena) = arena_str(n->arena, o->agent);
}

static bool has_name(const struct names *n, const char *name)
{
	for (size_t i = 0; i < n->v.n; i++)
		if (str_eq_c(n->v.v[i], name))
			return true;
	return false;
}

static const char *env_value(const struct wrap_conf *c, const char *name)
{
	size_t n = strlen(name);

	for (char *const *e = c->envp; n && *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=' && (*e)[n + 1])
			return *e + n + 1;
	return NULL;
}

static void add_row(struct buf *b, struct json_writer *w, const struct agent *a,
	struct found_program f, bool is_wrapped)
{
	static const char *const kinds[] = {"runs", "shows", "cannot"};

	if (!w) {
		buf_printf(b, "%-10s %-19s %s%s%s\n", a->name, a->title,
			f.path ? f.path : (*a->binaries ? "(not found)" : ""),
			f.is_denied ? " (not executable)" : "",
			is_wrapped ? "; its settings are edited" : "");
		if (*a->breaks)
			buf_printf(b, "%30s %s\n", "", a->breaks);
		return;
	}
	json_write_object(w, NULL);
	json_write_c(w, "name", a->name);
	json_write_c(w, "title", a->title);
	json_write_c(w, "how", kinds[a->kind]);
	json_write_c(w, "path", f.path);
	json_write_bool(w, "executable", f.path && !f.is_denied);
	json_write_bool(w, "wrapped", is_wrapped);
	json_write_c(w, "persist_files", a->files);
	json_write_c(w, "breaks", a->breaks);
	json_write_end(w);
}

void wrap_print_list(struct buf *b, struct arena *a, const struct wrap_conf *c, bool is_json)
{
	struct edit_env env = {.workspace = c->workspace};
	struct names names = {.arena = a};
	struct errctx ignored = {0};
	struct json_writer w;

	/* A journal that cannot be read is told by the commands that need it. */
	(void)!edit_list(&env, (struct edit_listener){note_name, &names}, &ignored);
	if (is_json) {
		json_write_init(&w, b, true);
		json_write_object(&w, NULL);
		json_write_c(&w, "schema", "headroom.wrap-list/1");
		json_write_array(&w, "agents");
	}
	for (const struct agent *row = agent_table; row->name; row++)
		add_row(b, is_json ? &w : NULL, row,
			find_agent(a, row, NULL, env_value(c, row->bin_variable),
				env_value(c, "PATH")),
			has_name(&names, row->name));
	if (is_json) {
		json_write_end(&w);
		json_write_end(&w);
		buf_add_byte(b, '\n');
	}
}

#include "wrap/leftover_text.h"

#include "core/base/vec.h"
#include "wrap/edit/edit.h"
#include "wrap/mcp_entry.h"

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- blocks ---------------------------------------------------------------------------------------------------- */

/* Offset of the line that is this text but for white space around it; STR_NONE. */
static size_t find_line(str text, size_t from, const char *wanted, size_t *end)
{
	str rest = str_sub(text, from, text.n), line;

	while (str_next_line(&rest, &line, NULL)) {
		if (!str_eq_c(str_trim(line), wanted))
			continue;
		*end = text.n - rest.n;
		return (size_t)(line.p - text.p);
	}
	return STR_NONE;
}

/* One blank line beside the block was made with it: that before it, or at the beginning of the file that behind. */
static void widen(str text, size_t *start, size_t *end)
{
	if (*start >= 2 && text.p[*start - 1] == '\n' && text.p[*start - 2] == '\n')
		--*start;
	else if (*start == 0 && *end < text.n && text.p[*end] == '\n')
		++*end;
}

str leftover_drop_fence(struct arena *a, str text, const char *begin, const char *end)
{
	size_t start, after_begin, stop, after_end;

	while ((start = find_line(text, 0, begin, &after_begin)) != STR_NONE) {
		stop = find_line(text, after_begin, end, &after_end);
		if (stop == STR_NONE)
			break;
		widen(text, &start, &after_end);
		text = arena_printf(a, STR_FMT STR_FMT, (int)start, text.p,
			(int)(text.n - after_end), text.p + after_end);
	}
	return text;
}

str leftover_drop_section(struct arena *a, str text)
{
	static const str begin = {"<!-- headroom:rtk-instructions -->", 34};
	static const str end = {"<!-- /headroom:rtk-instructions -->", 35};
	size_t start = str_find(text, begin), stop;
	str before, after;

	if (start == STR_NONE)
		return text;
	stop = str_find(str_sub(text, start, text.n), end);
	if (stop == STR_NONE)
		return text;
	before = str_sub(text, 0, start);
	while (before.n && before.p[before.n - 1] == '\n')
		before.n--;
	after = str_sub(text, start + stop + end.n, text.n);
	while (after.n && after.p[0] == '\n')
		after = str_sub(after, 1, after.n);
	return arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(before),
		!before.n ? "" : (after.n ? "\n\n" : "\n"), STR_ARG(after));
}

/* ---- Codex ----------------------------------------------------------------------------------------------------- */

static const struct {
	const char *begin, *end;
} codex_fences[] = {
	{"# --- Headroom proxy (auto-injected by headroom wrap codex) ---",
		"# --- end Headroom ---"},
	{"# --- Headroom MCP server ---", "# --- end Headroom MCP server ---"},
	{"# --- Headroom memory MCP (auto-injected) ---", "# --- end Headroom memory ---"},
	{"# --- Headroom init provider ---", "# --- end Headroom init provider ---"},
	{"# --- Headroom init features ---", "# --- end Headroom init features ---"},
	{"# --- Headroom persistent provider ---", "# --- end Headroom persistent provider ---"},
};

/* "key = value # comment": false for another key. The comment is empty when there is none. */
static bool split_key(str line, str key, str *value, str *comment)
{
	size_t hash;

	line = str_trim(line);
	if (!str_take(&line, key))
		return false;
	line = str_trim(line);
	if (!str_take(&line, STR("=")))
		return false;
	hash = str_find_byte(line, '#');
	*comment = hash == STR_NONE ? STR("") : str_trim(str_sub(line, hash + 1, line.n));
	*value = str_trim(str_sub(line, 0, hash == STR_NONE ? line.n : hash));
	if (value->n >= 2 && (value->p[0] == '"' || value->p[0] == '\''))
		*value = str_sub(*value, 1, value->n - 1);
	return true;
}

/* The old value in "was: OLD", as it may be spelled: the whole line, a literal, or a bare text. */
static void add_old(struct buf *b, str key, str old)
{
	str value, comment;

	if (split_key(old, key, &value, &comment))
		buf_add(b, old);
	else if (old.n && (old.p[0] == '"' || old.p[0] == '\''))
		buf_printf(b, STR_FMT " = " STR_FMT, STR_ARG(key), STR_ARG(old));
	else
		buf_printf(b, STR_FMT " = \"" STR_FMT "\"", STR_ARG(key), STR_ARG(old));
	buf_add_byte(b, '\n');
}

/* Whether a line of the root is a key of headroom's; what is to stand in its place is added. */
static bool replace_root_key(const struct leftover_env *env, struct buf *b, str line)
{
	static const str keys[] = {{"model_provider", 14}, {"openai_base_url", 15}};

	for (size_t i = 0; i < ARRAY_N(keys); i++) {
		str value, comment;

		if (!split_key(line, keys[i], &value, &comment))
			continue;
		if (i == 0 ? !str_eq(value, STR("headroom")) : !env->is_ours(env->self, value))
			return false;
		if (str_take(&comment, STR("was:")))
			add_old(b, keys[i], str_trim(comment));
		return true;
	}
	return false;
}

str leftover_clean_codex(const struct leftover_env *env, str text)
{
	struct buf b;
	str rest, line;
	bool is_root = true, is_ours = false, has_eol;

	for (size_t i = 0; i < ARRAY_N(codex_fences); i++)
		text = leftover_drop_fence(
			env->arena, text, codex_fences[i].begin, codex_fences[i].end);
	buf_init_arena(&b, env->arena, 2 * text.n + 64);
	rest = text;
	while (str_next_line(&rest, &line, &has_eol)) {
		str trimmed = str_trim(line);

		if (str_starts(trimmed, STR("["))) {
			is_root = false;
			is_ours = str_eq(trimmed, STR("[model_providers.headroom]")) ||
				  str_starts(trimmed, STR("[model_providers.headroom."));
		}
		if (is_ours || (is_root && replace_root_key(env, &b, line)))
			continue;
		buf_add(&b, line);
		if (has_eol)
			buf_add_byte(&b, '\n');
	}
	return buf_str(&b);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

enum test { IS_OUR_URL, IS_OUR_SERVER, IS_OUR_PROVIDER };

static const struct member {
	const char *const *path;
	enum test test;
} members[] = {
	{PATH("env", "ANTHROPIC_BASE_URL"), IS_OUR_URL},
	{PATH("env", "ANTHROPIC_VERTEX_BASE_URL"), IS_OUR_URL},
	{PATH("env", "ANTHROPIC_FOUNDRY_BASE_URL"), IS_OUR_URL},
	{PATH("mcpServers", "headroom"), IS_OUR_SERVER},
	{PATH("mcp", "headroom"), IS_OUR_SERVER},
	{PATH("provider", "headroom"), IS_OUR_PROVIDER},
};

/* The value of PATH; NULL: it is not set. */
static const char *env_path(const struct leftover_env *env)
{
	for (char *const *v = env->envp; v && *v; v++)
		if (strncmp(*v, "PATH=", 5) == 0)
			return *v + 5;
	return NULL;
}

/* The member command of an entry. */
static bool starts_this_program(const struct leftover_env *env, str text, struct edit_path entry)
{
	str parts[3] = {entry.part[0], entry.part[1], STR("command")}, literal;
	struct edit_path path = {parts, 3};
	struct errctx ignored = {0};

	return edit_get(env->arena, &edit_format_json, text, path, &literal, &ignored) == E_OK &&
	       mcp_is_this_program(env->arena, mcp_first_word(literal), env_path(env));
}

static bool holds(str literal, const char *part)
{
	return str_find(literal, str_from(part)) != STR_NONE;
}

static bool passes(const struct leftover_env *env, enum test test, str literal)
{
	switch (test) {
	case IS_OUR_URL:
		return literal.n > 2 && env->is_ours(env->self, str_sub(literal, 1, literal.n - 1));
	case IS_OUR_SERVER:
		return holds(literal, "headroom") && holds(literal, "\"mcp\"") &&
		       holds(literal, "\"serve\"");
	case IS_OUR_PROVIDER:
		return holds(literal, "Headroom Proxy");
	}
	return false;
}

/* An element of a list with the comma beside it. */
static str without_element(struct arena *a, str text, struct span at)
{
	size_t start = at.start, end = at.end;

	while (end < text.n && strchr(" \t\r\n", text.p[end]))
		end++;
	if (end < text.n && text.p[end] == ',') {
		/* up to the next one, which takes its place */
		for (end++; end < text.n && strchr(" \t\r\n", text.p[end]);)
			end++;
	} else {
		end = at.end;
		while (start > 0 && strchr(" \t\r\n", text.p[start - 1]))
			start--;
		if (start > 0 && text.p[start - 1] == ',')
			start--;
		else
			start = at.start;
	}
	return arena_printf(
		a, STR_FMT STR_FMT, (int)start, text.p, (int)(text.n - end), text.p + end);
}

/* The first entry of a list below "hooks" that runs a command of headroom's. */
static bool find_hook(const struct node_doc *d, str text, struct span *at)
{
	static const str hooks = {"hooks", 5};
	uint32_t root = d->list.n ? node_child(d, 0, hooks) : NODE_NONE;

	for (uint32_t i = 0; root != NODE_NONE && i < d->list.n; i++) {
		const struct node *n = &d->list.v[i];
		str spelled = span_str(text, n->at);

		if (n->parent == NODE_NONE || d->list.v[n->parent].kind != NODE_LIST ||
			d->list.v[n->parent].parent != root)
			continue;
		if (holds(spelled, "headroom-init-") || holds(spelled, "rtk-rewrite")) {
			*at = n->at;
			return true;
		}
	}
	return false;
}

static enum err drop_hooks(const struct leftover_env *env, str *text, struct errctx *cx)
{
	for (;;) {
		struct node_doc d = {0};
		struct span at;

		TRY(edit_format_json.parse(env->arena, *text, &d, cx));
		if (!find_hook(&d, *text, &at))
			return E_OK;
		*text = without_element(env->arena, *text, at);
	}
}

enum err leftover_clean_json(const struct leftover_env *env, str text, str *out, struct errctx *cx)
{
	*out = text;
	if (!str_trim(text).n)
		return E_OK;
	for (size_t i = 0; i < ARRAY_N(members); i++) {
		str parts[2] = {str_from(members[i].path[0]), str_from(members[i].path[1])};
		struct edit_path path = {parts, 2};
		str literal;
		struct errctx why = {0};
		enum err e = edit_get(env->arena, &edit_format_json, *out, path, &literal, &why);

		if (e == E_NOT_FOUND)
			continue;
		if (e)
			return err_set(cx, e, "%s", why.text);
		/* an entry that works, whoever wrote it: `headroom mcp uninstall` takes ours back */
		if (members[i].test == IS_OUR_SERVER && starts_this_program(env, *out, path))
			continue;
		if (passes(env, members[i].test, literal))
			/* an object that has nothing else in it was made with it */
			TRY(edit_remove(env->arena, &edit_format_json, *out, path, 0, out, cx));
	}
	return drop_hooks(env, out, cx);
}

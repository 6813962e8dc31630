#include "wrap/mcp_entry.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/file.h"
#include "wrap/find.h"

static const char *env_of(const struct mcp_where *w, const char *name)
{
	size_t n = strlen(name);

	for (char *const *e = w->envp; *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return (*e)[n + 1] ? *e + n + 1 : NULL;
	return NULL;
}

static const char *join(const struct mcp_where *w, const char *dir, const char *name)
{
	return arena_printf(w->arena, "%s/%s", dir, name).p;
}

/* As a variable says it: from the home directory, or from here. */
static const char *absolute(const struct mcp_where *w, const char *path)
{
	if (path[0] == '~' && (path[1] == '/' || !path[1]) && w->home)
		return arena_printf(w->arena, "%s%s", w->home, path + 1).p;
	return path[0] == '/' ? path : join(w, w->cwd, path);
}

/* ---- the command --------------------------------------------------------------------------------------- */

/* A name in PATH outlives an update that replaces what it leads to. */
const char *mcp_command(const struct mcp_where *w)
{
	struct found_program f = find_program(w->arena, "headroom", env_of(w, "PATH"));
	char real[PATH_MAX];

	if (!f.path || f.is_denied || f.path[0] != '/')
		return w->exe;
	return realpath(f.path, real) && strcmp(real, w->exe) == 0 ? f.path : w->exe;
}

bool mcp_command_is_there(const struct mcp_where *w, str command)
{
	struct found_program f;

	if (!command.n)
		return false;
	f = find_program(w->arena, arena_cstr(w->arena, command), env_of(w, "PATH"));
	return f.path && !f.is_denied;
}

str mcp_first_word(str literal)
{
	size_t start = str_find_byte(literal, '"'), end;

	if (start == STR_NONE)
		return str_find_byte(literal, '[') == STR_NONE ? str_trim(literal) : STR("");
	literal = str_sub(literal, start + 1, literal.n);
	end = str_find_byte(literal, '"');
	return end == STR_NONE ? STR("") : str_sub(literal, 0, end);
}

bool mcp_is_this_program(struct arena *a, str command, const char *path)
{
	struct found_program f;
	char there[PATH_MAX], here[PATH_MAX];

	if (!command.n)
		return false;
	f = find_program(a, arena_cstr(a, command), path);
	return f.path && realpath(f.path, there) && realpath("/proc/self/exe", here) &&
	       strcmp(there, here) == 0;
}

/* text with the command for %C (as a JSON string, which TOML and YAML have, too) and %c (as it is). */
static str fill(const struct mcp_where *w, const char *text)
{
	str command = str_from(mcp_command(w)), rest = str_from(text);
	struct buf b;

	buf_init_arena(&b, w->arena, LIMIT_CONFIG_FILE);
	for (size_t i = 0; i < rest.n; i++) {
		if (rest.p[i] != '%') {
			buf_add_byte(&b, rest.p[i]);
			continue;
		}
		i++;
		if (rest.p[i] == 'C')
			buf_add_json_string(&b, command);
		else
			buf_add(&b, command);
	}
	return buf_str(&b);
}

str mcp_by_hand(const struct mcp_where *w, const struct mcp_row *row)
{
	return row->by_hand ? fill(w, row->by_hand) : STR("");
}

/* ---- the file ------------------------------------------------------------------------------------------ */

static const char *user_dir(const struct mcp_where *w, const struct mcp_row *row)
{
	const char *named = row->dir_variable ? env_of(w, row->dir_variable) : NULL;
	const char *xdg = row->xdg_dir ? env_of(w, "XDG_CONFIG_HOME") : NULL;

	if (named)
		return absolute(w, named);
	if (xdg && xdg[0] == '/')
		return join(w, xdg, row->xdg_dir);
	if (!w->home || row->is_home_bare)
		return w->home;
	return join(w, w->home, row->dir);
}

static const char *find_file(const struct mcp_where *w, const struct mcp_row *row)
{
	const char *named = row->file_variable ? env_of(w, row->file_variable) : NULL;
	const char *dir, *file;

	if (w->is_project)
		return row->project_file ? join(w, w->cwd, row->project_file) : NULL;
	if (named)
		return absolute(w, named);
	dir = user_dir(w, row);
	if (!dir)
		return NULL;
	file = join(w, dir, row->user_file);
	if (row->other_file && access(file, F_OK) != 0 &&
		access(join(w, dir, row->other_file), F_OK) == 0)
		file = join(w, dir, row->other_file);
	return file;
}

/* ---- the entry ----------------------------------------------------------------------------------------- */

const char *mcp_state_name(enum mcp_state s)
{
	static const char *const names[] = {
		"absent", "registered", "different", "unreadable", "by hand"};

	return names[s];
}

/* The path of the entry and further parts, NULL-terminated. */
static struct edit_path path_of(
	const struct mcp_where *w, const struct mcp_row *row, const char *const *more)
{
	VEC(str) parts = {0};

	for (size_t i = 0; row->path[i]; i++)
		*vec_push(&parts, w->arena) = str_from(row->path[i]);
	for (; more && *more; more++)
		*vec_push(&parts, w->arena) = str_from(*more);
	return (struct edit_path){parts.v, parts.n};
}

struct edit *mcp_entry_edits(const struct mcp_where *w, const struct mcp_entry *e, size_t *n)
{
	VEC(struct edit) edits = {0};

	for (const struct mcp_key *k = e->row->keys; k->literal; k++)
		*vec_push(&edits, w->arena) = (struct edit){
			.agent = str_from(e->row->agent),
			.scope = w->is_project ? STR(MCP_SCOPE_PROJECT) : STR(MCP_SCOPE_USER),
			.file = e->file,
			.format = e->row->format,
			.path = path_of(w, e->row, (const char *const[]){k->name, NULL}),
			.literal = fill(w, k->literal),
			/* a project's file is for all who share it */
			.mode = w->is_project ? 0644 : 0600,
		};
	*n = edits.n;
	return edits.v;
}

/* Whether all that would be written is there. */
static bool is_ours(const struct mcp_where *w, const struct mcp_entry *e, str text)
{
	struct errctx ignored = {0};
	struct edit *edits;
	size_t n;
	str there;

	edits = mcp_entry_edits(w, e, &n);
	for (size_t i = 0; i < n; i++)
		if (edit_get(w->arena, e->row->format, text, edits[i].path, &there, &ignored) ||
			!edit_same_value(w->arena, e->row->format, there, edits[i].literal))
			return false;
	return true;
}

/* The command is a string, or the first of a list (opencode). */
static str read_command(const struct mcp_where *w, const struct mcp_row *row, str text)
{
	struct edit_path path = path_of(
		w, row, row->command[0] ? row->command : (const char *const[]){"command", NULL});
	struct errctx ignored = {0};
	str value;

	if (edit_get(w->arena, row->format, text, path, &value, &ignored))
		return STR("");
	return mcp_first_word(value);
}

static void look_in(const struct mcp_where *w, struct mcp_entry *e, str text)
{
	struct errctx cx = {0};
	str there;
	enum err err =
		edit_get(w->arena, e->row->format, text, path_of(w, e->row, NULL), &there, &cx);

	if (err == E_NOT_FOUND)
		return;
	if (err) {
		e->state = MCP_UNREAD;
		e->why = arena_printf(w->arena, "%s: %s", e->file, cx.text).p;
		return;
	}
	e->state = is_ours(w, e, text) ? MCP_OURS : MCP_OTHER;
	e->command = read_command(w, e->row, text);
}

void mcp_entry_look(const struct mcp_where *w, const struct mcp_row *row, struct mcp_entry *out)
{
	struct errctx cx = {0};
	str text = STR("");
	enum err err;

	*out = (struct mcp_entry){.row = row, .command = STR("")};
	out->file = row->format ? find_file(w, row) : NULL;
	if (!out->file) {
		out->state = MCP_BY_HAND;
		out->why = !row->format    ? "its file is not one that is edited here"
			   : w->is_project ? "it has no file of its own in a project"
					   : "HOME is not set";
		return;
	}
	err = file_read_text(out->file, LIMIT_CONFIG_FILE, w->arena, &text, &cx);
	if (err == E_OK) {
		look_in(w, out, text);
	} else if (err != E_NOT_FOUND) {
		out->state = MCP_UNREAD;
		out->why = arena_cstr(w->arena, str_from(cx.text));
	}
}

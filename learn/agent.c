#include "learn/agent.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "core/base/limits.h"

static const struct {
	const char *name, *title;
} AGENTS[AGENT_N] = {
#define X(agent, name, title) [AGENT_##agent] = {name, title},
	LEARN_AGENT_MAP(X)
#undef X
};

const char *learn_agent_name(enum learn_agent g)
{
	return AGENTS[g].name;
}

const char *learn_agent_title(enum learn_agent g)
{
	return AGENTS[g].title;
}

bool learn_agent_parse(str name, enum learn_agent *out)
{
	for (enum learn_agent g = 0; g < AGENT_N; g++) {
		if (!str_eq_c(name, AGENTS[g].name))
			continue;
		*out = g;
		return true;
	}
	return false;
}

/* ---- directories -------------------------------------------------------------------------------------------- */

enum {
	DEPTH_MAX = 12
}; /* Claude Code's workflows nest five deep; links may lead round in a circle */

struct walk {
	enum learn_agent agent;
	struct arena *a;
	struct learn_files *out;
	const char *within; /* only files with this in their path; NULL: all */
	const char *project;
};

static int cmp_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What stands in a directory, in the order of names. */
static const char **names_in(const char *dir, struct arena *a, size_t *n)
{
	VEC(const char *) names = {0};
	DIR *d = opendir(dir);
	struct dirent *e;

	*n = 0;
	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			*vec_push(&names, a) = arena_cstr(a, str_from(e->d_name));
	if (d)
		(void)closedir(d);
	if (!names.n)
		return NULL;
	qsort(names.v, names.n, sizeof *names.v, cmp_name);
	*n = names.n;
	return names.v;
}

static void add_file(const struct walk *w, const char *path, const struct stat *st)
{
	*vec_push(&w->out->v, w->a) = (struct learn_file){.path = arena_cstr(w->a, str_from(path)),
		.agent = w->agent,
		.bytes = (uint64_t)st->st_size,
		.changed_ms = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000,
		.project = w->project};
}

static void walk(const struct walk *w, const char *dir, unsigned depth)
{
	size_t n;
	const char **names = names_in(dir, w->a, &n);

	for (size_t i = 0; i < n; i++) {
		str name = str_from(names[i]);
		const char *path = arena_cstr(w->a, arena_printf(w->a, "%s/%s", dir, names[i]));
		struct stat st;

		if (stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			walk(w, path, depth + 1);
		else if (S_ISREG(st.st_mode) && st.st_size &&
			 (str_ends(name, STR(".jsonl")) || str_ends(name, STR(".json"))) &&
			 (!w->within || strstr(path, w->within)))
			add_file(w, path, &st);
	}
}

enum err learn_add_path(
	const char *path, struct arena *a, struct learn_files *out, struct errctx *cx)
{
	struct walk w = {.agent = AGENT_PROXY, .a = a, .out = out};
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(cx, file_err(errno), "cannot read %s: %m", path);
	if (S_ISDIR(st.st_mode))
		walk(&w, path, 0);
	else
		add_file(&w, path, &st);
	return E_OK;
}

/* ---- agents ---------------------------------------------------------------------------------------------------- */

/* A path below home, or below what a variable says in place of its beginning. */
static const char *below(
	struct arena *a, const char *named, const char *home, const char *usual, const char *rest)
{
	if (named && *named)
		return arena_cstr(a, arena_printf(a, "%s/%s", named, rest));
	if (!home || !*home)
		return NULL;
	return arena_cstr(a, arena_printf(a, "%s/%s/%s", home, usual, rest));
}

/* Gemini CLI names a project's directory by a hash or a made-up name; the path stands in a file there. */
static void find_gemini(const struct walk *w, const char *root)
{
	enum { PATH_BYTES = 4096 };
	size_t n;
	const char **names = names_in(root, w->a, &n);

	for (size_t i = 0; i < n; i++) {
		const char *dir = arena_cstr(w->a, arena_printf(w->a, "%s/%s", root, names[i]));
		struct walk each = *w;
		struct buf b;

		buf_init(&b, PATH_BYTES);
		if (file_read(arena_cstr(w->a, arena_printf(w->a, "%s/.project_root", dir)), &b,
			    NULL) == E_OK)
			each.project = arena_cstr(w->a, str_trim(buf_str(&b)));
		buf_release(&b);
		walk(&each, dir, 1);
	}
}

/* Newer versions of OpenCode have a database (seen in 1.18), older ones a file for each part; Cursor has one for all conversations. */
#define CURSOR_DB "Cursor/User/globalStorage/state.vscdb"
static void find_database(const struct walk *w, const char *path)
{
	struct stat st;

	if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		add_file(w, path, &st);
}

void learn_find(
	const struct learn_env *env, enum learn_agent g, struct arena *a, struct learn_files *out)
{
	struct walk w = {.agent = g, .a = a, .out = out};
	const char *root = NULL;

	switch (g) {
	case AGENT_CLAUDE:
		root = below(a, env->claude_config_dir, env->home, ".claude", "projects");
		break;
	case AGENT_CODEX:
		root = below(a, env->codex_home, env->home, ".codex", "sessions");
		break;
	case AGENT_GEMINI:
		root = below(a, NULL, env->home, ".gemini", "tmp");
		w.within = "/chats/";
		if (root)
			find_gemini(&w, root);
		return;
	case AGENT_OPENCODE:
		find_database(&w, below(a, env->xdg_data_home, env->home, ".local/share",
					  "opencode/opencode.db"));
		root = below(
			a, env->xdg_data_home, env->home, ".local/share", "opencode/storage/part");
		break;
	case AGENT_CURSOR:
		find_database(&w, below(a, env->xdg_config_home, env->home, ".config", CURSOR_DB));
		find_database(
			&w, below(a, NULL, env->home, "Library/Application Support", CURSOR_DB));
		root = below(a, NULL, env->home, ".cursor", "projects");
		w.within = "/agent-transcripts/";
		break;
	case AGENT_PI:
		root = below(a, NULL, env->home, ".pi/agent", "sessions");
		break;
	case AGENT_PROXY:
		if (env->log_file && *env->log_file)
			(void)!learn_add_path(env->log_file, a, out, NULL);
		break;
	case AGENT_N:
		break;
	}
	if (root)
		walk(&w, root, 0);
}

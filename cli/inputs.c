#include "cli/inputs.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/vec.h"

enum { DIR_DEPTH_MAX = 16 }; /* a directory within itself by links */

struct walk {
	struct cli *cli;
	inputs_add_fn add;
	void *self;
};

static int cmp_path(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void walk_path(const struct walk *w, const char *path, bool is_named, unsigned depth);

/* In the order of names, so that the report does not depend on that of the disk. */
static void walk_directory(const struct walk *w, const char *path, unsigned depth)
{
	struct arena *a = &w->cli->arena;
	DIR *dir = opendir(path);
	VEC(const char *) names = {0};
	struct dirent *e;

	if (!dir) {
		cli_warn(w->cli, "%s: cannot be read: %m", path);
		return;
	}
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			*vec_push(&names, a) =
				arena_cstr(a, arena_printf(a, "%s/%s", path, e->d_name));
	(void)closedir(dir);
	if (names.n)
		qsort(names.v, names.n, sizeof *names.v, cmp_path);
	for (size_t i = 0; i < names.n; i++)
		walk_path(w, names.v[i], false, depth + 1);
}

static void walk_path(const struct walk *w, const char *path, bool is_named, unsigned depth)
{
	str name = str_from(path);
	struct stat st;
	bool is_directory = strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);

	if (is_directory && depth < DIR_DEPTH_MAX)
		walk_directory(w, path, depth);
	else if (is_named || str_ends(name, STR(".jsonl")) || str_ends(name, STR(".json")))
		w->add(w->self, path, is_named);
}

void inputs_walk(struct cli *cli, const char *path, inputs_add_fn add, void *self)
{
	const struct walk w = {cli, add, self};

	walk_path(&w, path, true, 0);
}

enum err inputs_read(const char *path, struct buf *out, struct errctx *cx)
{
	if (strcmp(path, "-") == 0)
		return file_read_fd(STDIN_FILENO, "standard input", out, cx);
	return file_read(path, out, cx);
}

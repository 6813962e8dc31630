#include "cli/inputs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/limits.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "proxy/coding.h"

enum {
	DIR_DEPTH_MAX = 16, /* a directory within itself by links */
	PARTS_MAX = 99,     /* of a log; logrotate's usual maxima are far below */
	PART_NAME_EXTRA = sizeof ".99.gz",
};

struct walk {
	struct cli *cli;
	inputs_add_fn add;
	void *self;
};

/* ---- parts of a log ------------------------------------------------------------------------------- */

/* "log.jsonl.2.gz" to "log.jsonl" and 2; false for what is no such name. */
static bool part_of(str name, str *base, uint64_t *number)
{
	size_t dot;

	if (str_ends(name, STR(".gz")))
		name = str_sub(name, 0, name.n - 3);
	dot = str_rfind_byte(name, '.');
	if (dot == STR_NONE || !str_u64(str_sub(name, dot + 1, name.n), number) || !*number ||
		*number > PARTS_MAX)
		return false;
	*base = str_sub(name, 0, dot);
	return str_ends(*base, STR(".jsonl")) || str_ends(*base, STR(".log"));
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Is it read with the file that it was put away from? */
static bool is_covered(const struct walk *w, const char *path, bool is_named)
{
	struct arena *a = &w->cli->arena;
	uint64_t number;
	str base;

	if (!part_of(str_from(path), &base, &number))
		return false;
	if (!is_named)
		return is_file(arena_cstr(a, base));
	for (size_t i = 0; i < w->cli->operand_n; i++)
		if (str_eq(str_from(w->cli->operands[i]), base))
			return true;
	return false;
}

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
	str name = str_from(path), base;
	uint64_t number;
	struct stat st;
	bool is_directory = strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);

	if (is_directory && depth < DIR_DEPTH_MAX)
		walk_directory(w, path, depth);
	else if (is_covered(w, path, is_named))
		return;
	else if (is_named || str_ends(name, STR(".jsonl")) || str_ends(name, STR(".json")) ||
		 part_of(name, &base, &number))
		w->add(w->self, path, is_named);
}

void inputs_walk(struct cli *cli, const char *path, inputs_add_fn add, void *self)
{
	const struct walk w = {cli, add, self};

	walk_path(&w, path, true, 0);
}

enum err inputs_named(const char *path, enum err e, struct errctx *cx)
{
	if (!e || !cx)
		return e;
	if (!*cx->text)
		(void)err_set(cx, e, "%s", err_text(e));
	(void)err_prefix(cx, "%s", path);
	return e;
}

/* Appends one file; ends it with a line end where it has none, so that the next one begins a line. */
static enum err read_part(const char *path, struct buf *out, struct errctx *cx)
{
	struct buf packed;
	enum err err;

	if (!str_ends(str_from(path), STR(".gz")))
		return file_read(path, out, cx);
	buf_init(&packed, LIMIT_INPUT);
	err = file_read(path, &packed, cx);
	if (!err)
		err = inputs_named(path,
			coding_decode(CODING_GZIP, buf_str(&packed), out->max - out->n, out, cx),
			cx);
	buf_release(&packed);
	return err;
}

/* Into part; false: there is no such one. */
static bool name_part(const char *path, int n, char *part, size_t cap)
{
	for (int packed = 0; packed < 2; packed++) {
		(void)snprintf(part, cap, "%s.%d%s", path, n, packed ? ".gz" : "");
		if (is_file(part))
			return true;
	}
	return false;
}

static enum err read_parts(const char *path, struct buf *out, struct errctx *cx)
{
	size_t cap = strlen(path) + PART_NAME_EXTRA;
	char *part = mem_alloc(cap);
	enum err err = E_OK;
	int n = 0;

	if (!part)
		FAIL(cx, E_NOMEM, "no memory for a name");
	while (n < PARTS_MAX && name_part(path, n + 1, part, cap))
		n++;
	for (; n > 0 && !err; n--) {
		if (name_part(path, n, part, cap))
			err = read_part(part, out, cx);
		if (!err && out->n && out->p[out->n - 1] != '\n')
			buf_add_byte(out, '\n');
	}
	mem_free(part);
	return err;
}

enum err inputs_read(const char *path, struct buf *out, struct errctx *cx)
{
	if (strcmp(path, "-") == 0)
		return file_read_fd(STDIN_FILENO, "standard input", out, cx);
	TRY(read_parts(path, out, cx));
	return read_part(path, out, cx);
}

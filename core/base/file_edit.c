#include "core/base/file_edit.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

const char *file_edit_dir(struct arena *a, const char *path)
{
	str s = str_from(path);
	size_t slash = str_rfind_byte(s, '/');

	return slash == 0 || slash == STR_NONE ? "/" : arena_cstr(a, str_sub(s, 0, slash));
}

enum err file_edit_real(struct arena *a, const char *path, const char **real, struct errctx *cx)
{
	char resolved[PATH_MAX];
	const char *dir, *name;
	struct stat st;

	if (path[0] != '/' || path[1] == '\0')
		FAIL(cx, E_CONFIG, "%s: not an absolute path of a file", path);
	if (realpath(path, resolved)) {
		*real = arena_cstr(a, str_from(resolved));
		return E_OK;
	}
	if (errno != ENOENT)
		FAIL(cx, file_err(errno), "cannot open %s: %s", path,
			file_err_text(errno, resolved));
	if (lstat(path, &st) == 0)
		FAIL(cx, E_CONFIG, "%s: a link to something that is not there", path);
	dir = file_edit_dir(a, path);
	name = path + str_rfind_byte(str_from(path), '/') + 1;
	if (realpath(dir, resolved))
		dir = arena_cstr(a, str_from(resolved));
	*real = arena_cstr(a, arena_printf(a, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name));
	return E_OK;
}

enum err file_edit_check(const char *real, bool *is_there, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	struct stat st;

	*is_there = stat(real, &st) == 0;
	if (!*is_there && file_err(errno) == E_NOT_FOUND)
		return E_OK;
	if (!*is_there)
		FAIL(cx, file_err(errno), "cannot open %s: %s", real, file_err_text(errno, text));
	if (!S_ISREG(st.st_mode))
		FAIL(cx, E_CONFIG, "%s: not a regular file", real);
	/* The superuser could write it, and the rename would succeed for others too; who took the permission away meant it. */
	if ((st.st_mode & 0222) == 0 || access(real, W_OK) != 0)
		FAIL(cx, E_PERMISSION, "%s: the file is read-only", real);
	return E_OK;
}

enum err file_edit_same(
	const char *real, bool was_there, str text, struct buf *scratch, struct errctx *cx)
{
	struct errctx read_cx = {0};
	enum err e;

	buf_reset(scratch);
	e = file_read(real, scratch, &read_cx);
	if (e && e != E_NOT_FOUND)
		FAIL(cx, e, "%s", read_cx.text);
	if ((e == E_OK) != was_there || !str_eq(buf_str(scratch), text))
		FAIL(cx, E_BUSY, "%s: something else has changed it just now, try again", real);
	return E_OK;
}

uint64_t file_edit_missing_dirs(struct arena *a, const char *real)
{
	const char *dir = file_edit_dir(a, real);
	struct stat st;
	uint64_t n = 0;

	for (; stat(dir, &st) != 0 && strcmp(dir, "/") != 0; n++)
		dir = file_edit_dir(a, dir);
	return n;
}

void file_edit_remove_dirs(struct arena *a, const char *real, uint64_t n)
{
	const char *dir = real;

	for (uint64_t i = 0; i < n; i++) {
		dir = file_edit_dir(a, dir);
		if (rmdir(dir) != 0 && errno != ENOENT)
			return;
	}
}

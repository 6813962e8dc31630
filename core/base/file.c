#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/check.h"

enum {
	READ_STEP = 64 << 10, /* when the size is not known beforehand: pipes, /proc */
	LINKS_MAX = 40,       /* symbolic links followed in a row, as Linux does */
};

enum err file_err(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return E_NOT_FOUND;
	case EACCES:
	case EPERM:
		return E_PERMISSION;
	case ENOMEM:
		return E_NOMEM;
	default:
		return E_IO;
	}
}

const char *file_err_text(int errnum, char text[FILE_ERRNO_TEXT])
{
	return strerror_r(errnum, text, FILE_ERRNO_TEXT);
}

static enum err fail_errno(struct errctx *cx, const char *what, const char *path)
{
	char text[FILE_ERRNO_TEXT];
	int errnum = errno;

	return err_set(
		cx, file_err(errnum), "cannot %s %s: %s", what, path, file_err_text(errnum, text));
}

/* The buffer is full: fine when the file ends here. */
static enum err expect_end(int fd, const char *name, size_t max, struct errctx *cx)
{
	char c;
	ssize_t n;

	do
		n = read(fd, &c, 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_errno(cx, "read", name);
	if (n)
		FAIL(cx, E_TOO_BIG, "%s: larger than %zu bytes", name, max);
	return E_OK;
}

static enum err read_to_end(
	int fd, const char *name, size_t step, struct buf *out, struct errctx *cx)
{
	for (;;) {
		ssize_t n;

		if (out->n == out->max)
			return expect_end(fd, name, out->max, cx);
		if (out->n == out->cap &&
			!buf_reserve(out, step < out->max - out->n ? step : out->max - out->n))
			FAIL(cx, out->err, "%s: %s", name, err_text(out->err));
		n = read(fd, out->p + out->n, out->cap - out->n);
		if (n == 0)
			return E_OK;
		if (n > 0)
			out->n += (size_t)n;
		else if (errno != EINTR)
			return fail_errno(cx, "read", name);
	}
}

enum err file_read_fd(int fd, const char *name, struct buf *out, struct errctx *cx)
{
	size_t start = out->n, step = READ_STEP;
	struct stat st;
	enum err e;

	ASSERT(!out->arena);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		step = (size_t)st.st_size +
		       1; /* one more, so that the end is seen without growing */
	e = read_to_end(fd, name, step, out, cx);
	if (e) {
		out->n = start;
		out->err = E_OK;
	}
	return e;
}

enum err file_read(const char *path, struct buf *out, struct errctx *cx)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (fd < 0)
		return fail_errno(cx, "open", path);
	e = file_read_fd(fd, path, out, cx);
	(void)close(fd);
	return e;
}

enum err file_read_text(const char *path, size_t max, struct arena *a, str *out, struct errctx *cx)
{
	struct buf b;
	enum err e;

	buf_init(&b, max);
	e = file_read(path, &b, cx);
	if (!e)
		*out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return e;
}

/* The directory part of path ("." when there is none), its last "/" included. */
static str dir_of(const char *path)
{
	str s = str_from(path);
	size_t slash = str_rfind_byte(s, '/');

	return slash == STR_NONE ? STR("./") : str_sub(s, 0, slash + 1);
}

/* Follows symbolic links at the end of path, also ones whose target is not there yet. */
static enum err resolve_links(const char *path, char out[PATH_MAX], struct errctx *cx)
{
	char link[PATH_MAX];

	if ((size_t)snprintf(out, PATH_MAX, "%s", path) >= PATH_MAX)
		FAIL(cx, E_CANT_CREATE, "path is too long");
	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t n = readlink(out, link, sizeof link - 1);
		char joined[PATH_MAX];
		str dir = dir_of(out);
		int len;

		if (n < 0)
			return E_OK; /* no link, or nothing there: what follows finds out */
		link[n] = '\0';
		len = snprintf(joined, sizeof joined, "%.*s%s", *link == '/' ? 0 : (int)dir.n,
			dir.p, link);
		if (len < 0 || (size_t)len >= sizeof joined)
			FAIL(cx, E_CANT_CREATE, "%s: target of the link is too long", path);
		memcpy(out, joined, (size_t)len + 1);
	}
	FAIL(cx, E_CANT_CREATE, "%s: too many symbolic links", path);
}

static enum err write_all(int fd, const char *path, str data, struct errctx *cx)
{
	while (data.n) {
		ssize_t n = write(fd, data.p, data.n);

		if (n < 0 && errno != EINTR)
			return fail_errno(cx, "write", path);
		if (n > 0)
			data = str_sub(data, (size_t)n, data.n);
	}
	return E_OK;
}

/* Gives the new file the mode and owner of the one that it will replace. */
static enum err copy_identity(int fd, const char *path, mode_t mode, struct errctx *cx)
{
	struct stat old, new;

	if (stat(path, &old) == 0) {
		if (!S_ISREG(old.st_mode))
			FAIL(cx, E_CANT_CREATE, "%s is not a regular file", path);
		mode = old.st_mode & 07777;
		if (fstat(fd, &new) == 0 &&
			(new.st_uid != old.st_uid || new.st_gid != old.st_gid) &&
			fchown(fd, old.st_uid, old.st_gid) != 0)
			mode &= 01777; /* not ours to give away; then no set-id bits either */
	}
	if (fchmod(fd, mode) != 0)
		return fail_errno(cx, "set the mode of", path);
	return E_OK;
}

static enum err sync_dir(const char *path, struct errctx *cx)
{
	char dir[PATH_MAX];
	str d = dir_of(path);
	int fd;

	(void)snprintf(dir, sizeof dir, STR_FMT, STR_ARG(d));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(cx, "open", dir);
	if (fsync(fd) != 0 && errno != EINVAL) { /* EINVAL: a file system without directory sync */
		enum err e = fail_errno(cx, "sync", dir);

		(void)close(fd);
		return e;
	}
	(void)close(fd);
	return E_OK;
}

/* Makes the temporary file; its name is in r->temp. */
static int open_temp(struct file_replace *r, bool is_random)
{
	if (is_random)
		return mkostemp(r->temp, O_CLOEXEC);
	(void)unlink(r->temp);
	return open(r->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

enum err file_replace_open(struct file_replace *r, const char *path, struct errctx *cx)
{
	return file_replace_open_as(r, path, NULL, cx);
}

enum err file_replace_open_as(
	struct file_replace *r, const char *path, const char *suffix, struct errctx *cx)
{
	struct stat st;
	int len;

	r->fd = -1;
	r->temp[0] = '\0';
	TRY(resolve_links(path, r->real, cx));
	if (stat(r->real, &st) == 0 && !S_ISREG(st.st_mode)) {
		if (S_ISDIR(st.st_mode))
			FAIL(cx, E_CANT_CREATE, "%s is a directory, not a regular file", path);
		r->fd = open(r->real, O_WRONLY | O_CLOEXEC);
		return r->fd < 0 ? fail_errno(cx, "open", path) : E_OK;
	}
	len = snprintf(r->temp, sizeof r->temp, "%s%s", r->real, suffix ? suffix : ".XXXXXX");
	if (len < 0 || (size_t)len >= sizeof r->temp) {
		r->temp[0] = '\0';
		FAIL(cx, E_CANT_CREATE, "%s: path is too long", path);
	}
	r->fd = open_temp(r, !suffix);
	if (r->fd < 0) {
		r->temp[0] = '\0';
		return fail_errno(cx, "create a file beside", r->real);
	}
	return E_OK;
}

enum err file_replace_write(struct file_replace *r, str data, struct errctx *cx)
{
	return write_all(r->fd, r->real, data, cx);
}

static enum err finish_temp(struct file_replace *r, mode_t mode, struct errctx *cx)
{
	TRY(copy_identity(r->fd, r->real, mode, cx));
	if (fsync(r->fd) != 0)
		return fail_errno(cx, "sync", r->real);
	return E_OK;
}

enum err file_replace_commit(struct file_replace *r, mode_t mode, struct errctx *cx)
{
	enum err e = r->temp[0] ? finish_temp(r, mode, cx) : E_OK;

	if (close(r->fd) != 0 && !e)
		e = fail_errno(cx, "write", r->real);
	r->fd = -1;
	if (!r->temp[0])
		return e;
	if (!e && rename(r->temp, r->real) != 0)
		e = fail_errno(cx, "replace", r->real);
	if (e)
		(void)unlink(r->temp);
	r->temp[0] = '\0';
	return e ? e : sync_dir(r->real, cx);
}

void file_replace_abort(struct file_replace *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->temp[0])
		(void)unlink(r->temp);
	r->fd = -1;
	r->temp[0] = '\0';
}

enum err file_write_atomic(const char *path, str data, mode_t mode, struct errctx *cx)
{
	struct file_replace r;
	enum err e;

	TRY(file_replace_open(&r, path, cx));
	if (!r.temp[0]) {
		file_replace_abort(&r);
		FAIL(cx, E_CANT_CREATE, "%s is not a regular file", path);
	}
	e = file_replace_write(&r, data, cx);
	if (e) {
		file_replace_abort(&r);
		return e;
	}
	return file_replace_commit(&r, mode, cx);
}

/* Makes one directory; one that is there, or was made by somebody else meanwhile, is fine. */
static enum err make_dir(const char *path, mode_t mode, struct errctx *cx)
{
	struct stat st;

	if (mkdir(path, mode) == 0) {
		if (chmod(path, mode) != 0)
			return fail_errno(cx, "set the mode of", path);
		return E_OK;
	}
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return E_OK;
	if (errno == EEXIST)
		errno = ENOTDIR;
	return fail_errno(cx, "create directory", path);
}

enum err file_mkdirs(const char *path, mode_t mode, struct errctx *cx)
{
	char at[PATH_MAX];
	struct stat st;
	size_t n = strlen(path);

	if (n >= sizeof at)
		FAIL(cx, E_CANT_CREATE, "path is too long");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return E_OK;
	memcpy(at, path, n + 1);
	for (size_t i = 1; i < n; i++) {
		if (at[i] != '/' || at[i - 1] == '/')
			continue;
		at[i] = '\0';
		if (stat(at, &st) != 0 || !S_ISDIR(st.st_mode))
			TRY(make_dir(at, mode, cx));
		at[i] = '/';
	}
	return make_dir(at, mode, cx);
}

#include "proxy/request_log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "proxy/request_log.h"

enum { MODE_FILE = 0600, MODE_DIR = 0700 };

static enum err fail_errno(enum err code, const char *what, const char *path, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	int errnum = errno;

	return err_set(cx, code, "cannot %s the request log %s: %s", what, path,
		file_err_text(errnum, text));
}

#define HINT "; give --log-file a path that can be written, or leave it out"

static enum err open_file(struct request_log_file *f, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	struct stat st;
	/* Without waiting: a pipe that nobody reads is an error at once. */
	int fd = open(f->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		MODE_FILE);

	if (fd < 0)
		FAIL(cx, E_CANT_CREATE, "cannot open the request log %.300s: %s" HINT, f->path,
			file_err_text(errno, text));
	if (fstat(fd, &st) < 0) {
		(void)close(fd);
		return fail_errno(E_CANT_CREATE, "look at", f->path, cx);
	}
	f->fd = fd;
	f->is_regular = S_ISREG(st.st_mode);
	return E_OK;
}

static enum err make_directory(char *path, struct errctx *cx)
{
	char *slash = strrchr(path, '/');
	struct errctx why = {0};
	enum err e;

	if (!slash || slash == path)
		return E_OK;
	*slash = '\0';
	e = file_mkdirs(path, MODE_DIR, &why);
	*slash = '/';
	if (e)
		FAIL(cx, E_CANT_CREATE, "no directory for the request log: %.300s" HINT, why.text);
	return E_OK;
}

/* A symbolic link stays: what it leads to is what is renamed. */
static void follow_links(struct request_log_file *f)
{
	char *real = f->is_regular ? mem_alloc(PATH_MAX) : NULL;

	if (real && realpath(f->path, real)) {
		mem_free(f->path);
		f->path = real;
	} else {
		mem_free(real);
	}
}

enum err request_log_file_open(struct request_log_file *f, const char *path, struct errctx *cx)
{
	size_t n = strlen(path) + 1;
	enum err e;

	*f = (struct request_log_file){.path = mem_alloc(n), .fd = -1};
	if (!f->path)
		FAIL(cx, E_NOMEM, "no memory for the request log");
	memcpy(f->path, path, n);
	e = make_directory(f->path, cx);
	if (!e)
		e = open_file(f, cx);
	if (!e)
		follow_links(f);
	else
		request_log_file_close(f);
	return e;
}

void request_log_file_close(struct request_log_file *f)
{
	request_log_file_reopen(f);
	mem_free(f->path);
	f->path = NULL;
}

void request_log_file_reopen(struct request_log_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
}

unsigned request_log_file_readers(const struct request_log_file *f)
{
	struct stat st;

	return f->is_regular && fstat(f->fd, &st) == 0 ? st.st_mode & 0077u : 0;
}

/* FILE -> FILE.1 -> FILE.2 ... The oldest is overwritten; one that is missing leaves a gap. */
static enum err rotate(const struct request_log_file *f, struct errctx *cx)
{
	char from[PATH_MAX + 8], to[PATH_MAX + 8];

	for (int i = LOG_FILES_KEPT - 1; i >= 0; i--) {
		if (i)
			(void)snprintf(from, sizeof from, "%s.%d", f->path, i);
		else
			(void)snprintf(from, sizeof from, "%s", f->path);
		(void)snprintf(to, sizeof to, "%s.%d", f->path, i + 1);
		if (rename(from, to) < 0 && errno != ENOENT)
			return fail_errno(E_IO, "put away", from, cx);
	}
	return E_OK;
}

static bool is_still_named(const struct request_log_file *f, struct stat *st)
{
	struct stat named;

	return fstat(f->fd, st) == 0 && stat(f->path, &named) == 0 && named.st_dev == st->st_dev &&
	       named.st_ino == st->st_ino;
}

static enum err write_all(
	const struct request_log_file *f, str line, off_t before, struct errctx *cx)
{
	for (size_t at = 0; at < line.n;) {
		ssize_t n = write(f->fd, line.p + at, line.n - at);

		if (n >= 0) {
			at += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		(void)fail_errno(E_IO, "write", f->path, cx);
		if (at && f->is_regular && ftruncate(f->fd, before) < 0)
			return E_IO; /* half a line stays; readers count it as a bad one */
		return E_IO;
	}
	return E_OK;
}

/* Under the lock. *is_done is false when the file had to be changed for another one: try again. */
static enum err write_locked(struct request_log_file *f, str line, bool *is_done, struct errctx *cx)
{
	struct stat st;

	if (!is_still_named(f, &st))
		return E_OK; /* somebody has put it away */
	if (st.st_size && (uint64_t)st.st_size + line.n > LOG_FILE_BYTES)
		return rotate(f, cx);
	*is_done = true;
	return write_all(f, line, st.st_size, cx);
}

enum err request_log_file_write(struct request_log_file *f, str line, struct errctx *cx)
{
	enum { TRIES = 100 }; /* each other one is somebody else's rotation */
	bool is_done = false;

	for (int i = 0; i < TRIES && !is_done; i++) {
		enum err e;

		if (f->fd < 0)
			TRY(open_file(f, cx));
		if (!f->is_regular)
			return write_all(f, line, 0, cx);
		while (flock(f->fd, LOCK_EX) < 0)
			if (errno != EINTR)
				break; /* a file system without locks: alone, all is well */
		e = write_locked(f, line, &is_done, cx);
		(void)flock(f->fd, LOCK_UN);
		if (!is_done || e)
			request_log_file_reopen(f);
		TRY(e);
	}
	if (!is_done)
		FAIL(cx, E_IO, "the request log %s is replaced all the time", f->path);
	return E_OK;
}

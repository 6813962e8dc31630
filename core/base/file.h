/* file: whole files in, whole files out, directories. What is written is either there completely
 * or not at all, also after a kill. Nothing here reads the environment. Thread: any. */
#ifndef CORE_BASE_FILE_H
#define CORE_BASE_FILE_H

#include <sys/types.h>

#include "core/base/buf.h"

/* Appends the file's bytes to out, which bounds them by its own maximum and must be a heap buffer
 * (running out of arena memory would leave the file open). A pipe is read to its end.
 * E_NOT_FOUND, E_PERMISSION, E_TOO_BIG, E_NOMEM, E_IO (a directory, too). On an error out is as
 * it was. */
enum err file_read(const char *path, struct buf *out, struct errctx *cx) MUST_CHECK;
/* The same from an open descriptor, which stays open; name is for messages. */
enum err file_read_fd(int fd, const char *name, struct buf *out, struct errctx *cx) MUST_CHECK;
/* All of the file, at most max bytes, in the arena. Errors as above; then *out is as it was. */
enum err file_read_text(
	const char *path, size_t max, struct arena *a, str *out, struct errctx *cx) MUST_CHECK;

/* Replaces the file in one step: a temporary file beside it, fsync, rename, fsync of the
 * directory. A symbolic link is followed, so that the link stays and its target changes. An
 * existing file keeps its mode and, where we may, its owner; a new one gets mode (not reduced by
 * the umask). E_NOT_FOUND (no such directory), E_PERMISSION, E_CANT_CREATE, E_IO (disk full,
 * too); then the old file is untouched. */
enum err file_write_atomic(const char *path, str data, mode_t mode, struct errctx *cx) MUST_CHECK;

/* The same in pieces. What is there already and is no regular file (/dev/null, a pipe) is written to as it is.
 * Zero-initialise with fd = -1; after open, commit or abort must follow. */
struct file_replace {
	int fd;
	char real[4096], temp[4096]; /* PATH_MAX; temp is empty when there is none */
};
enum err file_replace_open(struct file_replace *r, const char *path, struct errctx *cx) MUST_CHECK;
/* The same with the temporary file named path's target and suffix (NULL: a random one), so that whoever knows the
 * suffix can take away what a killed process left. One that is there is such a leftover and is replaced. */
enum err file_replace_open_as(
	struct file_replace *r, const char *path, const char *suffix, struct errctx *cx) MUST_CHECK;
enum err file_replace_write(struct file_replace *r, str data, struct errctx *cx) MUST_CHECK;
enum err file_replace_commit(struct file_replace *r, mode_t mode, struct errctx *cx) MUST_CHECK;
void file_replace_abort(struct file_replace *r);

/* Makes the directory and those above it, new ones with mode (not reduced by the umask). Present
 * ones are left as they are. */
enum err file_mkdirs(const char *path, mode_t mode, struct errctx *cx) MUST_CHECK;

/* The error that an errno value stands for, and its text (thread-safe; kept in text, returned). */
enum err file_err(int errnum);
enum { FILE_ERRNO_TEXT = 128 };
const char *file_err_text(int errnum, char text[FILE_ERRNO_TEXT]) RETURNS_NONNULL;

#endif

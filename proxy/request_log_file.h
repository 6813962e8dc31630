/* request_log_file: a file that lines are appended to by any number of processes, and that is put away when it is
 * large: FILE.1 is the newest of those, FILE.LOG_FILES_KEPT the oldest. Internal to proxy/request_log.c.
 * Whoever writes or renames holds a lock (flock) on the file, and looks whether the name still stands for it.
 * What is no regular file (/dev/stderr, a pipe) is only written to.
 * Owns: the descriptor. Thread: one at a time. */
#ifndef PROXY_REQUEST_LOG_FILE_H
#define PROXY_REQUEST_LOG_FILE_H

#include "core/base/err.h"
#include "core/base/str.h"

struct request_log_file {
	char *path;
	int fd; /* -1: not open */
	bool is_regular;
};

/* Makes the file (0600) and its directories (0700) where they are missing. E_CANT_CREATE with what to do, E_NOMEM;
 * then there is nothing to be closed. */
enum err request_log_file_open(
	struct request_log_file *f, const char *path, struct errctx *cx) MUST_CHECK;
void request_log_file_close(struct request_log_file *f);
/* Others who may read the file, as mode bits (of 0077). */
unsigned request_log_file_readers(const struct request_log_file *f);
/* The next write opens the file anew. */
void request_log_file_reopen(struct request_log_file *f);
/* All of the line or nothing of it. E_CANT_CREATE, E_IO (disk full). */
enum err request_log_file_write(struct request_log_file *f, str line, struct errctx *cx) MUST_CHECK;

#endif

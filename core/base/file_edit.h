/* file_edit: files that belong to other programs or to people, to be changed and not made: what must hold before one is read, that it is
 * still as it was read when it is replaced, and directories that came with it and go with it.
 * Owns: nothing; names live in the arena. Thread: any. */
#ifndef CORE_BASE_FILE_EDIT_H
#define CORE_BASE_FILE_EDIT_H

#include "core/base/buf.h"

/* The absolute name with links followed; of a file that is not there, with those of its directory. E_CONFIG when it is
 * relative or a link that leads nowhere. */
enum err file_edit_real(
	struct arena *a, const char *path, const char **real, struct errctx *cx) MUST_CHECK;

/* Whether it may be read and replaced, or is not there (then *is_there is false, and nothing is wrong). E_PERMISSION when it is
 * read-only; E_CONFIG when it is no regular file. */
enum err file_edit_check(const char *real, bool *is_there, struct errctx *cx) MUST_CHECK;

/* E_BUSY when it is not what was read: text, or no file. scratch is a heap buffer and keeps what is there now. Allocates from
 * the heap alone, so that it may be called while a temporary file is open. */
enum err file_edit_same(const char *real, bool was_there, str text, struct buf *scratch,
	struct errctx *cx) MUST_CHECK;

/* The directory that a file is in. */
const char *file_edit_dir(struct arena *a, const char *path) RETURNS_NONNULL;
/* How many directories above the file are not there. */
uint64_t file_edit_missing_dirs(struct arena *a, const char *real);
/* Takes away n directories above a file that has gone, the innermost first, unless there is something in them. */
void file_edit_remove_dirs(struct arena *a, const char *real, uint64_t n);

#endif

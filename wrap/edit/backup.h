/* backup: a copy of a file as it was before the first edit of a day (UTC), WORKSPACE/backups/<8 hex digits of the SHA-256 of its
 * name>/<its last name>.<YYYY-MM-DD>, for people: nothing here reads it back. Copies older than 30 days go. Directories have
 * mode 0700 and copies 0600, since settings may hold keys.
 * Owns: nothing. Thread: any. */
#ifndef WRAP_EDIT_BACKUP_H
#define WRAP_EDIT_BACKUP_H

#include "core/base/arena.h"
#include "core/base/err.h"

enum { BACKUP_DAYS = 30 };

/* file: its absolute name; text: what is in it. E_PERMISSION, E_CANT_CREATE, E_IO; what cannot be pruned stays, in
 * silence, until the next time. */
enum err backup_keep(struct arena *a, const char *workspace, str file, str text, int64_t now_ms,
	struct errctx *cx) MUST_CHECK;

#endif

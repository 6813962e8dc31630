/* session: what edit.c, undo.c and show.c share: the journal under its lock, and files in and out. Private to wrap/edit.
 * Owns: the journal's lock and the arena, for one call of edit.h. Thread: one. */
#ifndef WRAP_EDIT_SESSION_H
#define WRAP_EDIT_SESSION_H

#include "wrap/edit/edit.h"

struct session {
	const struct edit_env *env;
	struct edit_listener listener;
	struct arena arena;
	struct journal journal;
	struct errctx *cx;
	void *arg;
};

/* Calls run with the journal open (is_locked) or just with the arena; E_NOMEM when that runs out. Whatever happens, nothing
 * stays locked or allocated. */
enum err session_run(struct session *s, bool is_locked, enum err (*run)(struct session *s));
void session_step(const struct session *s, enum edit_step step);
void session_tell(
	struct session *s, enum edit_result result, const struct edit_entry *e, const char *text);

/* The absolute name with links followed; of a file that is not there, with those of its directory. E_CONFIG when it is
 * relative or a link that leads nowhere. */
enum err session_real_path(
	struct session *s, const char *path, const char **real, struct errctx *cx) MUST_CHECK;
/* What is there now. E_PERMISSION also when it could not be written; E_CONFIG when it is no regular file. */
enum err session_read(
	struct session *s, const char *real, struct edit_bytes *out, struct errctx *cx) MUST_CHECK;

struct session_write {
	const char *real;
	const struct edit_entry
		*entry; /* names the temporary file; its dirs_made are made or taken away */
	struct edit_bytes from, to;
	mode_t mode;
};
/* Replaces from by to. E_BUSY when the file is not from any more. */
enum err session_write(
	struct session *s, const struct session_write *w, struct errctx *cx) MUST_CHECK;
/* Takes the temporary file away that a killed process left for this entry. */
void session_sweep(struct session *s, const struct edit_entry *e);
/* How many directories above the file are not there. */
uint64_t session_missing_dirs(struct session *s, const char *real);

#endif

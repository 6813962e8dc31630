/* edit: changes in configuration files that are not ours, each written down before it is made (wrap/edit/journal.h) and undone
 * later, byte for byte when nobody else has changed the file since, else by the value alone. One implementation for
 * every command that touches such a file.
 *
 * Undoing an edit of a file that still is what the last edit left gives the bytes back that were there before it; other
 * edits of the same file, by whoever still needs them, are made anew on those. In a file that somebody has changed since:
 *	the value is still ours    the old one comes back, or the key goes, with the objects and the file that were made
 *	                           for it when nothing else is in them
 *	another value              it stays ("changed by you")
 *	a newer edit of this key   inherits the old value: the last one out brings it back
 *
 * Nothing is done to a file that cannot be read as its format, is larger than LIMIT_CONFIG_FILE, read-only or no regular
 * file; messages name it. Before the first edit of a day a file is copied to WORKSPACE/backups (wrap/edit/backup.h).
 *
 * Owns: nothing between calls; each takes the lock of the journal. Thread: any; processes by the lock. */
#ifndef WRAP_EDIT_EDIT_H
#define WRAP_EDIT_EDIT_H

#include <sys/types.h>

#include "wrap/edit/journal.h"

/* Where a process may be killed: after each of these something is on the disk that was not before. */
#define EDIT_STEP_MAP(X) X(LOCKED) X(BACKUP) X(JOURNAL) X(TEMP) X(FILE) X(DONE)
enum edit_step {
#define X(name) EDIT_STEP_##name,
	EDIT_STEP_MAP(X)
#undef X
};

struct edit_env {
	const char *workspace;
	const struct clock *clock;                        /* NULL: the system's */
	unsigned wait_ms;                                 /* for the lock */
	void (*at_step)(void *self, enum edit_step step); /* for tests; NULL */
	void *self;
};

struct edit {
	str agent, scope; /* for people and for the filter of edit_undo */
	const char *file; /* absolute */
	const struct edit_format *format;
	struct edit_path path;
	str literal;
	mode_t mode; /* of a new file; 0: 0600. Its new directories can be searched by those who can read it. */
};

enum edit_result {
	EDIT_MADE,
	EDIT_THERE, /* the value is the wanted one already and not by us: nothing to do nor to undo */
	EDIT_JOINED, /* the same, by another edit of ours, which now waits for this owner too */
	EDIT_UNDONE,
	EDIT_SHARED,  /* a newer edit of this key inherits what to bring back */
	EDIT_CHANGED, /* changed by the user: left as it is */
	EDIT_GONE,    /* the file or the key has gone, or the old value is there again */
	EDIT_FAILED,  /* text says why; the entry stays */
};

/* Told for each edit; all of it is gone when the call returns. */
struct edit_outcome {
	enum edit_result result;
	str agent, scope, file, key;
	const char *text; /* of EDIT_FAILED */
};
struct edit_listener {
	void (*tell)(void *self, const struct edit_outcome *o); /* NULL: nobody listens */
	void *self;
};

/* "set", "changed by you, left as it is": for people; static. */
const char *edit_result_text(enum edit_result r) RETURNS_NONNULL;

/* Makes all n edits, or none: E_CONFIG, E_UNSUPPORTED, E_TOO_BIG, E_PERMISSION, E_NOT_FOUND, E_BUSY (the lock, or somebody
 * else wrote the file meanwhile), E_IO, E_NOMEM. A file is written once, whatever the number of its edits. */
enum err edit_apply(const struct edit_env *env, struct edit_owner owner, const struct edit *edits,
	size_t n, struct edit_listener listener, struct errctx *cx) MUST_CHECK;

/* Appends to out what edit_apply would change, file by file, as the lines that go ("-") and come ("+"); nothing for what is
 * there already. Touches nothing, not even the journal. out is a heap buffer. Errors as above. */
enum err edit_show(const struct edit_env *env, const struct edit *edits, size_t n, struct buf *out,
	struct errctx *cx) MUST_CHECK;

struct edit_filter { /* what is not set matches all */
	str agent, scope, id;
	const struct edit_owner *owner;
	bool only_stale; /* of owners that have ended */
};
/* Undoes what matches, the newest first. What cannot be undone now stays in the journal and is told; then the first such
 * error is returned after all others were tried. */
enum err edit_undo(const struct edit_env *env, const struct edit_filter *filter,
	struct edit_listener listener, struct errctx *cx) MUST_CHECK;
/* edit_undo of what owners left that have ended, by kill or power: to be called by the next command. */
enum err edit_recover(
	const struct edit_env *env, struct edit_listener listener, struct errctx *cx) MUST_CHECK;
/* Tells all entries (EDIT_FAILED: of an owner that has ended; else EDIT_MADE); changes nothing. */
enum err edit_list(
	const struct edit_env *env, struct edit_listener listener, struct errctx *cx) MUST_CHECK;

#endif

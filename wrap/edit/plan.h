/* plan: what a list of edits makes of the files that it names, in memory: for edit_apply, which writes it, and edit_show,
 * which prints it. Private to wrap/edit.
 * Owns: nothing; all of it lives in the session's arena. Thread: one. */
#ifndef WRAP_EDIT_PLAN_H
#define WRAP_EDIT_PLAN_H

#include "wrap/edit/session.h"

struct plan_file {
	const char *real;
	mode_t mode; /* should it be made */
	struct edit_bytes before, now;
	size_t last_entry; /* index in the journal of the newest entry for it in this plan; STR_NONE */
};

struct plan {
	const struct edit *edits;
	size_t n;
	struct edit_owner owner;
	VEC(struct plan_file) files;
	size_t entries_before; /* those of the journal from here on are of this plan */
};

/* Reads the files, makes the edits in memory and adds their entries to the (unsaved) journal. Tells what is there already
 * to the listener. Errors name the file. */
enum err plan_make(struct session *s, struct plan *p) MUST_CHECK;

#endif

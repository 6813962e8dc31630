/* unwrap: takes back what was written for an agent: the edits of `--persist` by the journal, what killed runs left, and what
 * the Python headroom left. Values that are not ours, or that the user has changed since, stay.
 * Owns: nothing. Thread: one at a time. */
#ifndef WRAP_UNWRAP_H
#define WRAP_UNWRAP_H

#include "wrap/leftover.h"
#include "wrap/run.h"

enum unwrap_result { UNWRAP_RESTORED, UNWRAP_REMOVED, UNWRAP_KEPT, UNWRAP_FAILED };

const char *unwrap_result_name(enum unwrap_result r) RETURNS_NONNULL; /* "restored"; static */

struct unwrap {
	const struct wrap_conf *conf; /* arena, envp, cwd, home, workspace */
	str agent;                    /* empty: all */
	bool is_dry;
	/* For each file and key; text may be NULL. All is gone when the call returns. */
	void (*tell)(void *self, str agent, str file, enum unwrap_result result, str text);
	void *self;
};

/* The first error, after all was tried. What could not be undone can be tried again. */
enum err unwrap_run(const struct unwrap *u, struct errctx *cx) MUST_CHECK;

#endif

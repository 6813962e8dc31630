/* deploy_internal: what the files behind wrap/deploy.h share. Owns: nothing. Thread: one at a time. */
#ifndef WRAP_DEPLOY_INTERNAL_H
#define WRAP_DEPLOY_INTERNAL_H

#include "wrap/deploy.h"

const char *deploy_dir(const struct deploy *d) RETURNS_NONNULL;      /* WORKSPACE/deploy/PROFILE */
const char *deploy_log_file(const struct deploy *d) RETURNS_NONNULL; /* where no journal keeps it */
const char *deploy_unit(const struct deploy *d) RETURNS_NONNULL;     /* "headroom-PROFILE" */

/* wrap/deploy_manifest.c */
enum err deploy_save(const struct deploy *d, struct errctx *cx) MUST_CHECK;

/* wrap/supervisor.c: what the supervisor is told. */
enum supervisor_step {
	STEP_APPLY,        /* the file has been written */
	STEP_REMOVE,       /* the file will go */
	STEP_AFTER_REMOVE, /* it has gone */
	STEP_START,
	STEP_STOP,
	STEP_RESTART,
	STEP_IS_ACTIVE,
	STEPS
};
/* All lines of that step. E_FAILED: one of them did, with what it said. */
enum err supervisor_do(
	const struct deploy *d, enum supervisor_step step, struct errctx *cx) MUST_CHECK;

#endif

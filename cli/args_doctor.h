/* args_doctor: what the options of doctor say. Filled by core/base/opt.h from the table in cli/cmd_doctor.c. */
#ifndef CLI_ARGS_DOCTOR_H
#define CLI_ARGS_DOCTOR_H

#include "core/base/opt.h"

struct doctor_args {
	int64_t port; /* given or not: opt_origin_of */
	bool is_fixing, is_strict, is_json;
	const char *token_file; /* NULL: none */
};

extern const char *const doctor_names[]; /* of the checks, NULL-terminated */

struct cli;

/* The command: a field of struct cmd. */
enum err run_doctor(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

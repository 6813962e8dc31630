/* args_init: what the options of init say. Filled by core/base/opt.h from the table in cli/cmd_init.c. */
#ifndef CLI_ARGS_INIT_H
#define CLI_ARGS_INIT_H

#include "core/base/opt.h"

struct init_args {
	bool is_global, is_removing, is_dry;
	int64_t port;
};

struct cli;

/* The command: a field of struct cmd. */
enum err run_init(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

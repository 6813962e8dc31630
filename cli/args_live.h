/* args_live: what the options of stats and dashboard say. Filled by core/base/opt.h from the tables in cli/cmd_NAME.c. */
#ifndef CLI_ARGS_LIVE_H
#define CLI_ARGS_LIVE_H

#include "core/base/opt.h"

struct stats_args {
	int64_t port;
	const char *token_file; /* NULL: none */
	bool is_watching, is_json;
};

struct dashboard_args {
	int64_t port;
	bool opens, is_json;
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_stats(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_dashboard(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

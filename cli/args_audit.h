/* args_audit: what the options of audit and its subcommands say. Filled by core/base/opt.h from the table in cli/cmd_audit.c. */
#ifndef CLI_ARGS_AUDIT_H
#define CLI_ARGS_AUDIT_H

#include "core/base/opt.h"

struct audit_args {
	const char *project; /* NULL: the directory that one is in */
	bool is_all;
	struct opt_list from;
	int64_t limit;
	int64_t max_input; /* bytes of one recording */
	bool is_json;
};

struct cli;

/* The subcommands: fields of struct cmd. */
enum err run_audit_reads(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_audit_tools(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

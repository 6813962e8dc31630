/* args_mcp: what the options of mcp and its subcommands say. Filled by core/base/opt.h from the tables in cli/cmd_mcp.c. */
#ifndef CLI_ARGS_MCP_H
#define CLI_ARGS_MCP_H

#include "core/base/opt.h"

struct mcp_serve_args {
	const char *store; /* NULL: places.store_file */
	bool is_lossless;
	bool has_graph;
};

enum { MCP_AT_USER, MCP_AT_PROJECT }; /* values of --scope */

struct mcp_args {
	int scope;
	bool is_dry, is_forced, is_json;
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_mcp_serve(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_mcp_install(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_mcp_uninstall(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_mcp_status(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

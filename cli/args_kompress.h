/* args_kompress: what the options of kompress and its subcommands say. */
#ifndef CLI_ARGS_KOMPRESS_H
#define CLI_ARGS_KOMPRESS_H

#include "cli/cli.h"

struct kompress_args {
	str hub;         /* URL below which repositories of models stand */
	const char *dir; /* NULL: below the workspace */
	bool is_json;
};

enum err run_kompress_pull(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_kompress_status(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_kompress_path(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

/* args_install: what the options of install and its subcommands say. Filled by core/base/opt.h from the tables in
 * cli/cmd_install.c. */
#ifndef CLI_ARGS_INSTALL_H
#define CLI_ARGS_INSTALL_H

#include "core/base/opt.h"

enum { INSTALL_AUTO = -1 };

struct install_args {
	const char *profile;
	int64_t port;
	int supervisor; /* enum service_kind; INSTALL_AUTO */
	struct opt_list proxy_args;
	bool has_shell, lingers, is_dry, is_json, is_following;
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_install_apply(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_install_status(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_install_start(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_install_stop(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_install_restart(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_install_remove(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_install_list(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_install_logs(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

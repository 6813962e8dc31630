/* share_conf: --store-url and what belongs to it, checked. Owns: nothing. Thread: main. */
#ifndef CLI_SHARE_CONF_H
#define CLI_SHARE_CONF_H

#include "cli/args_proxy.h"
#include "cli/cli.h"

/* Fills out->share. The password is taken out of the line of the command, where every user of the machine can read it. Errors say which
 * option, variable or line of a file is wrong, and never what the password is. */
enum err share_conf_fill(struct cli *cli, const struct opt_group *group, const struct proxy_args *a,
	struct proxy_conf *out, struct errctx *cx) MUST_CHECK;

#endif

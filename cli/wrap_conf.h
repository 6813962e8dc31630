/* wrap_conf: what wrap and unwrap need to know of this run of the program: places, directory, project. Thread: the main thread. */
#ifndef CLI_WRAP_CONF_H
#define CLI_WRAP_CONF_H

#include "cli/cli.h"
#include "wrap/run.h"

/* Sets arena, envp, cwd, home, workspace, exe, project, say and self; say writes to standard error. E_CONFIG, E_IO. */
enum err wrap_conf_fill(struct cli *cli, struct wrap_conf *c, struct errctx *cx) MUST_CHECK;

#endif

/* backend_conf: from --backend and what belongs to it to what the server is told: which provider, where, with which key.
 * Owns: nothing; texts live in the arena of the struct cli or in the environment. Thread: the main thread. */
#ifndef CLI_BACKEND_CONF_H
#define CLI_BACKEND_CONF_H

#include "cli/args_proxy.h"
#include "cli/cli.h"

/* Fills out->backend and the base URLs of Bedrock and the backend; out->upstreams has those of the options already. E_USAGE: no such
 * provider (the names are printed); E_CONFIG: what it needs to start is not there, with its name. */
enum err backend_conf_fill(struct cli *cli, const struct opt_group *group,
	const struct proxy_args *a, struct proxy_conf *out, struct errctx *cx) MUST_CHECK;
/* For a command that asks this provider itself: what a proxy that is started now would be told, of which only the backend and its base
 * URL are filled. E_CONFIG. */
enum err backend_conf_of(struct cli *cli, const struct provider_row *p, struct proxy_conf *out,
	struct errctx *cx) MUST_CHECK;

#endif

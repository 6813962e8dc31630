/* proxy_conf: from options, environment and files to what the server is told, with the checks that need more
 * than one of them. Owns: nothing; texts live in the arena of the struct cli. Thread: the main thread. */
#ifndef CLI_PROXY_CONF_H
#define CLI_PROXY_CONF_H

#include "cli/args_proxy.h"
#include "cli/cli.h"

/* group: where the values of a came from. Fills all but log and callbacks; says what does not fit together on standard
 * error. E_USAGE, E_CONFIG. */
enum err proxy_conf_fill(struct cli *cli, const struct opt_group *group, const struct proxy_args *a,
	struct proxy_conf *out, struct errctx *cx) MUST_CHECK;

/* What a SIGHUP may change. */
void proxy_conf_limits(
	const struct opt_group *group, const struct proxy_args *a, struct proxy_limits *out);

/* What clients must show: HEADROOM_PROXY_TOKEN, else the first line of the file (NULL: none); empty: nothing.
 * E_CONFIG: the file cannot be read or holds no token; what cannot be in a header. */
enum err proxy_conf_token(
	struct cli *cli, const char *file, str *out, struct errctx *cx) MUST_CHECK;

/* 127.0.0.0/8, ::1, the same mapped to IPv6, localhost. */
bool proxy_conf_is_loopback(str host) PURE;

/* Where its value came from, for a message: "--rpm", "HEADROOM_RPM", "config.toml:3: proxy.rpm". */
const char *proxy_conf_label(
	struct cli *cli, const struct opt_group *group, const char *option) RETURNS_NONNULL;

/* The options as a proxy would have them that is started now with none on its line. g->args is out. E_CONFIG. */
enum err proxy_conf_read(
	struct cli *cli, struct proxy_args *out, struct opt_group *g, struct errctx *cx) MUST_CHECK;

#endif

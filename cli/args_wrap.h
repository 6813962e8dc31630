/* args_wrap: what the options of wrap and unwrap say. Filled by core/base/opt.h from the tables in cli/cmd_wrap.c and
 * cli/cmd_unwrap.c; strings are the caller's or live in the arena of the struct cli. */
#ifndef CLI_ARGS_WRAP_H
#define CLI_ARGS_WRAP_H

#include "core/base/opt.h"

enum wrap_env_format { WRAP_ENV_NONE, WRAP_ENV_SH, WRAP_ENV_FISH, WRAP_ENV_JSON };
enum wrap_scope { WRAP_SCOPE_PROJECT, WRAP_SCOPE_USER };
enum wrap_mode { WRAP_MODE_NONE, WRAP_MODE_TOKEN, WRAP_MODE_CACHE };

struct wrap_args {
	bool is_listing, is_json, is_dry_run;
	int print_env; /* enum wrap_env_format */
	int64_t port;  /* 0: any free one; given or not: opt_origin_of */
	bool is_private, no_proxy, replaces;
	int mode; /* enum wrap_mode */
	struct opt_list proxy_args;
	int64_t proxy_timeout_s, idle_exit_ms;
	const char *agent_bin; /* NULL: not given */
	bool is_persistent;
	int scope; /* enum wrap_scope */
	bool is_1m;
	str tool_search, provider_type, wire_api; /* empty: not given */
	str backend, anyllm_provider, region;     /* the same; of the proxy */
	str embedder, embedder_model;             /* the same */
	bool has_memory, learns;                  /* of the proxy; given or not: opt_origin_of */
	bool has_graph;
};

struct unwrap_args {
	bool is_all, is_json, is_dry_run;
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_wrap(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_unwrap(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

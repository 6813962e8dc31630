/* args_proxy: what the options of proxy and its subcommands say. Filled by core/base/opt.h from the tables in
 * cli/proxy_opts.c and cli/cmd_proxy.c; strings are the caller's or live in the arena of the struct cli. */
#ifndef CLI_ARGS_PROXY_H
#define CLI_ARGS_PROXY_H

#include "cli/args_compress.h"
#include "proxy/proxy.h"

struct proxy_args {
	str host;
	int64_t port; /* 0: any free one */
	int64_t workers;
	int mode; /* enum compress_mode */
	bool is_optimizing, has_cache, is_lossless, no_prose, is_stateless, has_telemetry;
	int ccr;                        /* 0 off, 1 on */
	bool no_tool, no_marker;        /* --no-ccr-inject-tool, --no-ccr-marker */
	bool no_expansion;              /* --no-ccr-proactive-expansion */
	bool no_lifecycle;              /* --no-read-lifecycle */
	bool intercepts, is_code_aware; /* --intercept-tool-results, --code-aware */
	bool has_graph;                 /* --code-graph */
	const char *graph_dir;          /* NULL: the present one */
	double target_ratio;            /* 0: not given */
	int64_t protect_recent;         /* messages */
	const char *kompress_model;     /* directory; NULL: none */
	struct opt_list protect_tools;
	bool trims_tools;
	bool shapes_output;      /* --output-shaper */
	int64_t verbosity_level; /* of it */
	bool routes_effort;      /* --effort-routing */
	double holdout;          /* share of conversations */
	struct protections protections;
	const char *log_file; /* NULL: none */
	bool logs_messages;
	int log_format;    /* enum log_format */
	const char *store; /* NULL: places.store_file */
	double budget;     /* given or not: opt_origin_of */
	int budget_period; /* as struct proxy_limits has it */
	bool has_rate_limit;
	int64_t rpm, tpm;
	const char *price_file;         /* NULL: the built-in prices */
	str upstreams[PROXY_UPSTREAMS]; /* as given, not checked; the last is not an option */
	str backend, anyllm_provider, region, aws_profile;
	int64_t limit_concurrency, max_connections, max_keepalive;
	int64_t request_timeout_s, connect_timeout_s;
	double keepalive_expiry_s;
	int64_t drain_ms;
	int64_t retry_max_attempts;
	bool has_http2;
	uint64_t max_body;
	int websocket;                        /* enum proxy_websocket */
	int confine;                          /* enum proxy_confinement */
	str user;                             /* empty: who it is started by */
	const char *token_file, *tokens_file; /* NULL: none */
	struct opt_list allowed_hosts, cors_origins;
	int64_t ready_fd, control_fd;                        /* given or not: opt_origin_of */
	int64_t idle_exit_ms;                                /* 0: never */
	bool has_memory, no_memory_tools, no_memory_context; /* --memory, ... */
	bool answers_memory_files;                           /* --memory-native-tool */
	int memory_storage;                                  /* enum memory_storage */
	const char *memory_file, *memory_root;               /* NULL: not given */
	int64_t memory_top_k;
	str memory_embedder, memory_embedder_model;
	bool learns;
	int64_t min_evidence; /* of it */
	bool prints_config;
	str store_url;                   /* as given; a secret may be in it */
	const char *store_password_file; /* NULL: none */
	str store_namespace;
	int64_t store_wait_ms;
	int store_fail; /* 1: closed */
};

enum { PROXY_OPTS_N = 92 };
extern const struct opt proxy_opts[PROXY_OPTS_N];

/* Of status, stop and list. */
struct proxy_control_args {
	int64_t port;
	bool is_json, is_forced;
	int64_t timeout_ms;
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_proxy(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_proxy_status(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_proxy_list(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_proxy_stop(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

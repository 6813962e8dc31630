/* cmds: the commands, each in its file cli/cmd_NAME.c. Constant. */
#ifndef CLI_CMDS_H
#define CLI_CMDS_H

#include "cli/cmd.h"

extern const struct cmd cmd_completions;
extern const struct cmd cmd_config;
extern const struct cmd cmd_gen;
extern const struct cmd cmd_help;
extern const struct cmd cmd_version;
extern const struct cmd cmd_audit;
extern const struct cmd cmd_compress;
extern const struct cmd cmd_dashboard;
extern const struct cmd cmd_doctor;
extern const struct cmd cmd_init;
extern const struct cmd cmd_install;
extern const struct cmd cmd_kompress;
extern const struct cmd cmd_learn;
extern const struct cmd cmd_mcp;
extern const struct cmd cmd_memory;
extern const struct cmd cmd_perf;
extern const struct cmd cmd_proxy;
extern const struct cmd cmd_replay;
extern const struct cmd cmd_retrieve;
extern const struct cmd cmd_savings;
extern const struct cmd cmd_stats;
extern const struct cmd cmd_tokens;
extern const struct cmd cmd_unwrap;
extern const struct cmd cmd_wrap;

/* "headroom 0.1.0" on standard output, for --version. */
enum err version_print(struct errctx *cx) MUST_CHECK;

#endif

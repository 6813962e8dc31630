/* args_learn: what the options of learn say. Filled by core/base/opt.h from the table in cli/cmd_learn.c. */
#ifndef CLI_ARGS_LEARN_H
#define CLI_ARGS_LEARN_H

#include "core/base/opt.h"

/* --agent, behind the agents of learn/agent.h. */
enum { LEARN_ALL_AGENTS = -1 };

struct learn_args {
	/* Which sessions. */
	const char *project; /* NULL: the directory that one is in */
	bool is_all;         /* all projects */
	int agent;           /* enum learn_agent, or LEARN_ALL_AGENTS */
	struct opt_list from;
	int64_t sessions_max; /* of a project; 0: all */
	bool is_main_only;    /* without those of sub-agents */
	str model; /* that phrases them: an agent, PROVIDER/MODEL or a command; empty: none */
	int64_t model_timeout_ms;
	/* What is shown. */
	int64_t min_evidence; /* 0: by the kind of rule */
	bool is_json;
	/* What becomes of it. */
	bool applies;            /* else a dry run */
	bool removes;            /* our blocks, in place of what was learned */
	struct opt_list targets; /* learn/write/target.h; none: by the agents */
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_learn_status(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_learn_reset(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_learn_verbosity(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_learn(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

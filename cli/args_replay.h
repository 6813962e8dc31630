/* args_replay: what the options of replay say. Filled by core/base/opt.h from the table in cli/cmd_replay.c. */
#ifndef CLI_ARGS_REPLAY_H
#define CLI_ARGS_REPLAY_H

#include "core/base/opt.h"

enum replay_mode { REPLAY_MODE_TOKEN, REPLAY_MODE_CACHE, REPLAY_MODE_BOTH, REPLAY_MODE_NONE };

struct replay_args {
	int mode; /* enum replay_mode */
	struct opt_list arms;
	int baseline; /* index into replay_baselines */
	int format;   /* format_of */
	str session, since, until;
	int64_t limit;     /* 0: all */
	int64_t cache_ttl; /* ms; 0: the provider's */
	int64_t cache_min; /* tokens; -1: the model's */
	int breakpoints;   /* enum replay_breakpoints */
	const char *price_file;
	str retrieve_rate; /* a number, or "logged" */
	int64_t recent;    /* 0: all */
	bool no_output_cost, verifies, is_json, is_per_turn, no_timing, fails_if_worse;
	struct opt_list by;
	double min_savings;     /* percent of the bill; below 0: not given */
	const char *csv, *html; /* file, "-", or NULL */
	int64_t jobs;           /* 0: one for each processor */
	uint64_t max_input;
};

extern const char *const replay_baselines[]; /* names of arms */

struct cli;

/* The command: a field of struct cmd. */
enum err run_replay(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

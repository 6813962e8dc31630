/* args_figures: what the options of savings and perf say. Filled by core/base/opt.h from the tables in cli/cmd_NAME.c. */
#ifndef CLI_ARGS_FIGURES_H
#define CLI_ARGS_FIGURES_H

#include "core/base/opt.h"

enum { SAVINGS_BY_PARTS = 100, SAVINGS_BY_HOLDOUT = 200 }; /* above any enum ledger_group */

struct savings_args {
	int by; /* enum ledger_group, LEDGER_ALL: the overview; SAVINGS_BY_PARTS + enum ledger_part_kind; SAVINGS_BY_HOLDOUT */
	str since, until;
	const char *store;
	bool is_json, is_csv;
	int64_t limit; /* 0: all */
};

struct perf_args {
	str since, until;
	const char *store;
	double check_ms; /* below 0: not given */
	bool is_json;
};

struct cli;

/* The commands: fields of struct cmd. */
enum err run_savings(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;
enum err run_perf(struct cli *cli, const void *args, struct errctx *cx) MUST_CHECK;

#endif

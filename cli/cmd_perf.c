#include "cli/args_figures.h"
#include "cli/cmds.h"
#include "cli/opts_compress.h"
#include "cli/opts_figures.h"

#define FIELD(f) .off = offsetof(struct perf_args, f)

static const struct opt opts[] = {
	OPT_SINCE(struct perf_args, "7d"),
	OPT_UNTIL(struct perf_args),
	OPT_STORE(struct perf_args, "The database with the ledger."),
	{.name = "check",
		.type = OPT_DOUBLE,
		.def = "-1",
		.min = -1,
		.max = 1e9,
		.metavar = "MS",
		.help = "Exit status 4 when 1 % wait longer for us.",
		FIELD(check_ms)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.perf/1.",
		FIELD(is_json)},
};

static const struct cmd_example examples[] = {
	{.line = "headroom perf", .what = "The last seven days.", .status = 3},
	{.line = "headroom perf --since 1h --check 25",
		.what = "For a monitor: fail when we are slow.",
		.status = 3},
};

const struct cmd cmd_perf = {
	.name = "perf",
	.summary = "show where requests spent their time",
	.about = "Percentiles over the single requests that the ledger keeps (the newest 200,000), "
		 "by "
		 "stage: \"headroom\" is our own time, from the end of the request's head to its "
		 "being sent on; \"provider\" is from there to the first byte of the answer; "
		 "\"answer\" is from that to its last.\n",
	CMD_OPTS(opts),
	.args_size = sizeof(struct perf_args),
	CMD_EXAMPLES(examples),
	.run = run_perf,
};

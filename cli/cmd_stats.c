#include "cli/args_live.h"
#include "cli/cmds.h"
#include "cli/opts_live.h"

#define FIELD(f) .off = offsetof(struct stats_args, f)

static const struct opt opts[] = {
	OPT_LIVE_PORT(struct stats_args),
	{.name = "watch",
		.letter = 'w',
		.type = OPT_FLAG,
		.help = "Print them anew whenever they change.",
		.more = "On a terminal in the same place; else one line each time, with --json one "
			"object each time. Ends with the proxy, with exit status 69.",
		FIELD(is_watching)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.stats/1.",
		.more = "Its member stats is what /stats says.",
		FIELD(is_json)},
	OPT_LIVE_TOKEN_FILE(struct stats_args),
};

static const struct cmd_example examples[] = {
	{.line = "headroom stats -p 1",
		.what = "How it does; exit status 69 says that no proxy listens there.",
		.status = 69},
	{.line = "headroom stats -p 1 --watch --json | head -n 100 > states.jsonl",
		.what = "The next hundred changes.",
		.status = 0},
};

const struct cmd cmd_stats = {
	.name = "stats",
	.summary = "show the figures of a running proxy",
	.about = "Asks the proxy for requests, tokens, money, the provider's prompt cache, limits "
		 "and budget, of this run and of all runs on its store: the figures of /stats and "
		 "of the dashboard. For figures of some time, by day, model or project, without a "
		 "proxy: headroom savings. Exit status 69 when no proxy listens at the port, 77 "
		 "when it wants a token.",
	CMD_OPTS(opts),
	.args_size = sizeof(struct stats_args),
	CMD_EXAMPLES(examples),
	.run = run_stats,
};

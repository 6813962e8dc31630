#include "cli/args_live.h"
#include "cli/cmds.h"
#include "cli/opts_live.h"

#define FIELD(f) .off = offsetof(struct dashboard_args, f)

static const struct opt opts[] = {
	OPT_LIVE_PORT(struct dashboard_args),
	{.name = "open",
		.type = OPT_FLAG,
		.flags = OPT_NEGATABLE,
		.def = "true",
		.help = "Open it in a browser, when this is a terminal.",
		FIELD(opens)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.dashboard/1.",
		.more = "Also when no proxy runs; nothing is opened then.",
		FIELD(is_json)},
};

static const struct cmd_example examples[] = {
	{.line = "headroom dashboard -p 1",
		.what = "Where it is; exit status 69 says that no proxy listens there.",
		.status = 69},
};

const struct cmd cmd_dashboard = {
	.name = "dashboard",
	.summary = "show the figures of a running proxy in a browser",
	.about = "Prints the address of the dashboard, a page that the running proxy serves by "
		 "itself: money and tokens saved over time and where they come from, the "
		 "provider's prompt cache, limits, budget, recent requests, live. On a terminal, "
		 "xdg-open opens it. The page asks for the proxy's token where there is one. Exit "
		 "status 69 when no proxy listens at the port.",
	CMD_OPTS(opts),
	.args_size = sizeof(struct dashboard_args),
	CMD_EXAMPLES(examples),
	.run = run_dashboard,
};

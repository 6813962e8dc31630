#include "cli/args_proxy.h"
#include "cli/cmds.h"
#include "cli/opts_live.h"

enum { HOUR_MS = 3600000 };

#define FIELD(f) .off = offsetof(struct proxy_control_args, f)

static const struct opt status_opts[] = {
	OPT_LIVE_PORT(struct proxy_control_args),
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object.",
		.more = "Its schema is headroom.proxy-status/1.",
		FIELD(is_json)},
};

static const struct opt stop_opts[] = {
	OPT_LIVE_PORT(struct proxy_control_args),
	{.name = "timeout",
		.type = OPT_DURATION,
		.def = "35s",
		.min = 0,
		.max = HOUR_MS,
		.metavar = "TIME",
		.help = "Wait so long for its open requests.",
		FIELD(timeout_ms)},
	{.name = "force",
		.type = OPT_FLAG,
		.help = "Then end the requests that are still open.",
		FIELD(is_forced)},
};

static const struct cmd_example status_examples[] = {
	{.line = "headroom proxy status -p 1",
		.what = "Ask how it does; exit status 3 says that nothing listens there.",
		.status = 3},
};

static const struct cmd_example stop_examples[] = {
	{.line = "headroom proxy stop -p 1 --force",
		.what = "End it, after the time-out its open requests, too.",
		.status = 3},
};

static const struct cmd cmd_status = {
	.name = "status",
	.summary = "say how a running proxy does",
	.about =
		"Prints where it listens, its process and version, since when it runs, its mode, "
		"how many requests it had and how many tokens it saved. Exit status 3 when nothing "
		"listens at the port, 1 when something else does.",
	CMD_OPTS(status_opts),
	.args_size = sizeof(struct proxy_control_args),
	CMD_EXAMPLES(status_examples),
	.run = run_proxy_status,
};

static const struct cmd cmd_stop = {
	.name = "stop",
	.summary = "end a running proxy",
	.about =
		"The proxy takes no more requests, ends those that are under way, and is gone "
		"when the command ends with exit status 0. Exit status 3 when nothing listens at "
		"the port, 1 when something else does, 75 when it still runs after the time-out. A "
		"proxy in a container or of another user is not stopped.",
	CMD_OPTS(stop_opts),
	.args_size = sizeof(struct proxy_control_args),
	CMD_EXAMPLES(stop_examples),
	.run = run_proxy_stop,
};

static const struct opt list_opts[] = {
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object.",
		.more = "Its schema is headroom.proxy-list/1.",
		FIELD(is_json)},
};

static const struct cmd_example list_examples[] = {
	{.line = "headroom proxy list --json", .what = "Which proxies run, and for how many."},
};

static const struct cmd cmd_list = {
	.name = "list",
	.summary = "say which proxies run",
	.about = "Prints a line for each proxy of this workspace: where it listens, its process, "
		 "how "
		 "many programs use it, when it ends by itself, its mode and its version. A proxy "
		 "with --stateless is not found.",
	CMD_OPTS(list_opts),
	.args_size = sizeof(struct proxy_control_args),
	CMD_EXAMPLES(list_examples),
	.run = run_proxy_list,
};

static const struct cmd *const subs[] = {&cmd_status, &cmd_stop, &cmd_list, NULL};

static const char about[] =
	"Stands between agents and their model providers, makes the results of tools in each "
	"request smaller, and passes on everything else byte for byte. Clients are told to send "
	"their requests here by their own variables:\n"
	"\n"
	"  ANTHROPIC_BASE_URL=http://127.0.0.1:8787 claude\n"
	"  OPENAI_BASE_URL=http://127.0.0.1:8787/v1 your-app\n"
	"\n"
	"What is on, the limits and other things to know stand on standard error when it begins to "
	"listen; so do events later. Nothing is written to standard output.\n"
	"\n"
	"Signals: SIGTERM and SIGINT end it once open requests have ended, a second one at once. "
	"SIGHUP reads the configuration files anew for --rpm, --tpm, --rate-limit, --budget, "
	"--budget-period, --limit-concurrency and --price-file; what the line or a variable says "
	"stays.\n"
	"\n"
	"Other variables: HEADROOM_PROXY_TOKEN is the token that clients must show, in the header "
	"x-headroom-proxy-token or as Authorization: Bearer. To upstreams, SSL_CERT_FILE takes the "
	"place of the system's certificates and NODE_EXTRA_CA_CERTS is added to them; "
	"HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are obeyed, and go before in lower case. "
	"systemd is told through NOTIFY_SOCKET when it is ready, reloads and ends.\n"
	"\n"
	"What a token is put into matters: arguments can be read by every user of the machine, "
	"so that there is no option for the token itself.\n";

static const struct cmd_example examples[] = {
	{.line = "headroom proxy", .what = "For clients on this machine.", .is_server = true},
	{.line = "headroom proxy --mode cache --budget 20 --budget-period daily",
		.what = "Keep the provider's prompt cache, and the bill below 20 dollars a day.",
		.is_server = true},
	{.line = "headroom proxy --no-optimize --log-file requests.jsonl",
		.what = "Change nothing, only measure.",
		.is_server = true},
	{.line = "HEADROOM_PROXY_TOKEN=secret headroom proxy --stateless --workers 2",
		.what = "Write no file, and serve only who shows the token.",
		.is_server = true},
};

const struct cmd cmd_proxy = {
	.name = "proxy",
	.summary = "serve clients, with smaller requests upstream",
	.about = about,
	.opts = proxy_opts,
	.opt_n = PROXY_OPTS_N,
	.args_size = sizeof(struct proxy_args),
	CMD_EXAMPLES(examples),
	.subs = subs,
	.run = run_proxy,
};

#include "cli/args_wrap.h"
#include "cli/cmds.h"
#include "cli/opts_live.h"

enum { MINUTE_S = 60, MINUTE_MS = 60000 };

#define FIELD(f) .off = offsetof(struct wrap_args, f)

static const struct opt_choice env_formats[] = {
	{"sh", WRAP_ENV_SH, false, "for eval in a POSIX shell"},
	{"fish", WRAP_ENV_FISH, false, "for eval in fish"},
	{"json", WRAP_ENV_JSON, false, "one JSON object"},
	{NULL, 0, false, NULL},
};

static const struct opt_choice scopes[] = {
	{"project", WRAP_SCOPE_PROJECT, false, "settings of this directory"},
	{"user", WRAP_SCOPE_USER, false, "settings of the user"},
	{NULL, 0, false, NULL},
};

static const struct opt_choice modes[] = {
	{"token", WRAP_MODE_TOKEN, false, "fewest tokens"},
	{"cache", WRAP_MODE_CACHE, false, "never touch what was sent before"},
	{NULL, 0, false, NULL},
};

/* Not built yet: asked for, an error that says so; --no-NAME asks for nothing. */
#define PLANNED(option)                                                                  \
	{                                                                                \
		.name = (option), .type = OPT_FLAG, .flags = OPT_PLANNED | OPT_NEGATABLE \
	}

static const struct opt opts[] = {
	{.name = "list",
		.type = OPT_FLAG,
		.help = "List the agents and where they are.",
		FIELD(is_listing)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "With --list or --dry-run: one JSON object.",
		.more = "Its schema is headroom.wrap-list/1 or headroom.wrap-plan/1.",
		FIELD(is_json)},
	{.name = "dry-run",
		.type = OPT_FLAG,
		.help = "Show what would be done, and do nothing.",
		FIELD(is_dry_run)},
	{.name = "print-env",
		.type = OPT_ENUM,
		.choices = env_formats,
		.metavar = "FORM",
		.help = "Print the variables for a running proxy.",
		.more = "What has to be given as an argument is printed as a comment. Exit status "
			"69 when "
			"there is no proxy.",
		FIELD(print_env)},
	OPT_PORT(struct wrap_args, 0, "Use the proxy at this port; 0 is any free port.",
		.more = "When the port is not given and cannot be had, another one is taken."),
	{.name = "private",
		.type = OPT_FLAG,
		.help = "Start a proxy of its own, at any free port.",
		FIELD(is_private)},
	{.name = "no-proxy",
		.type = OPT_FLAG,
		.help = "Join a proxy that runs, never start one.",
		FIELD(no_proxy)},
	{.name = "replace",
		.type = OPT_FLAG,
		.help = "Let an unused proxy that does not fit make way.",
		FIELD(replaces)},
	{.name = "mode",
		.type = OPT_ENUM,
		.choices = modes,
		.metavar = "MODE",
		.help = "Mode of the proxy, see headroom proxy --help.",
		FIELD(mode)},
	{.name = "proxy-arg",
		.type = OPT_LIST,
		.metavar = "ARG",
		.help = "Give this to the proxy (--proxy-arg=--lossless).",
		.more = "May be repeated. A value goes behind '='; commas separate.",
		FIELD(proxy_args)},
	{.name = "proxy-timeout",
		.type = OPT_INT,
		.def = "10",
		.env = "HEADROOM_WRAP_PROXY_TIMEOUT",
		.min = 1,
		.max = 10 * MINUTE_S,
		.metavar = "SECONDS",
		.help = "Wait so long for a proxy that was started.",
		FIELD(proxy_timeout_s)},
	{.name = "idle-exit",
		.type = OPT_DURATION,
		.def = "30s",
		.env = "HEADROOM_IDLE_EXIT",
		.min = 0,
		.max = 7.0 * 24 * 60 * MINUTE_MS,
		.metavar = "TIME",
		.help = "How long a proxy outlives its last user (0: ever).",
		FIELD(idle_exit_ms)},
	{.name = "agent-bin",
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "The agent's program.",
		.more = "Without it, HEADROOM_AGENT_BIN (HEADROOM_CLAUDE_BIN, ...), else it is "
			"looked for in PATH.",
		FIELD(agent_bin)},
	{.name = "persist",
		.type = OPT_FLAG,
		.help = "Write it to the agent's settings, until unwrap.",
		.more = "For claude, codex and opencode. A proxy must run then whenever the agent "
			"does.",
		FIELD(is_persistent)},
	{.name = "scope",
		.type = OPT_ENUM,
		.choices = scopes,
		.def = "user",
		.metavar = "SCOPE",
		.help = "Which settings --persist writes.",
		FIELD(scope)},
	{.name = "1m",
		.type = OPT_FLAG,
		.help = "claude: ask for the window of a million tokens.",
		.more = "Adds [1m] to the name of the model, which keeps it in a resumed session, "
			"too.",
		FIELD(is_1m)},
	{.name = "tool-search",
		.type = OPT_STRING,
		.metavar = "MODE",
		.help = "claude: true, false, auto or auto:N.",
		.more = "Without it, ENABLE_TOOL_SEARCH as you have it, else true: otherwise "
			"Claude Code sends the "
			"schemas of all tools with each request to a host that it does not know.",
		FIELD(tool_search)},
	{.name = "provider-type",
		.type = OPT_STRING,
		.metavar = "TYPE",
		.help = "copilot: anthropic or openai.",
		FIELD(provider_type)},
	{.name = "wire-api",
		.type = OPT_STRING,
		.metavar = "API",
		.help = "copilot with openai: completions or responses.",
		FIELD(wire_api)},
	{.name = "backend",
		.type = OPT_STRING,
		.metavar = "NAME",
		.help = "Who answers models' requests.",
		.more = "As of headroom proxy.",
		FIELD(backend)},
	{.name = "anyllm-provider",
		.type = OPT_STRING,
		.metavar = "NAME",
		.help = "The provider of --backend anyllm.",
		FIELD(anyllm_provider)},
	{.name = "region",
		.type = OPT_STRING,
		.metavar = "NAME",
		.help = "Region of the backend.",
		FIELD(region)},
	{.name = "memory",
		.type = OPT_FLAG,
		.flags = OPT_NEGATABLE,
		.help = "Let the proxy remember, see headroom proxy --help.",
		.more = "Not given, it is as the proxy's configuration has it.",
		FIELD(has_memory)},
	{.name = "learn",
		.type = OPT_FLAG,
		.flags = OPT_NEGATABLE,
		.help = "Let the proxy learn from requests; means --memory.",
		.more = "Not given, it is as the proxy's configuration has it.",
		FIELD(learns)},
	{.name = "memory-embedder",
		.type = OPT_STRING,
		.metavar = "builtin|URL",
		.help = "Who tells the proxy what memories are about.",
		.more = "As of headroom proxy.",
		FIELD(embedder)},
	{.name = "memory-embedder-model",
		.type = OPT_STRING,
		.metavar = "NAME",
		.help = "The model that such an endpoint is asked for.",
		FIELD(embedder_model)},
	{.name = "code-graph",
		.type = OPT_FLAG,
		.help = "Let the proxy keep the code graph of this directory.",
		.more = "See headroom proxy --help. A proxy that has that of another directory is "
			"not joined.",
		FIELD(has_graph)},
	PLANNED("mcp"),
	PLANNED("subscription"),
	PLANNED("context-tool"),
	PLANNED("rtk"),
	PLANNED("serena"),
	PLANNED("tokensave"),
};

static const char *const words[] = {"claude", "codex", "gemini", "opencode", "copilot", "aider",
	"goose", "openhands", "vibe", "openclaw", "cline", "continue", "cursor", "exec", NULL};

static const char about[] = "Starts an agent that sends its requests through a proxy, for this one "
			    "run: nothing is written to its settings, and "
			    "when it ends all is as it was. The proxy is joined when one that fits "
			    "runs already, else started; it ends by "
			    "itself half a minute after the last agent.\n"
			    "\n"
			    "AGENT is claude, codex, gemini, opencode, copilot, aider, goose, "
			    "openhands or vibe; openclaw, cline and "
			    "continue, for which the proxy is held and the lines for their "
			    "settings are shown; cursor, for which there is only "
			    "advice; or exec, with any COMMAND. Options of headroom stand before "
			    "the first argument of the agent, all others "
			    "and all short ones but -q are the agent's; -- ends them.\n"
			    "\n"
			    "  headroom wrap claude --mode cache -p 'fix the test'\n"
			    "\n"
			    "The agent has this terminal, standard output is its own, and the exit "
			    "status is its own: 128 and the number of the "
			    "signal that ended it, 127 when it is not there, 126 when it cannot be "
			    "run. Where it sent its requests before (a "
			    "gateway in its settings or variables) is where the proxy sends them. "
			    "Logins stay; no key is needed. Within a "
			    "wrapped agent, headroom wrap joins the same proxy.\n"
			    "\n"
			    "Other variables: HEADROOM_PROJECT is the name of the project in the "
			    "figures, without it that of the directory.\n";

#define PORT "export HEADROOM_PORT=0 HEADROOM_IDLE_EXIT=1s\n"
#define STUB                                                                 \
	"printf '#!/bin/sh\\nexit 0\\n' >claude && chmod +x claude\nexport " \
	"HEADROOM_CLAUDE_BIN=$PWD/claude\n"

static const struct cmd_example examples[] = {
	{.line = "headroom wrap claude", .what = "Claude Code, as you know it.", .setup = STUB},
	{.line = "headroom wrap claude --1m -- --model sonnet",
		.what = "Options of the agent behind --, where both have the same.",
		.setup = STUB},
	{.line = "headroom wrap exec -- sh -c 'echo $ANTHROPIC_BASE_URL'",
		.what = "Any program that reads one of the usual variables.",
		.setup = PORT},
	{.line = "headroom wrap codex --dry-run", .what = "What would be done."},
	{.line = "headroom wrap --list", .what = "Which agents there are."},
};

const struct cmd cmd_wrap = {
	.name = "wrap",
	.summary = "run an agent through a proxy, and leave no trace",
	.about = about,
	.operands = "AGENT [ARGUMENT...]",
	.operand_min = 0,
	.operand_max = CMD_ANY_OPERANDS,
	.complete = COMPLETE_WORDS,
	.words = words,
	CMD_OPTS(opts),
	.args_size = sizeof(struct wrap_args),
	CMD_EXAMPLES(examples),
	.flags = CMD_RUNS_PROGRAM,
	.run = run_wrap,
};

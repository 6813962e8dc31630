#include "cli/args_mcp.h"
#include "cli/cmds.h"
#include "cli/opts_compress.h"

#define FIELD(f) .off = offsetof(struct mcp_args, f)

static const struct opt serve_opts[] = {
	OPT_STORE(struct mcp_serve_args, "The database of originals and figures."),
	OPT_LOSSLESS(struct mcp_serve_args),
	{.name = "code-graph",
		.type = OPT_FLAG,
		.flags = OPT_NEGATABLE | OPT_SAFE,
		.env = "HEADROOM_MCP_CODE_GRAPH",
		.key = "mcp.code_graph",
		.help = "Offer headroom_graph, too.",
		.more = "It tells where code of the present directory is defined, called and "
			"imported. What is known is kept in graph/ in the workspace; changed files "
			"are "
			"read before each answer.",
		.off = offsetof(struct mcp_serve_args, has_graph)},
};

static const struct opt_choice scopes[] = {
	{"user", MCP_AT_USER, false, "the user's file"},
	{"project", MCP_AT_PROJECT, false, "the file of this directory"},
	{NULL, 0, false, NULL},
};

#define OPT_SCOPE                                                                    \
	{                                                                            \
		.name = "scope", .type = OPT_ENUM, .choices = scopes, .def = "user", \
		.metavar = "user|project", .help = "In whose settings.",             \
		.more = "Codex and some others have only the user's.", FIELD(scope)  \
	}
#define OPT_JSON(schema)                                                            \
	{                                                                           \
		.name = "json", .type = OPT_FLAG, .help = "Print one JSON object.", \
		.more = "Its schema is " schema ".", FIELD(is_json)                 \
	}
#define OPT_DRY                                                                  \
	{                                                                        \
		.name = "dry-run", .type = OPT_FLAG,                             \
		.help = "Show what would change, change nothing.", FIELD(is_dry) \
	}

static const struct opt install_opts[] = {
	OPT_SCOPE,
	{.name = "force",
		.type = OPT_FLAG,
		.help = "Also in the place of another entry of this name.",
		.more = "Which comes back with 'headroom mcp uninstall'.",
		FIELD(is_forced)},
	OPT_DRY,
	OPT_JSON("headroom.mcp-install/1"),
};
static const struct opt uninstall_opts[] = {
	OPT_DRY,
	OPT_JSON("headroom.mcp-uninstall/1"),
};
static const struct opt status_opts[] = {OPT_SCOPE, OPT_JSON("headroom.mcp-status/1")};

static const char *const agents[] = {"claude", "codex", "gemini", "opencode", "copilot", "goose",
	"openhands", "openclaw", "cline", "continue", "cursor", "vibe", NULL};

static const struct cmd_example serve_examples[] = {
	{.line = "echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}' | headroom mcp serve",
		.what = "An answer on a line."},
};
static const struct cmd_example install_examples[] = {
	{.line = "headroom mcp install claude --dry-run", .what = "See what would be written."},
	{.line = "headroom mcp install claude codex", .what = "Tell both of them."},
};
static const struct cmd_example uninstall_examples[] = {
	{.line = "headroom mcp uninstall", .what = "Take all of it back."},
};
static const struct cmd_example status_examples[] = {
	{.line = "headroom mcp status", .what = "Which agents start it."},
};

static const struct cmd cmd_serve = {
	.name = "serve",
	.summary = "answer an agent over standard input and output",
	.about = "A server of the Model Context Protocol: JSON-RPC 2.0, one message a line. Agents "
		 "start it; it ends with its standard input. It opens no connection and needs no "
		 "proxy: it reads the store that proxies write.",
	CMD_OPTS(serve_opts),
	.args_size = sizeof(struct mcp_serve_args),
	CMD_EXAMPLES(serve_examples),
	.run = run_mcp_serve,
};

#define AGENTS                                                                                 \
	.operands = "[AGENT...]", .operand_max = CMD_ANY_OPERANDS, .complete = COMPLETE_WORDS, \
	.words = agents, .args_size = sizeof(struct mcp_args)

static const struct cmd cmd_install_mcp = {
	.name = "install",
	.summary = "let agents start the server",
	.about = "Writes an entry named headroom into the settings of agents: of those named, else "
		 "of "
		 "those whose program is on PATH. All else in the files stays. Exit status 1 when "
		 "none "
		 "could be written.",
	CMD_OPTS(install_opts),
	AGENTS,
	CMD_EXAMPLES(install_examples),
	.run = run_mcp_install,
};
static const struct cmd cmd_uninstall_mcp = {
	.name = "uninstall",
	.summary = "take back what mcp install wrote",
	.about = "Files are as they were before, byte for byte where nobody else has changed them "
		 "since. "
		 "Entries that were not written by 'headroom mcp install', or that you have "
		 "changed, "
		 "stay.",
	CMD_OPTS(uninstall_opts),
	AGENTS,
	CMD_EXAMPLES(uninstall_examples),
	.run = run_mcp_uninstall,
};
static const struct cmd cmd_status_mcp = {
	.name = "status",
	.summary = "say which agents start the server",
	.about = "Looks at files alone. Exit status 1 when an entry names a program that is not "
		 "there.",
	CMD_OPTS(status_opts),
	AGENTS,
	CMD_EXAMPLES(status_examples),
	.run = run_mcp_status,
};

static const struct cmd *const subs[] = {
	&cmd_serve, &cmd_install_mcp, &cmd_uninstall_mcp, &cmd_status_mcp, NULL};

const struct cmd cmd_mcp = {
	.name = "mcp",
	.summary = "give agents headroom's tools by MCP",
	.about = "For agents that speak the Model Context Protocol. With headroom_retrieve a model "
		 "gets "
		 "the original of a shortened tool result, or the lines of it that matter, also "
		 "where the "
		 "proxy may not offer the tool itself.\n",
	.subs = subs,
};

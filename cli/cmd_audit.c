#include "cli/args_audit.h"
#include "cli/cmds.h"
#include "core/base/limits.h"

#define FIELD(f) .off = offsetof(struct audit_args, f)

#define OPT_JSON(schema)                                                            \
	{                                                                           \
		.name = "json", .type = OPT_FLAG, .help = "Print one JSON object.", \
		.more = "Its schema is " schema ".", FIELD(is_json)                 \
	}

/* clang-format off */
#define OPT_WHICH                                                                               \
	{.name = "project", .type = OPT_PATH, .metavar = "DIR",                                 \
		.help = "The directory whose sessions are meant.",                              \
		.more = "With those below it. Without the option it is the one that you are in.", \
		FIELD(project)},                                                                \
	{.name = "all", .type = OPT_FLAG, .help = "The sessions of all projects together.",     \
		FIELD(is_all)},                                                                 \
	{.name = "from", .type = OPT_LIST, .metavar = "PATH,...",                               \
		.help = "Recordings to read, in place of the agents' own.",     \
		.more = "Of all projects, unless --project says which.", FIELD(from)},          \
	{.name = "limit", .letter = 'n', .type = OPT_INT, .def = "20", .min = 1, .max = 1e6,    \
		.metavar = "N", .help = "At most N findings, the dearest.", FIELD(limit)},      \
	{.name = "max-input", .type = OPT_SIZE, .def = "256M", .min = 1024, .max = LIMIT_INPUT, \
		.metavar = "SIZE", .help = "Pass over recordings that are larger.",             \
		.more = "One is held in memory at a time; of those in lines 16 MB, however large they are, " \
			"unless SIZE is less.", \
		FIELD(max_input)}
/* clang-format on */

static const struct opt reads_opts[] = {OPT_WHICH, OPT_JSON("headroom.audit-reads/1")};
static const struct opt tools_opts[] = {OPT_WHICH, OPT_JSON("headroom.audit-tools/1")};

#define MESSAGE(role, content)                                                      \
	"{\"type\":\"" role "\",\"cwd\":\"/w\",\"sessionId\":\"s\",\"uuid\":\"1\"," \
	"\"message\":{\"role\":\"" role "\",\"content\":[" content "]}}\n"
#define SESSION                                                                               \
	"cat >session.jsonl <<'EOF'\n" MESSAGE("user", "{\"type\":\"text\",\"text\":\"hi\"}") \
		MESSAGE("assistant", "{\"type\":\"text\",\"text\":\"hello\"}") "EOF"

static const struct cmd_example reads_examples[] = {
	{.line = "headroom audit reads --from session.jsonl",
		.what = "What recorded sessions read and need not have.",
		.setup = SESSION},
	{.line = "headroom audit reads",
		.what = "Of this project. Exit status 3 when nothing was recorded.",
		.status = 3},
};
static const struct cmd_example tools_examples[] = {
	{.line = "headroom audit tools --json --from session.jsonl",
		.what = "Which tools were declared and not called, for a script.",
		.setup = SESSION},
};

static const struct cmd cmd_audit_reads = {
	.name = "reads",
	.summary = "name files and listings that were paid for in vain",
	.about = "Files that were read again while they stood in context unchanged, large ones "
		 "that were read whole, lock files, and listings of what was installed or built.\n",
	CMD_OPTS(reads_opts),
	CMD_EXAMPLES(reads_examples),
	.args_size = sizeof(struct audit_args),
	.run = run_audit_reads,
};
static const struct cmd cmd_audit_tools = {
	.name = "tools",
	.summary = "name tools that are never called, or that fail",
	.about = "What a list of tools costs is in recordings of requests: the log of headroom "
		 "proxy with --log-messages. Sessions that agents record hold calls alone; for "
		 "those, MCP servers that are set up (.mcp.json, ~/.claude.json, "
		 "~/.codex/config.toml) and were never called are named, without a price.\n",
	CMD_OPTS(tools_opts),
	CMD_EXAMPLES(tools_examples),
	.args_size = sizeof(struct audit_args),
	.run = run_audit_tools,
};

static const struct cmd *const subs[] = {&cmd_audit_reads, &cmd_audit_tools, NULL};

const struct cmd cmd_audit = {
	.name = "audit",
	.summary = "name what was paid for in vain, with a remedy each",
	.about = "Reads the sessions that agents have recorded of a project. For each finding: how "
		 "often, in how many sessions, how many tokens that was (each once, and in all "
		 "requests that carried them, most of them at the price of the provider's cache), "
		 "one remedy, and how to take it back. Tokens are counted with o200k_base. Nothing "
		 "is "
		 "written and nothing is sent.\n",
	.subs = subs,
};

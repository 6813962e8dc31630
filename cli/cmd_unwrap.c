#include "cli/args_wrap.h"
#include "cli/cmds.h"

#define FIELD(f) .off = offsetof(struct unwrap_args, f)

static const struct opt opts[] = {
	{.name = "all",
		.type = OPT_FLAG,
		.help = "Every agent, and the files of the shell.",
		FIELD(is_all)},
	{.name = "dry-run",
		.type = OPT_FLAG,
		.help = "Say what would be done, and do nothing.",
		FIELD(is_dry_run)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object.",
		.more = "Its schema is headroom.unwrap/1.",
		FIELD(is_json)},
};

static const char *const words[] = {"claude", "codex", "gemini", "opencode", "copilot", "aider",
	"goose", "openhands", "vibe", "openclaw", "cline", "continue", "cursor", NULL};

static const struct cmd_example examples[] = {
	{.line = "headroom unwrap claude",
		.what = "Take back what headroom wrap claude --persist wrote."},
	{.line = "headroom unwrap --all --dry-run",
		.what = "Look for anything of headroom's in the settings of agents."},
};

const struct cmd cmd_unwrap = {
	.name = "unwrap",
	.summary = "take back what headroom wrote to agents' settings",
	.about = "Undoes the edits of headroom wrap --persist by its journal, what runs left that "
		 "were killed, and what "
		 "the Python headroom left: blocks between its fences, keys that lead to a proxy "
		 "of this machine, "
		 "its hooks and backups. What you have changed since stays, and is named. Prints a "
		 "line for each file: "
		 "restored, removed, kept or failed. A second time there is nothing to do; the "
		 "exit status is 0 then, "
		 "too.\n"
		 "\n"
		 "Files of a project are looked for in this directory. No proxy is stopped: one "
		 "that a wrap started "
		 "ends by itself, others are yours (headroom proxy stop).\n",
	.operands = "[AGENT]",
	.operand_max = 1,
	.complete = COMPLETE_WORDS,
	.words = words,
	CMD_OPTS(opts),
	.args_size = sizeof(struct unwrap_args),
	CMD_EXAMPLES(examples),
	.run = run_unwrap,
};

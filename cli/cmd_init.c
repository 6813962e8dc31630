#include "cli/args_init.h"
#include "cli/cmds.h"
#include "cli/opts_live.h"

#define FIELD(f) .off = offsetof(struct init_args, f)

static const struct opt opts[] = {
	{.name = "global",
		.letter = 'g',
		.type = OPT_FLAG,
		.help = "In the user's settings, not those of this directory.",
		.more = "Codex and opencode have only the user's. With --remove: only these.",
		FIELD(is_global)},
	{.name = "remove",
		.type = OPT_FLAG,
		.help = "Take back what was written before.",
		FIELD(is_removing)},
	{.name = "dry-run",
		.type = OPT_FLAG,
		.help = "Show the lines that would change, change nothing.",
		FIELD(is_dry)},
	OPT_PORT(struct init_args, 1, "Of the proxy that the agents will ask."),
};

static const char about[] =
	"Writes the address of a proxy into the settings of agents, so that they ask it without "
	"'headroom wrap': claude, codex and opencode. Without names, those of them that are "
	"installed. The proxy has to be there whenever they run: 'headroom install apply' keeps "
	"one running.\n"
	"\n"
	"An agent that asks a gateway of yours is led to the proxy only when the proxy is set "
	"to that gateway. All else in the files stays; --remove gives them back byte for byte "
	"where nobody else has changed them since, and leaves alone what you have changed.\n";

static const struct cmd_example examples[] = {
	{.line = "headroom init claude -g --dry-run", .what = "See what would be written."},
	{.line = "headroom init claude codex -g", .what = "Lead both to the proxy for good."},
	{.line = "headroom init --remove", .what = "Take it all back."},
};

const struct cmd cmd_init = {
	.name = "init",
	.summary = "lead agents to a proxy for good",
	.about = about,
	.operands = "[AGENT...]",
	.operand_max = CMD_ANY_OPERANDS,
	.complete = COMPLETE_WORDS,
	.words = (const char *const[]){"claude", "codex", "opencode", NULL},
	CMD_OPTS(opts),
	.args_size = sizeof(struct init_args),
	CMD_EXAMPLES(examples),
	.run = run_init,
};

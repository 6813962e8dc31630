#include "cli/args_kompress.h"
#include "cli/cmds.h"

#define FIELD(f) .off = offsetof(struct kompress_args, f)

#define OPT_DIR                                                                                   \
	{                                                                                         \
		.name = "dir", .type = OPT_PATH, .metavar = "DIR", .help = "Where the model is.", \
		.more = "Without it, below the workspace.", FIELD(dir)                            \
	}

static const struct opt pull_opts[] = {
	{.name = "hub",
		.type = OPT_STRING,
		.def = "https://huggingface.co",
		.env = "HEADROOM_KOMPRESS_HUB",
		.key = "kompress.hub",
		.metavar = "URL",
		.help = "Where repositories of models stand.",
		.more = "A file is taken from URL/NAME/resolve/main/FILE. HTTPS, or HTTP on this "
			"machine.",
		FIELD(hub)},
	OPT_DIR,
};
static const struct opt status_opts[] = {
	OPT_DIR,
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object.",
		.more = "Its schema is headroom.kompress-status/1.",
		FIELD(is_json)},
};
static const struct opt path_opts[] = {OPT_DIR};

static const struct cmd_example pull_examples[] = {
	{.line = "headroom kompress pull --hub http://127.0.0.1:9",
		.what = "From a hub on this machine; here nobody listens.",
		.status = 69},
};
static const struct cmd_example status_examples[] = {
	{.line = "headroom kompress status",
		.what = "Whether a model is there, and whether it can be read.",
		.status = 3},
};
static const struct cmd_example path_examples[] = {
	{.line = "headroom kompress path", .what = "For --kompress-model.", .status = 0},
};

#define NAMED .operands = "[NAME]", .operand_max = 1, .args_size = sizeof(struct kompress_args)

static const struct cmd cmd_pull = {
	.name = "pull",
	.summary = "fetch a model from a hub",
	.about = "The three files of a model, one after the other; NAME is "
		 "chopratejas/kompress-base unless it is given. A file that is there "
		 "already stays, one that was broken off is gone on with. Prints the SHA-256 of "
		 "each; where "
		 "the hub tells it, too, they are compared. This is the only command that opens a "
		 "connection to another machine by itself.",
	CMD_OPTS(pull_opts),
	NAMED,
	CMD_EXAMPLES(pull_examples),
	.run = run_kompress_pull,
};
static const struct cmd cmd_status_kompress = {
	.name = "status",
	.summary = "say whether a model is there",
	.about = "Reads it as a proxy would. Exit status 3 when there is none, 65 when it cannot "
		 "be used.",
	CMD_OPTS(status_opts),
	NAMED,
	CMD_EXAMPLES(status_examples),
	.run = run_kompress_status,
};
static const struct cmd cmd_path = {
	.name = "path",
	.summary = "print where a model is kept",
	.about = "Whether it is there or not.",
	CMD_OPTS(path_opts),
	NAMED,
	CMD_EXAMPLES(path_examples),
	.run = run_kompress_path,
};

static const struct cmd *const subs[] = {&cmd_pull, &cmd_status_kompress, &cmd_path, NULL};

const struct cmd cmd_kompress = {
	.name = "kompress",
	.summary = "get and look at models for prose",
	.about = "Which sentences of prose matter is said by the built-in engine, or by a model "
		 "that "
		 "--kompress-model of compress and proxy names.",
	.subs = subs,
};

#include "cli/args_doctor.h"
#include "cli/cmds.h"
#include "cli/opts_live.h"

#define FIELD(f) .off = offsetof(struct doctor_args, f)

static const struct opt opts[] = {
	OPT_PORT(struct doctor_args, 1, "Look at the proxy that listens there.",
		.more = "When it is given, that nothing listens there is a failed check."),
	{.name = "fix",
		.type = OPT_FLAG,
		.help = "Repair what can be repaired, and look again.",
		.more = "Files of agents are copied to WORKSPACE/backups before.",
		FIELD(is_fixing)},
	{.name = "strict",
		.type = OPT_FLAG,
		.help = "Exit status 2 also for a warning.",
		FIELD(is_strict)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.doctor/1.",
		FIELD(is_json)},
	OPT_LIVE_TOKEN_FILE(struct doctor_args),
};

static const char about[] =
	"Looks at everything that has to be right for requests to become smaller, and says what is "
	"not, and what to do. Exit status 0 when all is well, 1 for warnings, 2 when a check "
	"failed; "
	"what is only information counts for nothing.\n"
	"\n"
	"The check 'path' starts a proxy of its own with your settings, with a provider that is "
	"this "
	"command, sends a conversation in which a file is read twice, and fails when the bytes "
	"that arrive are not fewer, or differ anywhere but in the results of tools. "
	"'compression' asks the proxy that runs to make the same conversation smaller. Nothing is "
	"sent to another machine.\n"
	"\n"
	"Names of checks as arguments: only these are done.\n";

/* Those whose end does not depend on what else runs on the machine. */
static const struct cmd_example examples[] = {
	{.line = "headroom doctor path", .what = "Does a conversation become smaller?"},
	{.line = "headroom doctor workspace secrets edits runs --fix",
		.what = "Repair what can be repaired of these."},
	{.line = "headroom doctor store disk --json", .what = "Two checks, for a program."},
	{.line = "headroom doctor proxy -p 1",
		.what = "Exit status 2: nothing listens there.",
		.status = 2},
};

const struct cmd cmd_doctor = {
	.name = "doctor",
	.summary = "find out what is wrong, and repair it",
	.about = about,
	.operands = "[CHECK...]",
	.operand_max = CMD_ANY_OPERANDS,
	.complete = COMPLETE_WORDS,
	.words = doctor_names,
	CMD_OPTS(opts),
	.args_size = sizeof(struct doctor_args),
	CMD_EXAMPLES(examples),
	.flags = CMD_NO_SETTINGS,
	.run = run_doctor,
};

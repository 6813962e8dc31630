#include "cli/args_install.h"
#include "cli/cmds.h"
#include "cli/opts_live.h"
#include "wrap/service.h"

#define FIELD(f) .off = offsetof(struct install_args, f)

#define OPT_PROFILE                                                                       \
	{                                                                                 \
		.name = "profile", .type = OPT_PATH, .def = "default", .metavar = "NAME", \
		.help = "Which one, where there are several.",                            \
		.more = "Letters, digits, '.', '_' and '-'.", FIELD(profile)              \
	}
#define OPT_JSON(schema)                                                            \
	{                                                                           \
		.name = "json", .type = OPT_FLAG, .help = "Print one JSON object.", \
		.more = "Its schema is " schema ".", FIELD(is_json)                 \
	}

static const struct opt_choice supervisors[] = {
	{"auto", INSTALL_AUTO, false, "what this machine has"},
	{"systemd", SERVICE_SYSTEMD, false, "the user's manager of systemd"},
	{"launchd", SERVICE_LAUNCHD, false, "of macOS"},
	{"cron", SERVICE_CRON, false, "once, when the machine starts"},
	{NULL, 0, false, NULL},
};

static const struct opt apply_opts[] = {
	OPT_PROFILE,
	OPT_PORT(struct install_args, 1, "Let it listen there."),
	{.name = "supervisor",
		.type = OPT_ENUM,
		.choices = supervisors,
		.def = "auto",
		.metavar = "NAME",
		.help = "Who starts it.",
		FIELD(supervisor)},
	{.name = "proxy-arg",
		.type = OPT_LIST,
		.metavar = "ARG",
		.help = "Give this to 'headroom proxy'; may be repeated.",
		.more = "Commas part arguments. What is in the configuration file need not be "
			"given.",
		FIELD(proxy_args)},
	{.name = "shell",
		.type = OPT_FLAG,
		.help = "Lead programs that new shells start to it.",
		.more = "The variables are in CONFIG/env.sh and env.fish, which one line in the "
			"files of your shells reads. Only files that are there are changed.",
		FIELD(has_shell)},
	{.name = "linger",
		.type = OPT_FLAG,
		.help = "Let services run while you are not logged in.",
		FIELD(lingers)},
	{.name = "dry-run",
		.type = OPT_FLAG,
		.help = "Print what would be written, and do nothing.",
		FIELD(is_dry)},
};

static const struct opt status_opts[] = {OPT_PROFILE, OPT_JSON("headroom.install-status/1")};
static const struct opt list_opts[] = {OPT_JSON("headroom.install-list/1")};
static const struct opt plain_opts[] = {OPT_PROFILE};
static const struct opt logs_opts[] = {
	OPT_PROFILE,
	{.name = "follow",
		.type = OPT_FLAG,
		.help = "Go on with what is written from now on.",
		FIELD(is_following)},
};

static const struct cmd_example apply_examples[] = {
	{.line = "headroom install apply --dry-run --supervisor systemd",
		.what = "See the unit first."},
};
static const struct cmd_example status_examples[] = {
	{.line = "headroom install status",
		.what = "Exit status 3: it is not installed.",
		.status = 3},
};
static const struct cmd_example list_examples[] = {
	{.line = "headroom install list", .what = "All profiles."},
};

#define MISSING(verb, text)                                                     \
	static const struct cmd_example verb##_examples[] = {                   \
		{.line = "headroom install " #verb, .what = text, .status = 3}, \
	}
MISSING(start, "Exit status 3: it is not installed.");
MISSING(stop, "Until it is started again, or the machine.");
MISSING(restart, "After an update.");
MISSING(remove, "End it and take everything away.");
MISSING(logs, "What it has written.");

#define SUB(verb, words, more, table)                     \
	static const struct cmd cmd_##verb = {            \
		.name = #verb,                            \
		.summary = words,                         \
		.about = more,                            \
		CMD_OPTS(table),                          \
		.args_size = sizeof(struct install_args), \
		CMD_EXAMPLES(verb##_examples),            \
		.run = run_install_##verb,                \
	}

SUB(apply, "set up a proxy that starts by itself",
	"Writes the supervisor's file, tells the supervisor, and starts the proxy. What was set up "
	"before under the same profile is replaced. Secrets belong into CONFIG/proxy.env, lines "
	"NAME=value that the proxy gets as variables. Exit status 1 when all was written and the "
	"proxy did not start.",
	apply_opts);
SUB(status, "say whether it runs",
	"Exit status 0 when it runs and is healthy, 1 when it is not, 3 when it is not installed.",
	status_opts);
SUB(start, "start it", "Asks the supervisor. Exit status 3 when it is not installed.", plain_opts);
SUB(stop, "stop it", "Asks the supervisor. Exit status 3 when it is not installed.", plain_opts);
SUB(restart, "start it anew", "Asks the supervisor. Exit status 3 when it is not installed.",
	plain_opts);
SUB(remove, "stop it and take everything away",
	"Files are as they were before, byte for byte where nobody else has changed them. What "
	"cannot be taken away is said, and then the command can be repeated. Exit status 3 when it "
	"is not installed.",
	plain_opts);
SUB(list, "list what is installed", "A line for each profile.", list_opts);
SUB(logs, "show what it has written",
	"By journalctl, or from WORKSPACE/logs. Exit status 3 when it is not installed.",
	logs_opts);

static const struct cmd *const subs[] = {&cmd_apply, &cmd_status, &cmd_start, &cmd_stop,
	&cmd_restart, &cmd_remove, &cmd_list, &cmd_logs, NULL};

const struct cmd cmd_install = {
	.name = "install",
	.summary = "keep a proxy running by the machine",
	.about = "A proxy that is always there, for agents that are led to it for good "
		 "('headroom init'): a unit of systemd's user manager, a property list of launchd, "
		 "or, where there is neither, a line of cron.\n",
	.subs = subs,
};

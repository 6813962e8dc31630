#include "cli/args_learn.h"
#include "cli/cmds.h"
#include "learn/agent.h"

static const struct opt_choice agents[] = {
	{"all", LEARN_ALL_AGENTS, false, "all that have recorded something here"},
	{"claude", AGENT_CLAUDE, false, NULL},
	{"codex", AGENT_CODEX, false, NULL},
	{"gemini", AGENT_GEMINI, false, NULL},
	{"opencode", AGENT_OPENCODE, false, NULL},
	{"cursor", AGENT_CURSOR, false, NULL},
	{"pi", AGENT_PI, false, NULL},
	{"proxy", AGENT_PROXY, false, "the log of headroom proxy"},
	{"auto", LEARN_ALL_AGENTS, true, NULL},
	{NULL, 0, false, NULL},
};

enum { HOUR_MS = 3600 * 1000 };

#define FIELD(f) .off = offsetof(struct learn_args, f)

/* clang-format off */
#define OPT_PROJECT(text)                                                                      \
	{.name = "project", .type = OPT_PATH, .metavar = "DIR", .help = (text),                \
		.more = "Without the option it is the one that you are in.", FIELD(project)}
#define OPT_TARGET(text)                                                                       \
	{.name = "target", .type = OPT_LIST, .metavar = "NAME,...", .help = (text),            \
		.more = "claude-local, claude, memory, agents, gemini, cursor, opencode, aider, " \
			"copilot, or the path of a file.", FIELD(targets)}
#define OPT_APPLY                                                                              \
	{.name = "apply", .type = OPT_FLAG, .help = "Write it, instead of showing what would change.", \
		FIELD(applies)}
#define OPT_FROM                                                                               \
	{.name = "from", .type = OPT_LIST, .metavar = "PATH,...",                              \
		.help = "Recordings to read, in place of the agents' own.",    \
		.more = "Of all projects, unless --project says which.", FIELD(from)}
/* clang-format on */

static const struct opt opts[] = {
	{.name = "project",
		.type = OPT_PATH,
		.metavar = "DIR",
		.help = "The directory whose sessions are meant.",
		.more = "With those below it. Without the option it is the one that you are in.",
		FIELD(project)},
	{.name = "all", .type = OPT_FLAG, .help = "All projects, each by itself.", FIELD(is_all)},
	{.name = "agent",
		.type = OPT_ENUM,
		.choices = agents,
		.def = "all",
		.metavar = "NAME",
		.help = "Only sessions of this agent.",
		FIELD(agent)},
	OPT_FROM,
	{.name = "sessions",
		.type = OPT_INT,
		.min = 0,
		.max = 1e6,
		.metavar = "N",
		.help = "Only the newest N recordings of each project.",
		.more = "0: all of them.",
		FIELD(sessions_max)},
	{.name = "main-only",
		.type = OPT_FLAG,
		.help = "Leave out what sub-agents did.",
		FIELD(is_main_only)},
	{.name = "model",
		.type = OPT_STRING,
		.metavar = "claude|codex|gemini|PROVIDER/MODEL|COMMAND",
		.help = "Let a model phrase the rules and join equal ones.",
		.more = "By the agent's own program and account; by a provider's API "
			"(anthropic/MODEL, openai/MODEL, ...: names, keys and addresses as for "
			"--backend of headroom proxy); or by any command that reads a "
			"prompt and prints an answer. It can add "
			"nothing: commands and paths must be those of the rules. Where it fails "
			"they stay as they were found.",
		FIELD(model)},
	{.name = "model-timeout",
		.type = OPT_DURATION,
		.def = "5m",
		.min = 1,
		.max = HOUR_MS,
		.metavar = "TIME",
		.help = "Wait so long for the model's answer.",
		FIELD(model_timeout_ms)},
	{.name = "min-evidence",
		.type = OPT_INT,
		.min = 0,
		.max = 1e6,
		.metavar = "N",
		.help = "How often a thing must have been seen.",
		.more = "With 0 as often as its kind asks for, which is twice for most.",
		FIELD(min_evidence)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print JSON, schema headroom.learn/1.",
		FIELD(is_json)},
	OPT_TARGET("Which memory files, not those of the agents read."),
	OPT_APPLY,
	{.name = "remove",
		.type = OPT_FLAG,
		.help = "Take what was learned out of the files again.",
		.more = "Shows what would change, unless --apply is given. No recordings are read.",
		FIELD(removes)},
};
static const struct opt status_opts[] = {
	OPT_PROJECT("The directory whose files are meant."),
	OPT_TARGET("Only these files."),
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print JSON, schema headroom.learn-status/1.",
		FIELD(is_json)},
};
static const struct opt reset_opts[] = {
	OPT_PROJECT("The directory whose files are meant."),
	OPT_TARGET("Only these files."),
	OPT_APPLY,
};
static const struct opt verbosity_opts[] = {
	OPT_PROJECT("The directory whose sessions are meant."),
	{.name = "all",
		.type = OPT_FLAG,
		.help = "The sessions of all projects together.",
		FIELD(is_all)},
	OPT_FROM,
	OPT_APPLY,
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print JSON, schema headroom.learn-verbosity/1.",
		FIELD(is_json)},
};

#define SESSION                                                                  \
	"cat >session.jsonl <<'EOF'\n"                                           \
	"{\"type\":\"user\",\"cwd\":\"/"                                         \
	"w\",\"sessionId\":\"a\",\"uuid\":\"1\",\"message\":{\"role\":\"user\"," \
	"\"content\":\"Never push to main without "                              \
	"asking.\"},\"timestamp\":\"2026-01-02T03:04:05Z\"}\n"                   \
	"EOF"

static const struct cmd_example examples[] = {
	{.line = "headroom learn --from session.jsonl",
		.what = "What the recorded sessions of a project teach.",
		.setup = SESSION},
	{.line = "headroom learn --all --json --from session.jsonl > rules.json",
		.what = "All projects, for a script.",
		.setup = SESSION},
	{.line = "headroom learn --apply --target claude-local --from session.jsonl",
		.what = "Into CLAUDE.local.md of each project.",
		.setup = SESSION},
	{.line = "headroom learn --remove --apply", .what = "And out of it again."},
	{.line = "headroom learn --agent codex",
		.what = "Exit status 3 when nothing was recorded.",
		.status = 3},
};

static const struct cmd_example status_examples[] = {
	{.line = "headroom learn status", .what = "What stands in the files of this project."}};
static const struct cmd_example reset_examples[] = {{.line = "headroom learn reset --apply",
	.what = "Let rules come back whose lines were deleted."}};
static const struct cmd_example verbosity_examples[] = {
	{.line = "headroom learn verbosity --from session.jsonl",
		.what = "How long answers were, and which level would suit.",
		.setup = SESSION}};

static const struct cmd cmd_learn_status = {
	.name = "status",
	.summary = "show what was learned, and in which files it stands",
	.about = "For each memory file with a block of ours: how many lines, how many of them are "
		 "yours by now, how many you have deleted. A damaged block is named, with its "
		 "line. Then what headroom proxy --learn has seen here so far.\n",
	CMD_OPTS(status_opts),
	.args_size = sizeof(struct learn_args),
	CMD_EXAMPLES(status_examples),
	.run = run_learn_status,
};
static const struct cmd cmd_learn_reset = {
	.name = "reset",
	.summary = "forget which lines were deleted",
	.about =
		"A rule whose line was deleted or changed does not come back; after this it may.\n",
	CMD_OPTS(reset_opts),
	.args_size = sizeof(struct learn_args),
	CMD_EXAMPLES(reset_examples),
	.run = run_learn_reset,
};
static const struct cmd cmd_learn_verbosity = {
	.name = "verbosity",
	.summary = "find the level of the output shaper that would suit",
	.about =
		"From recorded sessions: how long answers were, and what people did next: stopped "
		"one, went on sooner than half of it can be read, asked for fewer words or for "
		"more. With --apply the level is set in the configuration (proxy.verbosity_level), "
		"for proxies that run with --output-shaper; 'headroom config unset "
		"proxy.verbosity_level' takes it back.\n",
	CMD_OPTS(verbosity_opts),
	.args_size = sizeof(struct learn_args),
	CMD_EXAMPLES(verbosity_examples),
	.run = run_learn_verbosity,
};

static const struct cmd *const subs[] = {
	&cmd_learn_status, &cmd_learn_reset, &cmd_learn_verbosity, NULL};

const struct cmd cmd_learn = {
	.name = "learn",
	.summary = "find what sessions teach; write it for the agents",
	.about =
		"Reads the sessions that agents have recorded of a project, and prints what an "
		"agent "
		"should know before the next one: commands and paths that failed and those that "
		"worked, "
		"what is installed, files that are too large to read whole, loops, what the user "
		"wants. "
		"Each rule says how often it was seen, in how many sessions and when last. No "
		"model is asked unless --model names one, and nothing is sent otherwise.\n"
		"\n"
		"What is sent again with a history counts once. A rule needs evidence (twice for "
		"most), and "
		"goes when it is refuted: when the command works after all, or the file is there. "
		"Texts with "
		"secrets are left out.\n"
		"\n"
		"Recordings are those of Claude Code, Codex, Gemini CLI, OpenCode, Cursor and pi, "
		"and the log of "
		"headroom proxy that HEADROOM_LOG_FILE names. Sessions belong to the directory "
		"that they name.\n"
		"\n"
		"Shows what would change in the memory files that the agents read, as a diff; "
		"--apply writes it: CLAUDE.local.md for Claude Code, AGENTS.md for Codex, opencode "
		"and pi, GEMINI.md, .cursor/rules/headroom-learned.mdc. Rules stand in one block "
		"between two comments, and everything else stays as it is. A line that you delete "
		"stays away, one that you change is yours, and what nobody has seen for long goes. "
		"With memory among several targets, rules about how to work go there and those "
		"about the project to the others.\n",
	CMD_OPTS(opts),
	.args_size = sizeof(struct learn_args),
	CMD_EXAMPLES(examples),
	.subs = subs,
	.run = run_learn,
};

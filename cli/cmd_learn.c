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

#define FIELD(f) .off = offsetof(struct learn_args, f)

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
	{.name = "from",
		.type = OPT_LIST,
		.metavar = "PATH,...",
		.help = "Files or directories of recordings, in place of the agents' own.",
		.more = "Of all projects, unless --project says which.",
		FIELD(from)},
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
		.help = "Print one JSON object, schema headroom.learn/1.",
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
	{.line = "headroom learn --agent codex",
		.what = "Exit status 3 when nothing was recorded.",
		.status = 3},
};

const struct cmd cmd_learn = {
	.name = "learn",
	.summary = "find what recorded sessions teach",
	.about = "Reads the sessions that agents have recorded of a project, and prints what an "
		 "agent "
		 "should know before the next one: commands and paths that failed and those that "
		 "worked, "
		 "what is installed, files that are too large to read whole, loops, what the user "
		 "wants. "
		 "Each rule says how often it was seen, in how many sessions and when last. No "
		 "model is "
		 "asked, nothing is sent and nothing is written.\n"
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
		 "that they name.\n",
	CMD_OPTS(opts),
	.args_size = sizeof(struct learn_args),
	CMD_EXAMPLES(examples),
	.run = run_learn,
};

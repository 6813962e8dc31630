#include "cli/args_compress.h"
#include "cli/args_replay.h"
#include "cli/cmds.h"
#include "cli/opts_figures.h"
#include "core/replay/replay.h"

const char *const replay_baselines[] = {"none", "logged", "token", "cache"};

static const struct opt_choice modes[] = {
	{"both", REPLAY_MODE_BOTH, false, NULL},
	{"token", REPLAY_MODE_TOKEN, false, "fewest tokens"},
	{"cache", REPLAY_MODE_CACHE, false, "lowest bill behind a prompt cache"},
	{"none", REPLAY_MODE_NONE, false, "only what --arm names"},
	{NULL, 0, false, NULL},
};

static const struct opt_choice baselines[] = {
	{"none", 0, false, "as the client sent it"},
	{"logged", 1, false, "as it was sent on"},
	{"token", 2, false, NULL},
	{"cache", 3, false, NULL},
	{NULL, 0, false, NULL},
};

static const struct opt_choice breakpoints[] = {
	{"auto", REPLAY_BREAKPOINTS_AUTO, false, "the usual ones where there are none"},
	{"log", REPLAY_BREAKPOINTS_LOG, false, "those that are recorded"},
	{"none", REPLAY_BREAKPOINTS_NONE, false, NULL},
	{NULL, 0, false, NULL},
};

#define FIELD(f) .off = offsetof(struct replay_args, f)

static const struct opt opts[] = {
	{.name = "mode",
		.type = OPT_ENUM,
		.choices = modes,
		.def = "both",
		.metavar = "MODE",
		.help = "Arms to replay, by the modes of compress.",
		FIELD(mode)},
	{.name = "arm",
		.type = OPT_LIST,
		.metavar = "NAME:KEY=VALUE,...",
		.help = "A further arm with settings of its own.",
		.more = "Keys are mode (token, cache), lossless, ccr, trim-tools (on, off), "
			"output-shaper (off, 1 to 4), "
			"protect-analysis-context (on, off), target-ratio, min-tokens, "
			"protect-recent, tool-profile (TOOL=LEVEL), exclude-tools and "
			"protect-tool-results (globs, separated "
			"by "
			"'+').",
		FIELD(arms)},
	{.name = "baseline",
		.type = OPT_ENUM,
		.choices = baselines,
		.def = "none",
		.metavar = "ARM",
		.help = "What the others are compared with.",
		FIELD(baseline)},
	{.name = "format",
		.letter = 'f',
		.type = OPT_ENUM,
		.choices = format_choices,
		.def = "auto",
		.metavar = "FORMAT",
		.help = "What the input is.",
		.more = "With auto it is found out for each file.",
		FIELD(format)},
	{.name = "session",
		.type = OPT_STRING,
		.metavar = "ID",
		.help = "Only sessions whose name begins so.",
		FIELD(session)},
	OPT_SINCE(struct replay_args, NULL),
	OPT_UNTIL(struct replay_args),
	{.name = "limit",
		.type = OPT_INT,
		.min = 0,
		.max = OPT_NO_MAX,
		.metavar = "N",
		.help = "Only the first N turns of each session.",
		FIELD(limit)},
	{.name = "recent-turns",
		.type = OPT_INT,
		.min = 0,
		.max = OPT_NO_MAX,
		.metavar = "N",
		.help = "Count only the last N turns of each session.",
		.more = "Those before are replayed, so that the cache is as it was, and not "
			"billed.",
		FIELD(recent)},
	{.name = "cache-ttl",
		.type = OPT_DURATION,
		.min = 0,
		.max = OPT_NO_MAX,
		.metavar = "TIME",
		.help = "How long the provider keeps an idle prefix.",
		.more = "Without it, as its documentation says, and as the request asks for.",
		FIELD(cache_ttl)},
	{.name = "cache-min",
		.type = OPT_INT,
		.def = "-1",
		.min = -1,
		.max = 1e9,
		.metavar = "TOKENS",
		.help = "The shortest prefix that is cached.",
		.more = "Without it, or with -1, that of the model.",
		FIELD(cache_min)},
	{.name = "breakpoints",
		.type = OPT_ENUM,
		.choices = breakpoints,
		.def = "auto",
		.metavar = "auto|log|none",
		.help = "Where Anthropic is asked to cache.",
		.more = "Agents' own recordings do not say; then behind the tools, the system "
			"prompt "
			"and the newest two messages of the user.",
		FIELD(breakpoints)},
	{.name = "price-file",
		.type = OPT_PATH,
		.env = "HEADROOM_PRICE_FILE",
		.key = "proxy.price_file",
		.metavar = "FILE",
		.help = "Prices of your own, as for headroom proxy.",
		FIELD(price_file)},
	{.name = "retrieve-rate",
		.type = OPT_STRING,
		.def = "0.1",
		.metavar = "F|logged",
		.help = "How often a text that was left out is asked for.",
		.more = "For arms with ccr=on: each costs a further turn and its tokens. logged: "
			"in each "
			"session as often as its log says, and never where it says nothing.",
		FIELD(retrieve_rate)},
	{.name = "no-output-cost",
		.type = OPT_FLAG,
		.help = "Leave the model's answers out of the bill.",
		FIELD(no_output_cost)},
	{.name = "by",
		.type = OPT_LIST,
		.metavar = "LIST",
		.help = "Tables by model, day, session, project and so on.",
		.more = "Of model, day, session, project, encoder, tool. A project is the "
			"directory "
			"that a session was about, or what the request names so.",
		FIELD(by)},
	{.name = "verify",
		.type = OPT_FLAG,
		.help = "Decode every changed result, and compare.",
		.more = "Exit status 5 when one is not proven.",
		FIELD(verifies)},
	{.name = "min-savings",
		.type = OPT_DOUBLE,
		.def = "-1",
		.min = -1,
		.max = 100,
		.metavar = "PCT",
		.help = "Exit status 4 when the best arm saves less.",
		FIELD(min_savings)},
	{.name = "fail-if-worse",
		.type = OPT_FLAG,
		.help = "Exit status 4 when an arm costs more.",
		FIELD(fails_if_worse)},
	{.name = "per-turn",
		.type = OPT_FLAG,
		.help = "Print a line of JSON for each turn and arm.",
		FIELD(is_per_turn)},
	{.name = "csv",
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "Write the same as CSV.",
		.more = "With - to standard output, instead of the report.",
		FIELD(csv)},
	{.name = "html",
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "Write a page with plots, too.",
		.more = "It opens from disk and fetches nothing. With - to standard output, "
			"instead of "
			"the report.",
		FIELD(html)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.replay/1.",
		FIELD(is_json)},
	{.name = "no-timing",
		.type = OPT_FLAG,
		.help = "Leave out times, so that output is repeatable.",
		FIELD(no_timing)},
	{.name = "jobs",
		.letter = 'j',
		.type = OPT_INT,
		.def = "0",
		.min = 0,
		.max = 256,
		.metavar = "N",
		.help = "Work on N files at a time.",
		.more = "With 0 on as many as there are processors.",
		FIELD(jobs)},
	{.name = "max-input",
		.type = OPT_SIZE,
		.env = "HEADROOM_MAX_INPUT",
		.def = "256M",
		.min = 1024,
		.max = LIMIT_INPUT,
		.metavar = "SIZE",
		.help = "The largest file that is read.",
		FIELD(max_input)},
};

static const char about[] =
	"Sends recorded sessions once more, turn by turn, through each arm, and works out what the "
	"provider would have billed: its prompt cache is simulated with the recorded times, prices "
	"are "
	"those of the recorded models. Nothing is sent to anybody, and nothing is written.\n"
	"\n"
	"PATH is a log of headroom proxy (made with --log-file and --log-messages), request bodies "
	"as "
	"lines, a recorded session of Claude Code, Codex, Gemini CLI, OpenCode or pi, or a "
	"directory of "
	"such files (*.jsonl, *.json). Reads standard input with -. A log that was put away in "
	"parts "
	"(log.jsonl.1, log.jsonl.2.gz, ...) is one with these, the oldest first.\n"
	"\n"
	"Each turn is one of these: cold (nothing was cached), full (all that the turn before left "
	"was "
	"read), part (only some, by the provider's rules), bust (a live prefix was lost because "
	"the "
	"arm sent other bytes than before), reset (lost because the client did), expired (lost by "
	"age). "
	"Only a bust is the arm's fault.\n"
	"\n"
	"Tokens are those of the model. Where its tokenizer is closed they are estimated, as "
	"exactly as "
	"the recorded usage allows; what a recording lacks of the prompt is taken from there, too. "
	"The "
	"line \"Calibration\" holds the simulation of what was sent against what the provider "
	"reported.\n"
	"\n"
	"Exit status 3: nothing to replay. 4: --min-savings or --fail-if-worse. 5: --verify. 65: "
	"no "
	"file is a recording.\n";

#define LOG                                                                                       \
	"cat >log.jsonl <<'EOF'\n"                                                                \
	"{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Which user has id " \
	"7?"                                                                                      \
	"\"},"                                                                                    \
	"{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\","            \
	"\"function\":"                                                                           \
	"{\"name\":\"get\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"a\","   \
	"\"content\":\"[{\\\"id\\\": 6, \\\"name\\\": \\\"Ada\\\"}, {\\\"id\\\": 7, "             \
	"\\\"name\\\": "                                                                          \
	"\\\"Bo\\\"}]\"}]}\n"                                                                     \
	"EOF"

static const struct cmd_example examples[] = {
	{.line = "headroom replay log.jsonl --mode cache",
		.what = "What cache mode would have saved of a logged bill.",
		.setup = LOG},
	{.line = "headroom replay --arm gentle:lossless=on --by model,encoder log.jsonl",
		.what = "Both modes and an arm of your own, with tables.",
		.setup = LOG},
	{.line = "headroom replay --json --no-timing log.jsonl > replay.json",
		.what = "The same for a script.",
		.setup = LOG},
	{.line = "headroom replay --min-savings 5 ~/.claude/projects",
		.what = "All that Claude Code has recorded here; fail when it is not worth it.",
		.setup = "mkdir -p ~/.claude/projects",
		.status = 3},
};

const struct cmd cmd_replay = {
	.name = "replay",
	.summary = "work out what recorded sessions would have cost",
	.about = about,
	.operands = "PATH...",
	.operand_min = 1,
	.operand_max = CMD_ANY_OPERANDS,
	.complete = COMPLETE_FILE,
	CMD_OPTS(opts),
	.args_size = sizeof(struct replay_args),
	CMD_EXAMPLES(examples),
	.run = run_replay,
};

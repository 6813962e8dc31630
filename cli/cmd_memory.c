#include "cli/args_memory.h"
#include "cli/cmds.h"
#include "cli/opts_memory.h"
#include "core/memory/exchange.h"
#include "core/memory/place.h"
#include "core/memory/sync.h"

#define FIELD(f) .off = offsetof(struct memory_args, f)

static const struct opt_choice storages[] = {
	{"project", MEMORY_IN_PROJECT, false, "those of a directory"},
	{"user", MEMORY_OF_USER, false, "those of a user, in all directories"},
	{"global", MEMORY_GLOBAL, false, "one store for all"},
	{NULL, 0, false, NULL},
};

static const struct opt_choice scopes[] = {
	{"any", MEMORY_ALL_SCOPES, false, "all of them"},
	{"user", MEMORY_SCOPE_USER, false, "those of no session"},
	{"session", MEMORY_SCOPE_SESSION, false, "those of a session"},
	{"agent", MEMORY_SCOPE_AGENT, false, "those of an agent"},
	{"turn", MEMORY_SCOPE_TURN, false, "those of one turn"},
	{NULL, 0, false, NULL},
};

static const struct opt_choice formats[] = {
	{"jsonl", MEMORY_AS_JSONL, false, "an object a line, all versions"},
	{"json", MEMORY_AS_JSON, false, "one array, all versions"},
	{"md", MEMORY_AS_MARKDOWN, false, "a list in Markdown, what is valid now"},
	{NULL, 0, false, NULL},
};

static const struct opt_choice sync_agents[] = {
	{"claude", SYNC_CLAUDE, false,
		"the directory in which Claude Code keeps its memory of the project"},
	{"codex", SYNC_CODEX, false, "AGENTS.md in the project"},
	{NULL, 0, false, NULL},
};

/* clang-format off */
#define OPT_WHERE                                                                                \
	{.name = "storage", .type = OPT_ENUM, .choices = storages, .def = "project",             \
		.metavar = "KIND", .help = "Which store: project, user or global.",              \
		FIELD(storage)},                                                                 \
	{.name = "project", .type = OPT_PATH, .metavar = "DIR",                                  \
		.help = "The directory whose memories are meant.",                               \
		.more = "Without it the one that you are in.", FIELD(project)},                  \
	{.name = "user", .type = OPT_STRING, .metavar = "NAME",                                  \
		.help = "Whose memories.",                                                       \
		.more = "Without it yours: what USER says, or default.", FIELD(user)},           \
	{.name = "db-path", .type = OPT_PATH, .metavar = "FILE",                                 \
		.help = "This database, wherever it is.",                                        \
		.more = "One that the Python program made can be named here, too.", FIELD(file)}
#define OPT_JSON(schema)                                                                         \
	{.name = "json", .type = OPT_FLAG, .help = "Print one JSON object.",                     \
		.more = "Its schema is " schema ".", FIELD(is_json)}
#define OPT_WHICH                                                                                \
	{.name = "scope", .type = OPT_ENUM, .choices = scopes, .def = "any", .metavar = "SCOPE", \
		.help = "Only those of this scope.", FIELD(scope)},                              \
	{.name = "session", .letter = 's', .type = OPT_STRING, .metavar = "ID",                  \
		.help = "Only those of this session.", FIELD(session)},                          \
	{.name = "category", .type = OPT_STRING, .metavar = "NAME",                              \
		.help = "Only those of this category.", FIELD(category)},                        \
	{.name = "entity", .type = OPT_STRING, .metavar = "NAME",                                \
		.help = "Only those about this.", FIELD(entity)},                                \
	{.name = "since", .type = OPT_STRING, .metavar = "TIME",                                 \
		.help = "Only what was made from then on.",                                      \
		.more = "A date (2026-06-01), a time (RFC 3339), or how long ago (7d).",         \
		FIELD(since)},                                                                   \
	{.name = "until", .type = OPT_STRING, .metavar = "TIME",                                 \
		.help = "Only what was made before then.", FIELD(until)},                        \
	{.name = "at", .type = OPT_STRING, .metavar = "TIME",                                    \
		.help = "What was valid at that time, instead of now.", FIELD(at)},              \
	{.name = "include-superseded", .type = OPT_FLAG,                                         \
		.help = "Also versions that newer ones replaced.", FIELD(with_superseded)}
#define OPT_EMBEDDER                                                                             \
	{.name = "memory-embedder", MEMORY_EMBEDDER, FIELD(embedder)},                           \
	{.name = "memory-embedder-model", MEMORY_EMBEDDER_MODEL, FIELD(embedder_model)}
#define OPT_YES                                                                                  \
	{.name = "yes", .letter = 'y', .type = OPT_FLAG, .help = "Ask nothing.",                 \
		.more = "Needed where nobody can be asked.", FIELD(is_yes)}
#define OPT_CONTENT(text)                                                                        \
	{.name = "content", .letter = 'c', .type = OPT_STRING, .metavar = "TEXT",                \
		.help = (text), FIELD(content)}
#define OPT_IMPORTANCE(value)                                                                    \
	{.name = "importance", .type = OPT_DOUBLE, .def = (value), .min = 0,      \
		.max = 1, .metavar = "F", .help = "From 0 to 1: what is found first.",           \
		FIELD(importance)}
#define OPT_LIMIT(value)                                                                         \
	{.name = "limit", .letter = 'n', .type = OPT_INT, .def = (value), .min = 1, .max = 1000, \
		.metavar = "N", .help = "At most N of them.", FIELD(limit)}
/* clang-format on */

static const struct opt add_opts[] = {
	OPT_IMPORTANCE("0.5"),
	{.name = "category",
		.type = OPT_STRING,
		.metavar = "NAME",
		.help = "What kind of memory it is: a word of yours.",
		FIELD(category)},
	{.name = "entity",
		.type = OPT_LIST,
		.metavar = "NAME,...",
		.help = "What it is about: names.",
		FIELD(entities)},
	{.name = "speaker",
		.type = OPT_STRING,
		.metavar = "NAME",
		.help = "Who said it.",
		FIELD(speaker)},
	{.name = "session",
		.letter = 's',
		.type = OPT_STRING,
		.metavar = "ID",
		.help = "The session that it belongs to.",
		FIELD(session)},
	OPT_WHERE,
	OPT_JSON("headroom.memory-add/1"),
};
static const struct opt list_opts[] = {
	OPT_LIMIT("50"), OPT_WHICH, OPT_WHERE, OPT_JSON("headroom.memory-list/1")};
static const struct opt search_opts[] = {
	OPT_LIMIT("10"),
	{.name = "budget",
		.type = OPT_INT,
		.min = 1,
		.max = 1e6,
		.metavar = "TOKENS",
		.help = "At most so many tokens together.",
		FIELD(budget)},
	OPT_WHICH,
	OPT_WHERE,
	OPT_EMBEDDER,
	OPT_JSON("headroom.memory-search/1"),
};
static const struct opt show_opts[] = {OPT_WHERE, OPT_JSON("headroom.memory/1")};
static const struct opt edit_opts[] = {
	OPT_CONTENT("The new text."),
	{.name = "importance",
		.type = OPT_DOUBLE,
		.def = "-1",
		.min = -1,
		.max = 1,
		.metavar = "F",
		.help = "The new importance, from 0 to 1.",
		.more = "-1: as it is.",
		FIELD(importance)},
	{.name = "in-place",
		.type = OPT_FLAG,
		.help = "Change it instead of adding a version.",
		.more = "The old text stays in the audit trail.",
		FIELD(is_in_place)},
	{.name = "reason",
		.type = OPT_STRING,
		.metavar = "TEXT",
		.help = "Why, for the audit trail.",
		FIELD(reason)},
	OPT_WHERE,
	OPT_JSON("headroom.memory-edit/1"),
};
static const struct opt delete_opts[] = {
	OPT_YES,
	{.name = "reason",
		.type = OPT_STRING,
		.metavar = "TEXT",
		.help = "Why, for the audit trail.",
		FIELD(reason)},
	OPT_WHERE,
	OPT_JSON("headroom.memory-delete/1"),
};
static const struct opt prune_opts[] = {
	{.name = "older-than",
		.type = OPT_DURATION,
		.max = OPT_NO_MAX,
		.metavar = "TIME",
		.help = "Those that were made so long ago: 90d.",
		FIELD(older_ms)},
	{.name = "low-importance",
		.type = OPT_DOUBLE,
		.def = "-1",
		.min = -1,
		.max = 1,
		.metavar = "F",
		.help = "Those of this importance or less.",
		.more = "-1: of any.",
		FIELD(below)},
	{.name = "scope",
		.type = OPT_ENUM,
		.choices = scopes,
		.def = "any",
		.metavar = "SCOPE",
		.help = "Only those of this scope.",
		FIELD(scope)},
	{.name = "session",
		.letter = 's',
		.type = OPT_STRING,
		.metavar = "ID",
		.help = "Only those of this session.",
		FIELD(session)},
	{.name = "dry-run",
		.type = OPT_FLAG,
		.help = "Show what would go, change nothing.",
		FIELD(is_dry)},
	OPT_YES,
	OPT_WHERE,
	OPT_JSON("headroom.memory-prune/1"),
};
static const struct opt purge_opts[] = {OPT_YES, OPT_WHERE, OPT_JSON("headroom.memory-purge/1")};
static const struct opt export_opts[] = {
	{.name = "format",
		.letter = 'f',
		.type = OPT_ENUM,
		.choices = formats,
		.def = "jsonl",
		.metavar = "FORMAT",
		.help = "As jsonl, json or md.",
		FIELD(format)},
	{.name = "output",
		.letter = 'o',
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "Write there, in one step.",
		FIELD(output)},
	OPT_WHERE,
};
static const struct opt import_opts[] = {OPT_WHERE, OPT_JSON("headroom.memory-import/1")};
static const struct opt stats_opts[] = {OPT_WHERE, OPT_JSON("headroom.memory-stats/1")};
static const struct opt serve_opts[] = {OPT_WHERE, OPT_EMBEDDER};
static const struct opt sync_opts[] = {
	{.name = "agent",
		.type = OPT_ENUM,
		.choices = sync_agents,
		.def = "claude",
		.metavar = "AGENT",
		.help = "With whose files: claude or codex.",
		FIELD(agent)},
	{.name = "dry-run",
		.type = OPT_FLAG,
		.help = "Count what would change, change nothing.",
		FIELD(is_dry)},
	OPT_WHERE,
	OPT_JSON("headroom.memory-sync/1"),
};

#define SETUP "headroom memory add 'Deploys go through make release.' >/dev/null\n"
#define SETUP_ID \
	SETUP "ID=$(headroom memory list --json | sed -n 's/.*\"id\": *\"\\([^\"]*\\)\".*/\\1/p')"

static const struct cmd_example add_examples[] = {
	{.line = "headroom memory add 'Deploys go through make release.'",
		.what = "Remember a fact of this project."},
	{.line = "git log --oneline -3 2>&1 | headroom memory add - --category history",
		.what = "From standard input."},
};
static const struct cmd_example list_examples[] = {
	{.line = "headroom memory list --since 7d", .what = "The newest first.", .setup = SETUP}};
static const struct cmd_example search_examples[] = {
	{.line = "headroom memory search 'how do we deploy?'",
		.what = "What answers a question.",
		.setup = SETUP},
	{.line = "headroom memory search sourdough",
		.what = "Exit status 3 when nothing does.",
		.setup = SETUP,
		.status = 3},
};
static const struct cmd_example show_examples[] = {
	{.line = "headroom memory show $ID", .what = "All there is to it.", .setup = SETUP_ID}};
static const struct cmd_example edit_examples[] = {
	{.line = "headroom memory edit $ID -c 'Deploys go through make ship.'",
		.what = "A new version; the old one stays, and is found no more.",
		.setup = SETUP_ID}};
static const struct cmd_example delete_examples[] = {
	{.line = "headroom memory delete $ID --yes", .what = "Forget it.", .setup = SETUP_ID}};
static const struct cmd_example prune_examples[] = {
	{.line = "headroom memory prune --older-than 90d --low-importance 0.3 --dry-run",
		.what = "See what is old and of little use.",
		.setup = SETUP}};
static const struct cmd_example purge_examples[] = {{.line = "headroom memory purge --yes",
	.what = "Forget all of this project.",
	.setup = SETUP}};
static const struct cmd_example export_examples[] = {
	{.line = "headroom memory export -f md -o memories.md",
		.what = "For people to read.",
		.setup = SETUP}};
static const struct cmd_example import_examples[] = {{.line = "headroom memory import notes.md",
	.what = "A list in Markdown.",
	.setup = "echo '- The staging port is 8443.' >notes.md"}};
static const struct cmd_example stats_examples[] = {
	{.line = "headroom memory stats", .what = "How many, how old.", .setup = SETUP}};
static const struct cmd_example serve_examples[] = {
	{.line = "echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}' | headroom memory "
		 "serve",
		.what = "An answer on a line."}};

static const struct cmd_example sync_examples[] = {
	{.line = "headroom memory sync --dry-run",
		.what = "See what Claude Code and the store would tell each other.",
		.setup = SETUP},
	{.line = "headroom memory sync --agent codex",
		.what = "Give Codex what is remembered.",
		.setup = SETUP}};

#define MEMORY_CMD(NAME, ...)                                       \
	static const struct cmd cmd_memory_##NAME = {.name = #NAME, \
		CMD_OPTS(NAME##_opts),                              \
		CMD_EXAMPLES(NAME##_examples),                      \
		.args_size = sizeof(struct memory_args),            \
		.run = run_memory_##NAME,                           \
		__VA_ARGS__}

MEMORY_CMD(add, .summary = "remember something",
	.about = "TEXT is a fact, or - for standard input. The same text is remembered once. "
		 "Reminders that a client has put in are taken out; a text with a secret is "
		 "refused.",
	.operands = "TEXT", .operand_min = 1, .operand_max = 1);
MEMORY_CMD(list, .summary = "list memories, the newest first",
	.about = "Those that are valid now, unless --at or --include-superseded say otherwise.");
MEMORY_CMD(search, .summary = "find the memories that answer a question",
	.about = "By the words of the question, in any form, and by whom and when it asks about; "
		 "what was said next to a hit in the same session counts, too. Words of a date "
		 "(May 2026, last week) find what was remembered then.",
	.operands = "QUESTION", .operand_min = 1, .operand_max = CMD_ANY_OPERANDS);
MEMORY_CMD(show, .summary = "show a memory, its versions and its audit trail",
	.about = "ID is the beginning of an id, as many characters as tell it from others.",
	.operands = "ID", .operand_min = 1, .operand_max = 1);
MEMORY_CMD(edit, .summary = "change a memory",
	.about = "A new text is a new version: the old one is kept, and found no more.",
	.operands = "ID", .operand_min = 1, .operand_max = 1);
MEMORY_CMD(delete, .summary = "forget memories",
	.about = "They are found no more, and gone for good after 30 days.", .operands = "ID...",
	.operand_min = 1, .operand_max = CMD_ANY_OPERANDS);
MEMORY_CMD(prune, .summary = "take old or unimportant memories away for good",
	.about = "At least one of --older-than, --low-importance and --scope is needed. "
		 "Superseded versions go, too.");
MEMORY_CMD(purge, .summary = "take all memories of a store away for good",
	.about = "Of all users in it, with their audit trail.");
MEMORY_CMD(export, .summary = "write memories to a file",
	.about = "To standard output without --output. What was deleted is left out.");
MEMORY_CMD(import, .summary = "read memories from a file",
	.about = "What 'headroom memory export' wrote, a JSON array of the Python program, or a "
		 "list in Markdown. A memory with an id takes the place of that with the same id; "
		 "without one it is new. Entries that are none, or hold secrets, are passed over "
		 "and counted.",
	.operands = "FILE", .operand_min = 1, .operand_max = 1, .complete = COMPLETE_FILE);
MEMORY_CMD(stats, .summary = "count memories by scope, category and age",
	.about = "And say in which file they are.");
MEMORY_CMD(serve, .summary = "offer memories to an agent over MCP",
	.about = "Answers on standard output what an agent asks on standard input: the tools "
		 "memory_save, "
		 "memory_search, memory_update and memory_delete, as the proxy has them with "
		 "--memory. For agents "
		 "that do not go through the proxy. The project is the directory that the agent "
		 "starts it in.");
MEMORY_CMD(sync, .summary = "keep an agent's own memory files and the store alike",
	.about = "What the agent wrote into its files comes into the store, what others know goes "
		 "into files of "
		 "ours beside them: for Claude Code a file for each memory and a block in "
		 "MEMORY.md, for Codex a block "
		 "in AGENTS.md. A text that you change there is a new version of the memory. "
		 "Nothing else in these "
		 "files is touched, and a second time nothing changes.");

static const struct cmd *const subs[] = {&cmd_memory_add, &cmd_memory_list, &cmd_memory_search,
	&cmd_memory_show, &cmd_memory_edit, &cmd_memory_delete, &cmd_memory_prune,
	&cmd_memory_purge, &cmd_memory_export, &cmd_memory_import, &cmd_memory_stats,
	&cmd_memory_sync, &cmd_memory_serve, NULL};

const struct cmd cmd_memory = {
	.name = "memory",
	.summary = "keep what was learned, and find it again",
	.about = "Facts in an SQLite file, by default one for each project: "
		 "WORKSPACE/memories/projects/NAME-HASH/memory.db, where HASH is one of the "
		 "directory's path. It is made by the first thing that is remembered. Nothing is "
		 "sent anywhere.\n",
	.subs = subs,
};

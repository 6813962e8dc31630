#include "cli/cmds.h"
#include "cli/opts_compress.h"

static const struct opt_choice ccr_choices[] = {
	{"off", 0, false, NULL},
	{"on", 1, false, NULL},
	{NULL, 0, false, NULL},
};

#define FIELD(f) .off = offsetof(struct compress_args, f)

static const struct opt opts[] = {
	{.name = "format",
		.letter = 'f',
		.type = OPT_ENUM,
		.choices = format_choices,
		.def = "auto",
		.metavar = "FORMAT",
		.help = "What the input is.",
		.more = "With auto it is found out, and is a plain text when it is nothing else; a "
			"format that is named must hold (exit status 65).",
		FIELD(format)},
	{.name = "output",
		.letter = 'o',
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "Write the result there, in one step.",
		.more = "Without it, or with -, the result goes to standard output. Only for one "
			"input.",
		FIELD(output)},
	{.name = "in-place",
		.letter = 'i',
		.type = OPT_FLAG,
		.help = "Replace every FILE by its result.",
		.more = "A file that would not become smaller is not touched.",
		FIELD(in_place)},
	{.name = "model",
		.letter = 'm',
		.type = OPT_STRING,
		.flags = OPT_SAFE,
		.env = "HEADROOM_MODEL",
		.key = "compress.model",
		.metavar = "NAME",
		.help = "Count tokens for this model.",
		.more = "Without it, for the model that the input names.",
		FIELD(model)},
	OPT_MODE(struct compress_args),
	OPT_LOSSLESS(struct compress_args),
	OPT_TARGET_RATIO(struct compress_args),
	OPT_KOMPRESS_MODEL(struct compress_args),
	OPT_PROTECT_RECENT(struct compress_args),
	OPT_PROTECT_TOOL_RESULTS(struct compress_args),
	OPTS_PROTECTIONS(struct compress_args),
	OPT_TRIM_TOOLS(struct compress_args),
	{.name = "ccr",
		.type = OPT_ENUM,
		.flags = OPT_SAFE,
		.choices = ccr_choices,
		.def = "off",
		.env = "HEADROOM_CCR",
		.key = "compress.ccr",
		.metavar = "on|off",
		.help = "Keep originals for headroom retrieve.",
		.more = "Then text of large results may be left out, with a line that says what "
			"and how "
			"to get it. Otherwise nothing is: what is sent says all that the original "
			"does.",
		FIELD(keeps_originals)},
	OPT_STORE(struct compress_args, "The database of originals."),
	{.name = "verify",
		.type = OPT_FLAG,
		.help = "Prove the result before it is written.",
		.more = "Every change is decoded and compared; what cannot be proven is written as "
			"it came, and the "
			"exit status is 5.",
		FIELD(verifies)},
	{.name = "min-savings",
		.type = OPT_DOUBLE,
		.min = 0,
		.max = 100,
		.metavar = "PCT",
		.help = "Exit status 4 when less is saved.",
		.more = "In percent of the tokens of tool results.",
		FIELD(min_savings)},
	{.name = "explain",
		.type = OPT_FLAG,
		.help = "Say on standard error what became of each block.",
		FIELD(explains)},
	{.name = "report",
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "Write a JSON report, schema headroom.compress/1.",
		.more = "- is standard output; then the result needs --output.",
		FIELD(report)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print the report, with the result in it.",
		FIELD(is_json)},
	{.name = "jobs",
		.letter = 'j',
		.type = OPT_INT,
		.def = "1",
		.min = 1,
		.max = 256,
		.metavar = "N",
		.help = "Work on N files at a time.",
		FIELD(jobs)},
	{.name = "max-input",
		.type = OPT_SIZE,
		.flags = OPT_SAFE,
		.env = "HEADROOM_MAX_INPUT",
		.key = "compress.max_input",
		.def = "256M",
		.min = 1024,
		.max = LIMIT_INPUT,
		.metavar = "SIZE",
		.help = "The most that is held in memory at once.",
		.more = "This is a line of JSON Lines, of which there may be any number, and the "
			"whole of any other "
			"input.",
		FIELD(max_input)},
	{.name = "budget", .type = OPT_STRING, .flags = OPT_PLANNED, FIELD(model)},
	{.name = "only", .type = OPT_STRING, .flags = OPT_PLANNED, FIELD(model)},
	{.name = "frozen-prefix", .type = OPT_STRING, .flags = OPT_PLANNED, FIELD(model)},
};

static const char about[] =
	"Makes the results of tools smaller in what a model is to read: a request body, a list of "
	"messages, a "
	"recorded session, or one plain text. The output has the form of the input. User, system "
	"and assistant "
	"texts and everything else that is no tool result stay byte for byte, error outputs lose "
	"nothing, and a "
	"result that would "
	"not save tokens stays, too.\n"
	"\n"
	"Reads standard input without FILE or with -. Several files are written one after the "
	"other, so that they "
	"are best given with --in-place.\n"
	"\n"
	"On a terminal, or with --verbose, a line on standard error sums up:\n"
	"\n"
	"  compress: 41,203 -> 12,877 tokens (-68.7%), 14 of 31 results, 9 ms\n";

/* A request of three results, the last two of which say what was there before. */
#define REQUEST                                                                                \
	"cat >request.json <<'EOF'\n"                                                          \
	"{\"model\": \"gpt-4o\", \"messages\": [\n"                                            \
	" {\"role\": \"user\", \"content\": \"Why does the build fail?\"},\n"                  \
	" {\"role\": \"assistant\", \"tool_calls\": [{\"id\": \"a\", \"type\": \"function\", " \
	"\"function\":\n"                                                                      \
	"  {\"name\": \"Bash\", \"arguments\": \"{\\\"command\\\": \\\"make\\\"}\"}}]},\n"     \
	" {\"role\": \"tool\", \"tool_call_id\": \"a\", \"content\": \"cc -c parser.c -o "     \
	"build/parser.o\\n"                                                                    \
	"cc -c printer.c -o build/printer.o\\nparser.c:41: error: expected ';' before '}' "    \
	"token\\n"                                                                             \
	"parser.c:97: error: conflicting types for 'next_token'\\nmake: *** [parser.o] Error " \
	"1\\n\"},\n"                                                                           \
	" {\"role\": \"assistant\", \"tool_calls\": [{\"id\": \"b\", \"type\": \"function\", " \
	"\"function\":\n"                                                                      \
	"  {\"name\": \"Bash\", \"arguments\": \"{\\\"command\\\": \\\"make\\\"}\"}}]},\n"     \
	" {\"role\": \"tool\", \"tool_call_id\": \"b\", \"content\": \"cc -c parser.c -o "     \
	"build/parser.o\\n"                                                                    \
	"cc -c printer.c -o build/printer.o\\nparser.c:41: error: expected ';' before '}' "    \
	"token\\n"                                                                             \
	"parser.c:97: error: conflicting types for 'next_token'\\nmake: *** [parser.o] Error " \
	"1\\n\"}\n"                                                                            \
	"]}\n"                                                                                 \
	"EOF"

static const struct cmd_example examples[] = {
	{.line = "headroom compress < request.json > smaller.json",
		.what = "A request body as a filter.",
		.setup = REQUEST},
	{.line = "diff -u old.c new.c | headroom compress -f diff",
		.what = "The output of a program, before a model gets to see it.",
		.setup = "seq 100 >old.c\nsed 's/^50$/fifty/' old.c >new.c"},
	{.line = "headroom compress --verify --explain request.json > smaller.json",
		.what = "Prove that nothing is lost, and say what was done.",
		.setup = REQUEST},
	{.line = "headroom compress --ccr on request.json > smaller.json",
		.what = "Keep every text that is changed, so that headroom retrieve can give it "
			"back.",
		.setup = REQUEST},
	{.line = "headroom compress --min-savings 95 --report - -o smaller.json request.json",
		.what = "Fail when it is not worth it; the report says how much it is.",
		.setup = REQUEST,
		.status = 4},
	{.line = "headroom compress --in-place -j 2 sessions/*.json",
		.what = "Many files, two at a time.",
		.setup = REQUEST "\nmkdir sessions\ncp request.json sessions/a.json\ncp "
				 "request.json sessions/b.json"},
};

const struct cmd cmd_compress = {
	.name = "compress",
	.summary = "make a request, a recorded session or a text smaller",
	.about = about,
	.operands = "[FILE...]",
	.operand_max = CMD_ANY_OPERANDS,
	.complete = COMPLETE_FILE,
	CMD_OPTS(opts),
	.args_size = sizeof(struct compress_args),
	CMD_EXAMPLES(examples),
	.run = run_compress,
};

#include "cli/cmds.h"
#include "cli/opts_compress.h"

#define FIELD(f) .off = offsetof(struct retrieve_args, f)

static const struct opt opts[] = {
	{.name = "lines",
		.type = OPT_STRING,
		.metavar = "A:B",
		.help = "Only the lines from A to B, counted from 1.",
		.more = "Either number may be left out; a number alone is that line. Several, "
			"separated by "
			"commas.",
		FIELD(lines)},
	{.name = "rows",
		.type = OPT_STRING,
		.metavar = "A:B",
		.help = "Only these elements of a JSON array or JSON Lines.",
		FIELD(rows)},
	{.name = "query",
		.type = OPT_STRING,
		.metavar = "WORDS",
		.help = "The lines, or rows, that fit these words best.",
		.more = "With those around them, under lines in brackets that say where they "
			"stand, as models "
			"get them. Exit status 3 when none fits.",
		FIELD(query)},
	{.name = "offset",
		.type = OPT_INT,
		.min = 0,
		.max = 4e9,
		.metavar = "N",
		.help = "Pass over the first N of them.",
		FIELD(offset)},
	{.name = "limit",
		.type = OPT_INT,
		.min = 1,
		.max = 4e9,
		.metavar = "N",
		.help = "At most N of them.",
		FIELD(limit)},
	{.name = "feedback",
		.type = OPT_FLAG,
		.help = "Print how often what was left out was asked for.",
		.more = "By tool, encoder and shape, and at which level each is: normal, gentle "
			"(less is left "
			"out) or exact (nothing is). Without HASH; a TOOL in its place: only that.",
		FIELD(shows_feedback)},
	{.name = "reset",
		.type = OPT_FLAG,
		.help = "With --feedback: forget it.",
		FIELD(resets_feedback)},
	{.name = "output",
		.letter = 'o',
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "Write the text there, in one step.",
		FIELD(output)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.retrieve/1.",
		FIELD(is_json)},
	OPT_STORE(struct retrieve_args, "The database of originals."),
};

#define KEPT                                                                              \
	"seq -f 'a line that is numbered %g' 200 >lines.txt\n"                            \
	"cat lines.txt lines.txt >twice.txt\n"                                            \
	"headroom compress --ccr on -f log twice.txt --report report.json >smaller.txt\n" \
	"KEY=$(sed -n 's/.*\"ccr_hash\":\"\\([0-9a-f]*\\)\".*/\\1/p' report.json)"

static const struct cmd_example examples[] = {
	{.line = "headroom retrieve $KEY > original.txt",
		.what = "The whole text, byte for byte.",
		.setup = KEPT},
	{.line = "headroom retrieve $KEY --lines 100:120", .what = "A part of it.", .setup = KEPT},
	{.line = "headroom retrieve $KEY --query 'numbered 77'",
		.what = "The lines that say something.",
		.setup = KEPT},
	{.line = "headroom retrieve --feedback",
		.what = "What was asked for, of what was left out.",
		.setup = KEPT},
	{.line = "headroom retrieve 0123456789ab",
		.what = "Exit status 3 when there is no such text, or not any more.",
		.setup = KEPT,
		.status = 3},
};

const struct cmd cmd_retrieve = {
	.name = "retrieve",
	.summary = "print the original of a text that was made smaller",
	.about = "HASH is what the report of headroom compress --ccr on names: the first 12 to 64 "
		 "hexadecimal digits "
		 "of the text's SHA-256. That it was asked for is counted in the store: what is "
		 "often asked "
		 "for is left out less.",
	.operands = "HASH",
	.operand_min = 0,
	.operand_max = 1,
	CMD_OPTS(opts),
	.args_size = sizeof(struct retrieve_args),
	CMD_EXAMPLES(examples),
	.run = run_retrieve,
};

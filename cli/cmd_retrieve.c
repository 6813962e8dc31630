#include "cli/cmds.h"
#include "cli/opts_compress.h"

#define FIELD(f) .off = offsetof(struct retrieve_args, f)

static const struct opt opts[] = {
	{.name = "lines",
		.type = OPT_STRING,
		.metavar = "A:B",
		.help = "Only the lines from A to B, counted from 1.",
		.more = "Either number may be left out; a number alone is that line.",
		FIELD(lines)},
	{.name = "query",
		.type = OPT_STRING,
		.metavar = "TEXT",
		.help = "Only the lines with this text in them.",
		.more = "Upper and lower case are the same. Exit status 3 when there is none.",
		FIELD(query)},
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
		 "of the text's SHA-256.",
	.operands = "HASH",
	.operand_min = 1,
	.operand_max = 1,
	CMD_OPTS(opts),
	.args_size = sizeof(struct retrieve_args),
	CMD_EXAMPLES(examples),
	.run = run_retrieve,
};

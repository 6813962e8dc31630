#include "cli/args_compress.h"
#include "cli/cmds.h"

#define FIELD(f) .off = offsetof(struct tokens_args, f)

static const struct opt opts[] = {
	{.name = "model",
		.letter = 'm',
		.type = OPT_STRING,
		.flags = OPT_SAFE,
		.env = "HEADROOM_MODEL",
		.key = "tokens.model",
		.metavar = "NAME",
		.help = "Count for this model.",
		.more = "Without it, for the model that the input names, and else by o200k_base.",
		FIELD(model)},
	{.name = "format",
		.letter = 'f',
		.type = OPT_ENUM,
		.choices = format_choices,
		.def = "auto",
		.metavar = "FORMAT",
		.help = "What the input is.",
		.more = "With auto it is found out, and is a plain text when it is nothing else.",
		FIELD(format)},
	{.name = "blocks",
		.letter = 'b',
		.type = OPT_FLAG,
		.help = "List the blocks of a request, one on a line.",
		FIELD(by_block)},
	{.name = "by",
		.type = OPT_LIST,
		.metavar = "LIST",
		.help = "A table of recordings by tool, kind, age, size.",
		.more = "One table of all requests of all recordings in FILE, which may be a "
			"directory: what came and what "
			"would be sent. age is how many requests ago a block was new.",
		FIELD(by)},
	{.name = "arm",
		.type = OPT_STRING,
		.def = "proxy:ccr=on",
		.metavar = "NAME:KEY=VALUE,...",
		.help = "With --by: how requests are made smaller.",
		.more = "As for headroom replay.",
		FIELD(arm)},
	{.name = "csv",
		.type = OPT_PATH,
		.metavar = "FILE",
		.help = "With --by: write the table as CSV.",
		.more = "With - to standard output, instead of the table.",
		FIELD(csv)},
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.tokens/1.",
		.more = "With --by it is headroom.tokens-by/1.",
		FIELD(is_json)},
	{.name = "max-input",
		.type = OPT_SIZE,
		.env = "HEADROOM_MAX_INPUT",
		.def = "256M",
		.min = 1024,
		.max = LIMIT_INPUT,
		.metavar = "SIZE",
		.help = "The most that is held in memory at once.",
		FIELD(max_input)},
};

static const struct cmd_example examples[] = {
	{.line = "echo 'How many tokens is this?' | headroom tokens", .what = "A text."},
	{.line = "headroom tokens -m gpt-4o notes.md",
		.what = "For a model, with its price.",
		.setup = "echo '# Notes' >notes.md"},
	{.line = "headroom tokens --blocks request.json",
		.what = "Where the tokens of a request are.",
		.setup = "echo "
			 "'{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":"
			 "\"hi\"}]}' "
			 ">request.json"},
	{.line = "headroom tokens --by tool,age ~/.claude/projects",
		.what = "Which tools' results are sent how often, and what would be saved of them.",
		.setup = "mkdir -p ~/.claude/projects",
		.status = 3},
};

const struct cmd cmd_tokens = {
	.name = "tokens",
	.summary = "count the tokens of a text or a request, with prices",
	.about = "Counts are exact for OpenAI's models. Other providers keep their tokenizers to "
		 "themselves; their "
		 "counts are estimates, and the output says so with the error to expect.\n"
		 "\n"
		 "With --by, FILE is what headroom replay reads: a log of headroom proxy, request "
		 "bodies as lines, a "
		 "recorded session of an agent, or a directory of these. Each request is made once "
		 "more and made "
		 "smaller. Tokens are those of the tokenizer, not scaled to the model; pictures "
		 "are not counted.\n"
		 "\n"
		 "Reads standard input without FILE or with -.",
	.operands = "[FILE...]",
	.operand_max = CMD_ANY_OPERANDS,
	.complete = COMPLETE_FILE,
	CMD_OPTS(opts),
	.args_size = sizeof(struct tokens_args),
	CMD_EXAMPLES(examples),
	.run = run_tokens,
};

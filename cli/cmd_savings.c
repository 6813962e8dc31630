#include "cli/args_figures.h"
#include "cli/cmds.h"
#include "cli/opts_compress.h"
#include "cli/opts_figures.h"
#include "core/store/ledger.h"

static const struct opt_choice groups[] = {
	{"overview", LEDGER_ALL, false, "today, seven days, all; models and clients"},
	{"hour", LEDGER_BY_HOUR, false, NULL},
	{"day", LEDGER_BY_DAY, false, NULL},
	{"week", LEDGER_BY_WEEK, false, NULL},
	{"month", LEDGER_BY_MONTH, false, NULL},
	{"model", LEDGER_BY_MODEL, false, NULL},
	{"client", LEDGER_BY_CLIENT, false, NULL},
	{"project", LEDGER_BY_PROJECT, false, NULL},
	{"tool", SAVINGS_BY_PARTS + LEDGER_PART_TOOL, false, "whose results were made smaller"},
	{"encoder", SAVINGS_BY_PARTS + LEDGER_PART_ENCODER, false, "the way that was done"},
	{"provider", LEDGER_BY_UPSTREAM, false, NULL},
	{"endpoint", LEDGER_BY_ENDPOINT, false, NULL},
	{"reason", LEDGER_BY_REASON, false, "what was done, or why not"},
	{"status", LEDGER_BY_STATUS, false, NULL},
	{"token", LEDGER_BY_TOKEN, false, "with which named token of the proxy"},
	{"break", LEDGER_BY_BREAK, false, "what broke the provider's prompt cache"},
	{"holdout", SAVINGS_BY_HOLDOUT, false,
		"conversations that were left alone, and the others"},
	{NULL, 0, false, NULL},
};

#define FIELD(f) .off = offsetof(struct savings_args, f)

static const struct opt opts[] = {
	{.name = "by",
		.type = OPT_ENUM,
		.choices = groups,
		.def = "overview",
		.metavar = "GROUP",
		.help = "A line for each of these.",
		.more = "Times are UTC.",
		FIELD(by)},
	OPT_SINCE(struct savings_args, NULL),
	OPT_UNTIL(struct savings_args),
	{.name = "limit",
		.letter = 'n',
		.type = OPT_INT,
		.def = "0",
		.min = 0,
		.max = 1e6,
		.metavar = "N",
		.help = "At most N lines; 0: all.",
		FIELD(limit)},
	OPT_STORE(struct savings_args, "The database with the ledger."),
	{.name = "json",
		.type = OPT_FLAG,
		.help = "Print one JSON object, schema headroom.savings/1.",
		FIELD(is_json)},
	{.name = "csv", .type = OPT_FLAG, .help = "Print the lines as CSV.", FIELD(is_csv)},
};

static const struct cmd_example examples[] = {
	{.line = "headroom savings", .what = "Today, the last seven days, and all.", .status = 3},
	{.line = "headroom savings --by day --since 30d --csv > month.csv",
		.what = "A table for a spreadsheet.",
		.status = 3},
};

const struct cmd cmd_savings = {
	.name = "savings",
	.summary = "show what was spent and saved",
	.about = "Every request that went through headroom is a row of the ledger, with the tokens "
		 "before and after, what the provider reported and what it cost. All figures are "
		 "sums "
		 "over these rows, and the same everywhere (/stats, /stats-history, /metrics).\n"
		 "\n"
		 "Savings are net: what a change adds is taken off, so a figure may be negative. "
		 "Two "
		 "shares are named: tokens not sent, of all tokens that clients sent (\"of "
		 "input\"); "
		 "and money not spent, of the bill as it would have been (\"of bill\"), where most "
		 "of "
		 "a prompt is read from the provider's cache at a fraction of its price. Requests "
		 "whose model has no known price are in the tokens, not in the money.\n"
		 "\n"
		 "Where requests did not begin as the ones before, so that the provider had to "
		 "write its "
		 "prompt cache anew, that is said with what was changed (tools, a time, the system "
		 "prompt, a message that was edited, dropped or inserted; headroom) and what it "
		 "cost.\n"
		 "\n"
		 "Where headroom proxy runs with --holdout, the conversations that were left alone "
		 "are "
		 "held against the others, each difference with the interval in which it is 95 "
		 "times in "
		 "100. With --by encoder, results that the model asked for again (the same file or "
		 "command, or the original) are held against those of the same tools that others "
		 "made "
		 "or nobody did; an encoder whose results plainly come back more often is said to "
		 "hurt.\n",
	CMD_OPTS(opts),
	.args_size = sizeof(struct savings_args),
	CMD_EXAMPLES(examples),
	.run = run_savings,
};

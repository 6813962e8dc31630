/* opts_compress: the rows of options that several commands have, written once. What a command makes smaller is chosen in the
 * same words everywhere, and one line of the configuration file means one thing. S: the struct that the values go to; its
 * fields have the names that are used here. All of it is constant. Thread: any. */
#ifndef CLI_OPTS_COMPRESS_H
#define CLI_OPTS_COMPRESS_H

#include "cli/args_compress.h"

#define OPT_MODE(S)                                                                              \
	{                                                                                        \
		.name = "mode", .type = OPT_ENUM, .flags = OPT_SAFE, .choices = mode_choices,    \
		.def = "token", .env = "HEADROOM_MODE", .key = "compress.mode",                  \
		.metavar = "token|cache", .help = "Save tokens, or money under a prompt cache.", \
		.more = "With cache, nothing is changed while all up to there is too "           \
			"short to be cached by the provider: a smaller prompt would "            \
			"only be cached later.",                                                 \
		.off = offsetof(S, mode)                                                         \
	}

#define OPT_LOSSLESS(S)                                                                  \
	{                                                                                \
		.name = "lossless", .type = OPT_FLAG, .flags = OPT_NEGATABLE | OPT_SAFE, \
		.env = "HEADROOM_LOSSLESS", .key = "compress.lossless",                  \
		.help = "Only what can be turned back to the same bytes.",               \
		.more = "Without it, colours, overwritten progress lines, trailing "     \
			"blanks and the white space of JSON may go.",                    \
		.off = offsetof(S, is_lossless)                                          \
	}

#define OPT_TARGET_RATIO(S)                                                                    \
	{                                                                                      \
		.name = "target-ratio", .type = OPT_DOUBLE, .flags = OPT_SAFE,                 \
		.env = "HEADROOM_TARGET_RATIO", .key = "compress.target_ratio", .min = 0.01,   \
		.max = 1, .metavar = "F", .help = "Enough when this share of a text is left.", \
		.more = "The gentlest way that gets there is taken; without it, the "          \
			"one that leaves least.",                                              \
		.off = offsetof(S, target_ratio)                                               \
	}

#define OPT_KOMPRESS_MODEL(S)                                                                  \
	{                                                                                      \
		.name = "kompress-model", .type = OPT_PATH, .env = "HEADROOM_KOMPRESS_MODEL",  \
		.key = "compress.kompress_model", .metavar = "DIR",                            \
		.help = "Choose sentences of prose by the model there.",                       \
		.more = "A ModernBERT for token classification: config.json, tokenizer.json "  \
			"and model.safetensors, as headroom kompress pull gets them. Without " \
			"it, rare words, names, times and answers count.",                     \
		.off = offsetof(S, kompress_model)                                             \
	}

#define OPT_PROTECT_RECENT(S)                                                                 \
	{                                                                                     \
		.name = "protect-recent", .type = OPT_INT, .flags = OPT_SAFE, .def = "0",     \
		.env = "HEADROOM_PROTECT_RECENT", .key = "compress.protect_recent", .min = 0, \
		.max = 1000000, .metavar = "N",                                               \
		.help = "Leave the results in the N newest messages.",                        \
		.more = "What was sent once is sent for ever, so a session that grows "       \
			"keeps nearly all of its results as they came.",                      \
		.off = offsetof(S, protect_recent)                                            \
	}

#define OPT_PROTECT_TOOL_RESULTS(S)                                                             \
	{                                                                                       \
		.name = "protect-tool-results", .type = OPT_LIST, .flags = OPT_SAFE,            \
		.env = "HEADROOM_PROTECT_TOOL_RESULTS", .key = "compress.protect_tool_results", \
		.metavar = "LIST", .help = "Tools (globs) with --lossless results.",            \
		.more = "Upper and lower case are the same.", .off = offsetof(S, protect_tools) \
	}

#define OPT_EXCLUDE_TOOLS(S)                                                                   \
	{                                                                                      \
		.name = "exclude-tools", .type = OPT_LIST, .flags = OPT_SAFE,                  \
		.env = "HEADROOM_EXCLUDE_TOOLS", .key = "compress.exclude_tools",              \
		.metavar = "LIST", .help = "Tools (globs) whose results stay as they are.",    \
		.more = "Later results may still refer to them. Upper and lower case are the " \
			"same.",                                                               \
		.off = offsetof(S, protections.exclude_tools)                                  \
	}

#define OPT_TOOL_PROFILE(S)                                                                   \
	{                                                                                     \
		.name = "tool-profile", .type = OPT_LIST, .flags = OPT_SAFE,                  \
		.env = "HEADROOM_TOOL_PROFILE", .key = "compress.tool_profile",               \
		.metavar = "TOOL=LEVEL,...",                                                  \
		.help = "How readily text of these tools is left out.",                       \
		.more = "TOOL is a glob, the first that fits counts; LEVEL is conservative, " \
			"moderate or aggressive. Without text left out (--ccr) it changes "   \
			"nothing.",                                                           \
		.off = offsetof(S, protections.tool_profiles)                                 \
	}

#define OPT_MIN_TOKENS(S)                                                                         \
	{                                                                                         \
		.name = "min-tokens", .type = OPT_INT, .flags = OPT_SAFE, .def = "12",            \
		.env = "HEADROOM_MIN_TOKENS", .key = "compress.min_tokens", .min = 1,             \
		.max = 1000000, .metavar = "N", .help = "Leave results with fewer tokens alone.", \
		.off = offsetof(S, protections.min_tokens)                                        \
	}

#define OPT_PROTECT_ANALYSIS(S)                                                                \
	{                                                                                      \
		.name = "protect-analysis-context", .type = OPT_FLAG,                          \
		.flags = OPT_NEGATABLE | OPT_SAFE, .env = "HEADROOM_PROTECT_ANALYSIS_CONTEXT", \
		.key = "compress.protect_analysis_context",                                    \
		.help = "Leave nothing out behind 'review this'.",                             \
		.more = "Where the last thing that the user wrote before a result asks to "    \
			"analyse, review or explain, all of its text is sent. Code is in any " \
			"case.",                                                               \
		.off = offsetof(S, protections.protects_analysis)                              \
	}

#define OPT_SAVINGS_PROFILE(S)                                                                 \
	{                                                                                      \
		.name = "savings-profile", .type = OPT_ENUM, .flags = OPT_SAFE, .def = "none", \
		.choices = savings_choices, .env = "HEADROOM_SAVINGS_PROFILE",                 \
		.key = "compress.savings_profile", .metavar = "NAME",                          \
		.help = "Settings by a name, where no other are given.",                       \
		.more = "balanced: --target-ratio 0.3 --min-tokens 250 --tool-profile "        \
			"'*=conservative'. agent-90: --target-ratio 0.1 --tool-profile "       \
			"'*=aggressive'.",                                                     \
		.off = offsetof(S, protections.set)                                            \
	}

/* All of the above. */
#define OPTS_PROTECTIONS(S)                                                                    \
	OPT_EXCLUDE_TOOLS(S), OPT_TOOL_PROFILE(S), OPT_MIN_TOKENS(S), OPT_PROTECT_ANALYSIS(S), \
		OPT_SAVINGS_PROFILE(S)

#define OPT_TRIM_TOOLS(S)                                                                      \
	{                                                                                      \
		.name = "trim-tools", .type = OPT_FLAG, .flags = OPT_NEGATABLE | OPT_SAFE,     \
		.env = "HEADROOM_TRIM_TOOLS", .key = "compress.trim_tools",                    \
		.help = "Shorten what says nothing in tools' definitions.",                    \
		.more = "As titles that spell a name, and indentation; from a conversation's " \
			"beginning, or not at all. Not with --lossless.",                      \
		.off = offsetof(S, trims_tools)                                                \
	}

/* holds: what the command keeps or finds there, as a sentence. */
#define OPT_STORE(S, holds)                                                                      \
	{                                                                                        \
		.name = "store", .type = OPT_PATH, .env = "HEADROOM_STORE", .key = "store.file", \
		.metavar = "FILE", .help = (holds),                                              \
		.more = "Without it, store.db in the workspace.", .off = offsetof(S, store)      \
	}

#endif

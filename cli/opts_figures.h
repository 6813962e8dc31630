/* opts_figures: the rows of options that commands with figures share, written once. S: the struct that the values go to, with
 * fields of these names. All of it is constant. Thread: any. */
#ifndef CLI_OPTS_FIGURES_H
#define CLI_OPTS_FIGURES_H

/* default_since: as it would be given, or NULL. The values are read with figures_time. */
#define OPT_SINCE(S, default_since)                                                             \
	{                                                                                       \
		.name = "since", .type = OPT_STRING, .def = (default_since), .metavar = "TIME", \
		.help = "Only what was sent from then on.",                                     \
		.more = "A date (2026-06-01), a time (RFC 3339), or how long ago (7d).",        \
		.off = offsetof(S, since)                                                       \
	}

#define OPT_UNTIL(S)                                                                 \
	{                                                                            \
		.name = "until", .type = OPT_STRING, .metavar = "TIME",              \
		.help = "Only what was sent before then.", .off = offsetof(S, until) \
	}

#endif

/* opts_live: the rows of options that commands about a running proxy share, written once. S: the struct that the values go to,
 * with fields of these names. All of it is constant. Thread: any. */
#ifndef CLI_OPTS_LIVE_H
#define CLI_OPTS_LIVE_H

enum { OPT_LIVE_PORT_MAX = 65535 };

/* The row of a port with its own FROM (0 where any free one will do) and HELP; "..." may add .more. */
#define OPT_PORT(S, FROM, HELP, ...)                                           \
	{                                                                      \
		.name = "port", .letter = 'p', .type = OPT_INT, .def = "8787", \
		.env = "HEADROOM_PORT", .key = "proxy.port", .min = (FROM),    \
		.max = OPT_LIVE_PORT_MAX, .metavar = "N", .help = (HELP),      \
		.off = offsetof(S, port), __VA_ARGS__                          \
	}
#define OPT_LIVE_PORT(S) OPT_PORT(S, 1, "Ask the proxy that listens there.")

#define OPT_LIVE_TOKEN_FILE(S)                                                                    \
	{                                                                                         \
		.name = "proxy-token-file", .type = OPT_PATH, .env = "HEADROOM_PROXY_TOKEN_FILE", \
		.key = "proxy.token_file", .metavar = "FILE",                                     \
		.help = "The token that the proxy asks for is in there.",                         \
		.more = "The variable HEADROOM_PROXY_TOKEN goes before it.",                      \
		.off = offsetof(S, token_file)                                                    \
	}

#endif

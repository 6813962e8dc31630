/* opts_share: the options of `headroom proxy` that are about the store that several proxies share. */
#ifndef CLI_OPTS_SHARE_H
#define CLI_OPTS_SHARE_H

#include "core/base/opt.h"

static const struct opt_choice store_fail_choices[] = {
	{"open", 0, false, "each proxy counts by itself"},
	{"closed", 1, false, "requests that count are refused"},
	{NULL, 0, false, NULL},
};

/* Rows for a table whose struct is type. */
#define OPTS_SHARE(args)                                                                           \
	{.name = "store-url",                                                                      \
		.type = OPT_STRING,                                                                \
		.flags = OPT_SECRET,                                                               \
		.env = "HEADROOM_STORE_URL",                                                       \
		.key = "proxy.store_url",                                                          \
		.metavar = "URL",                                                                  \
		.help = "Share state with other proxies in this Redis.",                           \
		.more = "redis://[[user:]password@]host[:port][/db], Redis 7 or Valkey: what was " \
			"sent, originals, answers, limits and budget. --store stays the cache in " \
			"front of it. A password is better given by HEADROOM_STORE_PASSWORD or "   \
			"--store-password-file.",                                                  \
		.off = offsetof(args, store_url)},                                                 \
		{.name = "store-password-file",                                                    \
			.type = OPT_PATH,                                                          \
			.env = "HEADROOM_STORE_PASSWORD_FILE",                                     \
			.key = "proxy.store_password_file",                                        \
			.metavar = "FILE",                                                         \
			.help = "The password of --store-url is in there.",                        \
			.more = "It goes before the one in the URL; the variable "                 \
				"HEADROOM_STORE_PASSWORD goes before both.",                       \
			.off = offsetof(args, store_password_file)},                               \
		{.name = "store-namespace",                                                        \
			.type = OPT_STRING,                                                        \
			.def = "default",                                                          \
			.env = "HEADROOM_STORE_NAMESPACE",                                         \
			.key = "proxy.store_namespace",                                            \
			.metavar = "NAME",                                                         \
			.help = "Share with proxies of the same NAME only.",                       \
			.more = "Keys begin with headroom1:{NAME}: there; letters, digits, '_', "  \
				"'-' and '.'.",                                                    \
			.off = offsetof(args, store_namespace)},                                   \
		{.name = "store-fail",                                                             \
			.type = OPT_ENUM,                                                          \
			.choices = store_fail_choices,                                             \
			.def = "open",                                                             \
			.env = "HEADROOM_STORE_FAIL",                                              \
			.key = "proxy.store_fail",                                                 \
			.metavar = "open|closed",                                                  \
			.help = "What limits do without the shared store.",                        \
			.more = "open: each proxy goes on with what it knows. closed: requests "   \
				"that count against --rpm, --tpm or --budget get 503, and a "      \
				"proxy does not start without the store.",                         \
			.off = offsetof(args, store_fail)},                                        \
	{                                                                                          \
		.name = "store-wait", .type = OPT_DURATION, .def = "50ms",                         \
		.env = "HEADROOM_STORE_WAIT", .key = "proxy.store_wait", .min = 1, .max = 10000,   \
		.metavar = "TIME", .help = "Wait so long for the shared store.",                   \
		.more = "A request that needs an answer from it; then it goes on without, and "    \
			"so do those after it, until the store is as quick again.",                \
		.off = offsetof(args, store_wait_ms)                                               \
	}

#endif

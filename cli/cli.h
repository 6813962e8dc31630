/* cli: one run of the program: the global options, what the command line gave, and the places of files.
 * Owns: the arena that all of it lives in. Free: cli_release, by main. Thread: the main thread. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/cmd.h"
#include "cli/out.h"
#include "core/base/place.h"

struct globals {
	bool help_short, help_full, is_version, is_quiet, no_config;
	int verbose;
	int color; /* enum out_color */
	const char *home, *config;
};

struct cli {
	struct arena arena;
	char *const *envp;
	struct globals globals;
	const struct cmd *parent, *cmd;
	const struct opt_group *group; /* of cmd's options, while it runs */
	char *const *line;             /* what stood behind cmd */
	size_t line_n;
	const char **operands; /* NULL-terminated */
	size_t operand_n;
	/* The exit status of a run that ended without error; a command may set it. */
	int status;
};

extern const struct opt cli_globals[];
extern const size_t cli_globals_n;

/* Runs the command line and returns the exit status. argv as main's. */
int cli_main(struct cli *cli, int argc, char *const *argv);
void cli_release(struct cli *cli);

const char *cli_env(const struct cli *cli, const char *name); /* NULL: not set */
/* Where files are, by --home and the environment. E_CONFIG. */
enum err cli_places(struct cli *cli, struct places *out, struct errctx *cx) MUST_CHECK;

/* What decides about colour and width, and whether a stream gets colour, by --color and all that. */
struct out_env cli_out_env(const struct cli *cli);
bool cli_use_color(const struct cli *cli, int fd);

/* "headroom: warning: ..." on standard error, unless --quiet. */
void cli_warn(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "headroom: ..." on standard error with --verbose, unless --quiet. */
void cli_info(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif

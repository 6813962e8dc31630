/* help: --help and -h from the tables. Thread: the main thread. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cli.h"

enum { HELP_SHORT_LINES = 24 };

/* Help for a command, or for the program when ref.cmd is NULL, on standard output: short (at most
 * HELP_SHORT_LINES lines of 80 columns) or whole, paged. */
enum err help_print(
	struct cli *cli, struct cmd_ref ref, bool is_full, struct errctx *cx) MUST_CHECK;

/* "headroom config set [OPTION...] KEY VALUE" */
void help_add_synopsis(struct buf *b, struct cmd_ref ref);
/* "list, get, set": for messages; in the arena of cli. */
const char *help_sub_names(struct cli *cli, const struct cmd *const *list) RETURNS_NONNULL;

#endif

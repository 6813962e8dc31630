/* secret_file: a token or a password that stands in a file of its own, because arguments can be read by every user of a machine.
 * Owns: nothing. Thread: the main thread. */
#ifndef CLI_SECRET_FILE_H
#define CLI_SECRET_FILE_H

#include "cli/cli.h"

/* What the file holds, at most max bytes, without white space around it, in the arena of cli; what is for the message. Warns when other
 * users can read it. E_CONFIG: it cannot be read, or holds nothing. */
enum err secret_file_read(struct cli *cli, const char *file, const char *what, size_t max, str *out,
	struct errctx *cx) MUST_CHECK;

#endif

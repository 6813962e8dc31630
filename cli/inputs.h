/* inputs: the files that the operands of a command mean: each that is named, and of a directory all recordings in it, in the order
 * of their names. A log that was put away in parts (log.jsonl.1 is younger than log.jsonl.2.gz) is one file with these, by the name of
 * its youngest part. Thread: the main thread; inputs_read any. */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "core/base/buf.h"
#include "cli/cli.h"

/* is_named: on the line, and not only found in a directory. path lives in the arena of cli. */
typedef void (*inputs_add_fn)(void *self, const char *path, bool is_named);

/* Calls add for each. A directory that cannot be read is warned of and passed over; "-" is standard input. */
void inputs_walk(struct cli *cli, const char *path, inputs_add_fn add, void *self);

/* All of it, with "-" from standard input: parts that were put away first, the oldest first, what is compressed (.gz) decompressed.
 * out's limit counts. The message of an error names the file. */
enum err inputs_read(const char *path, struct buf *out, struct errctx *cx) MUST_CHECK;

/* For an error about what is in a file: e again, and the file's name before its message. E_OK, or cx NULL: nothing. */
enum err inputs_named(const char *path, enum err e, struct errctx *cx);

#endif

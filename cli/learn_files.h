/* learn_files: what was learned, in the memory files of agents: what would change there as a diff, and the change itself.
 * Thread: the main thread. */
#ifndef CLI_LEARN_FILES_H
#define CLI_LEARN_FILES_H

#include "cli/learn.h"
#include "core/json/write.h"

/* Before anything is read: E_USAGE when --target names what is none. */
enum err learn_check_targets(
	struct cli *cli, const struct learn_args *args, struct errctx *cx) MUST_CHECK;

/* For people: what the rules of each project would change, or did with --apply. What cannot be written is warned of, and the
 * others go on; then the first such error is returned. E_USAGE: no such target. */
enum err learn_write(struct learn_run *r, struct buf *out, struct errctx *cx) MUST_CHECK;
/* For scripts: the member "memory_files" of an object that is open. */
enum err learn_write_json(struct learn_run *r, struct json_writer *w, struct errctx *cx) MUST_CHECK;

/* --remove: no recordings are needed. */
enum err learn_remove(struct cli *cli, const struct learn_args *args, struct errctx *cx) MUST_CHECK;

#endif

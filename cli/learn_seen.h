/* learn_seen: what `headroom proxy --learn` has seen of a project so far (WORKSPACE/learn/live.jsonl), for `learn status`. Reads only. Thread: the
 * main thread. */
#ifndef CLI_LEARN_SEEN_H
#define CLI_LEARN_SEEN_H

#include "cli/cli.h"
#include "core/json/write.h"

/* Rules of the directory project and those below it: appended to out for people (nothing when there are none), or, where w is not NULL,
 * as member "live" of an object that is open. That the file is not there is no error; E_CONFIG, E_IO. */
enum err learn_seen_tell(struct cli *cli, str project, struct buf *out, struct json_writer *w,
	struct errctx *cx) MUST_CHECK;

#endif

/* log_find: the line of one request in the request log (docs/request-log.md), also in files of it that were put away.
 * Owns: nothing; no file stays open. Thread: any; reads files of 10 MB, the newest first, so not on a loop that serves. */
#ifndef PROXY_DASHBOARD_LOG_FIND_H
#define PROXY_DASHBOARD_LOG_FIND_H

#include "core/base/arena.h"
#include "core/base/err.h"

/* path: as given to request_log_open. *line without its end, in the arena. E_NOT_FOUND: no such line in files that can be
 * read; E_TOO_BIG: one of more than LIMIT_JSONL_LINE. */
enum err log_find(
	const char *path, str id, struct arena *a, str *line, struct errctx *cx) MUST_CHECK;

#endif

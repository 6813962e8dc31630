/* request_log_line: a row of the request log as a line of JSON. Internal to proxy/request_log.c.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_REQUEST_LOG_LINE_H
#define PROXY_REQUEST_LOG_LINE_H

#include "core/base/buf.h"
#include "proxy/request_log.h"

/* Appends the line with its "\n"; out remembers a failure. scratch is used, not reset; running out of its memory jumps
 * to where its owner recovers. A body longer than LOG_BODY_MAX needs no bytes (p NULL), only its length; sent.p is
 * request.p when they are the same. */
void request_log_line(const struct request_log_row *row, bool has_messages, struct arena *scratch,
	struct buf *out);
/* The line that stands for n rows that were dropped. */
void request_log_dropped_line(int64_t at_ms, uint64_t n, struct buf *out);

#endif

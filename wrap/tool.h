/* tool: a short-lived program of the system's (systemctl, launchctl, crontab), looked for on PATH, waited for.
 * Owns: the process and its pipe, within the call. Thread: one at a time. */
#ifndef WRAP_TOOL_H
#define WRAP_TOOL_H

#include "core/base/buf.h"

/* Runs argv (NULL-terminated) with no input. What it writes to standard output and error is appended to out, a heap buffer; what
 * is beyond its maximum is dropped. *status: its exit status, 128+n after signal n. E_NOT_FOUND: there is no such program;
 * E_IO, E_NOMEM. */
enum err tool_run(const char *const *argv, char *const *envp, struct buf *out, int *status,
	struct errctx *cx) MUST_CHECK;

#endif

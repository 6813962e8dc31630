/* notify: what systemd is told about the state of a service, by the protocol of sd_notify(3): one datagram of
 * NAME=value lines to the socket that $NOTIFY_SOCKET names. A name that begins with '@' is an abstract one.
 * With a NULL name nothing is sent and all is well. A failure is no reason to stop: the caller logs it.
 * Owns: nothing, each call opens and closes its socket. Thread: any. */
#ifndef PROXY_NOTIFY_H
#define PROXY_NOTIFY_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/base/str.h"

/* READY=1, with status (one line) as what `systemctl status` shows. Also ends a reload. */
enum err notify_ready(const char *socket_name, const char *status, struct errctx *cx) MUST_CHECK;
/* RELOADING=1; monotonic_us is CLOCK_MONOTONIC at the beginning of the reload, which Type=notify-reload
 * compares with the time of its signal. */
enum err notify_reloading(
	const char *socket_name, int64_t monotonic_us, struct errctx *cx) MUST_CHECK;
enum err notify_stopping(const char *socket_name, const char *status, struct errctx *cx) MUST_CHECK;

/* E_CONFIG: the name cannot be a socket's; E_IO. */
enum err notify_send(const char *socket_name, str message, struct errctx *cx) MUST_CHECK;

#endif

/* control: a running proxy as seen by the command line: how it does, and how to stop it. What is asked for is
 * GET /health of a loopback address. Of its answer these members are read, and only the first must be there:
 *
 *	{"service": "headroom-proxy", "version": "0.2.0", "ready": true, "uptime_seconds": 12.5,
 *	 "config": {"pid": 123, "mode": "token", "optimize": true},      (for loopback only)
 *	 "stats": {"requests": 17, "tokens_saved": 4711}}
 *
 * Owns: nothing. Thread: any; blocks, so not on a loop that serves. */
#ifndef PROXY_CONTROL_H
#define PROXY_CONTROL_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/err.h"
#include "core/base/str.h"

enum { CONTROL_TEXT = 64 };
struct control_health {
	char url[CONTROL_TEXT];     /* that answered, without a slash at the end */
	char version[CONTROL_TEXT]; /* printable */
	char mode
		[CONTROL_TEXT]; /* "token", "cache"; "off" where nothing is made smaller; empty: not said */
	pid_t pid;              /* 0: not said */
	bool is_ready;
	double uptime_s;
	int64_t requests;     /* since it runs; -1: not said */
	int64_t tokens_saved; /* since it runs, may be less than nothing; only when requests is said */
};

/* Asks 127.0.0.1, and ::1 when nothing listens there. No token is shown: /health is open, and nobody knows yet who listens.
 * E_NOT_FOUND: nothing listens. E_FAILED: something does that is no headroom, or does not answer in time. */
enum err control_health(uint16_t port, int64_t timeout_ms, struct control_health *out,
	struct errctx *cx) MUST_CHECK;

/* The body of such an answer. E_FAILED when it is no headroom's. For control_health and tests. */
enum err control_parse(str body, struct control_health *out, struct errctx *cx) MUST_CHECK;

struct control_stop {
	uint16_t port;
	int64_t timeout_ms; /* for what is under way there */
	bool is_forced;     /* then end what still is */
};
/* Sends SIGTERM to the proxy at the port and returns once it is gone. Only to a process that says it is a headroom and
 * that, as /proc shows, holds the port: the number alone may be that of another process, as where the proxy runs in a
 * container. health (for messages) is set whenever one answered.
 * E_NOT_FOUND and E_FAILED as above; E_PERMISSION: it is not a process that we may stop; E_TIMEOUT: it still runs. */
enum err control_stop(const struct control_stop *stop, struct control_health *health,
	struct errctx *cx) MUST_CHECK;

#endif

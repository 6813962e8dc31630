/* live: the running proxy that a command is about. Thread: the main thread. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/cli.h"
#include "proxy/control.h"

/* The proxy at a port of this machine. E_UNAVAILABLE with what to do: nothing listens there, or something else does. */
enum err live_find(int64_t port, struct control_health *out, struct errctx *cx) MUST_CHECK;

#endif

/* state: all that the dashboard shows but the past, as one JSON object (docs/dashboard.md): what /stats says, how the proxy
 * does, its limits; for local callers also clients and the newest requests. Thread: the pool's (it reads the store). */
#ifndef PROXY_DASHBOARD_STATE_H
#define PROXY_DASHBOARD_STATE_H

#include "proxy/own/own.h"

/* Appends the object with a line end to c->out; of c, server and is_local are used. Errors as of ledger_sums. */
enum err dashboard_state(struct own_call *c, struct errctx *cx) MUST_CHECK;
/* The same as an event for an event stream (HTML, "Server-sent events"). */
enum err dashboard_event(struct own_call *c, struct errctx *cx) MUST_CHECK;

#endif

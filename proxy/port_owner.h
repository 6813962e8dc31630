/* port_owner: the message that the port which the proxy should listen at is taken. Who it is says
 * core/lease/port_owner.h. Owns: nothing. Thread: any; blocks, so not on a loop that serves. */
#ifndef PROXY_PORT_OWNER_H
#define PROXY_PORT_OWNER_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/base/str.h"

/* Sets E_BUSY with a text that says who has the port and what to do, and returns it. Asks whether it is a headroom, which
 * may take a moment (PORT_OWNER_ASK_MS). */
enum { PORT_OWNER_ASK_MS = 300 };
enum err port_owner_describe(uint16_t port, struct errctx *cx);

#endif

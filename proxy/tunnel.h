/* tunnel: requests for a WebSocket. Refused with 426, upon which Codex turns to HTTP at once; or, with
 * --websocket tunnel, relayed byte for byte in both directions after the provider has agreed.
 * Owns: the connection to the provider. Thread: the worker's. */
#ifndef PROXY_TUNNEL_H
#define PROXY_TUNNEL_H

#include "proxy/exchange.h"

void tunnel_begin(struct exchange *x);
bool tunnel_is(const struct exchange *x);
void tunnel_from_client(struct exchange *x, str bytes);

#endif

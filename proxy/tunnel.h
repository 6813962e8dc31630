/* tunnel: requests for a WebSocket. Refused with 426, upon which Codex turns to HTTP at once; or, with
 * --websocket tunnel, relayed byte for byte in both directions after the provider has agreed (101). Another
 * answer of the provider is relayed as any.
 *
 * Either side may stop the other by not reading. The provider's end reaches the client after all of its bytes; a
 * client that has said its last gets what the provider still says within a second or two, then the connection
 * to the provider is closed. One without a byte for --request-timeout-seconds ends, one that is quiet when the proxy
 * is told to stop ends soon.
 * Owns: the connection to the provider. Thread: the worker's. */
#ifndef PROXY_TUNNEL_H
#define PROXY_TUNNEL_H

#include "proxy/exchange.h"

/* Answers the head: with 426, or later: a tunnel is a request for the limits, whose tokens and cost nobody knows. x may be gone
 * afterwards. */
void tunnel_begin(struct exchange *x);
/* No limit is in the way: to the provider. x may be gone afterwards. */
void tunnel_open(struct exchange *x);
/* Bytes of the client after 101. is_last: it says nothing more. x may be gone afterwards. */
void tunnel_from_client(struct exchange *x, str bytes, bool is_last);
/* The client reads again. x may be gone afterwards. */
void tunnel_resume(struct exchange *x);
/* About once a second. x may be gone afterwards. */
void tunnel_tick(struct exchange *x, int64_t now_ns);
void tunnel_free(struct tunnel *t); /* NULL is allowed */

#endif

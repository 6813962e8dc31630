/* backend_send: a request of an exchange as the backend wants it: address, headers, and where a cloud has other words, the body; signed or with
 * a token that is good now. Called for each attempt, because signatures and tokens age.
 * Owns: nothing. Thread: the worker's. */
#ifndef PROXY_BACKEND_SEND_H
#define PROXY_BACKEND_SEND_H

#include "proxy/exchange.h"

/* Does this request go through here? To the backend; and with the paths of a cloud's own, to that cloud. */
bool backend_sends(const struct exchange *x);

/* Is the answer Bedrock's, in its own form? */
bool backend_is_bedrock(const struct exchange *x);

/* Fills x->url, x->headers and x->headers_n for a request with *body, which becomes what is to be sent: perhaps x->sent, on the
 * heap. E_UNAVAILABLE: no credentials now; E_MALFORMED: a body that cannot be sent there. Memory comes from x->arena. */
enum err backend_send(struct exchange *x, str *body, struct errctx *cx) MUST_CHECK;

#endif

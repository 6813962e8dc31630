/* own: the endpoints that the proxy answers by itself: health, figures, compression, originals.
 * Thread: the worker's; what takes longer goes to the pool. */
#ifndef PROXY_OWN_OWN_H
#define PROXY_OWN_OWN_H

#include "proxy/exchange.h"

/* Answers a request to x->route.own, whose whole body is given, and ends the exchange (maybe later). */
void own_answer(struct exchange *x, str body);
/* A whole answer of ours: sends it and ends the exchange. */
void own_send(struct exchange *x, int status, const char *content_type, str body);

#endif

/* proxy_banner: what a proxy says when it begins to listen: where, how clients find it, what is on and off, what the limits
 * are, and what is dangerous. Thread: any, one buffer each. */
#ifndef CLI_PROXY_BANNER_H
#define CLI_PROXY_BANNER_H

#include "core/base/buf.h"
#include "proxy/proxy.h"

/* url: where it listens, as proxy_run says it. Lines are indented but for the first. */
void proxy_banner_add(struct buf *b, const struct proxy_conf *conf, const char *url);

/* The address that a client on this machine is given: url, with loopback in the place of "all addresses". */
void proxy_banner_add_client_url(struct buf *b, const char *url);

/* The warning for a proxy that other machines can use without a token; NULL when it is none. */
const char *proxy_banner_open(const struct proxy_conf *conf);
/* The same for one that other machines can use, and that runs as root. */
const char *proxy_banner_root(const struct proxy_conf *conf);

#endif

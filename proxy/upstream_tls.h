/* upstream_tls: how connections to upstreams are secured and routed: certificates, HTTP proxies.
 * The system's store (or ca_file in its place) with ca_extra added; requests to loopback and to names in no_proxy
 * never go through an HTTP proxy.
 * Owns: itself. Thread: that of its upstreams. */
#ifndef PROXY_UPSTREAM_TLS_H
#define PROXY_UPSTREAM_TLS_H

#include <curl/curl.h>

#include "proxy/proxy.h"

struct upstream_tls;

/* E_CONFIG: a file of certificates that is not there, cannot be read, holds none or one that is damaged; the text begins
 * with the name of the variable. */
enum err upstream_tls_new(
	const struct proxy_conf *conf, struct upstream_tls **out, struct errctx *cx) MUST_CHECK;
void upstream_tls_free(struct upstream_tls *t); /* NULL is allowed */
/* Settings of a new handle; false when memory is short. */
bool upstream_tls_apply(struct upstream_tls *t, CURL *easy) MUST_CHECK;
/* The HTTP proxy for this URL, or none. */
bool upstream_tls_route(struct upstream_tls *t, CURL *easy, const char *url) MUST_CHECK;
/* Whether that is none. */
bool upstream_tls_is_direct(const struct upstream_tls *t, const char *url) MUST_CHECK;

#endif

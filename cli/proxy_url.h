/* proxy_url: the base URL of an upstream, checked before the first request needs it. A pure function.
 * Owns: nothing. Thread: any. */
#ifndef CLI_PROXY_URL_H
#define CLI_PROXY_URL_H

#include "core/base/arena.h"
#include "core/base/err.h"

struct proxy_url {
	str base; /* in the arena: "https://host:port/path", without a slash or /v1 at the end */
	str host; /* without port; an IPv6 address without its brackets */
	uint16_t port; /* that of the scheme where none is written */
};

/* http or https, a host, perhaps a port and a path; no user name, query or fragment (RFC 3986 section 3), for paths
 * are put behind it. A slash at the end and then one "/v1" are dropped, so that what clients call their base URL can be
 * given, too. E_USAGE; the text begins with label. */
enum err proxy_url_check(struct arena *a, const char *label, str text, struct proxy_url *out,
	struct errctx *cx) MUST_CHECK;

#endif

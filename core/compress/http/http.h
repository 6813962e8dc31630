/* http: the codec of what curl -v, curl -i, wget -S and HTTPie say of an exchange: only with a way to the original, what says
 * nothing of the answer is counted and named where it stood: lines of the connection and of TLS, the progress meter, headers
 * of caches, servers and browsers. Requests, status lines, all other headers, errors and the body stay letter by letter;
 * bodies go by the codec of their kind, in its exact form, where that is shorter: "[body, 12 lines:]", or the last one at the
 * end without it.
 *
 *	[http: lines in brackets count what was left out above them; original: headroom retrieve 3f..]
 *	> GET /items HTTP/1.1
 *	[20 of the connection; 2 headers: user-agent accept]
 *
 * Thread: any; pure functions in the caller's arena. */
#ifndef CORE_COMPRESS_HTTP_HTTP_H
#define CORE_COMPRESS_HTTP_HTTP_H

#include "core/compress/codec.h"

extern const struct codec http_codec;

#endif

/* peek: what a request's body says of itself at its top level, without a scan of all of it: a quarter of the time that a
 * large body takes to pass through.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_PEEK_H
#define PROXY_PEEK_H

#include "core/base/str.h"

struct peek {
	str model; /* a slice of the body; empty: none */
	bool is_stream;
};

/* Reads the members before the first one that is an array or an object, and those behind the last one: there clients
 * have "model" and "stream". False: only a scan can tell. Of a body that is no JSON object, anything. Where a key occurs
 * twice in what is read, the last one counts. */
bool peek_read(str body, struct peek *out) MUST_CHECK;

#endif

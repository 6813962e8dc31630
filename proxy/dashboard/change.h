/* change: what was changed in a request, block by block: a body as it came and as it was sent, side by side.
 * Owns: nothing; all lives in the arena and points into the bodies. Thread: any. */
#ifndef PROXY_DASHBOARD_CHANGE_H
#define PROXY_DASHBOARD_CHANGE_H

#include "core/wire/wire.h"

/* Texts without quotes and escapes; what is no string is JSON. */
struct change {
	const char *role, *kind; /* "tool", "result"; static */
	str tool;                /* empty: not known */
	str path;                /* in the body as it came, or, when it was added, in the other */
	str before, after;       /* before.p is NULL: it was added */
};

struct changes {
	struct change *v; /* in the order of the document */
	size_t n;
};

/* Both must be bodies of this format: E_MALFORMED, E_TOO_BIG. */
enum err changes_find(struct arena *a, enum wire_format format, str before, str after,
	struct changes *out, struct errctx *cx) MUST_CHECK;

#endif

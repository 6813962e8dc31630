/* outlines: whether of a result only an outline may be sent (core/compress/code/code.h), how its reader gets the rest, and what of it stays
 * whole. All of it is a function of what the request has before the result, so that it is decided alike wherever it is
 * decided (docs/decisions/0021). Inner header of core/engine. Thread: that of the task. */
#ifndef CORE_ENGINE_OUTLINES_H
#define CORE_ENGINE_OUTLINES_H

#include "core/engine/task.h"

/* route: to the original in the store; empty: none. Leaves *out empty where the text is to be sent whole: the call names lines, or
 * an earlier one of the conversation has read, written or changed the same file. */
void outlines_find(const struct pass *p, const struct task *t, str route, struct arena *a,
	struct encode_outline *out);

#endif

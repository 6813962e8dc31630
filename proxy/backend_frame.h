/* backend_frame: server-sent events of Anthropic's API as Bedrock would frame them, for a client of Bedrock's whose answer was changed on
 * its way (rounds.h).
 * Owns: what lies across pieces. Thread: one at a time. */
#ifndef PROXY_BACKEND_FRAME_H
#define PROXY_BACKEND_FRAME_H

#include "core/base/buf.h"

struct backend_frame;

struct backend_frame *backend_frame_new(void) MUST_CHECK; /* NULL: out of memory */
void backend_frame_free(struct backend_frame *f);         /* NULL is fine */

/* The messages of the events that end in text; valid until the next call. E_NOMEM, E_TOO_BIG: the answer
 * cannot go on. */
enum err backend_frame_feed(struct backend_frame *f, str text, str *out) MUST_CHECK;

#endif

/* envelope: a tool's text inside a JSON string, as Codex and many MCP tools send it:
 *	{"output":"a\nb\n","metadata":{"exit_code":0,"duration_seconds":0.0}}
 * becomes a head line and the plain text, which is smaller and which the other encoders can read:
 *	[exit 0]
 *	a
 *	b
 * Any other object with one long string, and what MCP tools send, becomes its skeleton and the text, with "…" where the
 * text was:
 *	[{"stdout":…,"code":0}]
 *	[{"content":[{"type":"text","text":…}]}]
 *	[[{"type":"text","text":…}]]
 * Lossless: only what the head gives back byte for byte is opened. Thread: any. */
#ifndef CORE_COMPRESS_ENVELOPE_H
#define CORE_COMPRESS_ENVELOPE_H

#include "core/base/arena.h"

struct envelope {
	str head;  /* the head line, without line end */
	str inner; /* the text */
};

/* False when the text is no envelope, or not one that can be closed to the same bytes. */
bool envelope_open(str text, struct arena *a, struct envelope *out) MUST_CHECK;
/* The reverse, for a head line that envelope_is_head accepts. */
bool envelope_close(str head, str inner, struct arena *a, str *out) MUST_CHECK;
bool envelope_is_head(str line);

/* Splits a sent text: the head line (empty when there is none) and the rest. */
str envelope_split(str text, str *rest);

#endif

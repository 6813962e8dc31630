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
 * Tags and titles, as agents without tools put them around what a command printed in a message of the user's, stay where
 * they are, so that what is sent is such a message, too:
 *	<returncode>0</returncode>
 *	<output>
 *	a
 *	</output>
 * Lossless: only what the head gives back byte for byte is opened. Thread: any. */
#ifndef CORE_COMPRESS_ENVELOPE_H
#define CORE_COMPRESS_ENVELOPE_H

#include "core/base/arena.h"

struct envelope {
	str head;  /* the head line or lines, without line end */
	str inner; /* the text */
};

/* False when the text is no envelope, or not one that can be closed to the same bytes. */
bool envelope_open(str text, struct arena *a, struct envelope *out) MUST_CHECK;
/* The reverse, for a head that was opened, or a line that envelope_is_head accepts. */
bool envelope_close(str head, str inner, struct arena *a, str *out) MUST_CHECK;
bool envelope_is_head(str line);

/* Splits a sent text: the head (empty when there is none) and the rest. */
str envelope_split(str text, str *rest);
/* True when a text with that head is one that was sent; else it may be one that is to be sent. */
bool envelope_is_ours(str head);
/* What follows the text in a message with that head, line end first; empty for ours. */
str envelope_tail(str head);

#endif

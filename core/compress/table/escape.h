/* escape: how a writer of JSON escapes strings, so that they can be shown without escapes and be escaped again.
 * Owns: nothing. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_ESCAPE_H
#define CORE_COMPRESS_TABLE_ESCAPE_H

#include "core/json/tape.h"
#include "core/base/buf.h"

/* What is escaped beside '"', '\' and control characters; a set. */
enum escape {
	ESCAPE_ASCII = 1, /* all that is not ASCII, as Python does */
	ESCAPE_HTML = 2,  /* < > & U+2028 U+2029, as Go does */
	ESCAPE_SLASH = 4, /* /, as PHP does */
	ESCAPE_UPPER = 8, /* hexadecimal digits are capitals */
};

/* What the strings of this document show. */
unsigned escape_guess(const struct json_tape *t);
/* text as a string literal with its quotes. */
void escape_write(unsigned escapes, str text, struct buf *out);
/* True when the literal (with quotes) is what escape_write makes of *text; a slice of it, or in the arena. */
bool escape_undo(
	unsigned escapes, str literal, bool has_escape, struct arena *a, str *text) MUST_CHECK;

#endif

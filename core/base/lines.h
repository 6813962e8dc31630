/* lines: where lines begin and end in a text whose line ends may be LF, CRLF or both. Offsets are bytes.
 * Owns: nothing. Thread: any. */
#ifndef CORE_BASE_LINES_H
#define CORE_BASE_LINES_H

#include "core/base/str.h"

/* Length of the UTF-8 byte order mark at the start; 0 when there is none. */
size_t lines_bom(str text) PURE;
/* Start of the line that holds byte i (i <= text.n), a byte order mark not counted; start of the next one
 * (text.n at the end); end of what stands on it, before its line end. */
size_t lines_start(str text, size_t i) PURE;
size_t lines_next(str text, size_t i) PURE;
size_t lines_end(str text, size_t i) PURE;
/* The line end to use for a new line at i: that of its own line, else of the line before, else "\n". */
str lines_eol(str text, size_t i);
/* Blanks and tabs at the start of the line that holds byte i. */
str lines_indent(str text, size_t i);
/* Whether only blanks and tabs stand before i on its line. */
bool lines_is_first(str text, size_t i) PURE;

#endif

/* mark: a text with marks in place of its opaque spans, and the proof of such a text. Thread: any; all memory is the
 * caller's arena. */
#ifndef CORE_COMPRESS_OPAQUE_MARK_H
#define CORE_COMPRESS_OPAQUE_MARK_H

#include "core/base/buf.h"

enum {
	MARK_GAIN = 160, /* bytes that a span must lose, since a mark has a hundred */
	/* Bytes of a file that no edit would name, since nobody types them: data, and code. */
	MARK_FILE = 4096,
	MARK_FILE_CODE = 16384
};

/* Writes the text; returns how many marks are in it. is_file: only of long spans, and all lines stay lines. */
size_t mark_spans(str text, bool is_file, struct arena *a, struct buf *out);

/* True when marked is the original but for n marks, and what these stand for is what they say. */
bool mark_holds(str original, str marked, size_t n, struct arena *a) MUST_CHECK;

#endif

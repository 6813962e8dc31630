/* embed: what a text is about as a vector, so that "ship" is near "deploy". The table (embed.bin, made by bench/memory/distill.py
 * out of the sentence model all-MiniLM-L6-v2, Apache-2.0) has a vector for each piece of a word; a text is the
 * weighted mean of its pieces, without the words that are everywhere. English; other scripts have no pieces. Microseconds a text,
 * nothing is read from a disk but the pages of the table. Owns: nothing. Thread: any. */
#ifndef CORE_MEMORY_EMBED_H
#define CORE_MEMORY_EMBED_H

#include "core/memory/vector.h"

/* Name and version: another table, or another way to use it, is another name, and vectors are made anew. */
#define EMBED_NAME "headroom-minilm-1"

enum {
	EMBED_DIMS = 128,
	EMBED_BYTES = EMBED_DIMS + sizeof(float),
	EMBED_TEXT_MAX =
		4096, /* bytes that are read: what a longer text is about stands at its beginning */
};

/* out: of EMBED_BYTES. False when the text has no piece that is known. */
bool embed_text(str text, char *out) MUST_CHECK;

#endif

/* code: the codec of source files. Elided, the file stays as it is, in its order and with its number columns, but that bodies of
 * functions and long comments give way to a line that says which lines stood there:
 *	[code: 812 lines of python, without those in brackets; original: Read again, whole or by lines]
 *	def load(path, strict=False):
 *	    """Reads a configuration."""
 *	[14-52 not shown]
 *	def save(config, path):
 * What codec_in.focus names stays whole. A file that does not parse stays. Every line that could be taken for the definition of
 * something is shown (code_is_signature). It is no codec that is tried on texts of a kind: encode_text() asks for it by
 * name where the caller allows it, since agents edit what they read.
 * Thread: any; pure functions, all memory is the caller's arena, but for tree-sitter's. */
#ifndef CORE_COMPRESS_CODE_CODE_H
#define CORE_COMPRESS_CODE_CODE_H

#include "core/compress/codec.h"
#include "core/compress/code/language.h"
#include "core/compress/lines.h"

extern const struct codec code_codec;

/* The lines of a text that are the file's. Around them stands what a tool says about it. */
struct code_file {
	struct lines all;   /* of the text */
	uint32_t first, n;  /* those of the file, in all */
	struct lines lines; /* the same without number columns */
};
/* False when they cannot be told: lines are numbered from elsewhere than 1, or in several parts. */
bool code_file_of(str text, struct arena *a, struct code_file *out) MUST_CHECK;

/* Lines left out, from 1 on, both included. */
struct code_gap {
	uint32_t first, last;
};
void code_gap_write(struct buf *b, struct code_gap g);
/* True when the line is such a one, exactly as it is written. */
bool code_gap_parse(str line, struct code_gap *out) MUST_CHECK;

/* What the head line says. */
void code_words_write(struct buf *b, const struct code_language *l, uint32_t lines);
bool code_words_parse(str words, const struct code_language **l, uint32_t *lines) MUST_CHECK;

/* Of struct codec. */
bool code_holds(str original, str text, struct arena *a);

#endif

/* notation: a JSON value without white space in the notation of core/compress/table/cell.h, and back, for codecs of texts that
 * are such a value spelled in another way. Strings are escaped as buf_add_json_string() does.
 * Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_NOTATION_H
#define CORE_COMPRESS_TABLE_NOTATION_H

#include "core/compress/codec.h"
#include "core/compress/table/read.h"
#include "core/json/tape.h"

/* Appends the value; *used: a set of enum used. With in->route rows are left out, and it is false where that does not pay. */
bool notation_write(const struct json_tape *json, const struct codec_in *in, struct arena *a,
	struct buf *body, unsigned *used) MUST_CHECK;
/* What a reader has to be told of these signs, behind "; "; nothing for none. */
void notation_explain(unsigned used, struct buf *words);
/* The reverse, of the value at the beginning of text, which ends at read->end. False when it is damaged. */
bool notation_read(str text, struct arena *a, struct buf *json, struct read_out *read) MUST_CHECK;
/* True when shown is the original value but for rows of which read->gaps says how many stood where, none of which tells of
 * an error. */
bool notation_holds(
	str original, str shown, const struct read_out *read, struct arena *a) MUST_CHECK;

#endif

/* index: the first stage of the scan. Finds where the tokens of a document stand, a chunk at a time, and
 * checks what can be checked without grammar: control characters, escapes, UTF-8.
 * Owns: nothing; lives on the stack of json_scan. Thread: one. */
#ifndef CORE_JSON_INDEX_H
#define CORE_JSON_INDEX_H

#include "core/base/str.h"

enum {
	/* Bytes indexed at a time: the chunk and its entries stay in the first-level cache. */
	JSON_INDEX_CHUNK = 8 << 10,
};

/* An entry is the offset of a token: one of {}[]:, or a quote (both quotes of a string are entries), or the first byte of a run of anything else outside strings.
 * JSON_ENTRY_ESCAPE is set when a '\' stands between the entry before and this one: on a closing quote it says
 * that the string has escapes. */
#define JSON_ENTRY_ESCAPE (UINT32_C(1) << 31)

struct json_index {
	str doc;
	uint32_t at;     /* how much of doc is indexed */
	uint32_t n;      /* entries of the present chunk */
	const char *bad; /* what is wrong at bad_at; NULL: nothing */
	uint32_t bad_at; /* no entries are made from here on */
	unsigned notes;  /* of enum json_note */
	uint32_t note_offset;
	/* carried from chunk to chunk */
	bool in_string, in_scalar, is_escaped, has_escape;
	uint32_t low_at;  /* the 'u' of a low surrogate whose high one came before; 0: none */
	uint32_t utf8_at; /* how much of doc was checked as UTF-8 */
	uint32_t v[JSON_INDEX_CHUNK];
};

void json_index_init(struct json_index *x, str doc);
/* Fills v with the next chunk's entries (there may be none). False at the end of doc or of what is good in
 * it (bad). */
bool json_index_next(struct json_index *x);

#endif

/* index: the first stage of the scan. Finds where the tokens of a document stand, a chunk at a time, and
 * checks what can be checked without grammar: control characters, escapes, UTF-8. It looks at 64 bytes at
 * once, as bit masks that vector instructions make (index_x86.c) or a table (index.c).
 * Owns: nothing; lives on the stack of json_scan. Thread: one. */
#ifndef CORE_JSON_INDEX_H
#define CORE_JSON_INDEX_H

#include "core/base/str.h"
#include "core/json/scan.h"

enum {
	JSON_BLOCK = 64,
	/* Bytes indexed at a time: the chunk and its entries stay in the first-level cache. */
	JSON_INDEX_CHUNK = 8 << 10,
};

/* An entry is the offset of a token: one of {}[]:, or a quote (both quotes of a string are entries), or the
 * first byte of a run of anything else outside strings, but white space. JSON_ENTRY_ESCAPE is set when a '\'
 * stands between the entry before and this one: on a closing quote it says that the string has escapes. */
#define JSON_ENTRY_ESCAPE (UINT32_C(1) << 31)

/* What one block tells the next. */
struct json_carry {
	uint64_t in_string;  /* all bits set inside a string */
	uint64_t in_scalar;  /* 1 inside a run of other bytes */
	uint64_t is_escaped; /* 1 when the next byte stands behind a '\' */
	uint64_t has_escape; /* not 0 when there was a '\' since the last entry */
	uint64_t non_ascii;  /* not 0 when there was such a byte in this chunk */
};

struct json_index {
	str doc;
	enum json_simd simd;
	uint32_t at;     /* how much of doc is indexed */
	uint32_t n;      /* entries of the present chunk */
	const char *bad; /* what is wrong at bad_at; NULL: nothing */
	uint32_t bad_at; /* no entries are made from here on */
	unsigned notes;  /* of enum json_note */
	uint32_t note_offset;
	struct json_carry carry;
	uint32_t low_at;  /* the 'u' of a low surrogate whose high one came before; 0: none */
	uint32_t utf8_at; /* doc is well-formed UTF-8 up to here; UINT32_MAX when it is not */
	uint32_t v[JSON_INDEX_CHUNK + JSON_BLOCK];
};

void json_index_init(struct json_index *x, str doc, enum json_simd simd);
/* Begins at a place outside strings and runs of other bytes, before which doc has nothing bad or doubtful. */
void json_index_skip(struct json_index *x, uint32_t at);
/* Fills v with the next chunk's entries (there may be none). False at the end of doc or of what is good in
 * it (bad). */
bool json_index_next(struct json_index *x);

/* ---- between the files of this module ---- */

/* 64 bytes, bit i of a mask for byte i. */
struct json_masks {
	uint64_t quote, backslash, white, op; /* op: {}[]:, */
	uint64_t control;                     /* below 0x20 */
	uint64_t non_ascii;
};

/* Index n bytes, whole blocks, at p, which are those at x->at of the document. */
void json_index_blocks_sse2(struct json_index *x, const char *p, uint32_t n);
void json_index_blocks_avx2(struct json_index *x, const char *p, uint32_t n);

#endif

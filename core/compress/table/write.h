/* write: a JSON document in the notation of core/compress/table/cell.h. Goes over the document twice: the first time
 * only to see what is shown how often, so that names and pieces of text are made where they pay.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_WRITE_H
#define CORE_COMPRESS_TABLE_WRITE_H

#include "core/compress/table/dict.h"
#include "core/compress/table/memo.h"

/* What of the notation a text uses; a set, for the words that explain it. */
enum used {
	USED_TABLE = 1,
	USED_MAP = 2,
	USED_ABSENT = 4,
	USED_DITTO = 8,
	USED_NAME = 16,
	USED_LIKE = 32,
	USED_PIECE = 64,
	USED_BLOCK = 128,
	USED_OBJECT = 256,
	USED_KEYED = 512,
	USED_GAP = 1024,
	USED_JSON = 2048,
	USED_BASE = 4096,
	USED_ABOVE = 8192,
	USED_REF = 16384,
	USED_GIST = 32768, /* core/compress/table/gist_text.h */
	USED_SHORT = 65536,
	USED_LISTS = 131072,
	USED_PLAIN = 262144, /* core/compress/table/gist_plain.h */
};

struct write_in {
	const struct facts *f;
	enum token_encoding encoding;
	struct token_cache *cache;
	const struct pick *pick; /* rows that are left out; NULL: none are */
	unsigned depth;          /* strings that the document is in; core/compress/table/nested.h */
	struct arena *arena;
};

/* Appends the pieces ("$1=text" lines) and the root. Returns what it used. */
unsigned write_document(const struct write_in *in, struct buf *out);

/* ---- between the files of this module ---- */

/* Objects with the same keys, that are no table. */
struct keys_class {
	uint64_t hash;
	uint32_t n, label, bytes;
	bool is_named;
};

struct place {
	enum { IN_BRACKETS, IN_ROW, IN_HEAD } where;
	char sep;
	bool is_text;   /* bare numbers are strings */
	bool can_break; /* what needs lines of its own may stand here */
};

struct writer {
	const struct facts *f;
	const struct write_in *in;
	struct arena *arena;
	struct buf *out;
	struct dict dict;
	bool is_dry;    /* to see what is shown */
	bool is_trial;  /* to see what it costs */
	bool has_guess; /* by way of trial: something would not be written as it was then */
	struct separator_notes *notes; /* of a table by way of trial: separator.h; else NULL */
	unsigned inner;    /* JSON in strings, written between brackets, that this is in */
	bool needs_line;   /* what was written last goes to the end of its line */
	struct buf *below; /* of a row on its way: lines that follow it; else NULL */
	uint32_t labels_n;
	unsigned used;
	struct memos memos;
	struct pool *pools;
	uint32_t pools_n;
	struct keys_class *keys;
	uint32_t keys_n, keys_slots;
};

void write_value(struct writer *w, uint32_t node, struct place p);
/* A value that is no container, and has no name. */
void write_scalar(struct writer *w, uint32_t node, struct place p);
void write_string(struct writer *w, uint32_t node, struct place p);
/* A string's text, or a part of it; and the literal with quotes, where that is not the text between them (else null). */
void write_text(struct writer *w, str text, str literal, struct place p);
void write_key(struct writer *w, uint32_t key);
/* The columns of a shape as they stand in the head of a table, or one of them. */
void write_columns(struct writer *w, const struct shape *s, char sep);
void write_column(struct writer *w, const struct shape *s, const struct field *d, char sep);
/* What the head of a column of values says of its cells, behind its name. */
void write_value_column(struct writer *w, const struct field *d, char sep);
/* The head of a table and every step-th of its rows. */
void write_some_rows(struct writer *w, const struct table_memo *m, uint32_t step, char sep);
/* False when the container is no table. */
bool write_table(struct writer *w, uint32_t node);
/* A table that stands before the document. */
void write_pool(struct writer *w, struct table_memo *m);
/* Tables and columns of fewer rows are counted whole. */
enum { WRITE_SAMPLE = 64 };
/* What that takes, and what a column of a table takes in its head and all its rows: counted, or estimated from some. */
uint64_t write_pool_tokens(struct writer *w, const struct table_memo *m);
uint64_t write_field_tokens(struct writer *w, const struct shape *s, const struct field *d);

#endif

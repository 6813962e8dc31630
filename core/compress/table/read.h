/* read: the notation of core/compress/table/cell.h back to JSON without white space.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_READ_H
#define CORE_COMPRESS_TABLE_READ_H

#include "core/base/buf.h"
#include "core/compress/table/dict.h"

/* Rows or values that were left out, as a text says. */
struct read_gap {
	size_t at;  /* of what was read: where they would stand */
	uint32_t n; /* how many */
};

struct read_out {
	struct read_gap *gaps;
	size_t gaps_n, gaps_cap;
	size_t end; /* of the document in the text */
};

/* Appends the document at the beginning of text to out. False when it is damaged. strings: that it is in. */
bool read_document(str text, unsigned escapes, unsigned strings, struct arena *a, struct buf *out,
	struct read_out *read) MUST_CHECK;

/* ---- between the files of this module ---- */

/* What was read, and stands there: the document, or the values that heads of tables hold. */
struct range {
	const struct buf *in;
	size_t start, end;
};

struct read_label {
	struct range value;
	bool is_set;
	struct range *keys; /* of an object, once asked for */
	uint32_t keys_n;
};

struct read_place {
	enum { READ_BRACKETS, READ_ROW, READ_HEAD } where;
	char sep;
	bool is_text;
	bool can_break;
};

/* Rows of a table that stands before the document. */
struct read_pool {
	struct range *rows;
	size_t n, cap;
};

struct reader {
	str text;
	size_t at;
	struct arena *arena;
	struct buf *out;
	struct buf heads; /* values of columns, where names given to them lead */
	unsigned escapes, depth;
	unsigned strings; /* that the text is in */
	unsigned inner;   /* JSON in strings, between brackets, that is being read */
	bool is_row;      /* a row is being read */
	size_t row_end;   /* of that; and where what is below it goes on; 0: not looked for yet */
	size_t below;
	struct buf pooled; /* rows of these tables */
	struct read_pool *pools;
	size_t pools_n, pools_cap;
	struct dict dict;
	struct read_label *labels; /* 1 .. labels_n - 1 */
	size_t labels_n, labels_cap;
	struct read_out *result;
};

static inline char read_peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : '\0';
}

static inline str read_rest(const struct reader *r)
{
	return str_sub(r->text, r->at, r->text.n);
}

bool read_take(struct reader *r, char c);
bool read_number(struct reader *r, uint32_t *out);
/* What was read there, once more. */
void read_again(struct reader *r, struct range at);
bool read_value(struct reader *r, struct read_place p);
/* A key and the '=' behind it. */
bool read_key(struct reader *r);
/* A literal up to its closing quote. */
bool read_literal(struct reader *r, str *out);
/* What is not quoted, up to where that ends in this place; false when it is nothing. */
bool read_bare(struct reader *r, struct read_place p, str *out);
void read_gap(struct reader *r, uint32_t n);
/* "[12" and these words; nothing is read when that is not what stands here. */
bool read_more(struct reader *r, str words, uint32_t *n);
/* Behind "[" or "{": true when it is a table, which is then read if *is_good. */
bool read_table(struct reader *r, bool is_map, bool *is_good);

#endif

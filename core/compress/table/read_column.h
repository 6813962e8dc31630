/* read_column: the columns of a table of the notation, as its head says. Between the files of core/compress/table/read.h.
 * Owns: nothing, all in the reader's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_READ_COLUMN_H
#define CORE_COMPRESS_TABLE_READ_COLUMN_H

#include "core/compress/table/column.h"
#include "core/compress/table/read.h"
#include "core/compress/table/shape.h"

struct columns_read;

struct column_read {
	str key; /* with quotes and ':' */
	enum field_kind kind;
	struct column
		column; /* SAME: prefix is the value; CELLS: affixes as they stand in literals */
	bool is_affix, is_text;
	struct timing timing;
	const struct read_pool *pool; /* REF, REFS */
	str keyed;                    /* what cells have before them; empty: nothing */
	struct columns_read *sub;
	struct range above; /* the value of the last row; end 0: none */
};

struct columns_read {
	enum shape_kind kind;
	struct column_read *v;
	size_t n, cap;
	uint32_t row; /* of the next */
};

/* Of the kind that *c has, behind which the rest of it is set. path: of the objects that the columns are in, "owner."; close: the bracket behind them, or 0 for the line's end. */
bool read_columns(
	struct reader *r, struct columns_read *c, str path, char sep, char close) MUST_CHECK;

/* The column of keys. */
bool read_key_column(struct reader *r, struct columns_read *c, char sep) MUST_CHECK;

#endif

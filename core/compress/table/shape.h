/* shape: the columns of objects that are alike: their keys, each with its values, and what these have in common;
 * nested where the values are objects or arrays of objects that are alike, too. And of arrays that are as long as one another,
 * whose places are the columns; and of values, which are a column by themselves.
 * Owns: nothing, all in the caller's arena. Thread: one. */
#ifndef CORE_COMPRESS_TABLE_SHAPE_H
#define CORE_COMPRESS_TABLE_SHAPE_H

#include "core/compress/table/column.h"
#include "core/compress/table/facts.h"
#include "core/compress/table/timing.h"

enum shape_kind {
	SHAPE_OBJECTS,
	SHAPE_LISTS, /* rows are arrays, of nothing that has something in it: fields have no keys */
	SHAPE_VALUES, /* rows are such values: one field without a key */
};

enum field_kind {
	FIELD_VALUE,
	FIELD_FLAT,  /* an object in each row; its members are columns */
	FIELD_TUPLE, /* an object in some rows */
	FIELD_ROWS,  /* an array of objects, or of arrays, in some rows */
	FIELD_REF,   /* an object in some rows, which is a row of a table of its own */
	FIELD_REFS,  /* an array of such objects in some rows */
};

struct shape;

struct field {
	uint32_t key; /* node; JSON_ABSENT: it has none */
	enum field_kind kind;
	bool is_small;        /* VALUE: scalars, none of which may have a name */
	bool is_affix;        /* VALUE: strings with common ends: column is of their insides */
	bool is_text;         /* VALUE: strings, of which some look like numbers */
	struct column column; /* VALUE */
	struct timing timing; /* VALUE: points in time */
	uint32_t *nodes;      /* by row: the value, or JSON_ABSENT */
	struct shape *sub;    /* its rows: FLAT: the same; TUPLE, ROWS: from first[row] on */
	uint32_t *first;
	uint32_t pool;  /* REF, REFS: of core/compress/table/pool.h */
	uint32_t *refs; /* numbers of its rows, from 1 on; REF: by row; REFS: from first[row] on */
};

struct shape {
	enum shape_kind kind;
	uint32_t rows_n, fields_n;
	bool is_keyed; /* cells are written with their keys: nobody can count so many columns */
	struct field *fields;
};

/* The shape that most of n nodes share; rows[i] becomes the row of nodes[i], or JSON_ABSENT for those that are
 * no such objects. NULL when fewer than least have it, or it does not pay. */
struct shape *shape_find(const struct facts *f, enum shape_kind kind, const uint32_t *nodes,
	uint32_t n, uint32_t least, uint32_t *rows, struct arena *a);
/* The keys of all rows of a map as a column of their own; NULL when they have nothing in common. */
struct shape *shape_of_keys(
	const struct facts *f, const uint32_t *keys, uint32_t n, struct arena *a);

/* ---- between the files of this module ---- */

/* The same for rows in cells of other tables, so many deep. */
struct shape *shape_find_at(const struct facts *f, enum shape_kind kind, const uint32_t *nodes,
	uint32_t n, uint32_t least, uint32_t *rows, unsigned depth, struct arena *a);
/* Without columns yet. */
struct shape *shape_new(enum shape_kind kind, uint32_t rows_n, uint32_t fields_n, struct arena *a);

#endif

/* cell: what may stand without quotes in the notation, the same for who writes and who reads it.
 *
 *	{key=value key=value}      an object        [value value]   an array
 *	[3 rows id name            an array of objects: columns, then a line for each
 *	{3 rows key id name        an object of objects, whose keys are the first cells
 *	={a=1}  =b={a=1}           a row that is no row of this table, of an array and of an object
 *	[3 lists 1 2               an array of arrays: a column for each place
 *	{3 values key value        an object of what has nothing in it; "[3 values value" an array of such. Where all columns
 *	                           of lists or values in an array say all their cells, no lines follow
 *	{3 rows key:a/….c id       what keys have in common is said as of other columns
 *	owner{id name}             a column that is an object: its members are columns
 *	owner(id name)             the same, cells are (1 joe), or null, or absent
 *	tags[key value]            cells are arrays of objects: [a b;c d]
 *	at[[1 2]]                  cells are arrays of arrays: [a b;c d]
 *	kind=Pod  id=1.. n=9..by-2 the same value in all rows; numbers that count up, or by that step
 *	at=2026-01-02T10:00:00Z..by60s   points in time in equal steps
 *	at:2026-01-02T10:00:00Z+s  cells are seconds from then; others stand as they are
 *	at:2026-01-02T10:00:00Z~   cells are 20260102T100000 for such times; others stand as they are
 *	at:+ms                     cells are milliseconds from the row above, with a sign
 *	path:src/….c  zip:str      cells have more at both ends; are strings, even where they look like numbers
 *	user>t1  labels>t2[]       cells are keys, 3 or [1 4], of the table "t1={..." before the document
 *	id? owner{name?}           cells of this column have their key before them: id=1 owner.name=joe
 *	-  ^                       not there (not null either); as in the row above
 *	&1 value  *1               names a value; the same again
 *	*1(value value)            an object with the keys of the one that has this name
 *	$1/tail                    text that stands at "$1=" below the head
 *	|3                         a string of three lines that follow, of a cell below its row; where they have a
 *	                           head line of a codec, of what that decodes to
 *	json{a=1}  json {a=1}\n    a string that is JSON: minified; with blanks behind ',' and ':', and a line end
 *	[31 more rows]             rows that are left out; perhaps what they are like: [31 more rows: id 3..40]
 *	[90 more rows in all: ..]  the same of all that were left out of a table
 *	[31 more]                  among values: so many are left out
 *
 * Strings are bare where they cannot be taken for something else, JSON literals elsewhere. Thread: any. */
#ifndef CORE_COMPRESS_TABLE_CELL_H
#define CORE_COMPRESS_TABLE_CELL_H

#include "core/base/str.h"

enum cell_place {
	CELL_ROW, /* a cell of a line: ends at the separator */
	CELL_INNER, /* within brackets: ends at a blank, a ';', or a bracket that closes more than was opened */
	CELL_HEAD, /* among columns: the same, and at the separator */
};

#define CELL_ABSENT "-"
#define CELL_DITTO  "^"
#define CELL_HOLE   "\xe2\x80\xa6" /* U+2026 */
#define CELL_JSON   "json"
#define CELL_MORE   " more"
#define CELL_POOL   ">t"
#define CELL_KEY    "key"
#define CELL_VALUE  "value"
#define CELL_ROWS   " more rows"
#define CELL_ALL    " in all"
#define CELL_KEYED  '?'
#define CELL_SHORT  '~'

/* One of them is between the cells of a table. */
#define CELL_SEPARATORS " |,\t"
/* Behind the number in the head of a table, by its enum shape_kind. */
enum { CELL_TABLES = 3 };
extern const char *const cell_table_words[CELL_TABLES];

/* How far what is not quoted goes. */
size_t cell_end(str rest, enum cell_place place, char sep) PURE;
/* True when the text of a string can stand there. is_text: of a column where numbers are strings. */
bool cell_is_bare(str text, enum cell_place place, char sep, bool is_text) PURE;
/* True when a string of JSON begins there. */
bool cell_is_json(str rest) PURE;
/* True for numbers, true, false and null, as JSON spells them. */
bool cell_is_scalar(str s) PURE;
/* False when it is certainly none: most text. */
static inline bool cell_may_be_scalar(str s)
{
	char c = s.n ? *s.p : 'x';

	return (c >= '0' && c <= '9') || c == '-' || c == 'n' || c == 't' || c == 'f';
}
/* How far a key goes that is not quoted. */
size_t cell_key_end(str rest, bool is_head) PURE;
/* True for the inside of a key's literal that needs no quotes. */
bool cell_is_key(str inside) PURE;

#endif

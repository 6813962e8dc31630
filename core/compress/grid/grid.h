/* grid: the codec of tables that are plain text: CSV and TSV, tables drawn with pipes (Markdown, mysql, psql), and
 * columns padded with blanks (ps, ls -l, docker, kubectl). What all cells of a column have in common is said once (as in
 * core/compress/table/column.h), and padding, borders and quotes are left out where they can be computed back:
 *
 *	[table: padded, columns <>>><; rows below their columns, ^ as above]
 *	[64 rows USER=root PID STAT~S TTY=? COMMAND]
 *	2 [kthreadd]
 *	+1 Ss /sbin/init splash
 *	=a line that is no row of this table
 *	…12 more rows
 *	… left out: PID 17..480; STAT S 300, R 12
 *
 * USER is root in all rows, STAT is S in those that do not begin with '+'.
 * Cells are quoted as in RFC 4180 where they would be taken for something else; the last one goes to the line's end.
 * Thread: any; pure functions, all memory is the caller's arena. */
#ifndef CORE_COMPRESS_GRID_GRID_H
#define CORE_COMPRESS_GRID_GRID_H

#include "core/compress/codec.h"

extern const struct codec grid_codec;

/* ---- between the files of this module ---- */

struct grid;
/* The table of the text, parsed once for all forms; NULL when there is none, or it is not worth a head. */
const struct grid *grid_find(const struct codec_in *in, struct arena *a);

#endif

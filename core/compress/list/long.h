/* long: the rows that ls -l prints, each as what it alone has; other lines (names of directories, totals) stand between
 * them as they are:
 *
 *	b drwxr-xr-x 2 root root 4096     kinds of rows: mode, links, owner, group, perhaps the size
 *	a -rw-r--r-- 1 root root
 *	Jun 5                             the day of times without one
 *	                                  an empty line ends this
 *	total 64
 *	b6 Jul 1/04:23 .                  kind b with six links
 *	1231 11:41 main.c                 kind a has no letter: size, time, name
 *	77 ^ queue.c                      at the time of the row above
 *	~ 2 5                             how wide links and sizes are in the rows below, where none shows it
 *	=12 x                             a line that would be taken for a row
 * Thread: any. */
#ifndef CORE_COMPRESS_LIST_LONG_H
#define CORE_COMPRESS_LIST_LONG_H

#include "core/base/buf.h"

/* The words of a head line that say so, behind the number of rows. */
#define LONG_WORDS " rows of ls -l"

/* Appends the lines; *rows: of ls -l among them. False when there are too few, or they cannot be said so. */
bool long_write(str text, struct arena *a, struct buf *out, uint64_t *rows) MUST_CHECK;
/* The reverse. */
bool long_read(str lines, uint64_t rows, struct arena *a, struct buf *out) MUST_CHECK;

#endif

/* write: the entries of a list below their directories, a line for each:
 *
 *	app/ main.c table.c     app/main.c, app/table.c
 *	 core/ a b x.h          one blank deeper, below app: app/core/a.c .. where names without a dot end in .c
 *	 readme.md              app/readme.md: the first word ends neither in '/' nor in ':'
 *	 "my dir"/ "a b.c"      what has blanks is in quotes
 *	doc: a                  where directories are entries, too, one that is none
 *	- a/ b                  the first word is no directory
 *	M.= a b A.= c           git status: what holds until the next; '.' is a blank
 *	node_modules/ +1240     elided: as many below it
 *
 * Numbers stand in front of their names, and so does what lead.h says of other lines. Thread: any. */
#ifndef CORE_COMPRESS_LIST_WRITE_H
#define CORE_COMPRESS_LIST_WRITE_H

#include "core/compress/list/lead.h"

/* How the entries are written; a head line says it. */
struct list_form {
	bool has_dirs; /* a directory with '/' is an entry, and so are those named with it on its line */
	str ext;       /* ".c": names without a dot end in it */
	bool has_gaps;         /* of some directories only numbers are said */
	struct lead_form lead; /* of CELLS */
};

/* An entry that is not there but stands for so many below its directory. */
struct list_gap {
	size_t at; /* entry of the list */
	uint64_t n;
};

struct list_body {
	struct list *list;
	struct list_form form;
	const struct list_gap *gaps; /* those of l->v[i] in order of i; their names are empty */
	size_t gaps_n;
};

/* False when a name or a directory cannot be said. */
bool list_write(struct list_body *b, struct arena *a, struct buf *out) MUST_CHECK;
/* The reverse: fills list->v and gaps, given shape and form; false when the lines are damaged. */
bool list_read(str lines, struct list_body *b, struct arena *a) MUST_CHECK;

/* What is left out: body with the entries below directories that nobody wrote by hand counted. False when there are
 * too few. */
bool list_elide(
	const struct list *l, struct arena *a, struct list *shown, struct list_body *b) MUST_CHECK;
/* True when nobody wrote what is in that directory by hand: node_modules, .git ... */
bool list_is_generated(str dir);

#endif

/* lead: what stands before the paths of a list, line by line: modes, digests, sizes, times, as git ls-tree, sha256sum,
 * git diff --numstat and find -printf print them; or behind the paths, as git diff --stat does. What lines have in common is said in the head, and a line says what it alone
 * has:
 *
 *	each after "100644 blob %<tab>"       100644 blob 9ae3f35b<tab>a.c     9ae3f35b a.c
 *	each after "%4 %2 "                     12  3 a.c                      12 3 a.c
 *	each after a= "M<tab>" b= "A<tab>"    A<tab>x.c                        b= x.c (and so the names behind it)
 *
 * "%" is a cell, "%4" one that ends 4 columns behind the one before it; "^" is the cell of the name before.
 * Owns: nothing, all in the caller's arena. Thread: any. */
#ifndef CORE_COMPRESS_LIST_LEAD_H
#define CORE_COMPRESS_LIST_LEAD_H

#include "core/compress/list/entry.h"

enum {
	LEAD_CELLS_MAX = 12,
	LEAD_KINDS_MAX = 8,
};

/* How some lines begin: texts, and cells between them. */
struct lead_kind {
	str texts[LEAD_CELLS_MAX + 1];
	uint32_t
		widths[LEAD_CELLS_MAX]; /* of a cell with the blanks before it; 0: there are none */
	uint32_t cells_n;
};

struct lead_form {
	struct lead_kind kinds[LEAD_KINDS_MAX]; /* the first holds until another is named */
	uint32_t kinds_n;
	bool has_above; /* a cell is that of the name before */
};

/* Where names stand one behind the other. */
struct lead_state {
	uint32_t kind;
	str above[LEAD_KINDS_MAX][LEAD_CELLS_MAX];
};

/* How many bytes of the line stand before its path; 0 when it is no such line. */
size_t lead_find(str line) PURE;
/* The kinds of all leads; false when they have too little in common. */
bool lead_kinds(const struct list *l, struct arena *a, struct lead_form *out) MUST_CHECK;
/* The form in words, and back. Lines of the text must be gone through with lead_write before has_above holds. */
void lead_form_write(const struct lead_form *f, struct buf *out);
bool lead_form_read(str words, struct arena *a, struct lead_form *out) MUST_CHECK;
/* What is said before a name, each cell with a blank behind it; false when it cannot be said. */
bool lead_write(struct lead_form *f, struct lead_state *s, str lead, struct buf *out) MUST_CHECK;
/* True, and *kind is the state's, when a word names a kind. */
bool lead_read_kind(const struct lead_form *f, struct lead_state *s, str word) MUST_CHECK;
/* The lead of cells_n words of the state's kind. */
bool lead_join(const struct lead_form *f, struct lead_state *s, const str *cells, struct arena *a,
	str *out) MUST_CHECK;

#endif
